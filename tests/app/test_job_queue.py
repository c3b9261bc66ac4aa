"""The queue: who begins when, who waits for whom, whose a run is, and what it may take; no process trains."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from halfmoon.jobs import job, jobs, limits, queue, worker
from halfmoon.jobs.jobs import Jobs
from halfmoon.jobs.listing import listing
from halfmoon.jobs.standing import InTheWay, Standing
from halfmoon.jobs.worker import Worker
from tests.app.small_jobs import ME, OTHER, finish, new
from tests.app.standins import make_run
from tests.waiting import until
from vae_core.errors import BusyError, ConfigError, MissingError, NoSuchRunError, NotAllowedError, RunError
from vae_core.runs import names
from vae_core.runs.archives import pack_run
from vae_core.runs.contents import LOG
from vae_core.runs.run import Run


def test_without_space_nothing_begins(server: Jobs, empty_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(RunError, match="no space left"):
        server.start([new()], ME)


@pytest.mark.usefixtures("idle_workers")
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


@pytest.mark.usefixtures("idle_workers")
def test_who_waits_begins_also_when_the_end_of_the_one_before_is_first_seen_by_somebody_who_asks(
    server: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_MAX_JOBS", "1")
    first, second = (server.start([new()], owner) for owner in (ME, OTHER))
    with server.queue.changed:  # so that the queue itself can't look meanwhile
        finish(first)
        with suppress(NoSuchRunError):
            server.standing(first.names[0])
        assert first.has_ended
    until(lambda: second.is_running)


@pytest.mark.usefixtures("idle_workers")
def test_a_job_that_waits_can_be_stopped_by_its_owner_and_nothing_else(server: Jobs) -> None:
    server.start([new()], OTHER)
    waits = server.start([new(kind="ae"), new()], ME)
    name, twin = waits.names
    waits_for = InTheWay("digits-vae-2d-1", False)
    assert [server.standing(one) for one in (name, twin)] == [Standing("queued", 1, waits_for=waits_for)] * 2
    with pytest.raises(ConfigError, match="waits for its turn"):
        server.control(name, {"beta": 2.0}, ME)
    with pytest.raises(NotAllowedError, match="not yours"):
        server.control(name, {"stop": True}, OTHER)
    assert [(listed.name, listed.may_control) for listed in listing(server, ME)][:2] == [(name, True), (twin, True)]
    server.control(name, {"stop": True}, ME)
    assert server.queue.jobs_of(ME) == []
    with pytest.raises(NoSuchRunError):
        server.standing(twin)


@pytest.mark.usefixtures("idle_workers")
def test_only_so_many_jobs_may_wait(server: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(1 + queue.MAX_WAITING):
        server.start([new()], ME)
    with pytest.raises(ConfigError, match="wait already"):
        server.start([new()], ME)
    monkeypatch.setattr(queue, "MAX_WAITING_IN_ALL", queue.MAX_WAITING)
    with pytest.raises(ConfigError, match="come back later"):
        server.start([new()], OTHER)


def test_runs_belong_to_their_browser_and_those_of_the_command_line_to_all(server: Jobs, empty_runs: Path) -> None:
    mine, _ = (make_run(empty_runs, name, "vae") for name in ("mine", "nobodys"))
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


def test_a_deleted_run_comes_back_for_its_owner_until_it_is_gone_for_good(server: Jobs, empty_runs: Path) -> None:
    run = make_run(empty_runs, "mine", "vae")
    run.write_about(owner=ME)
    server.delete("mine", ME)
    with pytest.raises(NotAllowedError):
        server.restore("mine", OTHER)
    server.restore("mine", ME)
    assert [one.name for one in listing(server, ME)] == ["mine"] and Run.open(run.folder).is_trained
    server.delete("mine", ME)
    make_run(empty_runs, "mine", "ae")
    with pytest.raises(BusyError, match="another run called mine"):
        server.restore("mine", ME)
    server.deletions.end()
    with pytest.raises(MissingError, match="gone for good"):
        server.restore("mine", ME)
    assert Run.open(run.folder).config.model.kind == "ae"


@pytest.mark.parametrize("value", ["", "many", "-1", "0"])
def test_the_number_of_jobs_is_one_at_least(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cores", lambda: 2)
    monkeypatch.setenv("VAE_MAX_JOBS", value)
    assert limits.max_jobs() == 1


def test_a_folder_is_measured_while_its_files_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "snapshots").mkdir()
    for name in ("one", "snapshots/two", "gone"):
        (tmp_path / name).write_bytes(bytes(10))
    walk = list(os.walk(tmp_path))
    (tmp_path / "gone").unlink()
    monkeypatch.setattr(os, "walk", lambda _: walk)
    assert limits._size(tmp_path) == 20


# The order


@pytest.mark.usefixtures("idle_workers")
def test_fifty_who_ask_begin_in_the_order_of_asking(server: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though what is looked at before a job is taken lasts, pairs are among them, some leave and some fail."""
    server.start([new()], ME)  # has the place while all ask
    monkeypatch.setattr(queue, "POLL_SECONDS", 0.01)
    begun: list[int] = []
    may_go_on = []
    monkeypatch.setattr(limits, "check", lambda *_: until(lambda: may_go_on))
    monkeypatch.setattr(queue, "MAX_WAITING_AT_ADDRESS", 50)

    class Begins(job.Job):
        def begin(self, threads: int) -> None:
            begun.append(int(self.owner))
            if int(self.owner) % 7 == 3:
                self.workers[0].message = "It fails."
                self.has_begun = True
                self.withdraw()
                return
            super().begin(threads)

    monkeypatch.setattr(jobs, "Job", Begins)
    askers = []
    for number in range(50):
        runs = [new(kind="ae"), new()] if number % 5 == 4 else [new()]
        askers.append(Thread(target=server.start, args=(runs, str(number), "127.0.0.1")))
        askers[-1].start()
        until(lambda given=number + 2: server.queue._turns_given == given)
    may_go_on.append(True)
    for asker in askers:
        asker.join()
    leave = {number for number in range(50) if number % 11 == 10}
    for number in leave:
        (waits,) = server.queue.jobs_of(str(number))
        server.control(waits.names[0], {"stop": True}, str(number))
    while running := [each for each in server.queue.all() if each.is_running]:
        for each in running:
            finish(each)
        until(lambda: all(each.has_ended for each in running))
        until(lambda: not _is_waiting(server) or any(each.is_running for each in server.queue.all()))
    assert begun == [number for number in range(50) if number not in leave]


