"""What was in force in a training at a step, and that a branch begins with it."""

import pytest

from tests.core.small import MODEL, TRAINING
from vae_core.configs import Extension
from vae_core.errors import RunError
from vae_core.runs import snapshots
from vae_core.runs.run import Run
from vae_core.training import in_force, recording


@pytest.fixture
def run(digits, tmp_path) -> Run:
    return recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)


def log(run: Run, **changes: list[tuple[int, float]]) -> None:
    """The run has records of these changes, (step, value), among others."""
    for name, steps in changes.items():
        for step, value in steps:
            run.records.append({"step": step, "split": "training", "beta": value, "control": None})
            run.records.append({"step": step, "event": "control", "control": {name: value}})
    run.records.append({"step": 99, "event": "finished"})


def test_at_each_step_that_is_in_force_which_was_changed_last(run):
    log(run, beta=[(20, 20.0), (40, 0.5)], learning_rate=[(30, 1e-5)])
    found = [in_force.training_at(run, step) for step in (0, 19, 20, 39, 40, 1000)]
    assert [training.beta for training in found] == [TRAINING.beta, TRAINING.beta, 20, 20, 0.5, 0.5]
    assert [training.learning_rate for training in found] == [TRAINING.learning_rate] * 3 + [1e-5] * 3
    assert found[0] == run.config.training


def test_what_was_trained_further_has_the_learning_rate_that_it_was_given(run):
    log(run, learning_rate=[(5, 1e-3), (12, 1e-4)])
    extensions = [Extension(from_step=10, learning_rate=2e-5).model_dump()]
    training = run.config.training.replace(steps=20, extensions=extensions)
    run.write_config(run.config.replace(training=training.model_dump()))
    run = Run.open(run.folder)
    assert [in_force.training_at(run, step).learning_rate for step in (9, 10, 12)] == [1e-3, 2e-5, 1e-4]


def test_without_records_that_is_in_force_which_the_run_begins_with(run):
    assert in_force.training_at(run, 10) == run.config.training


@pytest.mark.parametrize(
    "record", ['{"event": "control"}', '{"event": "control", "control": {"beta": -1}}', '["control"]', '"control"x']
)
def test_records_that_can_t_be_understood_are_one_sentence(run, record):
    run.records.path.write_text(record + "\n")
    with pytest.raises(RunError, match="What was changed in run"):
        in_force.training_at(run, 10)


def test_a_branch_begins_with_what_was_in_force_at_its_step_but_for_what_is_asked_for(run, digits, tmp_path):
    for record in recording.record(run, digits):
        if record["step"] == 10 and not record.get("event"):
            run.write_control({"beta": 20.0})
    assert 10 <= in_force.changes(run)[-1].step < run.config.training.steps
    first, *_, last = snapshots.steps(run.snapshots_folder)
    for step, beta in ((first, TRAINING.beta), (last, 20.0)):
        branch = recording.branch_run(tmp_path / f"branch-{step}", run, step, {"seed": 5}, digits)
        assert (branch.config.training.beta, branch.config.training.seed) == (beta, 5)
    asked = recording.branch_run(tmp_path / "asked", run, last, {"beta": 3.0}, digits)
    assert asked.config.training.beta == 3
