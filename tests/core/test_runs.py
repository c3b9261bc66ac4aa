"""Reading runs: broken, foreign and missing files are met with a sentence, and reading needs no torch."""

import fcntl
import resource
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from vae_core import workshop
from vae_core.codes.codes import Codes
from vae_core.configs import ModelConfig, NetworkConfig, RunConfig, TrainingConfig
from vae_core.errors import ConfigError, RunError
from vae_core.files import read_arrays, write_arrays, write_atomically
from vae_core.locks import is_locked
from vae_core.models import weight_files
from vae_core.models.auto_encoders import build
from vae_core.places import SHIPPED
from vae_core.runs.about import AboutConfig
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run
from vae_core.runs.shelf import delete_run, find_run, list_runs

SMALL = NetworkConfig(widths=(4,))
MODEL = ModelConfig(encoder=SMALL, decoder=SMALL, image_shape=(1, 4, 4))


@pytest.fixture
def run(tmp_path) -> Run:
    made = Run.create(tmp_path / "one", RunConfig(model=MODEL, training=TrainingConfig()))
    weight_files.save_model(build(MODEL), made.model_file)
    made.write_codes(codes())
    return made


def codes(latent_dim: int = 2) -> Codes:
    zeros, labels = np.zeros((3, latent_dim)), np.zeros(3, np.uint8)
    return Codes(zeros, zeros, labels, np.arange(3), np.zeros(latent_dim), np.eye(latent_dim, dtype=np.float32))


def test_a_model_comes_back_as_it_was_saved(run):
    for name, tensor in build(MODEL).state_dict().items():
        assert torch.equal(run.load_model().state_dict()[name], tensor)
    assert not any(parameter.requires_grad for parameter in run.load_model().parameters())


def test_half_precision_is_read_as_float32(run):
    weight_files.save_model(build(MODEL), run.model_file, torch.float16)
    for name, tensor in build(MODEL).state_dict().items():
        assert torch.equal(run.load_model().state_dict()[name], tensor.half().float())


def test_a_truncated_model_is_met_with_a_sentence(run):
    run.model_file.write_bytes(run.model_file.read_bytes()[:-5])
    with pytest.raises(RunError, match="not a whole safetensors file"):
        run.load_model()


def test_a_file_that_is_no_model_at_all_is_not_unpickled(run):
    torch.save(build(MODEL).state_dict(), run.model_file)
    with pytest.raises(RunError, match="not a whole safetensors file"):
        run.load_model()


@pytest.mark.parametrize("change", [{"latent_dim": 3}, {"kind": "ae"}, {"decoder": NetworkConfig(widths=(4, 4))}])
def test_another_model_s_weights_are_met_with_a_sentence(run, change):
    weight_files.save_model(build(MODEL.replace(**change)), run.model_file)
    with pytest.raises(RunError, match="weights of another model"):
        run.load_model()


def test_a_missing_model_is_met_with_a_sentence(run):
    run.model_file.unlink()
    with pytest.raises(RunError, match="has not been trained yet"):
        run.load_model()
    assert not run.is_trained


def test_a_config_with_a_missing_field_is_met_with_a_sentence(run):
    config = run.folder / "config.json"
    config.write_text(config.read_text().replace('"training"', '"trainings"'))
    with pytest.raises(RunError, match=r"config\.json is not a run's settings: The setting training is missing"):
        Run.open(run.folder)


def test_no_run_and_a_second_run_are_met_with_a_sentence(run, tmp_path):
    with pytest.raises(RunError, match="There is no run in"):
        Run.open(tmp_path / "none")
    with pytest.raises(RunError, match="has a run already"):
        Run.create(run.folder, run.config)


def test_a_folder_that_cannot_be_written_is_met_with_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"can't be written \(Not a directory\)"):
        Run.create(tmp_path / "file" / "run", RunConfig(model=MODEL, training=TrainingConfig()))


