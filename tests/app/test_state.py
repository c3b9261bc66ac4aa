"""A click becomes a pin, a pin a code and a URL, and the URL the same pin again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from halfmoon import address
from halfmoon.address import View
from halfmoon.parts.html import number
from halfmoon.parts.titles import find_pairs, identity, in_pairs, pair_of, pair_titles
from halfmoon.plane import answer as looking
from halfmoon.plane import planes
from halfmoon.routes import pack
from halfmoon.texts import literal
from tests.app.standins import ODD_NAME, make_run
from vae_core.errors import RunError
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run


def run_of(name: str) -> Run:
    """A stand-in."""
    run = find_run(name)
    assert run is not None
    return run


VIEWS = [
    View("small-digits-vae", (0.5, -1.25), layers=("rings",)),
    View("small-digits-vae", (-0.00012346, 12.346), pins=((0.0, 1.0), (2.5, -1e-5)), layers=("density", "manifold")),
    View("small-digits-vae", (0.0, 0.0), layers=()),
    View("small-digits-vae", (0.0, 0.0), layers=("round_trip", "rings")),
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_comes_back_from_the_url_as_it_was(view: View) -> None:
    assert address.view_from_query(run_of(view.run), view.query()) == view


def test_a_point_comes_back_from_the_url_with_its_exact_code() -> None:
    run = run_of("small-digits-ae")
    view = address.view_from_query(run, {"point": "12"})
    np.testing.assert_array_equal(view.code, run.codes.mu[12])
    assert view.query() == {"run": "small-digits-ae", "point": "12"}


@pytest.mark.parametrize("name, layers", [("small-digits-vae", "rings"), ("small-line-vae", "manifold")])
def test_what_is_usual_is_not_in_the_url(name: str, layers: str) -> None:
    run = run_of(name)
    assert address.first_view(run).layers == (layers,)
    assert set(address.first_view(run).query()) == {"run", "z"}


@pytest.mark.parametrize("given", ["speed,rings,round_trip", "rings,gone,round_trip,distance"])
def test_of_several_gap_maps_in_the_url_one_is_shown(given: str) -> None:
    view = address.view_from_query(run_of("small-digits-vae"), {"layers": given})
    assert view.layers == ("round_trip", "rings")


@pytest.mark.parametrize("name, usual", [("small-digits-vae", "rings"), ("small-line-vae", "manifold")])
def test_a_link_to_a_gap_map_shows_it_beneath_what_is_usual(name: str, usual: str) -> None:
    run = run_of(name)
    view = address.view_from_query(run, address.gap_view(run, "speed").query())
    assert view.layers == ("speed", usual)
    assert view.code == address.first_view(run).code


def test_planes_on_another_page_begin_with_a_gap_map_and_then_show_what_the_user_chose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = pair_of("small-digits-vae", find_pairs())
    mounted = []
    monkeypatch.setattr(planes, "planes", lambda pair, view, show_in_url: mounted.append(view))
    chosen = View("small-digits-ae", (1.0, 2.0), layers=("rings",))
    for query in ({}, {"run": "small-digits-ae"}, chosen.query(), {"layers": "rings", "z": "x"}):
        planes.gap_planes(pair, "speed", query, address.show_in_url)
    fresh, of_a_run, after_a_click, after_a_broken_link = mounted
    assert fresh == address.gap_view(pair.runs[-1], "speed")
    assert of_a_run == address.gap_view(pair.runs[0], "speed")
    assert after_a_click == chosen
    assert after_a_broken_link == fresh


def test_a_report_of_the_planes_is_the_view_with_five_digits() -> None:
    run = run_of("small-digits-vae")
    report = {"code": [0.123456, -2], "point": None, "pins": [[1, 0.1234567]] * 20, "layers": ["rings", "gone"]}
    view = address.view_from_report(run, report, axes="")
    assert (view.code, view.layers) == ((0.12346, -2.0), ("rings",))
    assert view.pins == ((1.0, 0.12346),) * address.MOST_PINS
    on_a_point = address.view_from_report(run, report | {"code": [9, 9], "point": 12}, axes="")
    np.testing.assert_array_equal(on_a_point.code, run.codes.mu[12])


def test_the_view_of_a_point_leaves_itself_out_of_its_neighbours() -> None:
    run = run_of("small-digits-vae")
    answer = looking.look_at(run, address.view_from_query(run, {"point": "5"}))
    assert len(answer.neighbours) == looking.NEIGHBOUR_COUNT
    assert all(neighbour.distance > 0 for neighbour in answer.neighbours)
    distances = [neighbour.distance for neighbour in answer.neighbours]
    assert distances == sorted(distances)


def test_the_round_trip_is_the_models_own() -> None:
    run = run_of("small-digits-ae")
    answer = looking.look_at(run, View(run.name, (1.5, -0.5)))
    model = run.load_model()
    again = model.encode(model.decode(torch.tensor([[1.5, -0.5]]))).mu[0].numpy()
    np.testing.assert_allclose(answer.round_trip.code, again, rtol=1e-3)
    step = run.codes.standardise(again) - run.codes.standardise(np.array([1.5, -0.5]))
    assert answer.round_trip.drift == pytest.approx(np.linalg.norm(step), rel=1e-3)


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


def test_twins_may_differ_in_beta_and_in_where_they_were_trained_and_in_nothing_else(tmp_path: Path) -> None:
    vae = make_run(tmp_path, "vae", "vae", beta=4, threads=1)
    assert len(in_pairs([make_run(tmp_path, "twin", "ae"), vae])) == 1
    assert len(in_pairs([make_run(tmp_path, "longer", "ae", epochs=99), vae])) == 2
    budgets = [
        make_run(tmp_path, f"{kind}-{steps}", kind, seconds=60, steps=steps) for kind, steps in (("ae", 9), ("vae", 8))
    ]
    assert len(in_pairs(budgets)) == 1  # the same seconds, which became other numbers of steps


def test_a_run_is_another_when_a_file_that_is_shown_has_changed_and_only_then(tmp_path: Path) -> None:
    run = make_run(tmp_path, "one", "vae")
    before = identity(run)
    (run.folder / "preview.npz").write_bytes(b"new")
    assert identity(run) == before
    run.model_file.write_bytes(b"other")
    assert identity(run) != before


def test_a_run_that_has_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, "gone", "vae")
    monkeypatch.setattr("halfmoon.parts.titles.list_runs", lambda *_: [run])
    monkeypatch.setattr(Run, "is_trained", True)
    shutil.rmtree(run.folder)
    assert find_pairs() == []
    with pytest.raises(RunError, match="gone"):
        identity(run)


def test_an_answer_does_not_wait_for_a_data_set_that_has_yet_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halfmoon.server.loaded._read", set())
    run = run_of("small-digits-vae")
    view = address.view_from_query(run, {"point": "5"})
    first = looking.look_at(run, view, wait=False)
    assert first.original is None and first.has_originals is None
    assert looking.look_at(run, view).original is not None
    assert looking.look_at(run, view, wait=False).has_originals


@pytest.mark.parametrize(
    "value, form, expected",
    [
        (0.3, "#.2g", "0.30"),
        (123.4, "#.2g", "120"),
        (5e-5, "#.2g", "0.000050"),
        (0, "#.2g", "0.0"),
        (123456, ".5g", "123460"),
        (-5e-5, ".5g", "−0.00005"),
        (0.5, ".5g", "0.5"),
    ],
)
def test_numbers_have_no_exponent(value: float, form: str, expected: str) -> None:
    assert number(value, form) == expected


@pytest.mark.parametrize("value", ["plain", "![x](y)", "`", "a ``` b `", "two\n\nparagraphs"])
def test_a_foreign_value_stays_within_its_code(value: str) -> None:
    shown = literal(value)
    fence = re.match("`+", shown)[0]
    inside = shown.removeprefix(f"{fence} ").removesuffix(f" {fence}")
    assert inside == " ".join(value.split())
    assert fence not in inside


def test_the_route_gives_whole_codes_their_spread_and_labels(stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-ten-vae")
    content = pack(run)
    codes = run.codes
    numbers = codes.mu.size
    np.testing.assert_array_equal(np.frombuffer(content, "<f4", numbers).reshape(codes.mu.shape), codes.mu)
    log_var = np.frombuffer(content, "<f2", numbers, offset=4 * numbers).reshape(codes.mu.shape)
    np.testing.assert_array_equal(log_var, codes.log_var.astype(np.float16))
    np.testing.assert_array_equal(np.frombuffer(content, np.uint8, offset=6 * numbers), codes.labels)
