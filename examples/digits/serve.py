"""Serves the digits model over HTTP.

POST /predict   {"pixels": [64 numbers from 0 to 16]} -> {"digit": 7, "confidence": 0.98, "model": "...", "version": "..."}
GET  /healthz   200 when the model answers a known image correctly, 503 while it loads and while the server drains
GET  /metrics   Prometheus text format

Environment:
  PORT            port to listen on, 1 to 65535 (default 8000; 0 takes a free one, which the first log line names)
  HOST            address to listen on (default: every address of the machine)
  MODEL           file that train.py wrote (default /models/digits/model.npz)
  VERSION         version of this server, part of every answer (default dev)
  LOG_FILE        file that the log is written to besides stdout; renamed to LOG_FILE.1 at 8 MiB (default none)
  DRAIN_SECONDS   after SIGTERM, how long requests in flight may take (default 25); exit code 0 when all were answered

On SIGHUP it loads MODEL again. Until that works, and when it does not, it answers with the model that it has.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import metrics
from connection import JsonConnection
from draining import DrainingServer
from log import log, log_to
from model import Model, ModelFault, load
from pixels import pixels_of
from refused import Refused

METHODS = {"/predict": ("POST",), "/healthz": ("GET", "HEAD"), "/metrics": ("GET", "HEAD")}

# A zero from the data set.
KNOWN_DIGIT = 0
KNOWN_IMAGE = [
    0, 0, 5, 13, 9, 1, 0, 0,
    0, 0, 13, 15, 10, 15, 5, 0,
    0, 3, 15, 2, 0, 11, 8, 0,
    0, 4, 12, 0, 0, 8, 8, 0,
    0, 5, 8, 0, 0, 9, 8, 0,
    0, 4, 11, 0, 1, 12, 7, 0,
    0, 2, 14, 5, 10, 12, 0, 0,
    0, 0, 6, 13, 10, 0, 0, 0,
]  # fmt: skip


class DigitsServer(DrainingServer):
    """The listener and what its connections share."""

    def __init__(self, host: str, port: int, version: str) -> None:
        self.version = version
        self.metrics = metrics.Metrics()
        # None while it is being loaded.
        self.model: Model | None = None
        # Why there is none, when it cannot be loaded.
        self.fault = ""
        self._loading = threading.Lock()
        super().__init__(host, port, Digits)

    def load(self, path: str, stop: Callable[[], object]) -> None:
        """Loads the model and tries it; without one that works there is nothing to serve, and the server stops."""
        # One after the other: what is loaded last is what was there last.
        with self._loading:
            try:
                model = load(path)
                answer, _ = model.predict(KNOWN_IMAGE)
                if answer != KNOWN_DIGIT:
                    raise ModelFault(f"{path} takes a known {KNOWN_DIGIT} for a {answer}")
            except Exception as fault:
                cause = str(fault) if isinstance(fault, ModelFault) else repr(fault)
                if self.model:
                    log("error", "new model refused", cause=cause, model=self.model.version)
                else:
                    self.fault = f"{cause}; name a file that train.py wrote with MODEL"
                    stop()
                return
            # Requests in flight keep the model that they began with.
            self.model = model
        log("info", "ready", model=model.version, accuracy=round(model.accuracy, 4), trainedAt=model.trained_at)


class Digits(JsonConnection):
    """What the server answers."""

    server: DigitsServer

    def answer(self) -> None:
        if self.path.partition("?")[0] != "/predict":
            return super().answer()
        began = time.perf_counter()
        self.server.metrics.prediction_began()
        try:
            super().answer()
        finally:
            self.server.metrics.prediction_ended(time.perf_counter() - began)

    def route(self, path: str, body: bytes) -> None:
        methods = METHODS.get(path)
        if methods is None:
            raise Refused(404, f"no such path: {path[:200]}; allowed: {', '.join(METHODS)}")
        if self.command not in methods:
            allowed = ", ".join(methods)
            raise Refused(405, f"{path} does not take {self.command}; allowed: {allowed}", {"Allow": allowed})
        if path == "/predict":
            self._predict(body)
        elif path == "/healthz":
            self._health()
        else:
            model = self.server.model
            page = self.server.metrics.text(model.version if model else "", self.server.version)
            self.send(200, page, content_type=metrics.CONTENT_TYPE)

    def _predict(self, body: bytes) -> None:
        model = self.server.model
        if model is None:
            raise Refused(503, "the model is being loaded; try again", {"Retry-After": "1"})
        digit, confidence = model.predict(pixels_of(body))
        answer = {"digit": digit, "confidence": round(confidence, 4)}
        self.send(200, {**answer, "model": model.version, "version": self.server.version})

    def _health(self) -> None:
        model = self.server.model
        if model is None:
            self.send(503, {"status": "loading"})
        elif self.server.draining:
            self.send(503, {"status": "draining"})
        elif model.predict(KNOWN_IMAGE)[0] != KNOWN_DIGIT:
            self.send(503, {"status": f"the model no longer recognises a {KNOWN_DIGIT}"})
        else:
            self.send(200, {"status": "ok", "model": model.version, "version": self.server.version})

    def answering(self, path: str, status: int, error: str | None) -> None:
        self.server.metrics.answered(path if path in METHODS else "other", status)
        # Probes and scrapes come every few seconds for ever; they are worth a line when they fail.
        if path == "/predict" or status >= 400:
            client = self.client_address[0].removeprefix("::ffff:")
            details = {"error": error} if error else {}
            log("info", "request", client=client, method=self.command, path=path[:200], status=status, **details)


def setting(name: str, default: str, lowest: int, highest: int) -> int:
    value = os.environ.get(name, default)
    if not (value.isascii() and value.isdecimal() and lowest <= int(value) <= highest):
        sys.exit(f"{name} is {value!r}; allowed: a whole number from {lowest} to {highest}")
    return int(value)


def main() -> None:
    port = setting("PORT", "8000", 0, 65535)
    drain_seconds = setting("DRAIN_SECONDS", "25", 0, 3600)
    path = os.environ.get("MODEL", "/models/digits/model.npz")
    if log_file := os.environ.get("LOG_FILE"):
        try:
            log_to(log_file)
        except OSError as fault:
            sys.exit(f"cannot write to LOG_FILE {log_file}: {fault.strerror}; name a file in a folder that can be written to")
    # The main thread waits on a pipe that the signal itself writes to. An Event set by a Python handler is not enough:
    # the system may deliver the signal to another thread, and then the handler waits for the main thread to wake up.
    heard, signals = os.pipe()
    os.set_blocking(signals, False)
    signal.set_wakeup_fd(signals)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)

    try:
        server = DigitsServer(os.environ.get("HOST", ""), port, os.environ.get("VERSION", "dev"))
    except OSError as fault:
        sys.exit(f"cannot listen on port {port}: {fault.strerror}; name another with PORT")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log("info", "listening", port=server.server_address[1], version=server.version)

    # Not in this thread, which must hear signals even when the file is on a volume that hangs.
    while True:
        threading.Thread(target=server.load, args=(path, lambda: os.write(signals, b".")), daemon=True).start()
        if os.read(heard, 1) != bytes([signal.SIGHUP]):
            break
    if server.fault:
        sys.exit(server.fault)
    log("info", "draining", seconds=drain_seconds)
    left = server.drain(drain_seconds)
    if left:
        log("error", "stopped", cut_off=left)
        sys.exit(1)
    log("info", "stopped", cut_off=0)


if __name__ == "__main__":
    main()
