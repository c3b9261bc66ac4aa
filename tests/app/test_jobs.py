"""Jobs with their processes: runs that outlive both, are steered, killed, and gone on with."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from halfmoon.jobs import command_lines, job, jobs, limits, queue, worker
from halfmoon.jobs.job import NewRun
from halfmoon.jobs.jobs import Jobs
from halfmoon.jobs.listing import listing
from tests.app.small_jobs import ENDLESS, ME, OTHER, SHORT, new
from tests.app.standins import make_run
from tests.waiting import until, until_trained
from vae_core.commands.options import setting_options, settings
from vae_core.configs import DataConfig, ModelConfig, MoonsConfig, NetworkConfig, TrainingConfig
from vae_core.errors import ConfigError, DataError, NotAllowedError, RunError
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.contents import LOG
from vae_core.runs.names import claim_existing
from vae_core.runs.run import Run

MOONS = TrainingConfig(data=DataConfig(name="moons"), steps=40)
SLOW = ModelConfig(decoder=NetworkConfig(network="conv", widths=(1024,)))


@pytest.mark.slow
def test_a_run_begins_is_steered_stopped_and_resumed(server: Jobs, empty_runs: Path) -> None:
    job = server.start([new(title="My first")], ME)
    (name,) = job.names
    assert job.is_running
    assert server.standing(name).status == "training"  # before there is anything to read, too
    run = Run(empty_runs / name)
    until_trained(run)
    assert (run.read_title(), run.read_about().owner, run.config.training.threads) == (
        "My first",
        ME,
        max(1, limits.cores() - 1),
    )
    process = job.workers[0]._process.pid
    assert os.getpriority(os.PRIO_PROCESS, process) == worker.NICENESS

    server.control(name, {"beta": 2.0}, ME)
    assert server.control(name, {"pause": True}, ME) == {"beta": 2.0, "pause": True}
    until(lambda: server.standing(name).status == "paused")
    assert [record for record in run.records.all() if record.get("event") == "control"][-1]["control"]["beta"] == 2.0
    server.control(name, {"pause": False}, ME)
    until(lambda: server.standing(name).status == "training")
    with pytest.raises(RunError, match="stop it first"):
        server.delete(name, ME)

    server.control(name, {"stop": True}, ME)
    until(lambda: server.standing(name).status == "stopped")
    steps = run.records.last()["step"]
    assert run.is_trained
    job = server.resume([run], ME)  # at once, though the process may not have gone yet
    until(lambda: (run.records.last() or {}).get("step", 0) > steps)
    until(lambda: server.standing(name).status == "training")
    assert server.queue.job_of(name) is job

    jobs.end()
    assert run.read_status() == "interrupted"
    assert run.can_be_resumed()
    assert not Path(f"/proc/{process}").exists()


@pytest.mark.slow
def test_a_pair_trains_side_by_side_to_its_end(server: Jobs, empty_runs: Path) -> None:
    job = server.start([new(SHORT, "ae"), new(SHORT, "vae")], ME)
    assert job.names == ("digits-ae-2d-1", "digits-vae-2d-1")
    assert [worker.is_running for worker in job.workers] == [True, True]
    until(lambda: job.has_ended)
    assert job.message is None
    runs = [Run.open(empty_runs / name) for name in job.names]
    assert [run.read_status() for run in runs] == ["finished", "finished"]
    assert [listed.standing.status for listed in listing(server, OTHER)] == ["finished", "finished"]

    with pytest.raises(RunError, match="can't be resumed"):
        server.resume(runs[:1], ME)
    with pytest.raises(NotAllowedError):
        server.extend(runs[0], 10, OTHER)
    longer = server.extend(runs[0], 10, ME)
    step = snapshots.steps(runs[1].snapshots_folder)[-1]
    branch = server.branch(runs[1], step, {"beta": 4.0, "steps": 15}, OTHER, "Warmer")
    with pytest.raises(RunError, match="no snapshot at step 39"):
        server.branch(runs[1], 39, {}, OTHER)
    assert (longer.is_running, branch.is_waiting) == (True, True)
    assert server.standing(branch.names[0])[:2] == ("queued", 1)
    until(lambda: branch.has_ended)
    assert Run.open(runs[0].folder).records.last()["step"] == 50
    branched = Run.open(empty_runs / "digits-vae-2d-1-branch-1")
    assert (branched.read_status(), branched.read_title(), branched.config.training.beta) == ("finished", "Warmer", 4.0)
    assert (branched.config.branched_from.run, branched.config.branched_from.step) == ("digits-vae-2d-1", step)
    assert (branched.records.last()["step"], branched.read_about().owner) == (15, OTHER)


@pytest.mark.slow
def test_what_keeps_a_run_from_beginning_is_one_sentence_and_leaves_nothing(server: Jobs, empty_runs: Path) -> None:
    few = DataConfig(name="digits", training_count=5000)
    job = server.start([new(ENDLESS.replace(data=few.model_dump()))], ME)
    (name,) = job.names
    until(lambda: job.has_ended)
    sentence = "Digits has 1,257 training images, fewer than the 5,000 asked for."
    assert job.message == sentence
    assert server.standing(name) == jobs.Standing("failed", None, sentence)
    assert not (empty_runs / name).exists()
    (listed,) = listing(server, ME)
    assert (listed.name, listed.standing.message, listed.may_control) == (name, sentence, True)
    assert listing(server, OTHER) == []
    server.delete(name, ME)
    assert listing(server, ME) == []


@pytest.mark.slow
def test_a_worker_that_is_killed_leaves_a_run_to_go_on_with(server: Jobs, empty_runs: Path) -> None:
    job = server.start([new()], ME)
    run = Run(empty_runs / job.names[0])
    until_trained(run)
    server.control(run.name, {"pause": True}, ME)
    until(lambda: server.standing(run.name).status == "paused")
    os.kill(job.workers[0]._process.pid, signal.SIGKILL)
    until(lambda: job.has_ended)
    (listed,) = listing(server, ME)
    assert (listed.standing.status, listed.is_resumable, listed.may_control) == ("interrupted", True, True)
    assert "killed (SIGKILL)" in listed.standing.message
    assert (listed.is_viewable, run.is_trained) == (True, False)
    worker.make_ready(run)
    assert run.is_trained
    server.resume([run], ME)
    until(lambda: server.standing(run.name).status == "training")
    until_trained(run)


SERVER = """
import sys
from halfmoon.jobs import jobs
from halfmoon.jobs import worker
from halfmoon.jobs.job import NewRun
from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig

