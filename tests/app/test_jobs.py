"""Jobs: processes that train, a queue for those that wait, and runs that outlive both, told apart by their owners."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.app.standins import make_run
from tests.waiting import until, until_trained
from ui import job_queue, jobs, limits, workers
from ui.job import Job, NewRun
from ui.jobs import Jobs, NoSuchRunError
from ui.listing import listing
from ui.owners import NotAllowedError
from vae_core import snapshots, weights
from vae_core.configs import DataConfig, ModelConfig, MoonsConfig, NetworkConfig, TrainingConfig
from vae_core.errors import ConfigError, DataError, RunError
from vae_core.options import setting_options, settings
from vae_core.runs import Run

SMALL = NetworkConfig(widths=(16,))
DIGITS = DataConfig(name="digits")
ENDLESS = TrainingConfig(data=DIGITS, steps=10_000_000)
SHORT = TrainingConfig(data=DIGITS, steps=40)
MOONS = TrainingConfig(data=DataConfig(name="moons"), steps=40)
SLOW = ModelConfig(decoder=NetworkConfig(network="conv", widths=(1024,)))
ME, OTHER = "a" * 32, "b" * 32


def model(kind: str = "vae") -> ModelConfig:
    return ModelConfig(kind=kind, encoder=SMALL, decoder=SMALL)


def new(training: TrainingConfig = ENDLESS, kind: str = "vae", title: str | None = None) -> NewRun:
    return NewRun(model(kind), training, title)


@pytest.fixture
def user_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of runs that is empty, and no published data."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "no-data"))
    monkeypatch.setenv("VAE_MAX_JOBS", "1")
    return tmp_path / "runs"


@pytest.fixture
def server() -> Iterator[Jobs]:
    """The jobs of a server, which ends with the test."""
    yield jobs.shared()
    jobs.end()


class StandIn(workers.Worker):
    """A worker without a process, which runs until it is told to end."""

    is_running = False

    def start(self, threads: int) -> None:
        self.threads, self.is_running = threads, True


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "Worker", StandIn)


def finish(job: Job) -> None:
    for worker in job.workers:
        worker.is_running = False


# With processes


def test_a_run_begins_is_steered_stopped_and_resumed(server: Jobs, user_runs: Path) -> None:
    job = server.start([new(title="My first")], ME)
    (name,) = job.names
    assert job.is_running
    assert server.standing(name).status == "training"  # before there is anything to read, too
    run = Run(user_runs / name)
    until_trained(run)
    assert (run.title, run.about["owner"], run.config.training.threads) == ("My first", ME, max(1, limits.cores() - 1))
    process = job.workers[0]._process.pid
    assert os.getpriority(os.PRIO_PROCESS, process) == workers.NICENESS

    server.control(name, {"beta": 2.0}, ME)
    assert server.control(name, {"pause": True}, ME) == {"beta": 2.0, "pause": True}
    until(lambda: server.standing(name).status == "paused")
    assert [record for record in run.records()[0] if record.get("event") == "control"][-1]["control"]["beta"] == 2.0
    server.control(name, {"pause": False}, ME)
    until(lambda: server.standing(name).status == "training")
    with pytest.raises(RunError, match="stop it first"):
        server.delete(name, ME)

    server.control(name, {"stop": True}, ME)
    until(lambda: server.standing(name).status == "stopped")
    steps = run.last_record()["step"]
    assert run.is_trained
    job = server.resume([run], ME)  # at once, though the process may not have gone yet
    until(lambda: (run.last_record() or {}).get("step", 0) > steps)
    until(lambda: server.standing(name).status == "training")
    assert server.queue.job_of(name) is job

    jobs.end()
    assert run.status == "interrupted"
    assert run.is_resumable
    assert not Path(f"/proc/{process}").exists()


def test_a_pair_trains_side_by_side_to_its_end(server: Jobs, user_runs: Path) -> None:
    job = server.start([new(SHORT, "ae"), new(SHORT, "vae")], ME)
    assert job.names == ("digits-ae-2d-1", "digits-vae-2d-1")
    assert [worker.is_running for worker in job.workers] == [True, True]
    until(lambda: job.has_ended)
    assert job.message is None
    runs = [Run.open(user_runs / name) for name in job.names]
    assert [run.status for run in runs] == ["finished", "finished"]
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
    assert server.standing(branch.names[0]) == jobs.Standing("queued", 1)
    until(lambda: branch.has_ended)
    assert Run.open(runs[0].folder).last_record()["step"] == 50
    branched = Run.open(user_runs / "digits-vae-2d-1-branch-1")
    assert (branched.status, branched.title, branched.config.training.beta) == ("finished", "Warmer", 4.0)
    assert (branched.config.branched_from.run, branched.config.branched_from.step) == ("digits-vae-2d-1", step)
    assert (branched.last_record()["step"], branched.about["owner"]) == (15, OTHER)


def test_what_keeps_a_run_from_beginning_is_one_sentence_and_leaves_nothing(server: Jobs, user_runs: Path) -> None:
    few = DataConfig(name="digits", training_count=5000)
    job = server.start([new(ENDLESS.replace(data=few.model_dump()))], ME)
    (name,) = job.names
    until(lambda: job.has_ended)
    sentence = "Digits has 1,257 training images, fewer than the 5,000 asked for."
    assert job.message == sentence
    assert server.standing(name) == jobs.Standing("failed", None, sentence)
    assert not (user_runs / name).exists()
    assert listing(server, ME) == []


def test_a_worker_that_is_killed_leaves_a_run_to_go_on_with(server: Jobs, user_runs: Path) -> None:
    job = server.start([new()], ME)
    run = Run(user_runs / job.names[0])
    until_trained(run)
    server.control(run.name, {"pause": True}, ME)
    until(lambda: server.standing(run.name).status == "paused")
    os.kill(job.workers[0]._process.pid, signal.SIGKILL)
    until(lambda: job.has_ended)
    (listed,) = listing(server, ME)
    assert (listed.standing.status, listed.is_resumable, listed.may_control) == ("interrupted", True, True)
    assert "killed (SIGKILL)" in listed.standing.message
    assert (listed.is_viewable, run.is_trained) == (True, False)
    workers.make_ready(run)
    assert run.is_trained
    server.resume([run], ME)
    until(lambda: server.standing(run.name).status == "training")
    until_trained(run)


SERVER = """
import sys
from ui import jobs, workers
from ui.job import NewRun
from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig

