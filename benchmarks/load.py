"""Fifty users who click at once: the latency of the server's answers, idle and beside a training.

    python benchmarks/load.py [--json FILE] [--only PART ...]

Each of them has a connection of its own, and asks for the answer to a click on a plane every two seconds from a moment
of its own on. The training is of the digits, and as nice as one of the page.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.browsing import Bench
from benchmarks.reporting import Figure, Figures, at_most, percentile, report
from halfmoon.jobs import worker
from tools.serving import ROOT

RUN = "mnist-vae-2d"
CLIENTS = 50
SECONDS, WARM_SECONDS = 30.0, 6.0
SECONDS_BETWEEN_CLICKS = 2.0
PATIENCE = 60.0

MARKS = {
    "idle_p95_ms": at_most(50),
    "idle_failures": at_most(0),
    "training_p95_ms": at_most(50),
    "training_failures": at_most(0),
}


def idle(bench: Bench) -> Figures:
    """Answers of an otherwise idle server."""
    with bench.serve() as address:
        return figures("idle", address)


def training(bench: Bench) -> Figures:
    """Answers of a server while a model trains."""
    with bench.serve() as address, trained(bench.folder / "trained"):
        return figures("training", address)


def figures(name: str, address: str) -> Figures:
    """Median and 95th percentile of milliseconds until an answer, and the number of clicks without one."""
    crowd(address, WARM_SECONDS)
    clicks = crowd(address, SECONDS)
    taken = [milliseconds for milliseconds, _ in clicks]
    failures = sum(not is_answer for _, is_answer in clicks)
    return {
        f"{name}_p50_ms": percentile(taken, 50),
        f"{name}_p95_ms": percentile(taken, 95),
        f"{name}_failures": Figure(failures, len(clicks)),
    }


def crowd(address: str, seconds: float) -> list[tuple[float, bool]]:
    """The milliseconds of each click of all clients, and whether there was an answer."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = pool.map(lambda seed: list(clicks(address, seed, seconds)), range(CLIENTS))
        return [click for each in found for click in each]


def clicks(address: str, seed: int, seconds: float) -> Iterator[tuple[float, bool]]:
    """The same for one client."""
    dice, connection = random.Random(seed), HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    end = time.monotonic() + seconds
    due = time.monotonic() + dice.uniform(0, SECONDS_BETWEEN_CLICKS)
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        begun = time.perf_counter()
        place = f"{dice.uniform(-2, 2):.3f},{dice.uniform(-2, 2):.3f}"
        connection.request("GET", f"/answer/{RUN}?z={place}&lang=en")
        response = connection.getresponse()
        response.read()
        yield 1000 * (time.perf_counter() - begun), response.status == 200
        due += SECONDS_BETWEEN_CLICKS
    connection.close()


@contextmanager
def trained(folder: Path) -> Iterator[None]:
    """A training into the folder, running for the duration of the block."""
    command = ["nice", "-n", str(worker.NICENESS), *worker.COMMAND, "train", "digits"]
    command += ["--steps", "100000000", "--threads", "1", "--run", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (folder / "preview.npz").exists():
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    report(__doc__.splitlines()[0], {"idle": idle, "training": training}, MARKS)
