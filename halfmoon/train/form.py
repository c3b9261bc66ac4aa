"""The form of the Train page, in the session and in the URL, and the start of a training from it.

Each widget's key is `train-` and the name of its value.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from halfmoon import address
from halfmoon.jobs import jobs
from halfmoon.parts.errors import user_errors
from halfmoon.parts.fields import number_field, say_problem
from halfmoon.parts.titles import data_title
from halfmoon.server import loaded, owners
from halfmoon.texts import text, text_or
from halfmoon.train import following
from halfmoon.train.choice import USUAL_PRESET, Choice
from halfmoon.train.settings import FACTORS, LIMITS, OPTIONS, PRESETS, USUAL, WEIGHTS, WIDTHS, Form
from vae_core.configs import DataConfig, ModelConfig
from vae_core.data.datasets import is_local
from vae_core.data.sources import SOURCES

KEPT: dict[str, Any] = {"persist_state": "session"}  # a widget's value outlives a switch of the page
OPEN_KEY = "train-open"  # of whether one's own settings are unfolded
_PRESET_KEY = "train-preset"  # the preset that the form was filled with last
_LINK_KEY = "train-link"  # the query that the form of this session stands for


def settled() -> Form:
    """The form in this session; that of the URL, where this is another than the form was written into."""
    asked = address.query()
    if asked != st.session_state.get(_LINK_KEY):
        choice = Choice.from_query(asked)
        preset = choice.preset or USUAL_PRESET
        _fill(preset, _usual() | PRESETS[preset] | dict(choice.changes))
        st.session_state[OPEN_KEY] = bool(choice.changes)
        st.session_state[_LINK_KEY] = asked
    return _in_session()


def story(name: str) -> dict[str, Any]:
    """The values of this preset; a data set that it does not name stays, except moons of another preset."""
    chosen = st.session_state.get("train-data")
    kept = {"data": chosen} if chosen in SOURCES and "phases" not in SOURCES[chosen].settings else {}
    return _usual() | kept | PRESETS[name]


def choose_preset(name: str) -> None:
    """Sets the form to this preset."""
    _fill(name, story(name))


def choose_to_change(name: str) -> None:
    """Sets the form to this preset, and unfolds it."""
    choose_preset(name)
    st.session_state[OPEN_KEY] = True


def chosen_preset(form: Form) -> str | None:
    """The preset that the form asks for, with whatever data set; None where anything else is changed."""
    choice = _choice(form)
    return None if choice.changes.keys() - {"data"} else choice.preset or USUAL_PRESET


def write(form: Form) -> None:
    """Puts the form into the URL, for a reload and for whoever gets the link."""
    choice = _choice(form)
    if choice != Choice.from_query(address.query()):
        address.write(choice)
    st.session_state[_LINK_KEY] = address.query()


def show_again() -> None:
    """Shows the form as it was before its training was followed; where this session has none, that of its story."""
    if _LINK_KEY in st.session_state:
        write(_in_session())
    else:
        address.write(Choice(preset=Choice.from_query(address.query()).preset))


def show_form(form: Form) -> None:
    """Draws the form; every change is in the session at once."""
    task, model, training = st.columns(3)
    with task:
        _select("data", lambda name: data_title(DataConfig(name=name)))
        if form.has_phases:
            _select("phases", lambda name: text(f"train.phases.{name}"))
        if form.has_factors:
            st.pills(
                text("train.factors_label"),
                FACTORS,
                selection_mode="multi",
                format_func=lambda name: text(f"train.factors.{name}"),
                key="train-factors",
                **KEPT,
            )
        _select("kind", lambda name: text_or(f"train.kinds.{name}", name))
        _length()
    with model:
        _number("latent_dim")
        _select("reconstruction", lambda name: text(f"train.reconstructions.{name}"))
        _select("network", lambda name: text(f"train.networks.{name}"), on_change=_new_widths)
        _widths(form)
        _select("activation", str)
    with training:
        _number("beta", step=0.1, help=text("train.beta_help"), disabled=not form.weighs("beta"))
        if form.weighs("beta"):
            st.caption(mean_note(form))
        for name in WEIGHTS:
            if name != "beta":
                _number(name, step=10.0, help=text(f"train.{name}_help"), disabled=not form.weighs(name))
        _number("learning_rate", step=1e-4)
        _number("batch_size")
        _number("seed")


def mean_note(form: Form) -> str:
    """The effect on β of a mean over pixels, the field's most frequent mistake, with these settings."""
    shape = DataConfig(name=form.values["data"]).image_shape
    config = ModelConfig(image_shape=shape, reconstruction=form.values["reconstruction"])
    return text("train.mean_note", pixels=config.pixels, beta=f"{config.equivalent_beta:g}")


