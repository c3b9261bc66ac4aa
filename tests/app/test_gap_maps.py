"""A gap map is the core's field at the places that a browser asks for, and what makes no sense is refused."""

from __future__ import annotations

import numpy as np
import pytest

from halfmoon.plane import gap_maps
from halfmoon.plane.routes import (
    gap_map_path,
)
from halfmoon.server import loaded
from halfmoon.server.interpolation import map_ruler
from tests.app.asking import ATLAS, ask, assert_refused, numbers, run_of, with_query
from vae_core.configs import PHASE_ONLY, DataConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet
from vae_core.measures.gap_map import GapMap, fields_of, work_of
from vae_core.measures.rulers import MoonRuler, PixelRuler


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return datasets.load(DataConfig(name="digits"))


@pytest.mark.parametrize("field", ["density_ratio", "round_trip", "speed", "distance"])
@pytest.mark.parametrize("name", ["small-digits-ae", "small-digits-vae", "small-line-vae"])
def test_a_gap_map_is_the_core_s_field_at_the_centre_of_each_cell_after_its_survey(
    name: str, field: str, digits: ImageSet
) -> None:
    run = run_of(name)
    latent_dim, rows, columns = run.config.model.latent_dim, 3, 5
    origin, u, v = np.random.default_rng(4).normal(size=(3, latent_dim))
    parameters = {"origin": numbers(origin), "u": numbers(u), "v": numbers(v), "columns": "5", "rows": "3"}
    answer = ask(with_query(gap_map_path(run), {"field": field} | parameters))
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, max-age=86400")
    given = np.frombuffer(answer.body, "<f4")

    is_moon = run.config.training.data.name == "moons-phase"
    ruler = MoonRuler(PHASE_ONLY) if is_moon else PixelRuler(digits.split("training")[0])
    gaps = GapMap(run.load_model(), run.codes, ruler=ruler)
    survey = gaps.survey(field)
    np.testing.assert_allclose(given[: 2 + latent_dim], [survey.low, survey.high, *survey.worst], rtol=1e-4, atol=1e-6)
    x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    centres = np.array([origin + across * u + up * v for up in y for across in x])
    np.testing.assert_allclose(given[2 + latent_dim :], gaps.field(field, centres), rtol=1e-4, atol=1e-5)


def test_a_map_of_moons_that_would_take_long_to_fit_is_measured_by_pixels() -> None:
    assert isinstance(map_ruler(DataConfig(name="moons")), PixelRuler)


GAP = {"field": "round_trip"} | ATLAS


@pytest.mark.parametrize("field", ["", "gone", "confidence", "density", "__class__", "round_trip,speed", "%00"])
def test_a_field_that_there_is_not_is_refused(field: str) -> None:
    run = run_of("small-digits-vae")
    assert "confidence" not in fields_of(run)
    answer = ask(with_query(gap_map_path(run), GAP | {"field": field}))
    assert_refused(answer, 400, "must be one of: density_ratio, round_trip, speed, distance.")


def test_codes_of_many_dimensions_have_no_gap_map() -> None:
    ten = ",".join(10 * "0")
    path = with_query(gap_map_path(run_of("small-ten-vae")), GAP | dict.fromkeys(("origin", "u", "v"), ten))
    assert_refused(ask(path), 400, "none for this run")


@pytest.mark.parametrize(
    "change, words",
    [
        ({"origin": "0"}, "parameter origin"),
        ({"v": "0,nan"}, "parameter v"),
        ({"u": "1e300,0"}, "parameter u"),
        ({"columns": "0"}, "parameter columns"),
        ({"rows": "9" * 5000}, "parameter rows"),
        ({"columns": "64", "rows": "65"}, "more tiles"),
    ],
)
def test_a_gap_map_of_no_sensible_grid_is_refused(change: dict[str, str], words: str) -> None:
    assert_refused(ask(with_query(gap_map_path(run_of("small-digits-vae")), GAP | change)), 400, words)


def test_a_gap_map_that_needs_a_missing_data_set_says_so_and_the_others_are_there() -> None:
    path = gap_map_path(run_of("small-mnist-vae"))
    assert_refused(ask(with_query(path, GAP | {"field": "distance"})), 404, "MNIST is missing")
    for field in ("confidence", "round_trip"):
        assert ask(with_query(path, GAP | {"field": field})).status == 200


def test_a_speed_can_be_taken_of_a_model_that_an_image_was_decoded_by_before() -> None:
    run = run_of("small-digits-ae")
    loaded._model.cache_clear()
    gap_maps._map.cache_clear()
    loaded.decode(run, np.zeros((1, 2)))  # without gradients
    assert ask(with_query(gap_map_path(run), GAP | {"field": "speed"})).status == 200


def test_the_survey_of_a_heavy_run_looks_at_fewer_places(monkeypatch: pytest.MonkeyPatch) -> None:
    run, sides = run_of("small-digits-vae"), []
    survey = GapMap.survey
    monkeypatch.setattr(GapMap, "survey", lambda *given: (sides.append(given[2]), survey(*given))[1])
    for most in (10_000, 100):
        gap_maps._survey.cache_clear()
        monkeypatch.setattr("halfmoon.plane.gap_maps.ANSWER_WORK", most * work_of(run.config.model, "round_trip"))
        assert ask(with_query(gap_map_path(run), GAP | {"field": "round_trip"})).status == 200
    gap_maps._survey.cache_clear()
    assert sides == [60, 10]
