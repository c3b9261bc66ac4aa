"""Elements are made of what is put into them, and nothing of that becomes an element by itself."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from halfmoon.parts.html import joined, tag


class Seen(HTMLParser):
    """What a browser makes of it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


plain = st.text(st.characters(exclude_categories=["C"]))


@given(plain, plain, plain)
def test_text_and_attributes_are_what_was_given_whatever_they_hold(title: str, name: str, words: str) -> None:
    seen = Seen(joined([words, tag("p", tag("b", name), words, title=title, class_="note")]))
    assert seen.tags == [("p", {"title": title, "class": "note"}), ("b", {})]
    assert seen.words == words + name + words


def test_an_image_has_no_end_and_an_attribute_that_is_none_is_left_out() -> None:
    assert tag("img", alt="a moon", title=None) == '<img alt="a moon">'
