"""Streamlit's page, completed: the language, ground, style and modules that its own code would bring too late.

It is the same for every path, empty and white, until the running app tells it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

import streamlit as st

ASSETS = Path(__file__).parents[1] / "assets"
STATIC = Path(st.__file__).parent / "static"
CONNECT = (ASSETS / "connect.js").read_text(encoding="utf-8")
EARLY = "components/frame/early.js"  # what must be there before the app is
WIDGETS = ("BidiComponent", "ButtonGroup", "Html", "Selectbox")  # Streamlit's, which almost every page has

_imported = re.compile(r'(?:from|import)\s*["`]\./([\w.-]+\.js)["`]').findall


def inline_scripts() -> list[str]:
    """The scripts within the completed page."""
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    return [*re.findall(r"<script>(.*?)</script>", page, re.DOTALL), CONNECT]


def style_sheets() -> list[Path]:
    """The styles that components share, those of the frame, and of the pages' rooms after them."""
    rooms = ASSETS.parent
    return [*sorted(rooms.glob("components/shared/*.css")), *sorted(rooms.glob("*/*.css"))]


def completed(page: str, language: str, base: str, modules: Sequence[str], is_presenting: bool = False) -> str:
    """Streamlit's page in this language, with the app's name, sign and style, and with links to the `modules`.

    With `is_presenting` its type is enlarged from the beginning.

    The style stands behind Streamlit's own and before the app: it wins over that, and a component's wins over it.
    """
    style = "\n".join(sheet.read_text(encoding="utf-8") for sheet in style_sheets())
    presenting = " data-present" if is_presenting else ""
    for before, after in (
        ('<html lang="en">', f'<html lang="{language}"{presenting}>'),
        ("<title>Streamlit</title>", "<title>Halfmoon</title>"),
        ('href="./favicon.png"', f'href="data:image/svg+xml,{quote(_text("moon.svg"))}"'),
        ("</head>", "\n".join([*_head(base, modules), "</head>"])),
        ("<body>", f"<body>\n<style>{style}</style>"),
    ):
        page = page.replace(before, after, 1)
    return page


def _head(base: str, modules: Sequence[str]) -> list[str]:
    light, dark = (st.get_option(f"theme.{name}.backgroundColor") for name in ("light", "dark"))
    files = [*(f"static/js/{name}" for name in _widget_modules()), *modules]
    return [
        '<meta name="color-scheme" content="light dark">',
        f"<style>:root {{ color-scheme: light dark; background: light-dark({light}, {dark}); }}</style>",
        f'<script data-base="{escape(base)}">{CONNECT}</script>',
        f'<script type="module" src="{base}/{EARLY}"></script>',
        *(f'<link rel="modulepreload" href="{base}/{path}">' for path in files),
        f'<link rel="prefetch" as="script" href="{base}/plotly/plotly.min.js">',  # the planes do without it at first
    ]


@cache
def _widget_modules() -> list[str]:
    """The names of the modules of WIDGETS, and of all that they import, without those that the page itself names."""
    scripts = STATIC / "static" / "js"
    found = [path.name for name in WIDGETS for path in scripts.glob(f"{name}.*.js")]
    for name in found:  # which grows meanwhile
        text = (scripts / name).read_text(encoding="utf-8")
        found += [other for other in _imported(text) if other not in found]
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    return [name for name in found if name not in page]


def _text(asset: str) -> str:
    return (ASSETS / asset).read_text(encoding="utf-8")
