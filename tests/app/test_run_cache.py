"""What is made of a run is kept until its files change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from halfmoon.server.run_cache import remembered, remembered_for_run, state_of
from tests.app.standins import COUNT, make_run
from vae_core.errors import RunError
from vae_core.runs.run import Run


def test_a_run_is_another_when_a_file_that_is_shown_has_changed_and_only_then(tmp_path: Path) -> None:
    run = make_run(tmp_path, "one", "vae")
    before = state_of(run)
    (run.folder / "preview.npz").write_bytes(b"new")
    assert state_of(run) == before
    run.model_file.write_bytes(b"other")
    assert state_of(run) != before


def test_what_is_made_of_a_run_is_made_once_until_its_files_change(tmp_path: Path) -> None:
    run, given = make_run(tmp_path, "one", "vae"), []

    @remembered_for_run(maxsize=8)
    def make(run: Run, factor: int) -> int:
        given.append(run)
        return factor * len(run.codes.mu)

    assert [make(Run.open(run.folder), 2), make(run, 2), make(run, factor=3)] == [2 * COUNT, 2 * COUNT, 3 * COUNT]
    assert given == [remembered(run)] * 2
    assert given[0] is given[1] is remembered(run)  # whose codes are read once
    run.model_file.write_bytes(b"other")
    assert make(run, 2) == 2 * COUNT
    assert given[2] is remembered(run) is not given[0]


def test_of_a_run_that_has_gone_nothing_is_made(tmp_path: Path) -> None:
    run = make_run(tmp_path, "gone", "vae")
    make = remembered_for_run(maxsize=8)(lambda run: run.name)
    assert make(run) == "gone"
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match="gone"):
        make(run)
