"""Runs that begin where others were, and runs that are trained further: both repeat, and survive a kill."""

import pytest
import torch

from tests.core.small import MODEL, TRAINING
from vae_core.configs import DataConfig, Extension, RunConfig
from vae_core.data import datasets
from vae_core.errors import ConfigError, RunError
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.run import Run
from vae_core.training import recorder, recording
from vae_core.training.loop import learning_rate_factor


@pytest.fixture(scope="module")
def source(digits, tmp_path_factory) -> Run:
    run = recording.create_run(tmp_path_factory.mktemp("runs") / "source", MODEL, TRAINING, digits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "WATCHED_SHARE", 1)
        return trained(run, digits)


def trained(run: Run, digits, until: int | None = None) -> Run:
    """The run, trained to its end, or dropped without a word after `until` steps."""
    for record in recording.record(run, digits):
        if record["step"] == until:
            break
    return run


def branched(source: Run, folder, digits, **changes) -> Run:
    return recording.branch_run(folder, source, snapshots.steps(source.snapshots_folder)[3], changes, digits)


def test_a_branch_begins_with_the_weights_of_the_snapshot_and_the_source_s_settings(source, digits, tmp_path):
    step = snapshots.steps(source.snapshots_folder)[3]
    run = branched(source, tmp_path / "branch", digits, beta=4.0)
    begun_with, snapshot = (
        weight_files.read_tensors(snapshots.files(one.snapshots_folder, at)[1])
        for one, at in ((run, 0), (source, step))
    )
    assert all(torch.equal(begun_with[name], snapshot[name]) for name in snapshot)
    assert Run.open(run.folder).config.branched_from.model_dump() == {"run": "source", "step": step}
    assert run.config.model == source.config.model
    assert run.config.training == source.config.training.replace(beta=4.0)
    assert run.read_status() == "queued"
    trained(run, digits)
    assert run.read_status() == "finished"
    assert snapshots.steps(run.snapshots_folder)[:2] == [0, 1]
    first = next(one for one in run.records.all() if one["split"] == "training")
    scratch = next(one for one in source.records.all() if one["split"] == "training")
    assert first["reconstruction"] < scratch["reconstruction"]


def test_a_branch_repeats_also_after_a_kill_and_when_its_source_is_gone(source, digits, tmp_path):
    first, second = (branched(source, tmp_path / name, digits) for name in ("first", "second"))
    trained(first, digits)
    trained(second, digits, until=10)
    assert not second.state_file.exists()
    trained(second, digits, until=20)
    trained(second, digits)
    again = trained(recording.branch_run(tmp_path / "again", first, 0, first.config.training, digits), digits)
    assert first.model_file.read_bytes() == second.model_file.read_bytes() == again.model_file.read_bytes()
    assert first.model_file.read_bytes() != source.model_file.read_bytes()


def test_a_branch_from_nowhere_or_onto_a_run_or_other_images_is_met_with_a_sentence(source, digits, tmp_path):
    with pytest.raises(RunError, match=r"no snapshot of step 59 .*; it has those of 1, "):
        recording.branch_run(tmp_path / "branch", source, 59, {}, digits)
    with pytest.raises(RunError, match="has a run already"):
        branched(source, source.folder, digits)
    moons = datasets.load(DataConfig(name="moons-phase", phases="two-images"))
    with pytest.raises(ConfigError, match="has images of"):
        branched(source, tmp_path / "branch", moons)
    assert not (tmp_path / "branch").exists()
    run = branched(source, tmp_path / "lost", digits)
    for path in snapshots.files(run.snapshots_folder, 0):
        path.unlink()
    with pytest.raises(RunError, match="no snapshot of step 0"):
        trained(run, digits)


def test_snapshots_are_thinned_though_one_is_at_step_0(source, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "MAX_SNAPSHOTS", 6)
    monkeypatch.setattr(recorder, "WATCHED_SHARE", 1)
    run = trained(branched(source, tmp_path / "branch", digits), digits)
    kept = snapshots.steps(run.snapshots_folder)
    assert (len(kept), kept[0], kept[-1]) == (6, 0, 60)


def test_changed_settings_keep_what_is_not_named_and_a_new_length_replaces_the_old():
    extended = TRAINING.replace(seconds=5.0, extensions=[{"from_step": 40, "learning_rate": 1e-4}])
    assert extended.changed(beta=2.0) == extended.replace(beta=2.0, extensions=())
    assert extended.changed(epochs=3) == TRAINING.replace(epochs=3, steps=None)
    assert extended.changed(seconds=3.0) == TRAINING.replace(seconds=3.0, steps=None)
    assert extended.changed(data={"training_count": 100}).data == DataConfig(name="digits", training_count=100)


