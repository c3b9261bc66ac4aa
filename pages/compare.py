"""The Compare page: two runs side by side, in a verdict, gap maps and a few measures; all else unfolds below.

What stands last, the studies, says what one training of each can't.
"""

from __future__ import annotations

import streamlit as st

from halfmoon.compare import (
    choice,
    code_figures,
    drawn,
    gaps,
    measure_table,
    measuring,
    study_section,
    study_tables,
    verdict_text,
)
from halfmoon.components import sections
from halfmoon.parts.downloads import offer_numbers
from halfmoon.parts.errors import user_errors
from halfmoon.parts.html import Html
from halfmoon.texts import text
from vae_core import verdicts
from vae_core.comparison import Pair

MEASURES_WIDTH = 0.38  # of the page, beside the planes


@user_errors()
def show_first(pair: Pair) -> None:
    """The verdict, and the first few measures beside the gaps."""
    measuring.offer(pair)
    found = verdicts.by_group(pair.runs)
    if verdict := verdict_text.sentences(pair, found, study_tables.read()):
        st.html(verdict)
    headlines = measure_table.headlines(pair, found)
    with st.container(key="compare-first"):
        whole = st.container()
        left, right = whole.columns([MEASURES_WIDTH, 1 - MEASURES_WIDTH]) if headlines else (whole, whole)
        with left:
            show_headlines(pair, headlines)
        with right:
            gaps.show(pair)


def show_headlines(pair: Pair, headlines: Html) -> None:
    """The first few measures, if there are any, and what is to be borne in mind with all of them."""
    if headlines:
        st.subheader(text("compare.headlines"), anchor=False)
        st.html(headlines)
    for sentence in measure_table.cautions(pair):
        st.caption(sentence)


@user_errors()
def show_index(pair: Pair) -> None:
    """The index of the sections: groups of measures and how to read them, then images, codes and studies."""
    found = verdicts.by_group(pair.runs)
    groups = {group: text(f"compare.groups.{group}") for group in found}
    reading = {"reading": text("compare.reading")} if found else {}
    rest = {"images": text("compare.images"), "distribution": text("compare.codes"), "studies": text("studies.heading")}
    sections.index(groups | reading | rest)


@user_errors()
def show_groups(pair: Pair) -> None:
    """A section for each group of measures, and one on how to read them, with all of them as files."""
    found = verdicts.by_group(pair.runs)
    with sections.stack("measures"):
        for group, rows in found.items():
            with sections.section(group, text(f"compare.groups.{group}")):
                st.html(measure_table.table(pair, rows))
        if found:
            with sections.section("reading", text("compare.reading")):
                st.markdown(text("compare.note"))
                offer_numbers(choice.file_stem(pair), measure_table.as_csv(pair, found), measure_table.as_json(pair))


pair = choice.choose()
measuring.keep_drawing(show_first, pair)
show_index(pair)
measuring.keep_drawing(show_groups, pair)
with sections.stack("more"):
    with sections.section("images", text("compare.images")):
        drawn.show(pair)
    with sections.section("distribution", text("compare.codes")):
        code_figures.show(pair)
    with sections.section("studies", text("studies.heading")):
        study_section.show()
