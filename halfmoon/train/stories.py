"""The stories of the Train page: each preset as a card, with what it changes, what will be seen, and its start."""

from __future__ import annotations

import streamlit as st

from halfmoon.parts.html import Html, marked_up, tag
from halfmoon.parts.titles import data_title
from halfmoon.texts import text
from halfmoon.train import form
from halfmoon.train.settings import PRESETS, Form
from halfmoon.train.sketches import sketch
from vae_core.configs import DataConfig


def show_cards(settings: Form) -> bool:
    """Draws a card for each story, the chosen one marked; whether one, now in the form, is to start."""
    chosen, is_started = form.chosen_preset(settings), False
    with st.container(key="stories"):
        for name in PRESETS:
            with st.container(key=f"story-{name}"):
                st.html(_card(name, is_chosen=name == chosen))
                is_started |= _buttons(name, is_chosen=name == chosen)
    return is_started


def _buttons(name: str, is_chosen: bool) -> bool:
    """Draws the buttons of a card; whether its story is to start, which then is in the form."""
    with st.container(key=f"story-buttons-{name}", horizontal=True, vertical_alignment="center"):
        is_started = st.button(
            text("train.start_story"),
            key=f"start-{name}",
            type="primary" if is_chosen else "secondary",
            icon=":material/play_arrow:",
            on_click=form.choose_preset,
            args=(name,),
        )
        st.button(
            text("train.change"),
            key=f"preset-{name}",
            type="tertiary",
            on_click=form.choose_to_change,
            args=(name,),
        )
        values = form.story(name)
        data = data_title(DataConfig(name=values["data"]))
        st.caption(text("train.story_length", data=data, seconds=f"{values['seconds']:g}"), width="content")
    return is_started


def _card(name: str, is_chosen: bool) -> Html:
    mark = {"aria-current": "true"} if is_chosen else {}
    title = tag("h2", text(f"train.presets.{name}.title"), **mark)
    see = marked_up(f"train.presets.{name}.see")
    return tag(
        "div",
        tag("img", src=sketch(name), alt=""),
        tag("div", title, tag("p", marked_up(f"train.presets.{name}.change"))),
        tag("p", tag("small", text("train.will_see")), " ", see, class_="hm-story-see"),
        class_="hm-story",
    )
