"""Runs are shown in pairs that differ in nothing but their kind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from halfmoon.parts.pairs import alike, find_pairs, named, names_in
from halfmoon.parts.titles import pair_title, pair_titles, run_title
from halfmoon.server.run_cache import state_of
from tests.app.standins import ODD_NAME, make_run
from vae_core.comparison import Pair, in_pairs, pair_of
from vae_core.errors import RunError, needed
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run


def test_twins_are_one_pair_and_others_stand_alone() -> None:
    pairs = find_pairs()
    names = {tuple(run.name for run in pair.runs) for pair in pairs}
    assert {("small-digits-ae", "small-digits-vae"), ("small-mnist-vae",), ("small-ten-vae",)} <= names
    assert pair_of("small-digits-ae", pairs) == pair_of("small-digits-vae", pairs)
    assert pair_of("gone", pairs) is None


def test_two_of_a_kind_are_no_pair() -> None:
    run = find_run("small-digits-vae")
    assert [len(pair.runs) for pair in in_pairs([run, run])] == [1, 1]


def test_no_two_pairs_have_the_same_title() -> None:
    titles = pair_titles(find_pairs())
    assert len(set(titles.values())) == len(titles)
    assert ODD_NAME in titles[ODD_NAME]
    assert "small-ten-vae" not in titles["small-ten-vae"]


def test_what_came_with_the_app_is_called_by_its_images_and_networks() -> None:
    titles = pair_titles(find_pairs())
    assert titles["mnist-vae-2d"] == "MNIST, 2-D"  # there are equal ones of the user's
    assert titles["mnist-vae-conv-2d"] == "MNIST, with convolutions"
    assert titles["moons-ends-vae-1d"] == "Moons, new and full only, 1-D"


def test_a_pair_is_called_by_the_title_that_its_user_gave_it(tmp_path: Path) -> None:
    runs = tuple(make_run(tmp_path, f"titled-{kind}", kind) for kind in ("ae", "vae"))
    runs[0].write_about(title="Mine")
    assert pair_title(Pair(runs)) == "Mine"
    assert run_title(runs[0]) == "Mine · AE"


def test_any_two_runs_are_a_pair_where_pages_compare_and_on_others_if_they_have_a_plane_in_common() -> None:
    pairs = find_pairs()
    shipped = ("mnist-vae-2d", "mnist-vae-conv-2d")
    for names, shown in (
        (("mnist-ae-2d",), ["mnist-ae-2d", "mnist-vae-2d"]),
        (shipped, list(shipped)),
        (("mnist-vae-2d", "mnist-vae-10d"), ["mnist-ae-2d", "mnist-vae-2d"]),
        (("mnist-vae-2d", "fashion-vae-2d"), ["mnist-ae-2d", "mnist-vae-2d"]),
        (("mnist-vae-2d", "gone"), ["mnist-ae-2d", "mnist-vae-2d"]),
    ):
        assert names_in(needed(alike(names, pairs))) == shown
        if "gone" not in names and len(names) == 2:
            assert names_in(needed(named(names, pairs))) == list(names)
    assert alike(("gone", "mnist-vae-2d"), pairs) is None is named((), pairs)


def test_twins_may_differ_in_beta_and_in_where_they_were_trained_and_in_nothing_else(tmp_path: Path) -> None:
    vae = make_run(tmp_path, "vae", "vae", beta=4, threads=1)
    assert len(in_pairs([make_run(tmp_path, "twin", "ae"), vae])) == 1
    assert len(in_pairs([make_run(tmp_path, "longer", "ae", epochs=99), vae])) == 2
    budgets = [
        make_run(tmp_path, f"{kind}-{steps}", kind, seconds=60, steps=steps) for kind, steps in (("ae", 9), ("vae", 8))
    ]
    assert len(in_pairs(budgets)) == 1  # the same seconds, which became other numbers of steps


def test_a_run_that_has_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, "gone", "vae")
    monkeypatch.setattr("halfmoon.parts.pairs.list_runs", lambda *_: [run])
    monkeypatch.setattr(Run, "is_trained", True)
    shutil.rmtree(run.folder)
    assert find_pairs() == []
    with pytest.raises(RunError, match="gone"):
        state_of(run)