def test_codes_that_do_not_fit_and_broken_archives_are_met_with_a_sentence(run, tmp_path):
    run.write_codes(codes(latent_dim=5))
    with pytest.raises(RunError, match="does not fit the model"):
        _ = Run.open(run.folder).codes
    broken = tmp_path / "broken.npz"
    write_arrays(broken, {"z": np.zeros(3)})
    with pytest.raises(RunError, match="no array mu; it holds z"):
        read_arrays(broken, ("mu",))
    broken.write_bytes(broken.read_bytes()[:-30])
    with pytest.raises(RunError, match=r"not a whole \.npz file"):
        read_arrays(broken, ("z",))
    np.savez(broken, z=np.array([{}], dtype=object))
    with pytest.raises(RunError, match=r"not a whole \.npz file of plain arrays"):
        read_arrays(broken, ("z",))


def test_a_broken_card_is_met_with_a_sentence_and_a_missing_one_is_empty(run):
    assert run.read_card() == Card()
    card = Card({"psnr": Measure(20.5, n=3, unit="dB", interval=(20.0, 21.0)), "kl": Measure(None, reason="None.")})
    run.write_card(card)
    assert run.read_card() == card
    (run.folder / "card.json").write_text("{")
    with pytest.raises(RunError, match="not valid JSON"):
        run.read_card()


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"before")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RunError, match="no space left"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_list_passes_over_what_is_no_run(run, tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "config.json").write_text("{}")
    (tmp_path / "three").mkdir()
    shutil.copytree(run.folder, tmp_path / ".half-written.partial")
    assert [one.name for one in list_runs(tmp_path, tmp_path / "nowhere")] == ["one"]


