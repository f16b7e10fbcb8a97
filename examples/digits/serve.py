"""Serves the digits model over HTTP.

POST /predict   {"pixels": [64 numbers from 0 to 16]} -> {"digit": 7, "confidence": 0.98, "model": "...", "version": "..."}
GET  /healthz   200 when the model answers a known image correctly, 503 while it loads and while the server drains
GET  /metrics   Prometheus text format

Environment:
  PORT            port to listen on, 1 to 65535 (default 8000; 0 takes a free one, which the first log line names)
  HOST            address to listen on (default: every address of the machine)
  MODEL           file that train.py wrote (default /models/digits/model.npz)
  VERSION         version of this server, part of every answer (default dev)
  DRAIN_SECONDS   after SIGTERM, how long requests in flight may take (default 25); exit code 0 when all were answered
"""

import json
import os
import signal
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

import metrics
from draining import DrainingServer
from log import log
from model import Model, ModelFault, load
from pixels import Refused, pixels_of

MOST_BYTES = 64 * 1024
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
        super().__init__(host, port, Connection)


class Connection(BaseHTTPRequestHandler):
    """Answers the requests of one connection, one after the other."""

    server: DigitsServer
    protocol_version = "HTTP/1.1"
    server_version = "digits"
    sys_version = ""
    # Seconds between two packets of a request that has begun.
    timeout = 20
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        self.close_connection = True
        self.path = ""
        if self._next_request_is_read() or self.server.await_request(self.connection):
            super().handle_one_request()

    def _next_request_is_read(self) -> bool:
        # A client may send a request before it has the answer to the one before.
        self.connection.setblocking(False)
        try:
            return bool(self.rfile.peek(1))
        finally:
            self.connection.settimeout(self.timeout)

    def _answer(self) -> None:
        began = time.perf_counter()
        path = self.path.partition("?")[0]
        predicting = path == "/predict"
        if predicting:
            self.server.metrics.prediction_began()
        try:
            # Read in any case: what is left of it would be taken for the next request.
            body = self._body()
            self._route(path, body)
        except Refused as refused:
            self._send(refused.status, refused.body)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as fault:
            log("error", "request failed", path=path, cause=repr(fault))
            self._send(500, {"error": "the server failed; its log says why"})
        finally:
            if predicting:
                self.server.metrics.prediction_ended(time.perf_counter() - began)

    # Each with an answer of its own: the base class replies to a method it does not find with 501.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def _route(self, path: str, body: bytes) -> None:
        methods = METHODS.get(path)
        if methods is None:
            raise Refused(404, f"no such path: {path}; allowed: {', '.join(METHODS)}")
        if self.command not in methods:
            allowed = ", ".join(methods)
            error = {"error": f"{path} does not take {self.command}; allowed: {allowed}"}
            self._send(405, error, headers={"Allow": allowed})
        elif path == "/predict":
            self._predict(body)
        elif path == "/healthz":
            self._health()
        else:
            model = self.server.model
            page = self.server.metrics.text(model.version if model else "", self.server.version)
            self._send(200, page, content_type=metrics.CONTENT_TYPE)

    def _predict(self, body: bytes) -> None:
        model = self.server.model
        if model is None:
            self._send(503, {"error": "the model is being loaded; try again"}, headers={"Retry-After": "1"})
            return
        digit, confidence = model.predict(pixels_of(body))
        answer = {"digit": digit, "confidence": round(confidence, 4)}
        self._send(200, {**answer, "model": model.version, "version": self.server.version})

    def _health(self) -> None:
        model = self.server.model
        if model is None:
            self._send(503, {"status": "loading"})
        elif self.server.draining:
            self._send(503, {"status": "draining"})
        elif model.predict(KNOWN_IMAGE)[0] != KNOWN_DIGIT:
            self._send(503, {"status": f"the model no longer recognises a {KNOWN_DIGIT}"})
        else:
            self._send(200, {"status": "ok", "model": model.version, "version": self.server.version})

    def _body_bytes(self) -> int:
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "send the body with a Content-Length, not in chunks")
        lengths = set(self.headers.get_all("Content-Length", []))
        if not lengths:
            if self.command == "POST":
                raise Refused(411, "Content-Length is missing")
            return 0
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdecimal()):
            raise Refused(400, f"Content-Length is {length}; allowed: one whole number of bytes", field="Content-Length")
        if len(length) > 12 or int(length) > MOST_BYTES:
            raise Refused(413, f"the body has {length} bytes; allowed: {MOST_BYTES} at most")
        return int(length)

    def _body(self) -> bytes:
        try:
            length = self._body_bytes()
        except Refused:
            self.close_connection = True
            raise
        try:
            body = self.rfile.read(length)
        except TimeoutError as silence:
            self.close_connection = True
            raise Refused(408, f"the rest of the body did not arrive within {self.timeout} s") from silence
        if len(body) < length:
            raise ConnectionError("the client closed the connection in the middle of a body")
        return body

    def handle_expect_100(self) -> bool:
        try:
            self._body_bytes()
        except Refused:
            # The request is answered at once; its body must not be sent.
            return True
        return super().handle_expect_100()

    def _send(
        self,
        status: int,
        answer: dict[str, Any] | str,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        body = (answer if isinstance(answer, str) else json.dumps(answer) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.server.draining or self.close_connection:
            # send_header makes it so.
            self.send_header("Connection", "close")
        elif self.request_version == "HTTP/1.0":
            self.send_header("Connection", "keep-alive")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
        path = self.path.partition("?")[0]
        self.server.metrics.answered(path if path in METHODS else "other", status)
        # Probes and scrapes come every few seconds for ever; they are worth a line when they fail.
        if path == "/predict" or status >= 400:
            client = self.client_address[0].removeprefix("::ffff:")
            error = {} if isinstance(answer, str) or "error" not in answer else {"error": answer["error"]}
            log("info", "request", client=client, method=self.command, path=path[:200], status=status, **error)

    # One packet for head and body.
    wbufsize = -1

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers what the base class cannot read as a request: in JSON like the rest."""
        self.close_connection = True
        self._send(int(code), {"error": message or HTTPStatus(code).phrase})

    def finish(self) -> None:
        super().finish()
        self._discard()

    def _discard(self) -> None:
        # Closing with unread bytes resets the connection, and a reset can overtake the answer that says why.
        try:
            self.connection.shutdown(1)
            self.connection.settimeout(1)
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline and self.connection.recv(65536):
                pass
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Silences the base class; see _send."""


def setting(name: str, default: str, lowest: int, highest: int) -> int:
    value = os.environ.get(name, default)
    if not (value.isascii() and value.isdecimal() and lowest <= int(value) <= highest):
        sys.exit(f"{name} is {value!r}; allowed: a whole number from {lowest} to {highest}")
    return int(value)


def main() -> None:
    port = setting("PORT", "8000", 0, 65535)
    drain_seconds = setting("DRAIN_SECONDS", "25", 0, 3600)
    path = os.environ.get("MODEL", "/models/digits/model.npz")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    try:
        server = DigitsServer(os.environ.get("HOST", ""), port, os.environ.get("VERSION", "dev"))
    except OSError as fault:
        sys.exit(f"cannot listen on port {port}: {fault.strerror}; name another with PORT")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log("info", "listening", port=server.server_address[1], version=server.version)

    try:
        model = load(path)
    except ModelFault as fault:
        sys.exit(f"{fault}; name a file that train.py wrote with MODEL")
    answer, _ = model.predict(KNOWN_IMAGE)
    if answer != KNOWN_DIGIT:
        sys.exit(f"the model at {path} takes a known {KNOWN_DIGIT} for a {answer}; train it again")
    server.model = model
    log("info", "ready", model=model.version, accuracy=round(model.accuracy, 4), trainedAt=model.trained_at)

    stop.wait()
    log("info", "draining", seconds=drain_seconds)
    left = server.drain(drain_seconds)
    if left:
        log("error", "stopped", cut_off=left)
        sys.exit(1)
    log("info", "stopped", cut_off=0)


if __name__ == "__main__":
    main()
