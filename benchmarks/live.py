"""Training from the page, watched, steered and stored, measured in real Chromium with a VAE of MNIST.

    VAE_DATA_DIR=data python benchmarks/live.py [--json FILE] [--only PART ...]

Each part starts a server of its own. A part that is run alone replaces its own figures in FILE and leaves the others.
MNIST must be available locally for all but `hours`. A job of the page has all cores but one,
and is nice, as it is for a user.
"""

from __future__ import annotations

import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from benchmarks import browsing
from benchmarks.browsing import SHIPPED_PAIR, Bench, close, go
from benchmarks.plane import APART, held, watched
from benchmarks.reporting import Figure, Figures, at_least, at_most, median, report
from halfmoon.jobs import worker
from halfmoon.jobs.limits import MAX_SECONDS, MEGABYTE
from tools.serving import ROOT
from vae_core.configs import DataConfig
from vae_core.data.datasets import is_local
from vae_core.runs import snapshots
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.runs.status import Status

CLICKS, WARM_CLICKS, SETTLING_CLICKS = 40, 40, 10
LONG, SHORT = 600, 20  # seconds that a training is given: to be stopped, and to be over
ROUNDS = 5
STEADY_RECORDS = 30  # that a training has written before it is steered: its first previews and snapshots are over
WATCHED_SECONDS = 1.5  # between two things that are asked of a training
PATIENCE = 180_000  # milliseconds
ORDER = ("page", "alone", "alone", "page")  # so that a machine whose speed drifts treats both alike
YOUNG, OLD = 1_000, 100_000  # records
STEPS_A_RECORD, RECORDS_A_VALIDATION = 20, 21
RECORDS_AN_UPDATE, SECONDS_AN_UPDATE, UPDATES = 3, 0.4, 25
BURST, MAX_AHEAD = 400, 200_000  # records that are written at once, and bytes that the page may be behind
KEPT_SECONDS = 60

MARKS = {
    "click_while_training_ratio": at_most(2),
    "click_after_ratio": at_most(1.1),
    "page_training_ratio": at_least(0.85),
    "stop_obeyed_ms": at_most(300),
    "pause_obeyed_ms": at_most(300),
    "beta_obeyed_ms": at_most(300),
    "stop_shown_ms": at_most(1000),
    "pause_shown_ms": at_most(1000),
    "beta_shown_ms": at_most(1000),
    "disk_two_hours_mb": at_most(400),
}


def clicks(bench: Bench) -> Figures:
    """From a click on the shipped pair's plane until the server's answer is on the page: idle, while a training that
    was started from another browser's page runs, and after it has been stopped there. Nobody watches the training.
    """
    runs = bench.folder / "clicks"
    with bench.serve(runs=runs) as address:
        plane, trainer = watched(bench.planes(address + SHIPPED_PAIR)), bench.page()
        places = browsing.places(browsing.areas(plane), WARM_CLICKS + 3 * (SETTLING_CLICKS + CLICKS), 0, APART)
        for _ in range(WARM_CLICKS):
            browsing.click(plane, next(places))
        idle = answers(plane, places)
        run = begin(trainer, address, runs, LONG)
        trainer.goto("about:blank")
        training = answers(plane, places)
        if (status := run.read_status()) is not Status.TRAINING:
            raise RuntimeError(f"The training is {status} before the clicks are over.")
        trainer.goto(f"{address}/train?run={run.name}")
        trainer.get_by_role("button", name="Stop training").click()
        wait_for_status(trainer, "stopped")
        wait_until(lambda: not browsing.processes_with(str(run.folder)))  # its codes are written, and it has gone
        trainer.goto("about:blank")
        after = answers(plane, places)
        for one in (plane, trainer):
            close(one)
    p50 = [statistics.median(times) for times in (idle, training, after)]
    note = "p50 idle, in training, after: " + ", ".join(f"{time:.0f} ms" for time in p50)
    return {
        "click_while_training_ratio": Figure(p50[1] / p50[0], CLICKS, note),
        "click_after_ratio": Figure(p50[2] / p50[0], CLICKS),
    }


def answers(plane: Page, places: Iterator[browsing.Place]) -> list[float]:
    """Milliseconds until the answers to CLICKS clicks, after a warm-up."""
    times = [browsing.click(plane, next(places))["answer"] for _ in range(SETTLING_CLICKS + CLICKS)]
    return times[SETTLING_CLICKS:]


