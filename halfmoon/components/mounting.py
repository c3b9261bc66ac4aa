"""Components whose JavaScript are modules that are served as files: how one is begun, and where the app stands."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SHARED = Path(__file__).parent / "shared"  # modules that several components import

# Streamlit runs this text as a module of its own without an address, so the import needs a whole one.
_START = """
export default function ({{ parentElement, data, setTriggerValue }}) {{
  const root = parentElement.querySelector(".{root}");
  const module = import(`${{location.origin}}${{data.base}}/{path}`);
  module.then(({{ show }}) => show(root, data, (value) => setTriggerValue("{trigger}", value)));
  return () => module.then(({{ leave }}) => leave?.(root));
}}
"""


def start(root: str, path: str, trigger: str = "") -> str:
    """A component's `js`: the module at `path`, below the `base` in its data, shows the data in the element `root`.

    The module has `show(root, data, report)`, where what is reported becomes the value of `trigger`, and, if it has
    something to clear, `leave(root)`.
    """
    return _START.format(root=root, path=path, trigger=trigger)


def base_path() -> str:
    """What the path of every address of the app begins with: nothing, or `/` and what `server.baseUrlPath` sets."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""
