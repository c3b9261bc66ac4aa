"""What the user has chosen: the language, and the view that the URL holds.

The URL is the owner of the view, `?run=NAME` with `&z=0.5,-1` (a place on that run's plane) or `&point=12` (one of
its test codes): a reload, or the link sent to somebody else, shows the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from vae_core.runs import Codes

LANGUAGES = {"en": "English", "zh": "中文"}
LANGUAGE_KEY = "lang"  # of the widget, and of the query parameter
PAIR_KEY = "pair"
_FARTHEST = 1e6  # a place beyond is a broken link, or a mischievous one


def language() -> str:
    """The language of this session."""
    return st.session_state.get(LANGUAGE_KEY, "en")


def browser_language() -> str:
    """The language to begin with: the browser's, where it is one of ours."""
    locale = st.context.locale or ""
    return "zh" if locale.lower().startswith("zh") else "en"


@dataclass(frozen=True)
class Pin:
    """A place on a plane: its coordinates, and which of the test codes lies there, if one was hit."""

    place: tuple[float, ...]
    point: int | None = None

    def code(self, codes: Codes) -> np.ndarray:
        """The whole code (latent_dim,): the point's own, or the place with all further dimensions at their mean."""
        if self.point is not None:
            return codes.mu[self.point].astype(np.float64)
        code = codes.mu.mean(0, dtype=np.float64)
        code[: len(self.place)] = self.place
        return code

    def query(self) -> dict[str, str]:
        """What stands for it in the URL."""
        if self.point is not None:
            return {"point": str(self.point)}
        return {"z": ",".join(f"{value:g}" for value in self.place)}


def drawn_dims(codes: Codes) -> int:
    """How many dimensions a plane draws."""
    return min(2, codes.mu.shape[1])


def rounded(values: np.ndarray | list[float]) -> tuple[float, ...]:
    """Coordinates with five digits: finer than a pixel, and what is stated is what is decoded."""
    return tuple(float(f"{value:.5g}") + 0.0 for value in values)


def pin_at_point(codes: Codes, point: int) -> Pin:
    """The pin on one of the test codes."""
    return Pin(rounded(codes.mu[point, : drawn_dims(codes)]), point)


def pin_at_centre(codes: Codes) -> Pin:
    """The pin to begin with: the origin of standard coordinates."""
    return Pin(rounded(codes.code_mean[: drawn_dims(codes)]))


def pin_from_click(codes: Codes, click: Mapping[str, Any]) -> Pin:
    """The pin for what the plane component reports: `x` and `y` (None on a line), and the `point` that was hit."""
    point = click.get("point")
    if point is not None:
        return pin_at_point(codes, int(point))
    return Pin(rounded([click["x"], click["y"]][: drawn_dims(codes)]))


def pin_from_query(codes: Codes, query: Mapping[str, str]) -> Pin | None:
    """The pin that the URL holds, None where it holds none. Raises ValueError where it can't be read."""
    if "point" in query:
        point = int(query["point"])
        if not 0 <= point < len(codes.mu):
            raise ValueError(f"no point {point}")
        return pin_at_point(codes, point)
    if "z" not in query:
        return None
    place = [float(value) for value in query["z"].split(",")]
    if len(place) != drawn_dims(codes) or not all(math.isfinite(value) and abs(value) < _FARTHEST for value in place):
        raise ValueError("not a place on this plane")
    return Pin(rounded(place))


def show_in_url(run_name: str, pin: Pin | None = None) -> None:
    """From now on the URL holds this run, and this pin in its plane."""
    kept = {name: value for name, value in st.query_params.items() if name not in ("run", "z", "point")}
    # In one go, for each change of the URL is a step of the browser's history.
    st.query_params.from_dict(kept | {"run": run_name} | (pin.query() if pin else {}))
