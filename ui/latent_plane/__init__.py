"""The plane: points coloured by class in which every place can be clicked, as a Streamlit component.

It knows nothing of models. What is constant (the points) it fetches by a route; what changes (the pin, the texts)
comes as `data`. The JavaScript are plain modules in `static/`, served as they are; there is no build step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

STATIC = Path(__file__).parent / "static"

TEXT_KEYS = ("legend", "point", "reset", "zoom", "pan", "zoom_in", "zoom_out", "loading", "failed")
"""The texts that it shows; whoever mounts it gives one for each."""

# Streamlit runs this text as a module of its own without an address, so the import needs a whole one.
_MOUNT = """
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".latent-plane");
  const module = import(`${location.origin}${data.base}/latent_plane/plane.js`);
  module.then(({ show }) => show(root, data, setTriggerValue));
  return () => module.then(({ leave }) => leave(root));
}
"""

_component = st.components.v2.component(
    "latent_plane",
    html='<div class="latent-plane"></div>',
    css=(STATIC / "style.css").read_text(encoding="utf-8"),
    js=_MOUNT,
    isolate_styles=False,  # inside a shadow root Plotly's own styles don't reach its toolbar
)


@dataclass(frozen=True)
class PointClass:
    """How the points of one class are called and coloured."""

    name: str
    colour: str


def mount(
    key: str,
    *,
    points_path: str,
    count: int,
    dims: int,
    classes: Sequence[PointClass],
    pin: Sequence[float] | None,
    label: str,
    language: str,
    texts: dict[str, str],
    on_click: Callable[[], None],
) -> None:
    """A plane of `count` points with `dims` coordinates, 1 or 2, that the browser finds at `points_path`.

    `pin` is the marked place, `language` that of the texts. A click calls `on_click`, with `clicked(key)` then saying
    where.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    data = {
        "base": f"/{base}" if base else "",
        "points": {"path": points_path, "count": count, "dims": dims},
        "classes": [asdict(point_class) for point_class in classes],
        "pin": list(pin) if pin is not None else None,
        "label": label,
        "language": language,
        "texts": texts,
    }
    _component(key=key, data=data, on_click_change=on_click)


def clicked(key: str) -> dict[str, float | int | None] | None:
    """The click that the plane `key` has just reported: `x`, `y` (None on a line), `point` (None on empty ground)."""
    return st.session_state[key].click