def _is_waiting(server: Jobs) -> bool:
    return any(each.is_waiting for each in server.queue.all())


@pytest.mark.usefixtures("idle_workers")
def test_a_pause_gives_its_place_away_when_somebody_waits_for_it_and_not_before(
    server: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SECONDS_BETWEEN_MEASUREMENTS", 0.0)
    clock = count(0, 200)  # seconds, at each look
    monkeypatch.setattr(worker, "time", type("Clock", (), {"monotonic": staticmethod(lambda: next(clock))}))
    paused = server.start([new(kind="ae"), new()], ME)
    paused.workers[0].is_paused = True
    until(lambda: next(clock) > 2000)
    paused.workers[1].is_paused = True
    until(lambda: next(clock) > 20_000)
    assert paused.is_running  # for nobody waits
    waits = server.start([new()], OTHER)
    until(lambda: waits.is_running)
    assert paused.has_ended
    assert {worker.asked_to_stop for worker in paused.workers} == {queue.GAVE_PLACE}


@pytest.mark.usefixtures("idle_workers")
def test_who_waits_is_told_for_whom_and_whether_that_one_is_paused(server: Jobs) -> None:
    first = server.start([new()], ME)
    waits = server.start([new()], OTHER)
    assert server.standing(waits.names[0]).waits_for == InTheWay("digits-vae-2d-1", False)
    first.workers[0].is_paused = True
    assert server.standing(waits.names[0]).waits_for == InTheWay("digits-vae-2d-1", True)
    assert server.standing(first.names[0]).minutes == queue.MINUTES_OF_PAUSE


@pytest.mark.usefixtures("idle_workers")
def test_whoever_makes_up_owners_fills_no_more_than_an_address_may(
    server: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.MAX_WAITING_AT_ADDRESS >= 50  # a class behind one address
    assert queue.MAX_WAITING_IN_ALL >= 2 * queue.MAX_WAITING_AT_ADDRESS
    monkeypatch.setattr(queue, "MAX_WAITING_AT_ADDRESS", 2)
    for made_up in range(3):
        server.start([new()], f"made up {made_up}", "10.0.0.1")
    with pytest.raises(ConfigError, match="from your network address"):
        server.start([new()], "made up 3", "10.0.0.1")
    assert server.start([new()], OTHER, "10.0.0.2").is_waiting


# Names


@pytest.mark.usefixtures("idle_workers")
def test_a_run_that_is_brought_in_takes_no_name_that_another_was_promised(server: Jobs, tmp_path: Path) -> None:
    archive = pack_run(make_run(tmp_path / "elsewhere", "any", "vae"))
    for owner in (ME, OTHER):
        server.start([new()], owner)
    waits = server.queue.jobs_of(OTHER)[0]
    assert waits.names == ("digits-vae-2d-2",)
    brought = server.bring_in(archive, ME)
    assert brought.name == "digits-vae-2d-3"
    server.delete(brought.name, ME)
    assert waits.is_waiting
    assert server.queue.jobs_of(OTHER) == [waits]


@pytest.mark.usefixtures("idle_workers")
def test_a_folder_that_has_the_name_of_a_training_to_come_gives_nobody_a_right_to_that(
    server: Jobs, empty_runs: Path
) -> None:
    server.start([new()], ME)
    waits = server.start([new()], OTHER)
    make_run(empty_runs, waits.names[0], "vae")  # by hand, and nobody's
    for act in (server.delete, lambda name, owner: server.control(name, {"stop": True}, owner)):
        with pytest.raises(NotAllowedError):
            act(waits.names[0], ME)
    assert waits.is_waiting


@pytest.mark.usefixtures("idle_workers")
def test_two_servers_promise_no_name_twice_and_neither_ends_what_waits_at_the_other(
    server: Jobs, empty_runs: Path
) -> None:
    other = Jobs()
    try:
        mine, theirs = server.start([new()], ME), other.start([new()], ME)
        assert (mine.names, theirs.names) == (("digits-vae-2d-1",), ("digits-vae-2d-2",))
        make_run(empty_runs, "done", "vae")
        (run,) = (each.run for each in listing(server, ME) if each.name == "done")
        other.resume([run], ME)
        assert server.standing("done").status == "queued"
        for act in (server.delete, lambda name, owner: server.control(name, {"stop": True}, owner)):
            with pytest.raises(ConfigError, match="on another server"):
                act("done", ME)
        with pytest.raises(RunError, match="waits for its turn, or is being trained, already"):
            server.resume([run], ME)
        other.control("done", {"stop": True}, ME)
        assert server.resume([run], ME).is_waiting
    finally:
        other.queue.end()


# What was left


@pytest.mark.usefixtures("idle_workers")
def test_of_what_waited_when_its_server_ended_the_next_one_says_so(server: Jobs) -> None:
    server.start([new()], OTHER)
    names_left = server.start([new(kind="ae"), new(title="Mine")], ME).names
    jobs.end()
    after = jobs.shared()
    assert [after.standing(name) for name in names_left] == [Standing("failed", message=job.LEFT)] * 2
    assert {(one.name, one.title, one.standing.status) for one in listing(after, ME)} == {
        (names_left[0], names_left[0], "failed"),
        (names_left[1], "Mine", "failed"),
    }
    assert listing(after, OTHER) == []
    assert set(after.start([new()], ME).names).isdisjoint(names_left)
    for name in names_left:
        after.delete(name, ME)
        with pytest.raises(NoSuchRunError):
            after.standing(name)


def test_a_server_s_start_removes_only_what_a_server_before_it_began(empty_runs: Path) -> None:
    def begin(name: str) -> Path:
        claim = names.claim(empty_runs / name)
        ended = Worker(claim, [], owner=ME)
        ended._make_folder()
        ended.run.write_about(owner=ME)
        (claim.folder / LOG).write_text("")
        claim.leave()  # and both are killed
        return claim.folder

    killed, added_to, moved = begin("killed"), begin("added-to"), begin("moved")
    (added_to / "thesis.txt").write_text("somebody's own")
    moved.rename(empty_runs / "kept")
    moved.mkdir()
    (moved / LOG).write_text("somebody's own")
    photos = empty_runs / "photos"
    photos.mkdir()
    (photos / LOG).write_text("somebody's own")
    (photos / "a.png").write_text("somebody's own")
    long_ago = time.time() - 10**6
    os.utime(photos, (long_ago, long_ago))
    Jobs()
    assert not killed.exists()
    assert {path.name for path in empty_runs.iterdir() if not path.name.startswith(".")} == {
        *("added-to", "moved", "kept", "photos")
    }
    assert {path.name for path in photos.iterdir()} == {LOG, "a.png"}
    assert (added_to / "thesis.txt").exists()


def test_jobs_that_have_ended_leave_no_descriptor_open(server: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "COMMAND", (shutil.which("true"),))

    def once() -> int:
        done = server.start([new(kind="ae"), new()], ME)
        until(lambda: done.has_ended)
        server.start([new()], OTHER)
        until(lambda: not any(each.is_running for each in server.queue.all()))
        return len(os.listdir("/proc/self/fd"))

    before = once()
    assert [once() for _ in range(5)] == [before] * 5