workers.NICENESS = 0  # whatever else this machine is busy with
small = NetworkConfig(widths=(16,))
training = TrainingConfig(data=DataConfig(name="digits"), steps=10_000_000)
job = jobs.shared().start([NewRun(ModelConfig(encoder=small, decoder=small), training)], "owner")
print(job.names[0], job.workers[0]._process.pid, flush=True)
sys.stdin.read()
"""


def test_when_the_server_is_killed_its_worker_goes_too_and_the_next_one_goes_on(user_runs: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        name, process = parent.stdout.readline().split()
        run = Run(user_runs / name)
        until_trained(run)
    finally:
        parent.kill()
        parent.communicate()
    crowd = max(1.0, os.getloadavg()[0] / limits.cores())  # of others who want the processor
    until(lambda: not is_alive(int(process)), 3 * crowd)
    assert run.status == "interrupted"
    steps = run.last_record()["step"]
    try:
        (listed,) = listing(jobs.shared(), "owner")
        assert (listed.standing.status, listed.is_resumable) == ("interrupted", True)
        jobs.shared().resume([listed.run], "owner")
        until(lambda: (run.last_record() or {}).get("step", 0) > steps)
    finally:
        jobs.end()


def test_a_run_whose_disk_is_full_says_so_and_goes_on_once_there_is_room(server: Jobs, user_runs: Path) -> None:
    """A limit of the size of files stands in for a full disk: the system refuses what is written beyond it."""
    job = server.start([new()], ME)
    run, process = Run(user_runs / job.names[0]), job.workers[0]._process.pid
    until_trained(run)
    server.control(run.name, {"pause": True}, ME)
    until(lambda: server.standing(run.name).status == "paused")
    step = run.last_record()["step"]
    until(lambda: run.state_file.exists() and weights.load_state(run.state_file)[1]["step"] == step)
    state = run.state_file.read_bytes()
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (run.records_length(), most))
    server.control(run.name, {"pause": False}, ME)
    until(lambda: job.has_ended)
    (listed,) = listing(server, ME)
    assert (listed.standing.status, listed.is_resumable) == ("interrupted", True)
    assert re.fullmatch("There is no space left to write .*: free some, then go on .*[.]", listed.standing.message)
    assert run.state_file.read_bytes() == state
    server.resume([run], ME)
    until(lambda: run.last_record()["step"] > step)


@pytest.mark.parametrize("free, words", [(0, "There is no space left to write"), (10**9, "ended unexpectedly")])
def test_a_worker_that_had_no_room_for_a_word_has_failed_for_want_of_space(
    free: int, words: str, user_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(user_runs, "full", "vae")
    (run.folder / workers.LOG).write_text("Error: What it said the time before.\n")
    monkeypatch.setattr(workers, "COMMAND", (shutil.which("false"),))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    worker = workers.Worker(run.folder, workers.resume(run))
    worker.start(1)
    worker.wait(time.monotonic() + 60)
    worker.conclude()
    assert words in worker.message
    assert "the time before" not in worker.message


def is_alive(process: int) -> bool:
    """Whether the process is there, and not only waits to be reaped."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_folder_is_measured_while_its_files_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "snapshots").mkdir()
    for name in ("one", "snapshots/two", "gone"):
        (tmp_path / name).write_bytes(bytes(10))
    walk = list(os.walk(tmp_path))
    (tmp_path / "gone").unlink()
    monkeypatch.setattr(os, "walk", lambda _: walk)
    assert limits._size(tmp_path) == 20