def offer_data(form: Form) -> None:
    """Offers the download of a data set that is not on this machine, and names those that need none."""
    data = DataConfig(name=form.values["data"])
    if is_local(data):
        return
    title, megabytes = data_title(data), data.source.download_megabytes
    st.info(text("train.not_at_hand", data=title))
    if st.button(text("originals.fetch", data=title, megabytes=megabytes), key="fetch-training-data"):
        sentence = text("originals.fetching", data=title)
        bar = st.progress(0.0, sentence)
        with user_errors():
            loaded.fetch(data, lambda share: bar.progress(share, sentence))
            st.rerun()
        bar.empty()


def start(form: Form) -> None:
    """Starts the form's runs, and follows them; if a field is invalid, or they can't begin, says so."""
    if problems := form.problems():
        fields = [text("field.problem", name=_title(name), problem=problem) for name, problem in problems.items()]
        st.error("\n".join([text("train.refused"), *(f"- {field}" for field in fields)]))
        return
    with user_errors():
        job = jobs.shared().start(form.runs(), owners.owner(), owners.network_address())
        following.follow(job.names, chosen_preset(form) or "")
        st.rerun()


def _title(name: str) -> str:
    return text("train.unit" if name in ("seconds", "epochs") else f"train.{name}")


def _number(name: str, title: str | None = None, **how: Any) -> None:
    number_field(title or text(f"train.{name}"), f"train-{name}", LIMITS[name], **KEPT, **how)


def _length() -> None:
    unit = st.segmented_control(
        text("train.unit"),
        tuple(OPTIONS["unit"]),
        format_func=lambda name: text(f"train.units.{name}"),
        required=True,
        key="train-unit",
        **KEPT,
    )
    _number(unit, text(f"train.units.{unit}"), label_visibility="collapsed")


def _widths(form: Form) -> None:
    st.text_input(text("train.widths"), key="train-widths", **KEPT, help=text("train.widths_help"))
    if problem := form.problems().get("widths"):
        say_problem(problem)
    elif not form.values["widths"].strip(" ,，、"):
        st.caption(text("train.no_widths"))


def _select(name: str, label: Any, **more: Any) -> None:
    title = text("train.phases_label" if name == "phases" else f"train.{name}")
    st.selectbox(title, tuple(OPTIONS[name]), format_func=label, key=f"train-{name}", **KEPT, **more)


def _new_widths() -> None:
    st.session_state["train-widths"] = WIDTHS[st.session_state["train-network"]]


def _usual() -> dict[str, Any]:
    """The default form; where its data set is not on this machine, of the first that needs no download."""
    if is_local(DataConfig(name=USUAL["data"])):
        return USUAL
    return USUAL | {"data": next(name for name, source in SOURCES.items() if source.download_megabytes is None)}


def _in_session() -> Form:
    values = {name: st.session_state.get(f"train-{name}", value) for name, value in USUAL.items()}
    return Form({name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _choice(form: Form) -> Choice:
    """The form as the URL has it: its preset, and what differs from that."""
    preset = st.session_state.get(_PRESET_KEY, USUAL_PRESET)
    base = _usual() | PRESETS[preset]
    changes = {name: value for name, value in form.values.items() if value != base[name]}
    return Choice(preset="" if preset == USUAL_PRESET else preset, changes=changes)


def _fill(preset: str, values: dict[str, Any]) -> None:
    st.session_state[_PRESET_KEY] = preset
    for name, value in values.items():
        st.session_state[f"train-{name}"] = list(value) if isinstance(value, tuple) else value
