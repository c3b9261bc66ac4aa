"""A run's folder: what training writes, and that a run killed at any moment ends as an undisturbed one."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core import small
from tests.core.small import MODEL
from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.errors import DivergedError, RunError
from vae_core.files import read_arrays
from vae_core.models import auto_encoders, weight_files
from vae_core.runs import snapshots
from vae_core.runs.run import Run
from vae_core.training import recorder, recording
from vae_core.training.preview import preview

TRAINING = small.TRAINING.replace(steps=160)


@pytest.fixture(scope="module")
def undisturbed(digits, tmp_path_factory) -> Run:
    run = recording.create_run(tmp_path_factory.mktemp("runs") / "whole", MODEL, TRAINING, digits)
    records = list(recording.record(run, digits))
    assert records[-1]["event"] == "finished"
    return run


def assert_same_weights(run: Run, other: Run) -> None:
    assert run.model_file.read_bytes() == other.model_file.read_bytes()
    ours, theirs = (weight_files.load_state(one.state_file)[0] for one in (run, other))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def losses_of(run: Run, *splits: str) -> list[tuple]:
    records, _ = run.records.read()
    wanted = splits or ("training", "validation")
    return [(record["step"], record["split"], record["total"]) for record in records if record.get("split") in wanted]


def test_the_folder_holds_what_a_reader_expects(undisturbed, digits):
    assert {path.name for path in undisturbed.folder.iterdir()} == {
        *("config.json", "records.jsonl", "preview.npz", "snapshots", "state", "model.safetensors", "codes.npz"),
        "about.json",
    }
    records, _ = undisturbed.records.read()
    assert undisturbed.records.last() == records[-1]
    assert {record.get("split") for record in records} == {"training", "validation", None}
    assert [step for step, split, _ in losses_of(undisturbed) if split == "training"] == list(range(5, 161, 5))
    assert [step for step, split, _ in losses_of(undisturbed) if split == "validation"] == list(range(10, 161, 10))
    shown = read_arrays(undisturbed.preview_file, ())
    assert shown["codes"].shape == (len(digits.splits["validation"]), 2)
    assert shown["samples"].shape == (25, 1, 8, 8)
    assert shown["sigma"].shape == shown["kl"].shape == (2,)
    codes = undisturbed.codes
    assert codes.mu.shape == codes.log_var.shape == (360, 2)
    np.testing.assert_array_equal(codes.labels, digits.split("test")[1])
    with torch.inference_mode():
        expected = undisturbed.load_model().encode(datasets.to_floats(digits.split("test")[0])).mu
    np.testing.assert_allclose(codes.mu, expected, atol=1e-5)


def test_the_best_weights_are_kept(undisturbed, digits):
    from vae_core.training.loop import validate

    best = min(total for _, split, total in losses_of(undisturbed) if split == "validation")
    terms = validate(undisturbed.load_model(), digits.split("validation")[0], {"beta": 1.0})
    assert terms["total"] == pytest.approx(best, rel=1e-6)


KILLED = """
import os, signal, sys
from pathlib import Path
from vae_core.data import datasets
from vae_core.models import auto_encoders
from vae_core.runs.run import Run
from vae_core.training import recorder, recording

run, what, at = Run.open(sys.argv[1]), sys.argv[2], int(sys.argv[3])
recorder.SECONDS_BETWEEN_STATES = recorder.SECONDS_BETWEEN_PREVIEWS = 0.05
recorder.WATCHED_SHARE = 0.5
calls = 0

