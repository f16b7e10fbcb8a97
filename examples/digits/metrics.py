"""What the server counts, in the Prometheus text format."""

import threading
from bisect import bisect_left
from collections import Counter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def _label(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


class Metrics:
    """Counts since the process started; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        # The last one counts what was slower than the highest bound.
        self._durations = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._in_flight = 0

    def prediction_began(self) -> None:
        with self._lock:
            self._in_flight += 1

    def prediction_ended(self, seconds: float) -> None:
        with self._lock:
            self._in_flight -= 1
            self._durations[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def answered(self, path: str, code: int) -> None:
        with self._lock:
            self._requests[path, code] += 1

    def text(self, model: str, version: str) -> str:
        """The page for a scrape; model is empty until one is loaded."""
        with self._lock:
            requests = sorted(self._requests.items())
            durations = list(self._durations)
            seconds, in_flight = self._seconds, self._in_flight

        lines = [
            "# HELP digits_requests_total Requests answered, by path and status code.",
            "# TYPE digits_requests_total counter",
        ]
        lines += [
            f'digits_requests_total{{path="{_label(path)}",code="{code}"}} {count}'
            for (path, code), count in requests
        ]
        lines += [
            "# HELP digits_predict_duration_seconds Time from the end of a request's headers to the end of its answer.",
            "# TYPE digits_predict_duration_seconds histogram",
        ]
        total = 0
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), durations):
            total += count
            lines.append(f'digits_predict_duration_seconds_bucket{{le="{bound}"}} {total}')
        lines += [
            f"digits_predict_duration_seconds_sum {seconds}",
            f"digits_predict_duration_seconds_count {total}",
            "# HELP digits_predict_in_flight Predictions being answered now.",
            "# TYPE digits_predict_in_flight gauge",
            f"digits_predict_in_flight {in_flight}",
            "# HELP digits_model_info The model that answers, and the version of the server.",
            "# TYPE digits_model_info gauge",
        ]
        if model:
            lines.append(f'digits_model_info{{model="{_label(model)}",version="{_label(version)}"}} 1')
        return "\n".join(lines) + "\n"
