"""Every visible text, in every language: one TOML file for each language, with the same keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from halfmoon.texts import language

_FULL_STOP = re.compile(r"(?<=[。：；！？]) ")  # which holds its own white space
_WHOLE = re.compile(r" (?=%)|(?<=[\d}>]) (?=σ|MB\b|s\b)|(?<=β) (?==)|(?<=β =) ")
"""Where no line ends: between a number and its unit, and around a sign."""


def text(key: str, **values: Any) -> str:
    """The text of `key` in the session's language, with `values` filled in."""
    template = catalogue(language.language())[key]
    return template.format(**values) if values else template


def text_or(key: str, default: str) -> str:
    """The text of `key` in the session's language, or `default` if there is none."""
    return catalogue(language.language()).get(key, default)


def table(name: str) -> dict[str, str]:
    """All texts of one table in the session's language, by their keys within it, with their blanks."""
    prefix = f"{name}."
    found = catalogue(language.language())
    return {key.removeprefix(prefix): template for key, template in found.items() if key.startswith(prefix)}


def paragraph(sentences: Iterable[str]) -> str:
    """The sentences, one after the other, with a space between them in languages that have one there."""
    return _FULL_STOP.sub("", " ".join(sentences))


def literal(value: str) -> str:
    """`value` as it is, for a text shown as Markdown: a value from outside might hold an image or a link.

    It becomes code; a backslash would not do, for bare addresses and :icons: are found in escaped text as well.
    """
    value = " ".join(value.split())  # an empty line would end the code
    fence = "`" * (1 + max(map(len, re.findall("`+", value)), default=0))
    return f"{fence} {value} {fence}"


@cache
def catalogue(name: str) -> dict[str, str]:
    """All texts of a language by their keys, `table.name`; the items of a list by `table.name.0` and so on."""
    content = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
    return dict(_flatten(content))


def _flatten(content: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        yield prefix.removesuffix("."), _WHOLE.sub("\u00a0", content)
        return
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield from _flatten(value, f"{prefix}{key}.")