def test_looking_at_a_run_imports_neither_torch_nor_a_user_interface(run):
    script = f"""
import sys
from vae_core.codes import geometry
from vae_core.data import datasets
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
run = Run.open({str(run.folder)!r})
run.codes, run.read_card(), run.records.read(), run.config.training.data.class_names
geometry.nearest(run.codes.mu, run.codes.mu[0], 2)
assert "torch" not in sys.modules
import vae_core.__main__, vae_core.measures.evaluation, vae_core.training.recording, vae_core.exports.shipping
print({{"streamlit", "plotly", "halfmoon", "pages"}} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("set()\n", "")


def test_what_is_said_of_a_run_is_kept_changed_and_forgotten(run):
    assert run.read_about() == AboutConfig()
    assert run.read_title() == "one"
    run.write_about(title="Eins", owner="somebody")
    run.write_about(started="2026-01-01T00:00:00+00:00")
    assert run.read_about() == AboutConfig(title="Eins", owner="somebody", started="2026-01-01T00:00:00+00:00")
    run.write_about(title=None)
    assert run.read_title() == "one"
    with pytest.raises(ConfigError, match="title can't be"):
        run.write_about(title="x" * 121)
    with pytest.raises(ConfigError, match="no setting colour"):
        run.write_about(colour="red")
    (run.folder / "about.json").write_text('{"title": 5}')
    with pytest.raises(RunError, match="can't be understood"):
        run.read_about()


@pytest.mark.parametrize(
    ("records", "expected", "under_lock"),
    [
        ([], "queued", "training"),
        ([{}], "interrupted", "training"),
        ([{"event": "paused", "paused": True}], "interrupted", "paused"),
        ([{"event": "paused", "paused": True}, {"paused": True}], "interrupted", "paused"),
        ([{"event": "paused", "paused": True}, {"event": "resumed"}], "interrupted", "training"),
        ([{}, {"event": "finished"}], "finished", "finished"),
        ([{"event": "stopped"}], "stopped", "stopped"),
        ([{"event": "interrupted"}], "interrupted", "interrupted"),
        ([{"event": "diverged"}], "diverged", "diverged"),
        ([{"event": "finished"}, {}], "interrupted", "training"),
    ],
)
def test_the_status_follows_from_the_last_record_and_the_lock(run, records, expected, under_lock):
    for record in records:
        run.records.append({"step": 1, "seconds": 0.5, "event": "resumed"} | record)
    assert run.read_status() == expected
    with run.exclusively("it is held"):
        assert run.read_status() == under_lock
    assert run.read_status() == expected


def test_a_run_can_be_resumed_where_there_is_something_to_go_on_from(run):
    assert run.can_be_resumed()
    run.records.append({"step": 3, "seconds": 0.5, "event": "resumed"})
    assert run.can_be_resumed()  # killed before its first state: it begins anew
    run.records.append({"step": 3, "seconds": 0.5, "event": "stopped"})
    assert not run.can_be_resumed()  # its state was left out when it was copied
    run.state_file.parent.mkdir()
    run.state_file.touch()
    assert run.can_be_resumed()
    run.records.append({"step": 3, "seconds": 0.5, "event": "finished"})
    assert not run.can_be_resumed()


def test_asking_whether_a_run_is_trained_hinders_nobody(run):
    """Neither somebody else who asks at the same time, nor a worker that begins meanwhile."""
    with run.exclusively("held"):
        pass
    lock = run.folder / "state" / "lock"
    asked, ended = [], threading.Event()

    def asks() -> None:
        while not ended.is_set():
            asked.append(is_locked(lock))

    threads = [threading.Thread(target=asks) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(asked) < 2000:
        pass
    ended.set()
    for thread in threads:
        thread.join()
    assert set(asked) == {False}
    with lock.open("rb") as somebody:
        fcntl.flock(somebody, fcntl.LOCK_SH)
        threading.Timer(0.05, fcntl.flock, (somebody, fcntl.LOCK_UN)).start()
        with run.exclusively("held"):
            assert is_locked(lock)


def test_a_deleted_run_is_gone_and_one_in_training_or_shipped_is_not_deleted(run, tmp_path):
    with run.exclusively("held"), pytest.raises(RunError, match="is being trained: stop it first"):
        delete_run(run)
    assert run.is_trained
    delete_run(run)
    assert [path.name for path in tmp_path.iterdir()] == [workshop.FOLDER]
    with pytest.raises(RunError, match="one of the shipped runs"):
        delete_run(Run.open(SHIPPED / "mnist-vae-2d"))
    assert Run.open(SHIPPED / "mnist-vae-2d").is_trained


def test_the_last_losses_are_those_of_validation_if_there_are_any(run):
    def losses(split: str, step: int) -> dict[str, object]:
        terms = dict.fromkeys(("total", "reconstruction", "kl", "beta"), 1.0)
        return {"step": step, "seconds": 1.0, "split": split} | terms

    records = run.records
    assert records.last_losses() is None
    records.append(losses("training", 1))
    assert records.last_losses()["step"] == 1
    for record in (losses("validation", 2), losses("training", 4)):
        records.append(record)
    records.append({"step": 4, "seconds": 1.0, "event": "finished"})
    assert records.last_losses()["step"] == 2


def test_deleting_a_link_to_a_run_leaves_the_run(run, tmp_path):
    (tmp_path / "link").symlink_to(run.folder)
    delete_run(Run.open(tmp_path / "link"))
    assert [path.name for path in tmp_path.iterdir() if path.name != workshop.FOLDER] == ["one"]
    assert run.is_trained


def test_a_run_is_found_by_its_name_and_nothing_outside_the_folders_of_runs_is(run, tmp_path, monkeypatch):
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").symlink_to(run.folder)
    assert find_run("one").folder == run.folder
    assert find_run("mnist-vae-2d").folder == SHIPPED / "mnist-vae-2d"
    for name in ("gone", "", ".", "..", ".hidden", "sub/../one", str(run.folder), "one/", "o\0ne", "x" * 300):
        assert find_run(name) is None


def test_a_model_that_is_only_promised_takes_no_memory(run):
    """Settings of a gigabyte of weights beside a file of a few: the file is refused before the model is built."""
    huge = NetworkConfig(widths=(4096,) * 8)
    with memory_below(200_000_000), pytest.raises(RunError, match="weights of another model"):
        weight_files.load_model(MODEL.replace(decoder=huge), run.model_file)


@contextmanager
def memory_below(most: int):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < most