def speed(bench: Bench) -> Figures:
    """Images per second, as the records have them, of a training that was started from the page with the live page
    open, over those of `python -m vae_core train` with the same settings and threads, and no page open.

    The medians of all training records, and, unmarked, images over the seconds from the first record to the last one,
    previews, snapshots and validation included.
    """
    runs, folder = bench.folder / "speed", bench.folder / "alone"
    medians: dict[str, list[float]] = {"page": [], "alone": []}
    whole: dict[str, list[float]] = {"page": [], "alone": []}
    with bench.serve(runs=runs) as address:
        for at, who in enumerate(ORDER):
            if who == "page":
                page = bench.page()
                run = begin(page, address, runs, SHORT)
                wait_for_status(page, "finished")
                close(page)
                settings = run.config
            else:
                arguments = worker.new_run(settings.model, settings.training)
                run = train_alone(folder / str(at), *arguments, f"--threads={settings.training.threads}")
            records = training_records(run)
            medians[who].append(statistics.median(record["images_per_second"] for record in records))
            steps, seconds = (records[-1][name] - records[0][name] for name in ("step", "seconds"))
            whole[who].append(steps * settings.training.batch_size / seconds)
    threads = settings.training.threads
    return {
        "page_training_ratio": ratio(medians, f"{threads} thread(s); "),
        "page_training_whole_ratio": ratio(whole),
    }


def ratio(speeds: dict[str, list[float]], note: str = "") -> Figure:
    """The page's speed over the command line's, means of the rounds."""
    each = "; ".join(f"{who}: " + ", ".join(f"{one:,.0f}" for one in all) for who, all in speeds.items())
    value = statistics.mean(speeds["page"]) / statistics.mean(speeds["alone"])
    return Figure(value, len(speeds["page"]), note + each)


def steering(bench: Bench) -> Figures:
    """From a click on Pause, a new β, or a click on Stop training, until it is obeyed, and until the page shows it.

    Each begins with the event's own time stamp. A pause is obeyed when its record is written, after the last step; a
    new β when its record is; a stop when the state has been written that a resume goes on from, the first thing after
    the last step. `stop_recorded_ms` is until the record of the end, with codes and preview made. A pause and a stop
    are shown when the status says so, a β when the curves mark it.
    """
    runs = bench.folder / "steering"
    rounds = []
    with bench.serve(runs=runs) as address:
        page = bench.page()
        for _ in range(ROUNDS):
            rounds.append(steered(page, address, runs))
        close(page)
    return {name: median([times[name] for times in rounds]) for name in rounds[0]}


def steered(page: Page, address: str, runs: Path) -> dict[str, float]:
    """The latencies, in milliseconds, of one training that is paused, resumed, given another β and stopped."""
    run = begin(page, address, runs, LONG)
    wait_until(lambda: len(training_records(run)) >= STEADY_RECORDS)
    time.sleep(WATCHED_SECONDS)
    pause = ask(page, "click", "status", "paused", page.get_by_role("button", name="Pause", exact=True).click)
    time.sleep(WATCHED_SECONDS)
    page.get_by_role("button", name="Resume", exact=True).click()
    wait_for_status(page, "training")
    time.sleep(WATCHED_SECONDS)
    field = page.get_by_role("spinbutton", name="β")
    field.fill("3")
    beta = ask(page, "change", "beta", "3", lambda: field.press("Enter"))
    time.sleep(WATCHED_SECONDS)
    stop = ask(page, "click", "status", "stopped", page.get_by_role("button", name="Stop training").click)
    records = run.records.all()
    begun = 1000 * (run.records.path.stat().st_mtime - records[-1]["seconds"])  # time of day, milliseconds

    def recorded(event: str, asked: float) -> float:
        return next(begun + 1000 * one["seconds"] - asked for one in records if one.get("event") == event)

    return {
        "stop_obeyed_ms": 1000 * run.state_file.stat().st_mtime - stop["asked"],
        "stop_shown_ms": stop["shown"],
        "stop_recorded_ms": recorded("stopped", stop["asked"]),
        "pause_obeyed_ms": recorded("paused", pause["asked"]),
        "pause_shown_ms": pause["shown"],
        "beta_obeyed_ms": recorded("control", beta["asked"]),
        "beta_shown_ms": beta["shown"],
    }