def dies(call, first=lambda *arguments: None):
    def wrapped(*arguments, **options):
        global calls
        calls += 1
        if calls == at:
            first(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return wrapped

write = Path.write_bytes
if what == "write":
    Path.write_bytes = dies(write, lambda path, content: write(path, content[: len(content) // 2]))
elif what == "rename":
    os.replace = dies(os.replace)
elif what == "renamed":
    os.replace = dies(os.replace, os.replace)
else:
    auto_encoders.AutoEncoder.training_step = dies(auto_encoders.AutoEncoder.training_step)
for record in recording.record(run, datasets.load(run.config.training.data)):
    pass
"""


def kill(run: Run, what: str, at: int) -> None:
    result = subprocess.run([sys.executable, "-c", KILLED, str(run.folder), what, str(at)], cwd=Path.cwd())
    assert result.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("kills", [[("write", 9), ("step", 97)], [("rename", 6), ("renamed", 7)]])
def test_a_run_killed_and_resumed_ends_as_an_undisturbed_one(undisturbed, digits, tmp_path, kills):
    run = recording.create_run(tmp_path / "killed", MODEL, TRAINING, digits)
    for what, at in kills:
        kill(run, what, at)
    assert list(recording.record(run, digits))[-1]["event"] == "finished"
    assert_same_weights(run, undisturbed)
    assert losses_of(run, "validation") == losses_of(undisturbed, "validation")
    assert [loss[:2] for loss in losses_of(run)] == [loss[:2] for loss in losses_of(undisturbed)]
    assert not list(run.folder.rglob("*.partial"))


@pytest.mark.slow
def test_a_run_whose_folder_is_full_keeps_its_last_whole_state(undisturbed, digits, tmp_path):
    """A file-size limit stands in for a full disk: the system refuses the write half-way."""
    run = recording.create_run(tmp_path / "full", MODEL, TRAINING, digits)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    result = subprocess.run(
        [sys.executable, "-c", limit + KILLED, str(run.folder), "step", "9999"], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "StorageError: There is no space left to write" in result.stderr
    assert list(recording.record(run, digits))[-1]["event"] == "finished"
    assert_same_weights(run, undisturbed)


def test_an_interrupted_run_says_so_and_goes_on(undisturbed, digits, tmp_path):
    run = recording.create_run(tmp_path / "interrupted", MODEL, TRAINING, digits)
    steps_left = iter([True] * 40)
    records = list(recording.record(run, digits, lambda: next(steps_left, False)))
    assert (records[-1]["event"], records[-1]["step"]) == ("interrupted", 40)
    assert run.is_trained
    list(recording.record(run, digits))
    assert_same_weights(run, undisturbed)


def test_a_new_beta_is_obeyed_logged_and_replayed_by_a_resume(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_STATES", 1e9)

    def steer(run: Run, give_up_at: int | None = None) -> Run:
        for record in recording.record(run, digits):
            if record["step"] == 30 and record.get("split") == "training" and not run.read_control():
                run.write_control({"beta": "4", "learning_rate": 1e-3})
            if record["step"] == give_up_at:
                break
        return run

    def new(name: str) -> Run:
        return recording.create_run(tmp_path / name, MODEL, TRAINING, digits)

    whole, given_up = steer(new("whole")), steer(new("given-up"), 70)
    assert not given_up.state_file.exists()
    steer(given_up, 20)  # given up again, before the change comes again
    steer(given_up)
    assert_same_weights(given_up, whole)
    for run in (whole, given_up):
        records, _ = run.records.read()
        assert [(r["step"], r["control"]["beta"]) for r in records if r.get("event") == "control"] == [(30, 4.0)]
        assert {r["beta"] for r in records if r.get("split") == "training" and r["step"] > 30} == {4.0}


def test_a_stop_ends_the_run_and_a_nonsense_control_is_refused_in_words(digits, tmp_path):
    run = recording.create_run(tmp_path / "stopped", MODEL, TRAINING, digits)
    for record in recording.record(run, digits):
        if record["step"] == 10 and record.get("split") == "training":
            run.write_control({"beta": -1})
        if record["step"] == 15 and "split" in record:
            run.control_file.write_text("[1]")
        if record["step"] == 20 and record.get("split") == "training":
            run.write_control({"stop": True})
    assert (record["event"], record["step"]) == ("stopped", 20)
    refused = [one["message"] for one in run.records.all() if one.get("event") == "refused"]
    assert ["beta can't be -1" in refused[0], "not a JSON object" in refused[1]] == [True, True]
    assert list(recording.record(run, digits))[-1]["event"] == "finished"  # an obeyed stop does not come again


def test_a_stop_that_was_asked_for_before_the_first_step_is_obeyed(digits, tmp_path):
    run = recording.create_run(tmp_path / "stopped", MODEL, TRAINING, digits)
    run.write_control({"stop": True})
    assert list(recording.record(run, digits))[-1] | {"seconds": 0} == {"step": 0, "seconds": 0, "event": "stopped"}


def test_a_run_is_trained_by_one_process_at_a_time(digits, tmp_path):
    run = recording.create_run(tmp_path / "busy", MODEL, TRAINING, digits)
    first = recording.record(run, digits)
    next(first)
    with pytest.raises(RunError, match="is being trained already"):
        next(recording.record(run, digits))
    first.close()
    assert list(recording.record(run, digits))[-1]["event"] == "finished"


def test_a_finished_run_without_a_state_is_not_trained_over(undisturbed, digits, tmp_path):
    shutil.copytree(undisturbed.folder, tmp_path / "shipped")
    shutil.rmtree(tmp_path / "shipped" / "state")
    run = Run.open(tmp_path / "shipped")
    before = run.model_file.read_bytes()
    with pytest.raises(RunError, match="no state to go on from"):
        next(recording.record(run, digits))
    assert run.model_file.read_bytes() == before


def test_codes_of_weights_that_are_about_to_change_are_removed(digits, tmp_path):
    run = recording.create_run(tmp_path / "interrupted", MODEL, TRAINING, digits)
    steps_left = iter([True] * 40)
    list(recording.record(run, digits, lambda: next(steps_left, False)))
    assert run.is_trained
    next(recording.record(run, digits))
    assert not run.is_trained


def test_the_square_of_a_preview_s_sigma_is_the_mean_that_noise_to_signal_has(undisturbed, digits):
    model = undisturbed.load_model()
    with torch.inference_mode():
        log_var = model.encode(datasets.to_floats(digits.split("validation")[0])).log_var
    np.testing.assert_allclose(preview(model, digits, 0)["sigma"] ** 2, log_var.exp().mean(0), rtol=1e-5)


def test_a_shipped_run_keeps_events_and_both_splits(undisturbed):
    from vae_core.exports.shipping import MAX_RECORDS, _thinned

    many = [
        record | {"step": record["step"] + 1000 * turn} for turn in range(30) for record in undisturbed.records.all()
    ]
    kept = _thinned(many)
    for split in ("training", "validation"):
        assert 100 < sum(record.get("split") == split for record in kept) <= MAX_RECORDS
    assert kept[-1]["event"] == "finished"


def test_a_set_smaller_than_a_batch_is_trained_on_and_its_speed_is_that_of_its_images(tmp_path):
    two = TRAINING.replace(data=DataConfig(name="moons-phase", phases="two-images"), steps=40)
    data = datasets.load(two.data)
    records = list(recording.record(recording.create_run(tmp_path / "two", MODEL, two, data), data))
    training = [record for record in records if record.get("split") == "training"]
    assert records[-1]["event"] == "finished"
    seconds = training[-1]["seconds"] - training[0]["seconds"]
    assert sum(record["images_per_second"] for record in training) / len(training) < 20 * 2 * len(training) / seconds


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_good_weights(digits, tmp_path, monkeypatch):
    from vae_core.models.auto_encoders import VAE

    run = recording.create_run(tmp_path / "diverged", MODEL, TRAINING, digits)
    whole = VAE.loss

    def breaks(self, *arguments):
        terms = whole(self, *arguments)
        breaks.calls += torch.is_grad_enabled()
        return terms | {"total": terms["total"] * torch.nan} if breaks.calls > 70 else terms

    breaks.calls = 0
    monkeypatch.setattr(VAE, "loss", breaks)
    with pytest.raises(DivergedError, match="last good weights are kept"):
        list(recording.record(run, digits))
    assert run.records.last()["event"] == "diverged"
    assert torch.isfinite(run.load_model().decode(torch.zeros(1, 2))).all()
    assert weight_files.load_state(run.state_file)[1]["step"] == 70


def test_a_foreign_state_is_met_with_a_sentence(undisturbed, digits, tmp_path):
    run = recording.create_run(tmp_path / "foreign", MODEL, TRAINING, digits)
    weight_files.save_state({"noise": torch.zeros(3)}, {"step": 1}, run.state_file)
    with pytest.raises(RunError, match="not a state of this run"):
        next(recording.record(run, digits))
    run.state_file.write_bytes(undisturbed.state_file.read_bytes()[:1000])
    with pytest.raises(RunError, match="not a whole safetensors file"):
        next(recording.record(run, digits))


def test_snapshots_are_few_and_spaced_by_the_logarithm(tmp_path):
    model = recording.TrainingState.start(MODEL.replace(image_shape=(1, 8, 8)), TRAINING).model
    kept = []
    (tmp_path / "notes.npz").touch()
    for step in range(1, 30_000):
        if snapshots.is_due(step, kept):
            snapshots.save(tmp_path, model, {"step": np.array(step)}, step)
            kept = snapshots.steps(tmp_path)
    assert len(kept) == snapshots.MAX_SNAPSHOTS
    assert kept[0] == 1
    gaps = np.diff(np.log(kept))
    assert gaps[len(gaps) // 2 :].max() < 4 * gaps[len(gaps) // 2 :].min()
    assert len(list(tmp_path.glob("*.safetensors"))) == snapshots.MAX_SNAPSHOTS
    snapshots.remove_after(tmp_path, kept[9])
    assert snapshots.steps(tmp_path) == kept[:10]


def test_a_reader_sees_whole_records_only(undisturbed, tmp_path):
    run = recording.Run(tmp_path)
    assert run.records.read() == ([], 0)
    assert run.records.last() is None
    first, second = ({"step": step, "seconds": 0.5, "event": "resumed"} for step in (1, 2))
    lines = [json.dumps(record).encode() + b"\n" for record in (first, second)]
    run.records.path.write_bytes(b"".join(lines) + b'{"st')
    records, offset = run.records.read()
    assert (records, offset) == ([first, second], len(b"".join(lines)))
    assert run.records.last() == second
    run.records.path.write_bytes(lines[0] + b"garbage\n")
    for read in (run.records.read, run.records.last):
        with pytest.raises(RunError, match="a line that is no record"):
            read()
    run.records.path.write_bytes(lines[0])
    assert run.records.read(offset) == ([first], len(lines[0]))
    assert run.records.path.read_bytes() == lines[0]


def test_the_end_of_a_run_is_kept_as_a_snapshot(undisturbed):
    assert snapshots.steps(undisturbed.snapshots_folder)[-1] == 160
    kept = snapshots.load(undisturbed.config.model, undisturbed.snapshots_folder, 160).state_dict()
    state = weight_files.load_state(undisturbed.state_file)[0]
    assert all(torch.equal(tensor, state[f"model.{name}"].half().float()) for name, tensor in kept.items())


@pytest.mark.parametrize("leave", [shutil.rmtree, lambda folder: folder.rename(folder.with_name("elsewhere"))])
def test_a_run_that_is_moved_or_deleted_while_it_trains_ends_and_does_not_come_back(digits, tmp_path, leave):
    run = recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)
    training = recording.record(run, digits)
    next(training)
    leave(run.folder)
    with pytest.raises(RunError, match="moved or deleted"):
        list(training)
    assert not run.folder.exists()


def test_nothing_of_a_run_that_has_gone_is_written(digits, tmp_path):
    run = recording.create_run(tmp_path / "run", MODEL, TRAINING, digits)
    model = auto_encoders.build(run.config.model)
    shutil.rmtree(run.folder)
    for write in (
        lambda: run.write_control({"pause": True}),
        lambda: run.write_about(title="gone"),
        lambda: run.records.append({"step": 1}),
        lambda: weight_files.save_model(model, run.model_file),
        lambda: weight_files.save_state({}, {}, run.state_file),
        lambda: snapshots.save(run.snapshots_folder, model, {}, 1),
        lambda: run.exclusively("held").__enter__(),
    ):
        with pytest.raises(RunError, match=f"{run.folder} is no longer there: it was moved or deleted"):
            write()
    assert list(tmp_path.iterdir()) == []