def test_a_run_trained_further_goes_on_at_a_constant_rate_and_repeats_from_its_settings(digits, tmp_path):
    run, killed = (recording.create_run(tmp_path / name, MODEL, TRAINING, digits) for name in ("run", "killed"))
    for one in (run, killed):
        trained(one, digits)
        longer = recording.extend_run(one, 40)
        assert (longer.read_status(), longer.config.training.steps) == ("finished", 100)
    run, killed = (Run.open(one.folder) for one in (run, killed))
    trained(run, digits)
    trained(killed, digits, until=85)
    trained(killed, digits)
    records = run.records.all()
    assert {one["learning_rate"] for one in records if "split" in one and one["step"] > 60} == {5e-4}
    assert [one["step"] for one in records if "event" in one] == [100]
    assert Run.open(run.folder).config.training.extensions == (Extension(from_step=60, learning_rate=5e-4),)
    from_scratch = trained(Run.create(tmp_path / "again", run.config), digits)
    assert run.model_file.read_bytes() == killed.model_file.read_bytes() == from_scratch.model_file.read_bytes()

    run = recording.extend_run(run, 10, learning_rate=1e-4)
    trained(run, digits)
    assert run.records.all()[-2]["learning_rate"] == 1e-4
    assert run.records.last()["step"] == 110


def test_killed_between_state_and_settings_a_run_is_as_finished_as_it_was(source, digits, tmp_path, monkeypatch):
    run = trained(recording.create_run(tmp_path / "run", MODEL, TRAINING, digits), digits)
    with monkeypatch.context() as patch:
        patch.setattr(Run, "write_config", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            recording.extend_run(run, 40)
    assert (Run.open(run.folder).config.training.steps, run.read_status()) == (60, "finished")
    run = recording.extend_run(run, 40)
    other = trained(recording.create_run(tmp_path / "other", MODEL, TRAINING, digits), digits)
    other = recording.extend_run(other, 40)
    assert trained(run, digits).model_file.read_bytes() == trained(other, digits).model_file.read_bytes()


def test_only_a_finished_run_with_its_state_is_trained_further(source, digits, tmp_path):
    run = recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)
    with pytest.raises(RunError, match="is not finished"):
        recording.extend_run(run, 40)
    trained(run, digits)
    run.state_file.unlink()
    with pytest.raises(RunError, match="no state to go on from"):
        recording.extend_run(run, 40)
    assert run.config.training == TRAINING.replace(precision=run.config.training.precision)


def test_the_schedule_is_over_where_an_extension_begins():
    longer = TRAINING.replace(steps=100, extensions=[{"from_step": 60, "learning_rate": 1e-4}])
    factors = [learning_rate_factor(longer, step) for step in range(100)]
    assert factors[:60] == [learning_rate_factor(TRAINING, step) for step in range(60)]
    assert set(factors[60:]) == {1.0}


@pytest.mark.parametrize("starts", [(60, 60), (70, 60), (100,), (120,)])
def test_extensions_out_of_order_are_an_error(starts):
    extensions = [{"from_step": start, "learning_rate": 1e-4} for start in starts]
    with pytest.raises(ConfigError, match="one after the other"):
        TRAINING.replace(steps=100, extensions=extensions)


def test_settings_from_before_these_are_read():
    old = RunConfig(model=MODEL, training=TRAINING).model_dump()
    del old["branched_from"], old["training"]["extensions"]
    assert RunConfig(**old).branched_from is None


def test_a_killed_run_is_made_ready_to_be_looked_at(digits, tmp_path):
    run = trained(recording.create_run(tmp_path / "run", MODEL, TRAINING, digits), digits, until=20)
    assert not run.is_trained
    recording.make_ready(run, digits)
    assert run.is_trained
    assert run.codes.mu.shape == (360, 2)
    assert run.records.last()["step"] == 20


def test_a_run_killed_before_its_first_validation_is_shown_as_its_newest_snapshot_was(digits, tmp_path):
    run = trained(recording.create_run(tmp_path / "run", MODEL, TRAINING, digits), digits, until=20)
    run.model_file.unlink(missing_ok=True)
    recording.make_ready(run, digits)
    kept = snapshots.load(run.config.model, run.snapshots_folder, snapshots.steps(run.snapshots_folder)[-1])
    assert run.is_trained
    for shown, own in zip(run.load_model().parameters(), kept.parameters(), strict=True):
        assert torch.equal(shown, own)


def test_without_any_weights_there_is_nothing_to_look_at(digits, tmp_path):
    run = recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)
    with pytest.raises(RunError, match=r"model\.safetensors"):
        recording.make_ready(run, digits)
    assert not run.is_trained
