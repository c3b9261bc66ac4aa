"""Whoever reads a file of a run gets what can be relied on, or one sentence, whatever bytes the file holds."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import damage
from tests.core.small import MODEL, TRAINING
from vae_core import studies
from vae_core.data.datasets import ImageSet
from vae_core.errors import BrokenError, RunError, UserError
from vae_core.exports.arrays import dense_layers
from vae_core.files import parse_json, read_arrays
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs, look_through
from vae_core.training import recorder, recording
from vae_core.training.control import ControlConfig, logged_changes
from vae_core.training.loop import TrainingState, train
from vae_core.training.recorder import Recorder

quick = settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@pytest.fixture(scope="module")
def whole(digits, tmp_path_factory) -> Run:
    """A run with every file that there is, stopped before its end."""
    run = recording.create_run(tmp_path_factory.mktemp("runs") / "whole", MODEL, TRAINING, digits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "WATCHED_SHARE", 1)
        training = recording.record(run, digits)
        run.write_control({"beta": 2.0})
        while next(training)["step"] < 40:
            pass
        run.write_control({"stop": True})
        assert list(training)[-1]["event"] == "stopped"
    run.write_about(title="Nachts am Meer", owner="somebody")
    run.write_control({"beta": 2.0, "steps_a_second": 5, "pause": False})
    known = {"unit": "nats", "n": 5, "interval": (1.0, 2.0), "beside": {"floor_difference": 0.5}}
    run.write_card(Card({"kl": Measure(1.5, **known), "psnr": Measure([1, 2.5], **known)}))
    return run


def read_records(run: Run) -> None:
    records, _ = run.records.read()
    _ = run.records.last(), run.read_status(), run.can_be_resumed(), logged_changes(records, [])
    for record in records:
        json.dumps(record, allow_nan=False).encode()
        assert isinstance(record["step"], int)
        assert "split" not in record or np.isfinite(record["total"] - record["kl"])


def read_card(run: Run) -> None:
    card = run.read_card()
    for measure in card.measures.values():
        assert np.isfinite(measure.n + sum(measure.values))
    json.dumps(card.to_json(), allow_nan=False).encode()


def read_codes(run: Run) -> None:
    codes = run.codes
    assert codes.labels.dtype == codes.indices.dtype == np.int64
    assert codes.mu.shape == codes.log_var.shape == (len(codes.labels), 2)
    assert np.isfinite(codes.unstandardise(codes.standardise(codes.mu.astype(np.float32)))).all()


def resume(run: Run, digits: ImageSet) -> None:
    state = TrainingState.start(run.config.model, run.config.training)
    Recorder(run, digits, state).resume()
    if state.step < state.config.steps:
        next(train(state, digits))


def first_snapshot(run: Run) -> tuple[Path, Path]:
    return snapshots.files(run.snapshots_folder, snapshots.steps(run.snapshots_folder)[0])


READERS: dict[str, Callable[[Run], object]] = {
    "config.json": lambda run: Run.open(run.folder).check(),
    "about.json": lambda run: (run.read_about(), run.read_title().encode()),
    "card.json": read_card,
    "control.json": lambda run: ControlConfig(**run.read_control()),
    "records.jsonl": read_records,
    "codes.npz": read_codes,
    "preview.npz": lambda run: snapshots.read_preview(run.config, run.preview_file),
    "model.safetensors": lambda run: (dense_layers(run), run.load_model()),
}


@pytest.mark.parametrize("name", READERS)
def test_no_reader_of_a_damaged_file_raises_but_what_is_for_people(whole: Run, tmp_path: Path, name: str) -> None:
    run = Run.open(shutil.copytree(whole.folder, tmp_path / "run"))
    content = (run.folder / name).read_bytes()
    READERS[name](run)

    @quick
    @given(damage.damaged(content, name))
    def reads(damaged: bytes) -> None:
        (run.folder / name).write_bytes(damaged)
        try:
            READERS[name](Run(run.folder))
        except UserError as error:
            sentence = str(error)
            assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 600
            sentence.encode()

    reads()


@settings(quick, max_examples=60)
@given(st.data())
def test_a_resume_from_a_damaged_state_goes_on_or_says_why_not(
    whole: Run, digits: ImageSet, data: st.DataObject
) -> None:
    run = Run(whole.folder.with_name("resumed"))
    shutil.rmtree(run.folder, ignore_errors=True)
    shutil.copytree(whole.folder, run.folder)
    run.state_file.write_bytes(data.draw(damage.damaged(whole.state_file.read_bytes(), "state.safetensors")))
    try:
        resume(run, digits)
    except UserError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("name", [*READERS, "state/state.safetensors", "snapshots"])
@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)], ids=["folder", "pipe", "loop"]
)
def test_what_is_no_file_is_neither_read_nor_waited_for(
    whole: Run, digits: ImageSet, tmp_path: Path, name: str, make: Callable[[Path], object]
) -> None:
    run = Run(Path(shutil.copytree(whole.folder, tmp_path / "run")))
    kept = run.folder / name
    kept.rename(tmp_path / "kept")
    make(kept)
    for read in (*READERS.values(), lambda run: resume(run, digits), lambda run: first_snapshot(run)):
        try:
            read(Run(run.folder))
        except (UserError, IndexError, TypeError) as error:  # the latter two where this test asks for what isn't there
            assert isinstance(error, UserError) or name in ("snapshots", "card.json", "codes.npz")


@pytest.mark.parametrize(
    "text",
    [
        *(b'{"a": 1e999}', b'{"a": [NaN]}', b"9" * 19, b'"\\ud800"', b'{"\\udfff": 1}', b"\xff", b"", b"{} {}"),
        *(b"[" * 33 + b"]" * 33, b"[" * 100_000, b'"\xed\xa0\x80"'),
    ],
)
def test_json_that_not_everybody_can_hold_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_json_comes_back_as_it_was_written_whatever_its_marks() -> None:
    content = {"a": [1, -2.5, None, True, "ß夜🌒"], "b": {"c": 10**17}}
    text = json.dumps(content, ensure_ascii=False).encode()
    assert parse_json(text) == parse_json(b"\xef\xbb\xbf" + text) == parse_json(json.dumps(content).encode()) == content
    assert parse_json(b'{"a": [NaN, {"b": -1e999}], "c": Infinity}', gaps=True) == {"a": [None, {"b": None}], "c": None}


def test_arrays_have_a_type_that_everybody_takes(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    np.savez(path, swapped=np.array([1.5, 2], ">f4"), names=np.array(["a"]), count=np.array([3], np.uint8))
    arrays = read_arrays(path, ("swapped",))
    assert arrays["swapped"].dtype == np.float32 and arrays["swapped"].tolist() == [1.5, 2]
    for odd in (
        np.zeros(2, np.longdouble),
        np.zeros(2, complex),
        np.zeros(2, [("a", "f4")]),
        np.array(["2026"], "M8[D]"),
    ):
        np.savez(path, z=odd)
        with pytest.raises(RunError, match=r"not a whole \.npz file of plain arrays"):
            read_arrays(path, ("z",))


def test_each_kind_of_damage_is_met_where_a_list_looks_and_no_whole_run_is_called_damaged(
    whole: Run, tmp_path: Path
) -> None:
    harmless = {
        "control-list",
        "control-foreign",
        "preview-garbage",
        "snapshots-file",
        "state-garbage",
        "config-no-steps",
    }
    harmless |= {"model-foreign", "model-nan", "card-several"}  # what is in weights is found when they are read
    source = tmp_path / "source"
    shutil.copytree(whole.folder, source, ignore=shutil.ignore_patterns("state", "control.json", "snapshots"))
    folder = tmp_path / "damaged"
    folder.mkdir()
    names = damage.damage_copies(source, folder)
    found = {}
    for run in look_through(folder):
        try:
            run.check()
            found[run.name] = None
        except UserError as error:
            found[run.name] = str(error)
    assert len(found) == len(names) + 1 > 50
    assert {name for name, reason in found.items() if reason is None} == harmless
    listed = {run.name for run in list_runs(folder)}
    assert listed == {name for name in names if not name.startswith("config-")} | {
        *("config-other-data", "config-other-shape", "config-other-kind", "config-no-steps")
    }


@pytest.mark.slow
def test_a_run_begun_with_another_kind_of_device_goes_on_with_noise_of_its_own_and_says_so(
    whole: Run, digits: ImageSet, tmp_path: Path
) -> None:
    run = Run.open(shutil.copytree(whole.folder, tmp_path / "run"))
    tensors, numbers = weight_files.load_state(run.state_file)
    tensors["noise"] = torch.arange(16, dtype=torch.uint8)  # a seed and an offset are all that CUDA's has
    weight_files.save_state(tensors, numbers, run.state_file)
    first, *_, last = recording.record(run, digits)
    assert (first["event"], first["step"]) == ("reseeded", 40)
    assert "another kind of device" in first["message"]
    assert (last["event"], last["step"]) == ("finished", 60)
    states = [TrainingState.start(run.config.model, run.config.training) for _ in range(2)]
    assert [state.restore(tensors, numbers) for state in states] == [False, False]
    noise, same = (state.noise.get_state() for state in states)
    assert torch.equal(noise, same)
    assert not torch.equal(noise, TrainingState.start(run.config.model, run.config.training).noise.get_state())


def test_a_study_is_read_only_where_its_card_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(studies.STUDIES, tmp_path / "studies")
    monkeypatch.setattr(studies, "STUDIES", tmp_path / "studies")
    assert studies.sizes()
    path = next(path for path in studies.STUDIES.glob("mnist-ae-2d*images500.json"))
    content = json.loads(path.read_text())
    del content["card"]["measures"]["psnr"]
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match="is not a run of a study"):
        studies.sizes()


def test_a_card_that_is_none_is_a_broken_file_and_not_a_run_in_use(whole: Run, tmp_path: Path) -> None:
    shutil.copytree(whole.folder, tmp_path / "run")
    (tmp_path / "run" / "card.json").write_text('{"measures": {"kl": 1}}')
    with pytest.raises(BrokenError, match="is not a card of measures"):
        Run.open(tmp_path / "run").read_card()
