"""Runs one worker's command while all workers of its group live: all start together, and all end together.

Worker 0 keeps the group at a port of its own. The commands start once all workers are there. When a worker fails or is lost,
every other one stops its command and exits with RESTART, which the Job does not count: only the worker whose command failed
first exits with that command's code. So the Job starts all of them again, and counts each time once. The commands have
succeeded when all have; worker 0 is the last to say so. Needs Python 3.8 and nothing else.
"""

import argparse
import os
import queue
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time

RESTART = 75  # EX_TEMPFAIL of sysexits.h
SETTLING = 1  # seconds in which it shows whether a command failed because another worker was lost
STOPPING = 25  # seconds that a command gets to stop; a pod has 30


def say(text):
    print(f"gpu-serving: {text}", file=sys.stderr, flush=True)


class Member:
    """A worker as worker 0 knows it."""

    def __init__(self, connection):
        self.connection = connection
        self.index = None
        self.rest = b""
        self.seen = time.monotonic()

    def tell(self, word):
        try:
            self.connection.sendall(word.encode() + b"\n")
        except OSError:
            pass  # what it misses it takes from the end of the connection


class Group(threading.Thread):
    """Who is there, and what becomes of all."""

    def __init__(self, port, run, workers, silence):
        super().__init__(daemon=True)
        self.run_id, self.workers, self.silence = run, workers, silence
        self.members, self.done = {}, set()
        self.state = "forming"
        self.failed = None  # the first whose command failed, and when that counts
        self.selector = selectors.DefaultSelector()
        self.server = listening(port, workers)
        self.selector.register(self.server, selectors.EVENT_READ)

    def run(self):
        pinged = time.monotonic()
        while True:
            for key, _ in self.selector.select(0.2):
                if key.fileobj is self.server:
                    self.accept()
                else:
                    self.read(key.data)
            now = time.monotonic()
            if self.failed and now >= self.failed[1]:
                self.stop(self.failed[0])
            if now - pinged >= self.silence / 10:
                pinged = now
                for member in list(self.members.values()):
                    if now - member.seen > self.silence:
                        self.leave(member, "is silent")
                    else:
                        member.tell("ping")

    def accept(self):
        try:
            connection, _ = self.server.accept()
        except OSError:
            return
        connection.settimeout(5)
        self.selector.register(connection, selectors.EVENT_READ, Member(connection))

    def read(self, member):
        try:
            received = member.connection.recv(4096)
        except OSError:
            received = b""
        if not received or len(member.rest) > 4096:
            return self.leave(member, "is gone")
        member.seen = time.monotonic()
        *lines, member.rest = (member.rest + received).split(b"\n")
        for line in lines:
            self.hear(member, line.decode(errors="replace").split())

    def hear(self, member, words):
        if words[:1] == ["hello"] and len(words) == 3:
            self.join(member, words[1], words[2])
        elif member.index is None:
            self.drop(member)
        elif words == ["leaving"]:
            self.leave(member, "is told to stop")
        elif words == ["failed"] and self.state == "running" and not self.failed:
            say(f"worker {member.index} failed")
            self.failed = (member.index, time.monotonic() + SETTLING)
        elif words == ["done"] and self.state == "running":
            self.done.add(member.index)
            if len(self.done) == self.workers:
                self.end(lambda _: "succeeded")

    def join(self, member, run, index):
        if run != self.run_id or not index.isdigit() or int(index) >= self.workers:
            return self.drop(member)
        if self.state != "forming":
            self.drop(member)
            return self.leave(self.members.get(int(index), member), "was started again")
        before = self.members.pop(int(index), None)
        if before:
            self.drop(before)
        member.index = int(index)
        self.members[member.index] = member
        say(f"worker {index} is there, {len(self.members)} of {self.workers}")
        if len(self.members) == self.workers:
            self.state = "running"
            for each in self.members.values():
                each.tell("start")

    def leave(self, member, why):
        self.drop(member)
        if self.members.get(member.index) is not member:
            return
        del self.members[member.index]
        if self.state == "running":
            say(f"worker {member.index} {why}")
            # Its pod fails by itself, and whose command failed because of that is not to blame.
            self.stop(None)

    def stop(self, culprit):
        self.failed = None
        self.end(lambda index: "failed" if index == culprit else "stop")

    def end(self, word):
        self.state = "over"
        # Worker 0 last: its process ends this thread.
        for index in sorted(self.members, reverse=True):
            self.members[index].tell(word(index))

    def drop(self, member):
        try:
            self.selector.unregister(member.connection)
        except KeyError:
            return
        member.connection.close()


