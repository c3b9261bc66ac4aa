"""The sliders of a slice go along the directions that it does not show."""

from __future__ import annotations

import numpy as np
import pytest

from halfmoon.plane import slices
from halfmoon.plane.view import View
from tests.app.asking import run_of
from vae_core.codes.codes import Codes


@pytest.mark.parametrize("axes", ["", "0,3", "pc2,pc1"])
def test_sliders_go_along_the_widest_of_the_other_directions(axes: str) -> None:
    run = run_of("small-ten-vae")
    view = View(run.name, (0.0,) * 10, axes=axes)
    sliders = slices.sliders(run, view)
    assert len(sliders) == slices.MAX_SLIDERS
    along = np.array([slider.direction for slider in sliders])
    np.testing.assert_allclose(along @ slices.slice_of(run, view).directions.T, 0, atol=1e-6)
    spread = (run.codes.mu @ along.T).std(0)
    assert sorted(spread, reverse=True) == pytest.approx(list(spread))
    assert spread_beyond(run.codes, along, slices.slice_of(run, view).directions) <= spread.min() + 1e-6
    np.testing.assert_allclose([slider.reach for slider in sliders], 3 * spread, rtol=0.06)


def spread_beyond(codes: Codes, *shown: np.ndarray) -> float:
    """The largest standard deviation of codes along the dimensions or components that nothing shows."""
    directions = np.vstack(shown)
    rest = codes.mu - codes.mu @ directions.T @ directions
    return float(np.sqrt(np.linalg.eigvalsh(np.cov(rest.T))[-1]))


@pytest.mark.parametrize("name, axes", [("small-digits-vae", ""), ("small-line-vae", ""), ("small-ten-vae", "pins")])
def test_where_nothing_is_hidden_or_places_say_what_is_there_are_no_sliders(name: str, axes: str) -> None:
    run = run_of(name)
    pins = tuple(tuple(pin) for pin in np.eye(10)[:3].tolist())
    assert slices.sliders(run, View(run.name, tuple(run.codes.mu[0].tolist()), pins=pins, axes=axes)) == []
