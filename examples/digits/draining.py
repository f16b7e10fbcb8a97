"""An HTTP server that can be stopped without failing a request."""

import os
import select
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from log import log

# How long a kept-alive connection that is idle when the drain starts may still send its next request, which is then
# answered with "Connection: close". A client that gets that answer goes elsewhere; one whose connection is just closed
# may have sent a request into it.
LAST_REQUEST_SECONDS = 2
# Longer than the 600 s and less that load balancers keep idle connections: the side that may send must be the one to
# close, or a request meets a closed connection.
IDLE_SECONDS = 620


class DrainingServer(ThreadingHTTPServer):
    """One thread for each connection; :meth:`drain` ends them in an orderly way."""

    daemon_threads = True
    # The default of 5 refuses clients that arrive together.
    request_queue_size = 1024

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.draining = False
        self._open = 0
        self._closed_one = threading.Condition()
        # Readable from the start of the drain on: wakes the threads that wait for a next request.
        self._drain_reader, self._drain_writer = os.pipe()
        if not host and socket.has_dualstack_ipv6():
            self.address_family = socket.AF_INET6
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Not HTTPServer's: it asks the DNS for the machine's name, which takes seconds where there is none.
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._closed_one:
            self._open += 1
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._one_closed()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._one_closed()

    def _one_closed(self) -> None:
        with self._closed_one:
            self._open -= 1
            self._closed_one.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        fault = sys.exception()
        # A client that goes away is no fault of the server.
        level = "info" if isinstance(fault, (ConnectionError, TimeoutError)) else "error"
        log(level, "connection ended", client=str(client_address[0]), cause=repr(fault))

    def await_request(self, connection: socket.socket) -> bool:
        """Waits for the first byte of a connection's next request; false when the connection should be closed."""
        waiting = select.poll()
        waiting.register(connection, select.POLLIN)
        waiting.register(self._drain_reader, select.POLLIN)
        ready = [descriptor for descriptor, _ in waiting.poll(IDLE_SECONDS * 1000)]
        if ready == [self._drain_reader]:
            waiting.unregister(self._drain_reader)
            ready = [descriptor for descriptor, _ in waiting.poll(LAST_REQUEST_SECONDS * 1000)]
        return connection.fileno() in ready

    def drain(self, seconds: float) -> int:
        """Accepts no more connections, answers those there are, and says how many were left after the time given."""
        deadline = time.monotonic() + seconds
        self.draining = True
        os.write(self._drain_writer, b".")
        self.shutdown()
        # Connections the kernel has accepted for us: closing the listener would reset them.
        self.socket.setblocking(False)
        while True:
            try:
                request, client_address = self.get_request()
            except OSError:
                break
            self.process_request(request, client_address)
        self.socket.close()
        with self._closed_one:
            self._closed_one.wait_for(lambda: self._open == 0, timeout=deadline - time.monotonic())
            return self._open
