"""A click becomes a pin, a pin a code and a URL, and the URL the same pin again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from halfmoon.parts.packed import packed
from halfmoon.parts.pairs import find_pairs
from halfmoon.plane import planes
from halfmoon.plane.routes import pack
from halfmoon.plane.view import MAX_PINS, View, first_view, gap_view
from halfmoon.texts import literal
from vae_core.comparison import pair_of
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
    View("small-digits-vae", (0.0, 0.0), layers=("rings",), zooms=((-1.25, 0.0001, -3.0, 1234.5), "prior")),
    View("small-digits-vae", (0.0, 0.0), layers=("rings",), zooms=(None, "all")),
    View("small-digits-vae", (0.0, 0.0), layers=("rings",), hide=(1, 4), lasso=(0.0, -1.25, 0.1, 2.0, -3.0, 4.0, 5.0)),
    View("small-line-vae", (0.0,), layers=("manifold",), zooms=((0.123456789, 0.123456999),)),
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_comes_back_from_the_url_as_it_was(view: View) -> None:
    assert View.from_query(view.query(), run_of(view.run)) == view


def test_a_point_comes_back_from_the_url_with_its_exact_code() -> None:
    run = run_of("small-digits-ae")
    view = View.from_query({"point": "12"}, run)
    np.testing.assert_array_equal(view.code, run.codes.mu[12])
    assert view.query() == {"run": "small-digits-ae", "point": "12"}


def test_a_drawing_comes_back_from_the_url_where_each_model_encodes_it() -> None:
    drawing = np.random.default_rng(2).integers(0, 256, (1, 1, 8, 8), np.uint8)
    image = packed(drawing.tobytes())
    for name in ("small-digits-ae", "small-digits-vae"):
        run = run_of(name)
        view = View.from_query({"image": image, "pins": f"0,1;image:{image}"}, run)
        with torch.inference_mode():
            mu = run.load_model().encode(torch.from_numpy(drawing) / 255).mu[0].numpy()
        np.testing.assert_allclose(view.code, mu, rtol=1e-4, atol=1e-5)
        assert (view.image, view.point, view.pins) == (image, None, ((0.0, 1.0), image))
        assert View.from_query(view.query(), run) == view
        assert "z" not in view.query()


@pytest.mark.parametrize("image", ["x", "AAAA", packed(bytes(63)), packed(bytes(65)), packed(bytes(64))[:-8]])
@pytest.mark.parametrize("query", ["image", "pins"])
def test_what_is_no_drawing_in_a_link_is_not_taken_for_one(query: str, image: str) -> None:
    with pytest.raises(ValueError):
        View.from_query({query: image if query == "image" else f"image:{image}"}, run_of("small-digits-vae"))


@pytest.mark.parametrize("query", [{"hide": "x"}, {"hide": "-1"}, {"lasso": "0,1,2"}, {"lasso": "5,1,2,3,4,5,6"}])
def test_what_is_no_class_and_no_outline_in_a_link_is_not_taken_for_one(query: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        View.from_query(query, run_of("small-digits-vae"))


@pytest.mark.parametrize("name, layers", [("small-digits-vae", "rings"), ("small-line-vae", "manifold")])
def test_what_is_usual_is_not_in_the_url(name: str, layers: str) -> None:
    run = run_of(name)
    assert first_view(run).layers == (layers,)
    assert set(first_view(run).query()) == {"run", "z"}


@pytest.mark.parametrize("given", ["speed,rings,round_trip", "rings,gone,round_trip,distance"])
def test_of_several_gap_maps_in_the_url_one_is_shown(given: str) -> None:
    view = View.from_query({"layers": given}, run_of("small-digits-vae"))
    assert view.layers == ("round_trip", "rings")


@pytest.mark.parametrize("name, usual", [("small-digits-vae", "rings"), ("small-line-vae", "manifold")])
def test_a_link_to_a_gap_map_shows_it_beneath_what_is_usual(name: str, usual: str) -> None:
    run = run_of(name)
    view = View.from_query(gap_view(run, "speed").query(), run)
    assert view.layers == ("speed", usual)
    assert view.code == first_view(run).code


def test_planes_on_another_page_begin_with_a_gap_map_and_then_show_what_the_user_chose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = pair_of("small-digits-vae", find_pairs())
    mounted = []
    monkeypatch.setattr(planes, "planes", lambda pair, view: mounted.append(view))
    chosen = View("small-digits-ae", (1.0, 2.0), layers=("rings",))
    for query in ({}, {"run": "small-digits-ae"}, chosen.query(), {"layers": "rings", "z": "x"}):
        planes.gap_planes(pair, "speed", query)
    fresh, of_a_run, after_a_click, after_a_broken_link = mounted
    assert fresh == gap_view(pair.runs[-1], "speed")
    assert of_a_run == gap_view(pair.runs[0], "speed")
    assert after_a_click == chosen
    assert after_a_broken_link == fresh


def test_a_report_of_the_planes_is_the_view_with_five_digits() -> None:
    run = run_of("small-digits-vae")
    place = {"code": [0.123456, -2], "point": None, "image": ""}
    report = place | {"pins": [[1, 0.1234567]] * 20, "layers": ["rings", "gone"], "zooms": [None, [0, 1, 0.1234567, 2]]}
    report |= {"hide": [4, 1], "lasso": [1, 0.5, 0, 2, 0, 2, 3]}
    view = View.from_report(report, run, axes="")
    assert (view.code, view.layers) == ((0.12346, -2.0), ("rings",))
    assert view.zooms == (None, (0.0, 1.0, 0.1234567, 2.0))
    assert view.hide == (1, 4)
    assert view.lasso == (1, 0.5, 0, 2, 0, 2, 3)
    assert view.pins == ((1.0, 0.12346),) * MAX_PINS
    on_a_point = View.from_report(report | {"code": [9, 9], "point": 12}, run, axes="")
    np.testing.assert_array_equal(on_a_point.code, run.codes.mu[12])


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
