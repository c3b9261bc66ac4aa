"""Titles and names that came with a run from elsewhere are shown as they are: nothing in them is Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from halfmoon.jobs import jobs
from halfmoon.jobs.standing import Standing
from halfmoon.texts import literal
from tests.app.standins import make_run
from tests.app.test_pages import PAGES, open_app
from vae_core.errors import RunError
from vae_core.runs.cards import Card, Measure
from vae_core.runs.status import Status

MARK = "e.vil"
TITLE = f"![i](http://{MARK}/i.png) [l](//{MARK}) :red[{MARK}] ${MARK}$ <img src=//{MARK}> ``{MARK}` **{MARK}**"
NAME = f"![i](http:{MARK}) :material-{MARK}: <a href={MARK}>`"
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
READ_AS_MARKDOWN = ("body", "label", "help", "text", "title", "captions", "content")


@pytest.fixture
def strange_runs(user_runs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Runs of a stranger's making: two alike of each kind and space, so that their names stand in their titles."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    for kind in ("ae", "vae"):
        for data, latent_dim in (("digits", 2), ("moons-phase", 1)):
            for at in (1, 2):
                run = make_run(tmp_path, f"{NAME} {kind}{latent_dim}{at}", kind, data, latent_dim)
                run.write_about(title=TITLE)
                run.write_card(Card({"psnr": Measure(None, reason=TITLE)}))
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    yield
    jobs.end()


def protos(node: Any) -> Iterator[Any]:
    """What the page has sent for an element and all within it."""
    if getattr(node, "proto", None) is not None:
        yield node.proto
    for child in getattr(node, "children", {}).values():
        yield from protos(child)


def strings(proto: Any) -> Iterator[tuple[str, str, str]]:
    """Kind, field and value of each string in a message."""
    for field, value in proto.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, str):
                yield proto.DESCRIPTOR.name, field.name, one
            elif hasattr(one, "ListFields"):
                yield from strings(one)


class _Tags(HTMLParser):
    """What in a text is a tag with something of a stranger's in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {"alt", "title", "aria-label"}
        own = re.compile(r"/thumbnail/[^/?]+\?at=[0-9a-f-]+")  # a name is one part of a path on this server, and quoted
        self.found += [
            tag
            for name, value in attributes
            if name not in told and MARK in f"{name}{value}" and not (name == "src" and own.fullmatch(value or ""))
        ]


def active(app: AppTest) -> list[str]:
    """Every text of the page in which something of a stranger's could be more than text."""
    found = []
    for proto in protos(app._tree):
        for kind, field, value in strings(proto):
            if kind == "Html":
                tags = _Tags()
                tags.feed(value)
                found += [f"{kind}: {tag}" for tag in tags.found]
            elif field in READ_AS_MARKDOWN and kind != "BidiComponent" and MARK in CODE.sub("", value):
                found.append(f"{kind}.{field}: {value}")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_nothing_in_a_strangers_titles_and_names_is_active_on_any_page(page: str, strange_runs: Path) -> None:
    first, second = f"{NAME} vae21", f"{NAME} ae22"
    for query in ({}, {"run": first, "with": second}, {"run": f"{NAME} vae11"}, {"run": TITLE, "with": TITLE}):
        app = open_app(page, **query)
        assert not app.exception
        assert active(app) == []


def test_what_waits_or_has_failed_is_told_as_it_is(strange_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = SimpleNamespace(names=(NAME,))
    monkeypatch.setattr(jobs.shared().queue, "jobs_of", lambda owner: [job])
    assert active(open_app("pages/train.py")) == []
    monkeypatch.setattr(jobs.Jobs, "standing", lambda *_: Standing(Status("failed"), message=TITLE))
    assert active(open_app("pages/runs.py")) == []
    monkeypatch.setattr("halfmoon.runs.shelf.own_runs", lambda: (_ for _ in ()).throw(RunError(TITLE)))
    app = open_app("pages/runs.py")
    assert MARK in app.error[0].value
    assert active(app) == []


@pytest.mark.parametrize("value", [TITLE, NAME, "`", "``a```", "a\n\nb", "$x$", "| a |", "# a", "http://e.vil"])
def test_literal_text_is_one_code_span(value: str) -> None:
    assert CODE.sub("", literal(value)).strip() == ""


def test_the_search_for_active_text_finds_what_is_active() -> None:
    def script() -> None:
        import streamlit as st

        st.button("**e.vil**")
        st.html("<img src='//e.vil'>")
        st.expander(":red[e.vil]")
        st.pills("choice", ["[a](e.vil)"])

    assert len(active(AppTest.from_function(script).run())) == 4
