"""The user's own image, drawn with mouse or finger or read from a file.

A drawing is made an image like those of a data set in the browser, as on the planes; a file goes to the server, which
reads it as the command line reads pictures, and keeps nothing of it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from halfmoon.components import mounting
from halfmoon.components.mounting import Component
from halfmoon.components.own_image import reading
from vae_core.runs.run import Run

_component = Component("own_image", isolate_styles=True)


def mount(key: str, run: Run, *, texts: dict[str, str], on_image: Callable[[], None]) -> None:
    """Mounts the input of an image like those that `run` was trained on: a pad if they are digits, and a file picker.

    When it is to be used, `on_image` is called, with `reported(key)` then giving it.
    """
    data = {
        "shape": list(run.config.model.image_shape),
        "side": run.config.model.image_shape[-1],
        "box": run.config.training.data.source.ink_box,
        "path": reading.picture_path(run),
        "max_bytes": reading.MAX_BYTES,
        "texts": texts,
    }
    _component.mount(key, data, on_image)


def reported(key: str) -> bytes:
    """The last image (C, H, W) made, a byte a pixel; None if the report is not one."""
    try:
        return base64.b64decode(mounting.reported(key) or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return b""
