"""An image of one's own, drawn with mouse or finger or read from a file, as a Streamlit component.

The browser reads the picture and makes of it an image like those of a data set, as it does with drawings on the planes;
the file itself never leaves it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui import modules

STATIC = Path(__file__).parent / "static"

_component = st.components.v2.component(
    "own_image",
    html='<div class="own-image"></div>',
    css=(STATIC / "style.css").read_text(encoding="utf-8"),
    js=modules.start("own-image", "own_image/own_image.js", "image"),
)


def mount(key: str, *, side: int, box: int | None, texts: dict[str, str], on_image: Callable[[], None]) -> None:
    """Where an image of `side` by `side` grey pixels is made.

    With a `box` it can be drawn, and its ink is scaled into the box as MNIST's was; without one a picture is fitted in
    as it is. When it is to be used, `on_image` is called, with `reported(key)` then giving it.
    """
    data = {"base": modules.base_path(), "side": side, "box": box, "texts": texts}
    _component(key=key, data=data, on_image_change=on_image)


def reported(key: str) -> bytes:
    """The image that has just been made, a byte a pixel, row by row; none where what has come is no such thing."""
    try:
        return base64.b64decode(st.session_state[key].image or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return b""