def listening(port, workers):
    try:
        return socket.create_server(
            ("", port), family=socket.AF_INET6, backlog=workers, dualstack_ipv6=True
        )
    except (OSError, ValueError):
        return socket.create_server(("", port), backlog=workers)


class Worker:
    """This worker's command and its connection to the group."""

    def __init__(self, options):
        self.options = options
        self.events = queue.SimpleQueue()
        self.connection = None
        self.command = None
        self.code = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _: self.events.put(("signal", received)))

    def work(self):
        code = self.form()
        if code is not None:
            return code
        say(f"all {self.options.workers} workers are there")
        self.start()
        while True:
            kind, value = self.events.get()
            if kind == "ended":
                self.code = value
                self.tell("done" if value == 0 else "failed")
            elif kind == "signal":
                say("told to stop")
                self.tell("leaving")
                self.stop()
                return 128 + value
            elif value == "succeeded":
                return 0
            elif value == "failed":
                say(f"the command failed with {self.code}")
                return 1 if self.code in (None, 0, RESTART) else self.code
            elif value in ("stop", "lost"):
                say("another worker is gone: all are started again")
                self.stop()
                return RESTART

    def form(self):
        """Waits until all workers are there; returns the code to exit with where they are not."""
        patience = time.monotonic() + self.options.patience
        while True:
            left = patience - time.monotonic()
            if left <= 0:
                say(f"not all {self.options.workers} workers came in {self.options.patience} s")
                return RESTART if self.connection and self.options.index > 0 else 1
            if not self.connection:
                self.connect()
            try:
                kind, value = self.events.get(timeout=left if self.connection else min(left, 1))
            except queue.Empty:
                continue
            if kind == "signal":
                return 128 + value
            if value == "start":
                return None
            if value == "lost":
                self.connection.close()
                self.connection = None
                time.sleep(0.2)

    def connect(self):
        options = self.options
        host = "127.0.0.1" if options.index == 0 else options.host
        try:
            self.connection = socket.create_connection((host, options.port), timeout=10)
            self.connection.settimeout(options.silence)
        except OSError:
            return  # not there yet
        self.tell(f"hello {options.run} {options.index}")
        threading.Thread(target=self.listen, args=[self.connection], daemon=True).start()

    def listen(self, connection):
        try:
            for line in connection.makefile():
                if line == "ping\n":
                    connection.sendall(b"alive\n")
                else:
                    self.events.put(("group", line.strip()))
        except OSError:
            pass
        self.events.put(("group", "lost"))

    def tell(self, word):
        try:
            self.connection.sendall(word.encode() + b"\n")
        except OSError:
            pass  # its end is an event of its own

    def start(self):
        try:
            self.command = subprocess.Popen(self.options.command, start_new_session=True)
        except OSError as error:
            say(f"{self.options.command[0]}: {error.strerror}")
            self.events.put(("ended", 127))
            return
        threading.Thread(target=self.reap, daemon=True).start()

    def reap(self):
        # The first process of a container inherits the orphans of all others.
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid == self.command.pid:
                killed = os.WIFSIGNALED(status)
                code = 128 + os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
                return self.events.put(("ended", code))

    def stop(self):
        """Ends the command, which may still write a checkpoint."""
        if self.command is None or self.code is not None:
            return
        self.send(self.command.pid, signal.SIGTERM)
        patience = time.monotonic() + STOPPING
        while time.monotonic() < patience:
            try:
                kind, _ = self.events.get(timeout=max(0, patience - time.monotonic()))
            except queue.Empty:
                break
            if kind == "ended":
                return
        self.send(-self.command.pid, signal.SIGKILL)

    @staticmethod
    def send(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True, help="what all workers of one run have in common")
    parser.add_argument("--index", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--host", required=True, help="name of worker 0")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--patience", type=int, required=True, help="seconds until all are there")
    parser.add_argument(
        "--silence", type=int, default=60, help="seconds without a sign of life that mean a loss"
    )
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    if options.index == 0:
        Group(options.port, options.run, options.workers, options.silence).start()
    code = Worker(options).work()
    sys.stdout.flush()
    # Without waiting for threads; what the kernel was given to send, it sends.
    os._exit(code)


if __name__ == "__main__":
    main()