def test_a_run_that_takes_too_much_space_is_stopped(
    server: Jobs, user_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_queue, "SECONDS_BETWEEN_MEASUREMENTS", 0.1)
    job = server.start([new()], ME)
    run = Run(user_runs / job.names[0])
    until_trained(run)
    monkeypatch.setattr(limits, "MOST_RUN_MEGABYTES", 0.01)
    until(lambda: job.has_ended)
    assert (run.status, run.is_resumable) == ("stopped", True)
    assert "held more than" in server.standing(run.name).message


# Without


def test_jobs_are_had_without_torch() -> None:
    script = "import sys, ui.listing, ui.live_routes; print({'torch', 'sklearn'} & set(sys.modules))"
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

    assert read.main(workers.new_run(given, training), standalone_mode=False) == (given, training)


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
    asked: NewRun, error: type[Exception], words: str, server: Jobs, user_runs: Path
) -> None:
    with pytest.raises(error, match=words) as raised:
        server.start([asked], ME)
    assert str(raised.value).endswith(".")
    assert not user_runs.exists()
    assert listing(server, ME) == []


def test_without_space_nothing_begins(server: Jobs, user_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(RunError, match="no space left"):
        server.start([new()], ME)


@pytest.mark.usefixtures("stand_ins")
def test_first_come_first_served_but_one_running_job_an_owner(server: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_MAX_JOBS", "2")
    monkeypatch.setattr(limits, "cores", lambda: 4)
    first, second, others, third = (server.start([new()], owner) for owner in (ME, ME, OTHER, ME))
    assert [job.is_running for job in (first, second, others, third)] == [True, False, True, False]
    assert [server.queue.place(job) for job in (first, second, others, third)] == [None, 1, None, 2]
    assert server.queue.jobs_of(ME) == [first, second, third]
    assert [job.threads for job in (first, others)] == [3, 1]  # all but one, then what is left, but one at least
    finish(others)
    until(lambda: others.has_ended)
    assert second.is_waiting
    finish(first)
    until(lambda: second.is_running)
    assert (first.has_ended, server.queue.place(third)) == (True, 1)
    assert [job.names[0] for job in (first, second, others, third)] == [f"digits-vae-2d-{n}" for n in (1, 2, 3, 4)]


@pytest.mark.usefixtures("stand_ins")
def test_a_job_that_waits_can_be_stopped_by_its_owner_and_nothing_else(server: Jobs) -> None:
    server.start([new()], OTHER)
    waits = server.start([new(kind="ae"), new()], ME)
    name, twin = waits.names
    assert [server.standing(one) for one in (name, twin)] == [jobs.Standing("queued", 1)] * 2
    with pytest.raises(ConfigError, match="waits for its turn"):
        server.control(name, {"beta": 2.0}, ME)
    with pytest.raises(NotAllowedError, match="not yours"):
        server.control(name, {"stop": True}, OTHER)
    assert [(listed.name, listed.may_control) for listed in listing(server, ME)][:2] == [(name, True), (twin, True)]
    server.control(name, {"stop": True}, ME)
    assert server.queue.jobs_of(ME) == []
    with pytest.raises(NoSuchRunError):
        server.standing(twin)


@pytest.mark.usefixtures("stand_ins")
def test_only_so_many_jobs_may_wait(server: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(1 + job_queue.MOST_WAITING):
        server.start([new()], ME)
    with pytest.raises(ConfigError, match="wait already"):
        server.start([new()], ME)
    monkeypatch.setattr(job_queue, "MOST_WAITING_IN_ALL", job_queue.MOST_WAITING)
    with pytest.raises(ConfigError, match="come back later"):
        server.start([new()], OTHER)


def test_runs_belong_to_their_browser_and_those_of_the_command_line_to_all(server: Jobs, user_runs: Path) -> None:
    mine, _ = (make_run(user_runs, name, "vae") for name in ("mine", "nobodys"))
    mine.write_about(owner=ME)
    for owner, allowed in ((ME, True), (OTHER, False), (None, False)):
        assert server.may_control("mine", owner) is allowed
        assert server.may_control("nobodys", owner)
        assert not server.may_control("mnist-vae-2d", owner)
    for act in (
        lambda: server.delete("mine", OTHER),
        lambda: server.rename("mine", "Yours", OTHER),
        lambda: server.control("mine", {"stop": True}, None),
        lambda: server.delete("mnist-vae-2d", ME),
    ):
        with pytest.raises(NotAllowedError):
            act()
    server.rename("mine", " Mine ", ME)
    assert [listed.title for listed in listing(server, ME)] == ["Mine", "nobodys"]
    with pytest.raises(ConfigError, match="not being trained"):
        server.control("nobodys", {"stop": True}, ME)
    server.delete("mine", ME)
    server.delete("nobodys", OTHER)
    assert listing(server, ME) == []
    for name in ("mine", "..", ".", "", "a/b", "x" * 300, "a\0b"):
        with pytest.raises(NoSuchRunError):
            server.delete(name, ME)


def test_what_never_became_a_run_is_removed_by_the_next_server(user_runs: Path) -> None:
    made = make_run(user_runs, "made", "vae").folder
    for folder in (made, user_runs / "killed", user_runs / "begins"):
        folder.mkdir(exist_ok=True)
        (folder / workers.LOG).write_text("")
    before = time.time() - workers.SECONDS_TO_BEGIN - 1
    for folder in (made, user_runs / "killed"):
        os.utime(folder, (before, before))
    Jobs()
    assert {folder.name for folder in user_runs.iterdir()} == {"made", "begins"}


@pytest.mark.parametrize("value", ["", "many", "-1", "0"])
def test_the_number_of_jobs_is_one_at_least(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cores", lambda: 2)
    monkeypatch.setenv("VAE_MAX_JOBS", value)
    assert limits.most_jobs() == 1
