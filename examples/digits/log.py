"""One JSON object a line on stdout, and in the file LOG_FILE where that is set."""

import datetime
import json
import logging.handlers
import sys

# Bytes of the file before it is renamed to LOG_FILE.1 and begun again.
ROTATE_AT = 8 * 1024 * 1024

_lines = logging.getLogger("digits")
_lines.setLevel(logging.INFO)
_lines.addHandler(logging.StreamHandler(sys.stdout))


def log_to(path: str) -> None:
    """Writes every line into this file, too; an OSError says why it cannot."""
    _lines.addHandler(logging.handlers.RotatingFileHandler(path, maxBytes=ROTATE_AT, backupCount=1))


def log(level: str, event: str, **fields: object) -> None:
    """Writes one line; level is info or error."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    _lines.info(json.dumps({"time": now, "level": level, "event": event, **fields}))
