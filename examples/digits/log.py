"""One JSON object a line on stdout."""

import datetime
import json
import sys


def log(level: str, event: str, **fields: object) -> None:
    """Writes one line; level is info or error."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    # One write for the whole line: threads must not mix theirs.
    sys.stdout.write(json.dumps({"time": now, "level": level, "event": event, **fields}) + "\n")
    sys.stdout.flush()
