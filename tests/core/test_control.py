"""Steering a run: pauses, single steps and slow motion show at once and change nothing; a new β is replayed."""

import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.core.small import MODEL, TRAINING
from vae_core.errors import ConfigError
from vae_core.files import read_arrays
from vae_core.models import weight_files
from vae_core.runs.run import Run
from vae_core.training import control, recording
from vae_core.training.control import ControlConfig, insert_change, logged_changes


@pytest.fixture(scope="module")
def undisturbed(digits, tmp_path_factory) -> Run:
    run = recording.create_run(tmp_path_factory.mktemp("runs") / "whole", MODEL, TRAINING, digits)
    list(recording.record(run, digits))
    return run


@pytest.fixture
def run(digits, tmp_path) -> Run:
    return recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)


def steer(run: Run, digits, asks: dict[int, dict], waits: Callable[[int], None] = lambda count: None) -> list[dict]:
    """Trains; writes a control.json at the first record of a step; `waits` is called at each wait, with their count."""
    asks, count = dict(asks), 0

    def sleep(seconds: float) -> None:
        nonlocal count
        assert 0 <= seconds <= control.MAX_WAIT
        count += 1
        waits(count)

    records = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control.time, "sleep", sleep)
        for record in recording.record(run, digits):
            records.append(record)
            if record["step"] in asks:
                run.write_control(asks.pop(record["step"]))
    return records


def events(records: list[dict]) -> list[tuple]:
    return [(record["step"], record["event"]) for record in records if "event" in record]


def test_a_pause_is_shown_at_once_and_holds_until_it_is_lifted(run, undisturbed, digits):
    seen = []

    def waits(count: int) -> None:
        last, state = run.records.last(), weight_files.load_state(run.state_file)[1]
        shown = int(read_arrays(run.preview_file, ("step",))["step"])
        seen.append((last["step"], state["step"], shown, last.get("event"), run.read_status()))
        if count == 3:
            run.write_control({"pause": False})

    records = steer(run, digits, {20: {"pause": True}}, waits)
    assert seen == [(20, 20, 20, "paused", "paused")] * 3
    assert events(records) == [(20, "paused"), (20, "resumed"), (60, "finished")]
    assert not any(record.get("paused") for record in records if record.get("event") != "paused")
    assert run.model_file.read_bytes() == undisturbed.model_file.read_bytes()


def test_steps_since_the_last_record_have_one_when_a_pause_begins(run, digits):
    def pauses_after_twelve() -> bool:
        pauses_after_twelve.calls += 1
        if pauses_after_twelve.calls == 12:
            run.write_control({"pause": True})
        return True

    pauses_after_twelve.calls = 0
    for record in recording.record(run, digits, pauses_after_twelve):
        if record.get("event") == "paused":
            break
    assert _training(run) == [(5, "training"), (10, "training"), (12, "training")]
    assert events(run.records.all()) == [(12, "paused")]


def test_single_steps_are_as_many_as_the_number_grows_and_each_is_shown(run, undisturbed, digits):
    shown = []

    def waits(count: int) -> None:
        shown.append((run.records.last()["step"], int(read_arrays(run.preview_file, ("step",))["step"])))
        assert run.read_status() == "paused"
        asks = {1: {"advance": 2}, 2: {"advance": 2}, 3: {"advance": 3}, 4: {"advance": 1}}
        run.write_control({"pause": count <= 4, **asks.get(count, {"advance": 1})})

    records = steer(run, digits, {20: {"pause": True}}, waits)
    assert shown == [(step, step) for step in (20, 22, 22, 23, 24)]
    single = [record["step"] for record in records if record.get("paused") and record.get("split") == "training"]
    assert single == [21, 22, 23, 24]
    assert events(records) == [(20, "paused"), (24, "resumed"), (60, "finished")]
    assert run.model_file.read_bytes() == undisturbed.model_file.read_bytes()


def test_a_number_left_from_an_earlier_pause_takes_no_steps(run, digits):
    def waits(count: int) -> None:
        run.write_control({"pause": False, "advance": 2} if count in (1, 3) else {"pause": True, "advance": 2})

    records = steer(run, digits, {20: {"pause": True, "advance": 2}, 30: {"pause": True, "advance": 2}}, waits)
    assert events(records) == [(20, "paused"), (22, "resumed"), (30, "paused"), (30, "resumed"), (60, "finished")]


def test_slow_motion_keeps_its_pace_shows_each_step_and_changes_nothing(run, undisturbed, digits):
    now, taken = [0.0], []

    def passes(seconds: float = 1e-6) -> float:
        now[0] += max(seconds, 1e-6)
        return now[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control.time, "perf_counter", passes)
        patch.setattr(control.time, "sleep", passes)
        for record in recording.record(run, digits):
            if record["step"] == 20 and record.get("split") == "training":
                run.write_control({"steps_a_second": 4})
            elif 21 < record["step"] <= 39 and record.get("split") == "training":
                taken.append((record["step"], now[0]))
                assert int(read_arrays(run.preview_file, ("step",))["step"]) == record["step"] - 1
            elif record["step"] == 40 and record.get("split") == "training":
                run.write_control({"steps_a_second": None})
    assert [step for step, _ in taken] == list(range(22, 40))
    assert [later - earlier for (_, earlier), (_, later) in pairwise(taken)] == pytest.approx([0.25] * 17, abs=1e-3)
    assert [step for step, split in _training(run) if step > 40] == [45, 50, 55, 60]
    assert run.model_file.read_bytes() == undisturbed.model_file.read_bytes()


