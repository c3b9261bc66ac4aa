"""A click becomes a pin, a pin a code and a URL, and the URL the same pin again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ui import exploring, state
from ui.gallery import find_pairs, find_run, in_pairs, pair_of
from ui.routes import pack
from ui.state import Pin
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
    view = exploring.look_at(run, state.pin_at_point(run.codes, 5))
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


def test_the_route_gives_coordinates_and_labels(stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-ten-vae")
    content = pack(run)
    count = len(run.codes.mu)
    np.testing.assert_array_equal(np.frombuffer(content, "<f4", 2 * count).reshape(-1, 2), run.codes.mu[:, :2])
    np.testing.assert_array_equal(np.frombuffer(content, np.uint8, offset=8 * count), run.codes.labels)
