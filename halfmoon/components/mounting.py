"""Mounting of components, and the addresses of their JavaScript modules.

A component is a folder here. Its JavaScript are plain modules, served as they are at the path that they have on disk,
`components/NAME/...`, so that they can import each other and those of `shared/`; there is no build step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent
SHARED = FOLDER / "shared"

# Streamlit runs this text as a module of its own without an address, so the import needs a whole one. It says that it
# is done with an element also before it shows the same one anew: only one that has gone is at its end.
_START = """
export default function ({{ parentElement, data, setTriggerValue }}) {{
  const root = parentElement.querySelector(".{root}");
  const module = import(`${{location.origin}}${{data.base}}/{path}`);
  const end = () => {{
    if (root.isConnected || !root.component) return;
    root.component.end?.();
    delete root.component;
  }};
  module.then(({{ default: Component }}) => {{
    root.component ??= new Component(root);
    root.component.show(data, (value) => setTriggerValue("report", value));
  }}).finally(() => {{
    const place = root.getRootNode().host ?? root; // styles beyond a shadow root don't see into it
    place.closest('[data-testid^="stBidiComponent"]').dataset.shown = "";
  }});
  return () => module.then(() => setTimeout(end, 1000));
}}
"""


class Component:
    """A Streamlit component whose module exports a class as its default.

    That is made once for an element, `new (root)`. Its `show(data, report)` is called by every run of the page in which
    the data has changed, `end()`, where there is one, when the element has left the page.
    """

    def __init__(self, name: str, module: str | None = None, *, isolate_styles: bool = False) -> None:
        """Takes the module of the folder `name` with that name; or another `module`, with the first one's styles.

        In a shadow root, where styles are isolated, neither those of the page nor those of Plotly reach it, and those
        that components share come with its own.
        """
        folders = [] if module else [*([SHARED] if isolate_styles else []), FOLDER / name]
        sheets = [sheet for folder in folders for sheet in sorted(folder.glob("*.css"), key=_cascade)]
        root = "-".join(filter(None, (name, module))).replace("_", "-")
        self._component = st.components.v2.component(
            root.replace("-", "_"),
            html=f'<div class="{root}"></div>',
            css="".join(sheet.read_text(encoding="utf-8") for sheet in sheets) or None,
            js=_START.format(root=root, path=f"components/{name}/{module or name}.js"),
            isolate_styles=isolate_styles,
        )

    def mount(self, key: str, data: Mapping[str, Any], on_report: Callable[[], None] | None = None) -> None:
        """Mounts the component here, with the data and, as `base`, the prefix of every path.

        Where the browser reports something `on_report` is called, with `reported(key)` then giving it.
        """
        callbacks: dict[str, Any] = {} if on_report is None else {"on_report_change": partial(_hear, key, on_report)}
        self._component(key=key, data={"base": base_path(), **data}, **callbacks)


def _hear(key: str, on_report: Callable[[], None]) -> None:
    # What is reported while the page is being left comes without what was reported: the run is broken off before the
    # component is mounted anew, and Streamlit forgets its state, though not whom to call.
    if key in st.session_state:
        on_report()


def _cascade(sheet: Path) -> tuple[bool, str]:
    """The order of a component's style sheets: what is common to the others comes first."""
    return sheet.stem != "style", sheet.name


def reported(key: str) -> Any:
    """The browser's last report from the component with this key, in the browser's own form."""
    return st.session_state[key].report


def base_path() -> str:
    """The prefix of every path of the app: empty, or `/` and the setting `server.baseUrlPath`."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""


def modules(*names: str) -> list[str]:
    """The paths, below the base path, of all modules of these components; `shared` is a component too."""
    paths = [path for name in names for path in sorted((FOLDER / name).glob("*.js"))]
    return [f"components/{path.relative_to(FOLDER).as_posix()}" for path in paths]
