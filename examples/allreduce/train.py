"""A training on several workers in plain Python: each has its part of the data, and all add up their gradients in each step.

It stands for a PyTorch program under torchrun, without its gigabytes: rank, number of workers and address of worker 0 come from
the same variables, and a worker that loses another one fails, as NCCL does.
"""

import json
import os
import random
import socket
import time

RANK = int(os.environ["RANK"])
WORKERS = int(os.environ["WORLD_SIZE"])
WORKER_0 = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
STEPS = int(os.environ.get("STEPS", "100"))
PAUSE = float(os.environ.get("PAUSE", "0"))  # seconds between two steps
RATE = 0.1


class Peers:
    """Adds up lists of numbers over all workers: worker 0 collects and answers."""

    def __init__(self):
        if RANK == 0:
            with socket.create_server(("", WORKER_0[1])) as server:
                self.streams = [server.accept()[0].makefile("rw") for _ in range(WORKERS - 1)]
        else:
            self.streams = [connected().makefile("rw")]

    def sum(self, numbers):
        if RANK > 0:
            self.send(self.streams[0], numbers)
            return self.receive(self.streams[0])
        total = [sum(each) for each in zip(numbers, *map(self.receive, self.streams))]
        for stream in self.streams:
            self.send(stream, total)
        return total

    @staticmethod
    def send(stream, numbers):
        stream.write(json.dumps(numbers) + "\n")
        stream.flush()

    @staticmethod
    def receive(stream):
        line = stream.readline()
        if not line:
            raise ConnectionError("a worker is gone")
        return json.loads(line)


def connected():
    for _ in range(100):
        try:
            return socket.create_connection(WORKER_0, timeout=60)
        except OSError:
            time.sleep(0.1)  # worker 0 does not listen yet
    raise ConnectionError(f"worker 0 does not answer at {WORKER_0}")


def examples():
    """This worker's part of the data: points near a plane."""
    generator = random.Random(RANK)
    for _ in range(200):
        x, y = generator.uniform(-1, 1), generator.uniform(-1, 1)
        yield x, y, 2 * x - 3 * y + 1 + generator.gauss(0, 0.01)


def main():
    data = list(examples())
    peers = Peers()
    weights = [0.0, 0.0, 0.0]
    for step in range(1, STEPS + 1):
        gradient, loss = [0.0, 0.0, 0.0], 0.0
        for x, y, wanted in data:
            error = weights[0] * x + weights[1] * y + weights[2] - wanted
            loss += error * error
            gradient = [g + 2 * error * part for g, part in zip(gradient, (x, y, 1.0))]
        *gradient, loss, count = peers.sum([*gradient, loss, len(data)])
        weights = [w - RATE * g / count for w, g in zip(weights, gradient)]
        print(f"step {step} loss {loss / count:.6f} of {count} examples", flush=True)
        time.sleep(PAUSE)
    print("plane", *(f"{weight:.2f}" for weight in weights), flush=True)


if __name__ == "__main__":
    main()