def _training(run: Run) -> list[tuple]:
    return [(one["step"], one["split"]) for one in run.records.all() if one.get("split") == "training"]


@pytest.mark.parametrize(("steps_a_second", "every"), [(0.1, 1), (5, 1), (20, 4), (100, 5)])
def test_a_faster_motion_has_five_records_a_second(run, digits, monkeypatch, steps_a_second, every):
    run.write_control({"steps_a_second": steps_a_second})
    monkeypatch.setattr(control.Control, "may_step", lambda self: True)
    list(recording.record(run, digits))
    assert [step for step, _ in _training(run)][:4] == [every * number for number in (1, 2, 3, 4)] or every == 4
    assert max(after[0] - before[0] for before, after in pairwise(_training(run))) <= every


def test_what_is_asked_for_in_slow_motion_is_obeyed_before_the_next_step(run, digits):
    def waits(count: int) -> None:
        if count == 2:
            run.write_control({"steps_a_second": 0.1, "stop": True})

    records = steer(run, digits, {20: {"steps_a_second": 0.1}}, waits)
    assert events(records)[-1] == (21, "stopped")


@pytest.mark.parametrize("asks", [{"steps_a_second": 0}, {"steps_a_second": 2000}, {"advance": -1}])
def test_a_control_out_of_range_is_an_error(asks):
    with pytest.raises(ConfigError):
        ControlConfig(**asks)


def test_only_what_changes_training_is_logged_and_only_where_it_is_new(run, digits):
    def waits(count: int) -> None:
        run.write_control({"pause": count < 3, "advance": count, "beta": 4, "learning_rate": 1e-3})

    steer(run, digits, {20: {"pause": True, "beta": 4}, 40: {"beta": 4, "steps_a_second": 1000}}, waits)
    changes = [(one["step"], one["control"]) for one in run.records.all() if one.get("event") == "control"]
    assert changes == [(20, {"beta": 4.0}), (20, {"learning_rate": 1e-3})]


KILLED = """
import os, signal, sys
from vae_core.data import datasets
from vae_core.runs.run import Run
from vae_core.training import control, recorder, recording

run, plan, waits = Run.open(sys.argv[1]), sys.argv[2], 0
recorder.SECONDS_BETWEEN_STATES = 0.01 if plan == "saved" else 1e9
def sleep(seconds):
    global waits
    waits += 1
    run.write_control({"pause": waits < 6, "advance": waits, "steps_a_second": 1000 if waits > 4 else None, "beta": 3})
control.time.sleep = sleep
for record in recording.record(run, datasets.load(run.config.training.data)):
    if record["step"] == 20 and not waits:
        run.write_control({"pause": True, "beta": 3})
    if record["step"] == {"paused": 22, "saved": 24, "slow": 45}[plan]:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("plans", [["paused"], ["slow"], ["paused", "saved", "slow"]])
def test_a_run_killed_in_a_pause_or_slow_motion_and_resumed_ends_with_the_same_weights(digits, tmp_path, plans):
    whole, killed = (recording.create_run(tmp_path / name, MODEL, TRAINING, digits) for name in ("whole", "killed"))
    steer(whole, digits, {20: {"beta": 3}})
    for plan in plans:
        result = subprocess.run([sys.executable, "-c", KILLED, str(killed.folder), plan])
        assert result.returncode == -signal.SIGKILL
        assert killed.read_status() == "interrupted"
    records = list(recording.record(killed, digits))  # nobody waits: the pause that was obeyed does not come again
    assert killed.model_file.read_bytes() == whole.model_file.read_bytes()
    kinds = [kind for _, kind in events(killed.records.all()) if kind in ("paused", "resumed")]
    assert kinds == ["paused", "resumed"] * (len(kinds) // 2)
    assert records[-1]["event"] == "finished"


def test_a_change_made_while_others_are_to_come_again_holds_against_them():
    later = [{"step": 30, "control": {"beta": 4.0, "learning_rate": 1e-3}}, {"step": 40, "control": {"beta": 5.0}}]
    insert_change(later, {"step": 25, "control": {"beta": 2.0}})
    expected = [
        {"step": 25, "control": {"beta": 2.0}},
        {"step": 30, "control": {"learning_rate": 1e-3}},
    ]
    assert later == expected
    records = [{"step": 30, "event": "control", "control": {"learning_rate": 1e-3}}, {"step": 30, "total": 1.0}]
    assert logged_changes(records, later) == expected
    old = {"step": 5, "event": "control", "control": {"pause": True, "beta": None}}  # as it was once logged
    assert logged_changes([old], later) == expected


def test_what_is_asked_for_is_obeyed_before_the_next_step_and_no_wait_is_longer_than_a_moment(
    digits, tmp_path, monkeypatch
):
    run = recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)
    later = {3: {"pause": False, "steps_a_second": 0.1}, 6: {"pause": True}, 9: {"stop": True}}
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if asks := later.get(len(waits)):
            run.write_control(asks)

    monkeypatch.setattr(control.time, "sleep", sleep)
    training = recording.record(run, digits)
    asked_at = next(training)["step"]
    run.write_control({"pause": True})
    told = [(record["event"], record["step"] - asked_at) for record in training if "event" in record]
    # The first step of a slow motion is due at once.
    assert told == [("paused", 0), ("resumed", 0), ("paused", 1), ("stopped", 1)]
    assert len(waits) == 9 and max(waits) <= control.MAX_WAIT < 0.1
