"""One HTTP connection that answers in JSON, keeps itself alive, and ends in an orderly way."""

import json
import socket
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from draining import DrainingServer
from log import log
from refused import Refused

MOST_BYTES = 64 * 1024


class JsonConnection(BaseHTTPRequestHandler):
    """Reads requests and sends answers; what is answered is up to :meth:`route`."""

    server: DrainingServer
    protocol_version = "HTTP/1.1"
    # What cannot be read as a request is answered with a head, too, and not in the manner of HTTP/0.9.
    default_request_version = "HTTP/1.1"
    # Seconds between two packets of a request that has begun.
    timeout = 20
    # One packet for head and body, sent at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def route(self, path: str, body: bytes) -> None:
        """Answers one request with :meth:`send`, or raises :class:`Refused`."""
        raise NotImplementedError

    def answering(self, path: str, status: int, error: str | None) -> None:
        """Called for each answer; path is empty when the request was not even that."""
        raise NotImplementedError

    def version_string(self) -> str:
        return "digits"

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

    def answer(self) -> None:
        """Answers the request whose head was read."""
        path = self.path.partition("?")[0]
        try:
            # Read in any case: what is left of it would be taken for the next request.
            self.route(path, self._body())
        except Refused as refused:
            self.send(refused.status, refused.body, headers=refused.headers)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as fault:
            log("error", "request failed", path=path, cause=repr(fault))
            self.send(500, {"error": "the server failed; its log says why"})

    # Each by name: the base class answers 501 for a method it does not find here.
    def do_GET(self) -> None:
        self.answer()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

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
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def send(
        self,
        status: int,
        answer: dict[str, Any] | str,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Sends one answer; a dictionary as JSON."""
        text = answer if isinstance(answer, str) else json.dumps(answer) + "\n"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.server.draining or self.close_connection:
            # Sets close_connection, too.
            self.send_header("Connection", "close")
        elif self.request_version == "HTTP/1.0":
            self.send_header("Connection", "keep-alive")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        # Before the answer leaves: who has an answer finds it counted.
        error = None if isinstance(answer, str) else answer.get("error")
        self.answering(self.path.partition("?")[0], status, error)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers what the base class cannot read as a request: in JSON like the rest."""
        self.close_connection = True
        self.send(int(code), {"error": message or HTTPStatus(code).phrase})

    def finish(self) -> None:
        super().finish()
        # Closing with unread bytes resets the connection, and a reset can overtake the answer that says why.
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline and self.connection.recv(65536):
                pass
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Silences the base class; :meth:`answering` is told of each answer."""