def ask(page: Page, event: str, what: str, wanted: str, act: Callable[[], object]) -> dict[str, float]:
    """`asked` is the event's time of day, `shown` how long after it the page shows what is wanted; milliseconds."""
    page.evaluate("values => watch.startAsking(...values)", [event, what, wanted])
    act()
    return page.evaluate("() => watch.lastAnswer()")


def hours(bench: Bench) -> Figures:
    """The cost of 100,000 records, compared with 1,000, on a page that was open all the time.

    `update_ms` is the main thread's time of an update of the page, from entry of the methods that add records and draw
    head, pictures and curves until they return, the median; `task_ms` is all that the main thread did, over the number
    of updates; `opened_ms` is from navigation until a further page says how the run stands. The heap is the page's
    after a collection, resident memory the server's before and after that further page.
    """
    runs = bench.folder / "hours"
    with bench.serve(runs=runs) as address, GrowingRun.made(runs / "hours") as growing:
        growing.grow(YOUNG)
        page = bench.page()
        go(page, f"{address}/train?run=hours", "live")
        page.wait_for_function("() => window.Plotly")
        page.evaluate("() => watch.startUpdates()")
        young = aged(bench, page, address, growing)
        while growing.count < OLD:
            growing.grow(min(BURST, OLD - growing.count))
            wait_until(lambda: growing.length - offset(page) < MAX_AHEAD)
        old = aged(bench, page, address, growing)
        drawn = page.evaluate(
            "() => document.querySelector('.live').live.runs[0].feed.series.splits.training.step.length"
        )
        close(page)
    value = {f"{name}_{count}": one[name] for name in young for count, one in (("1k", young), ("100k", old))}
    return {"hours_drift": Figure(value, UPDATES, f"{drawn:,} training records in the page at the end")}


def aged(bench: Bench, page: Page, address: str, growing: GrowingRun) -> dict[str, float]:
    """The latencies and the memory of the page with the present number of records."""
    wait_until(lambda: offset(page) == growing.length)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate("() => { watch.updates = []; }")
    before = metric(session.send("Performance.getMetrics"), "TaskDuration")
    for _ in range(UPDATES):
        growing.grow(RECORDS_AN_UPDATE)
        time.sleep(SECONDS_AN_UPDATE)
    times = page.evaluate("() => watch.updates")
    busy = metric(session.send("Performance.getMetrics"), "TaskDuration") - before
    session.detach()
    memory = {"heap_mb": held(page)["heap_mb"], "server_mb": browsing.resident_megabytes(address)}
    further = bench.page()
    opened = go(further, f"{address}/train?run=hours", "live")["since"]
    close(further)
    return {
        "update_ms": statistics.median(times),
        "task_ms": 1000 * busy / len(times),
        **memory,
        "opened_ms": opened,
        "server_opened_mb": browsing.resident_megabytes(address),
    }


def metric(answer: dict, name: str) -> float:
    return next(one["value"] for one in answer["metrics"] if one["name"] == name)


def offset(page: Page) -> int:
    """The bytes of the records that the live page has read."""
    return page.evaluate("() => document.querySelector('.live').live.runs[0].feed.offset")


