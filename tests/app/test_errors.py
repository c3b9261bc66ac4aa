"""What is said where something fails names no folder of the machine, and an error that nobody expected is not told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from halfmoon.texts.sentences import told
from tests.app.asking import ask, assert_refused
from tests.app.standins import make_run
from vae_core.errors import RunError
from vae_core.places import ROOT, SHIPPED


@pytest.fixture
def user_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "runs"


def test_files_are_called_as_they_are_seen_from_the_folders_that_people_know(user_runs: Path, tmp_path: Path) -> None:
    assert told(RunError(f"{user_runs}/mine/codes.npz can't be read.")) == "mine/codes.npz can't be read."
    assert told(f"Nothing is in {user_runs}.") == "Nothing is in runs."
    assert told(f"{tmp_path}/data/MNIST/raw is empty.") == "VAE_DATA_DIR/MNIST/raw is empty."
    assert told(f"{SHIPPED}/mnist-vae-2d and {ROOT}/halfmoon") == "mnist-vae-2d and halfmoon"
    assert told(f"{tempfile.gettempdir()}/x and {Path.home()}/y") == "x and ~/y"
    assert told("1/2 of and/or, http://a/b") == "1/2 of and/or, http://a/b"


def test_a_home_at_the_root_of_all_takes_no_slash_away(user_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert told("and/or") == "and/or"


@pytest.mark.parametrize("file", ["codes.npz", "model.safetensors"])
def test_a_broken_file_is_named_by_its_run_alone(file: str, user_runs: Path) -> None:
    run = make_run(user_runs, "mine", "vae")
    (run.folder / file).write_bytes(b"broken")
    answer = ask("codes/mine" if file == "codes.npz" else "decoder/mine")
    assert_refused(answer, 422, f"mine/{file} is not a whole")
    assert str(user_runs) not in answer.body.decode()


def test_an_error_that_nobody_expected_is_a_sentence_of_ours_and_a_mistake_its_own() -> None:
    def script() -> None:
        from halfmoon.parts.errors import show_error
        from vae_core.errors import RunError

        show_error(ZeroDivisionError("secret of /home/me"))
        show_error(RunError("There is no such run."))

    first, second = AppTest.from_function(script).run().error
    assert first.value.startswith("Something unexpected went wrong")
    assert "There is no such run." in second.value
