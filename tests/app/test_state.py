"""A click becomes a pin, a pin a code and a URL, and the URL the same pin again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.app.standins import ODD_NAME, make_run
from ui import exploring, state
from ui.gallery import find_pairs, find_run, identity, in_pairs, pair_of, pair_titles
from ui.pictures import number
from ui.routes import pack
from ui.state import Pin
from ui.texts import literal
from vae_core.errors import RunError
from vae_core.runs import Codes, Run


def codes_of(name: str) -> Codes:
    """The codes of a stand-in."""
    run = find_run(name)
    assert run is not None
    return run.codes


@pytest.mark.parametrize("pin", [Pin((0.5, -1.25)), Pin((-0.00012346, 12.346)), Pin((0.0, 0.0))])
def test_a_place_comes_back_from_the_url_as_it_was(pin: Pin) -> None:
    assert state.pin_from_query(codes_of("small-digits-vae"), pin.query()) == pin


def test_a_click_on_empty_ground_pins_that_place() -> None:
    codes = codes_of("small-digits-vae")
    pin = state.pin_from_click(codes, {"x": 0.123456, "y": -2.0, "point": None})
    assert pin == Pin((0.12346, -2.0))
    np.testing.assert_allclose(pin.code(codes), [0.12346, -2.0])


def test_a_click_on_a_point_pins_its_exact_code() -> None:
    codes = codes_of("small-digits-ae")
    pin = state.pin_from_click(codes, {"x": 9.0, "y": 9.0, "point": 12})
    np.testing.assert_array_equal(pin.code(codes), codes.mu[12])
    assert pin.query() == {"point": "12"}
    assert state.pin_from_query(codes, pin.query()) == pin


def test_a_click_on_a_line_has_one_coordinate() -> None:
    pin = state.pin_from_click(codes_of("small-line-vae"), {"x": 0.5, "y": None, "point": None})
    assert pin == Pin((0.5,))


def test_further_dimensions_stay_at_their_mean() -> None:
    codes = codes_of("small-ten-vae")
    code = Pin((1.0, 2.0)).code(codes)
    np.testing.assert_allclose(code[:2], [1, 2])
    np.testing.assert_allclose(code[2:], codes.mu.mean(0)[2:], rtol=1e-6)


def test_the_view_of_a_point_leaves_itself_out_of_its_neighbours() -> None:
    run = find_run("small-digits-vae")
    *_, view = exploring.look_at(run, state.pin_at_point(run.codes, 5))
    assert len(view.neighbours) == exploring.NEIGHBOUR_COUNT
    assert all(neighbour.distance > 0 for neighbour in view.neighbours)
    distances = [neighbour.distance for neighbour in view.neighbours]
    assert distances == sorted(distances)


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
    monkeypatch.setattr("ui.gallery.list_runs", lambda *_: [run])
    monkeypatch.setattr(Run, "is_trained", True)
    shutil.rmtree(run.folder)
    assert find_pairs() == []
    with pytest.raises(RunError, match="gone"):
        identity(run)


def test_the_picture_comes_before_a_data_set_that_has_yet_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.decoding._read", set())
    run = find_run("small-digits-vae")
    pin = state.pin_at_point(run.codes, 5)
    first, second = exploring.look_at(run, pin)
    assert first.original is None and first.no_originals is None
    assert second.original is not None
    assert len(list(exploring.look_at(run, pin))) == 1


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