@dataclass
class GrowingRun:
    """A run of the digits that appears to train for hours: its records are written here, faster than by training."""

    run: Run
    usual: Record
    count: int = 0

    @classmethod
    @contextmanager
    def made(cls, folder: Path) -> Iterator[GrowingRun]:
        """The run, without records yet, held for the duration of the block."""
        run = train_alone(folder, "digits", "--kind=vae", "--steps=60", "--threads=1")
        usual = training_records(run)[-1]
        steps = 2 * OLD * STEPS_A_RECORD
        run.write_config(run.config.replace(training=run.config.training.replace(steps=steps).model_dump()))
        run.records.cut(0)
        with run.exclusively("Somebody else trains it."):
            yield cls(run, usual)

    @property
    def length(self) -> int:
        return self.run.records.length()

    def grow(self, count: int) -> None:
        """Writes so many more records, with a preview as new as they are."""
        lines = "".join(json.dumps(self.record(self.count + at)) + "\n" for at in range(count))
        with self.run.records.path.open("a", encoding="utf-8") as file:
            file.write(lines)
        self.count += count
        os.utime(self.run.preview_file)

    def record(self, at: int) -> Record:
        """The record at this index, as a training would write it; one in RECORDS_A_VALIDATION is a validation."""
        is_validation = at % RECORDS_A_VALIDATION == RECORDS_A_VALIDATION - 1
        step = (at + 1) * STEPS_A_RECORD
        reconstruction, kl = 140 + 60 / math.sqrt(at + 1) + math.sin(7.0 * at), 6 + 0.1 * math.cos(5.0 * at)
        terms = {"total": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}
        place = {"step": step, "seconds": round(0.07 * at, 3), "epoch": round(step / 430, 4)}
        split = "validation" if is_validation else "training"
        kept = {
            name: value for name, value in self.usual.items() if not (is_validation and name == "images_per_second")
        }
        return kept | place | {"split": split} | terms


def disk(bench: Bench) -> Figures:
    """Bytes of the folder of a training of MNIST that was started from the page and watched for a minute, to two hours.

    Records and the worker's log grow with the time, snapshots up to their most, at their mean size here; the rest stays
    as it is, with a second state for the moment in which one replaces another.
    """
    runs = bench.folder / "disk"
    with bench.serve(runs=runs) as address:
        page = bench.page()
        run = begin(page, address, runs, KEPT_SECONDS)
        wait_for_status(page, "finished")
        close(page)
    sizes = {path: path.stat().st_size for path in run.folder.rglob("*") if path.is_file()}
    seconds, kept = run.records.last()["seconds"], len(snapshots.steps(run.snapshots_folder))
    growing = {path.name: sizes.get(path, 0) for path in (run.records.path, run.folder / worker.LOG)}
    in_snapshots = sum(size for path, size in sizes.items() if path.parent == run.snapshots_folder)
    state = sizes[run.state_file]
    other = sum(sizes.values()) - in_snapshots - sum(growing.values()) - state
    parts = {f"{name} (grows)": size * MAX_SECONDS / seconds for name, size in growing.items()}
    parts |= {"snapshots": in_snapshots / kept * snapshots.MAX_SNAPSHOTS, "state, twice": 2 * state, "the rest": other}
    megabytes = {name: size / MEGABYTE for name, size in parts.items()}
    now = sum(sizes.values()) / MEGABYTE
    note = f"after {seconds:.0f} s {now:.0f} MB, {kept} snapshots, {sum(growing.values()):,} bytes of what grows"
    return {
        "disk_two_hours_mb": Figure(sum(megabytes.values()), 1, note),
        "disk_two_hours_parts_mb": Figure(megabytes, 1),
    }


def begin(page: Page, address: str, runs: Path, seconds: int) -> Run:
    """Starts a VAE of MNIST with the page's default settings, and waits until the page shows it."""
    if not is_local(DataConfig(name="mnist")):
        raise SystemExit("MNIST is needed: fetch it from the page, or say where it is by VAE_DATA_DIR.")
    page.goto(f"{address}/train?preset=vae&seconds={seconds}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("run=mnist-vae-2d"))
    wait_for_status(page, "training")
    run = Run(runs / re.search(r"run=([\w-]+)", page.url)[1])
    wait_until(lambda: run.records.last() is not None)  # before, it may have no settings yet
    return run


def wait_for_status(page: Page, status: str) -> None:
    """Waits until the live page shows this status of the run."""
    page.locator(f".live-status[data-status={status}]").wait_for(timeout=PATIENCE)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("What was waited for has not come.")
        time.sleep(0.02)


def train_alone(folder: Path, *arguments: str) -> Run:
    """The run, trained by the command line."""
    command = [sys.executable, "-m", "vae_core", "train", *arguments, "--run", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return Run.open(folder)


def training_records(run: Run) -> list[Record]:
    return [record for record in run.records.all() if record.get("split") == "training"]


def main() -> None:
    """Prints the table and, with --json, writes the figures."""
    parts = {part.__name__: part for part in (clicks, speed, steering, hours, disk)}
    report(__doc__.splitlines()[0], parts, MARKS)


if __name__ == "__main__":
    main()
