"""A further page is a script and a line in the registry: the frame, the navigation and the language know it."""

from __future__ import annotations

from pathlib import Path

import pytest

from halfmoon import navigation
from halfmoon.navigation import Page
from halfmoon.parts.pairs import find_pairs
from halfmoon.texts.language import LANGUAGE_KEY
from tests.app.test_pages import open_app

SCRIPT = """
import streamlit as st
from halfmoon.texts.language import language
st.markdown(f"a page of one's own, in {language()}")
"""


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Page:
    script = tmp_path / "toy_page.py"
    script.write_text(SCRIPT)
    page = Page("toy_page", find_pairs, script)
    monkeypatch.setattr(navigation, "PAGES", [*navigation.PAGES, page])
    return page


def test_a_page_in_the_registry_is_opened_in_the_frame_and_in_the_chosen_language(toy: Page) -> None:
    app = open_app(lang="zh").switch_page(str(toy.script)).run()
    assert not app.exception
    assert [shown.value for shown in app.markdown] == ["a page of one's own, in zh"]
    assert app.session_state[LANGUAGE_KEY] == "zh"


def test_a_page_in_the_registry_has_an_address_and_is_given_the_runs_it_shows(toy: Page) -> None:
    assert toy.url_path == "toy-page"
    shown = navigation.runs_shown()
    assert shown["toy-page"] == shown[""]  # the first page's
    assert ["mnist-ae-2d", "mnist-vae-2d"] in shown["toy-page"]
    assert {"train", "runs"}.isdisjoint(shown)
