"""An image of one's own, drawn with mouse or finger or read from a file, as a Streamlit component.

A drawing is made an image like those of a data set in the browser, as on the planes; a file goes to the server, which
reads it as the command line reads pictures, and keeps nothing of it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from halfmoon.components import mounting
from halfmoon.components.own_image import reading
from vae_core.runs.run import Run

STATIC = Path(__file__).parent / "static"

_component = st.components.v2.component(
    "own_image",
    html='<div class="own-image"></div>',
    css=(STATIC / "style.css").read_text(encoding="utf-8"),
    js=mounting.start("own-image", "own_image/own_image.js", "image"),
)


def mount(key: str, run: Run, *, texts: dict[str, str], on_image: Callable[[], None]) -> None:
    """Where an image like those that `run` was trained on is made: drawn where they are digits, or read from a file.

    When it is to be used, `on_image` is called, with `reported(key)` then giving it.
    """
    data = {
        "base": mounting.base_path(),
        "shape": list(run.config.model.image_shape),
        "side": run.config.model.image_shape[-1],
        "box": run.config.training.data.source.ink_box,
        "path": reading.picture_path(run),
        "most": reading.MOST_BYTES,
        "texts": texts,
    }
    _component(key=key, data=data, on_image_change=on_image)


def reported(key: str) -> bytes:
    """The image (C, H, W) that has just been made, a byte a number; none where what has come is no such thing."""
    try:
        return base64.b64decode(st.session_state[key].image or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return b""