worker.NICENESS = 0  # whatever else this machine is busy with
small = NetworkConfig(widths=(16,))
training = TrainingConfig(data=DataConfig(name="digits"), steps=10_000_000)
new = NewRun(ModelConfig(encoder=small, decoder=small), training)
job = jobs.shared().start([new], "owner")
waits = jobs.shared().start([new], "owner")
print(job.names[0], job.workers[0]._process.pid, waits.names[0], flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_another_server_sees_and_steers_what_this_one_trains_and_goes_on_when_it_is_killed(empty_runs: Path) -> None:
    """With its server the worker goes, within two seconds; what waited there is told of by the next server."""
    parent = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        name, process, waits = parent.stdout.readline().split()
        run, other = Run(empty_runs / name), Jobs()
        assert other.standing(waits).status == "queued"
        until_trained(run)
        with pytest.raises(NotAllowedError):
            other.control(name, {"pause": True}, OTHER)
        other.control(name, {"pause": True}, "owner")
        until(lambda: other.standing(name).status == "paused")
        other.control(name, {"pause": False}, "owner")
        until(lambda: other.standing(name).status == "training")
        with pytest.raises(RunError, match="stop it first"):
            other.delete(name, "owner")
    finally:
        parent.kill()
        parent.communicate()
    crowd = max(1.0, os.getloadavg()[0] / limits.cores())  # of others who want the processor
    until(lambda: not is_alive(int(process)), 3 * crowd)
    assert run.read_status() == "interrupted"
    steps = run.records.last()["step"]
    try:
        never, listed = listing(jobs.shared(), "owner")
        assert (never.name, never.standing) == (waits, jobs.Standing("failed", message=job.LEFT))
        assert (listed.standing.status, listed.is_resumable) == ("interrupted", True)
        jobs.shared().resume([listed.run], "owner")
        until(lambda: (run.records.last() or {}).get("step", 0) > steps)
    finally:
        jobs.end()


@pytest.mark.slow
def test_a_paused_run_that_gave_its_place_away_is_gone_on_with_where_it_was(
    server: Jobs, empty_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SECONDS_BETWEEN_MEASUREMENTS", 0.1)
    first = server.start([new()], ME)
    run = Run(empty_runs / first.names[0])
    until_trained(run)
    server.control(run.name, {"pause": True}, ME)
    until(lambda: server.standing(run.name).status == "paused")
    step = run.records.last()["step"]
    second = server.start([new(SHORT)], OTHER)
    monkeypatch.setattr(queue, "MINUTES_OF_PAUSE", 0)
    until(lambda: second.is_running)
    (listed,) = (each for each in listing(server, ME) if each.name == run.name)
    assert (listed.standing.status, listed.is_resumable) == ("interrupted", True)
    assert (listed.standing.message, run.records.last()["step"]) == (queue.GAVE_PLACE, step)
    server.resume([run], ME)
    assert server.standing(run.name).place == 1
    until(lambda: run.records.last()["step"] > step)


@pytest.mark.slow
def test_a_worker_whose_folder_goes_ends_says_so_and_leaves_nothing(server: Jobs, empty_runs: Path) -> None:
    job = server.start([new()], ME)
    run = Run(empty_runs / job.names[0])
    until_trained(run)
    run.folder.rename(empty_runs / "elsewhere")
    until(lambda: job.has_ended)
    assert not run.folder.exists()
    assert "was moved or deleted while it was being trained" in job.message


@pytest.mark.slow
def test_a_run_whose_disk_is_full_says_so_and_goes_on_once_there_is_room(server: Jobs, empty_runs: Path) -> None:
    """A limit of the size of files stands in for a full disk: the system refuses what is written beyond it."""
    job = server.start([new()], ME)
    run, process = Run(empty_runs / job.names[0]), job.workers[0]._process.pid
    until_trained(run)
    server.control(run.name, {"pause": True}, ME)
    until(lambda: server.standing(run.name).status == "paused")
    step = run.records.last()["step"]
    until(lambda: run.state_file.exists() and weight_files.load_state(run.state_file)[1]["step"] == step)
    state = run.state_file.read_bytes()
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (run.records.length(), most))
    server.control(run.name, {"pause": False}, ME)
    until(lambda: job.has_ended)
    (listed,) = listing(server, ME)
    assert (listed.standing.status, listed.is_resumable) == ("interrupted", True)
    assert re.fullmatch("There is no space left to write .*: free some, then go on .*[.]", listed.standing.message)
    assert run.state_file.read_bytes() == state
    server.resume([run], ME)
    until(lambda: run.records.last()["step"] > step)


@pytest.mark.parametrize("free, words", [(0, "There is no space left to write"), (10**9, "ended unexpectedly")])
def test_a_worker_that_had_no_room_for_a_word_has_failed_for_want_of_space(
    free: int, words: str, empty_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(empty_runs, "full", "vae")
    (run.folder / LOG).write_text("Error: What it said the time before.\n")
    monkeypatch.setattr(worker, "COMMAND", (shutil.which("false"),))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    failing = worker.Worker(claim_existing(run.folder), command_lines.resume(run), is_new=False)
    failing.start(1)
    failing.wait(time.monotonic() + 60)
    failing.conclude()
    assert words in failing.message
    assert "the time before" not in failing.message


def is_alive(process: int) -> bool:
    """Whether the process is there, and not only waits to be reaped."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_a_run_that_takes_too_much_space_is_stopped(
    server: Jobs, empty_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SECONDS_BETWEEN_MEASUREMENTS", 0.1)
    job = server.start([new()], ME)
    run = Run(empty_runs / job.names[0])
    until_trained(run)
    monkeypatch.setattr(limits, "MAX_RUN_MEGABYTES", 0.01)
    until(lambda: job.has_ended)
    assert (run.read_status(), run.can_be_resumed()) == ("stopped", True)
    assert "held more than" in server.standing(run.name).message


def test_jobs_are_had_without_torch() -> None:
    script = "import sys, halfmoon.jobs.listing, halfmoon.train.routes; print({'torch', 'sklearn'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "set()\n", result.stderr


@pytest.mark.parametrize(
    "training",
    [
        TrainingConfig(),
        SHORT,
        TrainingConfig(data=DataConfig(name="mnist", training_count=500), seconds=12.5, beta=0, warmup_steps=0),
        TrainingConfig(data=DataConfig(name="moons", phases="new-and-full", moons=MoonsConfig(offset=(-1.5, 1)))),
    ],
)
def test_a_worker_is_given_the_settings_as_they_are(training: TrainingConfig) -> None:
    given = ModelConfig(kind="ae", encoder=NetworkConfig(widths=()), reconstruction="mse", output="identity")

    @click.command()
    @click.argument("data")
    @setting_options
    def read(data: str, **values: object) -> tuple[ModelConfig, TrainingConfig]:
        return settings(values, data)

    assert read.main(command_lines.new_run(given, training), standalone_mode=False) == (given, training)


@pytest.mark.parametrize(
    "asked, error, words",
    [
        (new(ENDLESS.replace(seconds=7201)), ConfigError, "at most 7,200 seconds"),
        (new(TrainingConfig(data=DataConfig(name="mnist"))), DataError, "MNIST is not in"),
        (NewRun(ModelConfig(encoder=NetworkConfig(widths=(4096, 4096))), SHORT), ConfigError, "too large"),
        (NewRun(SLOW, MOONS), ConfigError, "could not be looked at.* million multiplications an image"),
        (new(title="a" * 200), ConfigError, "title"),
    ],
)
def test_what_can_not_be_is_said_before_anything_begins(
    asked: NewRun, error: type[Exception], words: str, server: Jobs, empty_runs: Path
) -> None:
    with pytest.raises(error, match=words) as raised:
        server.start([asked], ME)
    assert str(raised.value).endswith(".")
    assert not empty_runs.exists()
    assert listing(server, ME) == []
