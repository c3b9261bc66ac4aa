"""The slice of a code with more than two dimensions: the URL's `axes`, the controls, and the sliders beside the plane.

`axes` is `0,3` (dimensions of the code), `pc0,pc1` (principal components of the test codes, the usual one) or `pins`
(the plane through the first three saved places).
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import streamlit as st

from halfmoon import address
from halfmoon.components.latent_plane import Slider
from halfmoon.plane.view import View, pin_code, rounded
from halfmoon.texts import text
from vae_core.codes.geometry import principal_components
from vae_core.codes.slices import Slice, component_slice, dimension_slice, slice_through
from vae_core.runs.run import Run

USUAL = "pc0,pc1"
MAX_SLIDERS = 8
_PATTERN = re.compile(r"(pc)?(\d{1,3}),(pc)?(\d{1,3})")


def slice_of(run: Run, view: View) -> Slice:
    """The slice of the run's codes that the view draws: all of it if a code has at most two dimensions."""
    codes = run.codes
    latent_dim = codes.mu.shape[1]
    if latent_dim <= 2:
        return dimension_slice(latent_dim, tuple(range(latent_dim)))
    if view.axes == "pins":
        return slice_through(np.stack([pin_code(run, pin) for pin in view.pins[:3]]))
    family, axes = _parse(view.axes or USUAL)
    return dimension_slice(latent_dim, axes) if family == "dim" else component_slice(codes.mu, axes)


def checked(run: Run, view: View) -> View:
    """The view, if its slice can be drawn. Raises ValueError if not."""
    latent_dim = run.codes.mu.shape[1]
    if latent_dim <= 2:
        return replace(view, axes="")
    if view.axes == "pins":
        if len(view.pins) < 3:
            raise ValueError("fewer than three pins")
        slice_of(run, view)
    elif max(_parse(view.axes or USUAL)[1]) >= latent_dim:
        raise ValueError("no such dimension")
    return view


def controls(run: Run, view: View) -> None:
    """Draws the choice of the slice; changes are kept in the URL."""
    latent_dim = run.codes.mu.shape[1]
    family, axes = ("pins", ()) if view.axes == "pins" else _parse(view.axes or USUAL)
    st.caption(text("slice.note", dims=latent_dim))
    choice, first, second = st.columns([0.4, 0.3, 0.3])
    families = ["pc", "dim", *(["pins"] if len(view.pins) >= 3 else [])]
    st.session_state["slice-family"] = family
    choice.segmented_control(
        text("slice.family"),
        families,
        format_func=lambda name: text(f"slice.{name}"),
        required=True,
        key="slice-family",
        help=text("slice.family_help"),
        on_change=lambda: _choose_family(run, view, st.session_state["slice-family"]),
    )
    if family == "pins":
        return
    for at, column in enumerate((first, second)):
        key = f"slice-axis-{at}"
        st.session_state[key] = axes[at]
        column.selectbox(
            text("slice.across" if at == 0 else "slice.upwards"),
            [axis for axis in range(latent_dim) if axis != axes[1 - at]],
            format_func=lambda axis: text(f"slice.{family}_axis", number=axis + 1),
            key=key,
            on_change=lambda: address.write(replace(view, axes=_axes_text(family, _chosen_axes()), zooms=(), lasso=())),
        )


def sliders(run: Run, view: View) -> list[Slider]:
    """Sliders along the widest directions that the slice does not follow; none through three places."""
    latent_dim = run.codes.mu.shape[1]
    if latent_dim <= 2 or view.axes == "pins":
        return []
    family, axes = _parse(view.axes or USUAL)
    mean, variances, components = principal_components(run.codes.mu)
    if family == "dim":
        mean, components, variances = np.zeros(latent_dim), np.eye(latent_dim), run.codes.mu.var(0)
    others = [int(axis) for axis in np.argsort(-variances, kind="stable") if axis not in axes][:MAX_SLIDERS]
    return [
        Slider(
            label=text(f"slice.{family}_axis", number=axis + 1),
            direction=components[:, axis].tolist(),
            origin=float(mean @ components[:, axis]),
            reach=float(f"{max(3 * variances[axis] ** 0.5, 0.1):.2g}"),
        )
        for axis in others
    ]


def _choose_family(run: Run, view: View, family: str) -> None:
    if family == "pins":  # on the plane through the pins there has to be the code
        code = rounded(pin_code(run, view.pins[0]))
        address.write(replace(view, axes="pins", code=code, point=None, image="", zooms=(), lasso=()))
    else:
        address.write(replace(view, axes=_axes_text(family, (0, 1)), zooms=(), lasso=()))


def _chosen_axes() -> tuple[int, int]:
    return st.session_state["slice-axis-0"], st.session_state["slice-axis-1"]


def _axes_text(family: str, axes: tuple[int, ...]) -> str:
    prefix = "pc" if family == "pc" else ""
    return ",".join(f"{prefix}{axis}" for axis in axes)


def _parse(axes: str) -> tuple[str, tuple[int, int]]:
    match = _PATTERN.fullmatch(axes)
    if match is None or match[1] != match[3] or match[2] == match[4]:
        raise ValueError(f"not the axes of a slice: {axes}")
    return match[1] or "dim", (int(match[2]), int(match[4]))
