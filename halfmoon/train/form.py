"""The form of the Train page, and the start of a training from it."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from halfmoon import address
from halfmoon.jobs import jobs
from halfmoon.parts.errors import user_errors
from halfmoon.parts.fields import number_field, say_problem
from halfmoon.parts.titles import data_title
from halfmoon.server import loaded, owners
from halfmoon.texts import text, text_or
from halfmoon.train import following
from halfmoon.train.choice import Choice
from halfmoon.train.settings import FACTORS, LIMITS, MODELS, PRESETS, USUAL, WEIGHTS, WIDTHS, Form
from vae_core.configs import Activation, DataConfig, ModelConfig, Network, Phases
from vae_core.data.datasets import is_local
from vae_core.data.sources import SOURCES

KEPT: dict[str, Any] = {"persist_state": "session"}  # a widget's value outlives a switch of the page


def settled() -> Form:
    """The form in this session; at first the default one, or the preset in the URL.

    Each widget's key is `train-` and the name of its value.
    """
    if "train-data" not in st.session_state:
        choice = Choice.from_query(address.query())
        _fill(_usual() | PRESETS[choice.preset] | _phases(choice))
    return Form({name: st.session_state.get(f"train-{name}", value) for name, value in USUAL.items()})


def choose_preset(name: str) -> None:
    """Sets the form to this preset; a data set that it does not name stays, except moons of another preset."""
    usual, chosen = _usual(), st.session_state.get("train-data")
    kept = {"data": chosen} if chosen in SOURCES and "phases" not in SOURCES[chosen].settings else {}
    _fill(usual | kept | PRESETS[name])


def open_with(choice: Choice) -> None:
    """Opens the Train page with its form set to this choice."""
    choose_preset(choice.preset)
    _fill(_phases(choice))
    address.go("train", choice)


def show_form() -> Form:
    """Draws the form; every change is in the session at once."""
    form = settled()
    with st.container(horizontal=True, key="presets"):
        for name in PRESETS:
            st.button(text(f"train.presets.{name}"), key=f"preset-{name}", on_click=choose_preset, args=(name,))
    first, second, third = st.columns(3)
    with first:
        _select("data", tuple(SOURCES), lambda name: data_title(DataConfig(name=name)))
        if form.has_phases:
            _select("phases", get_args(Phases), lambda name: text(f"train.phases.{name}"))
        if form.has_factors:
            st.pills(
                text("train.factors_label"),
                FACTORS,
                selection_mode="multi",
                format_func=lambda name: text(f"train.factors.{name}"),
                key="train-factors",
                **KEPT,
            )
        _select("kind", tuple(MODELS), lambda name: text_or(f"train.kinds.{name}", name))
    with second:
        unit = st.segmented_control(
            text("train.unit"),
            ["seconds", "epochs"],
            format_func=lambda name: text(f"train.units.{name}"),
            required=True,
            key="train-unit",
            **KEPT,
        )
        _number(unit, text(f"train.units.{unit}"), label_visibility="collapsed")
        _weight("beta", 0.1, form)
        st.caption(mean_note(form))
    with third:
        _number("latent_dim")
        _select("reconstruction", ("bce", "mse"), lambda name: text(f"train.reconstructions.{name}"))
    with st.expander(text("train.more")):
        left, middle, right = st.columns(3)
        with left:
            _select("network", get_args(Network), lambda name: text(f"train.networks.{name}"), on_change=_new_widths)
            _widths(form)
            for name in WEIGHTS:
                if name != "beta":
                    _weight(name, 10.0, form)
        with middle:
            _select("activation", get_args(Activation), str)
            _number("batch_size")
        with right:
            _number("learning_rate", step=1e-4)
            _number("seed")
    return settled()


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
    """Starts the form's runs, and follows them; if a field is invalid, says so and starts nothing.

    Raises UserError where it can't begin.
    """
    if problems := form.problems():
        fields = [text("field.problem", name=_title(name), problem=problem) for name, problem in problems.items()]
        st.error("\n".join([text("train.refused"), *(f"- {field}" for field in fields)]))
        return
    job = jobs.shared().start(form.runs(), owners.owner(), owners.network_address())
    following.follow(job.names)
    st.rerun()


def _title(name: str) -> str:
    return text("train.unit" if name in ("seconds", "epochs") else f"train.{name}")


def _number(name: str, title: str | None = None, **how: Any) -> None:
    number_field(title or text(f"train.{name}"), f"train-{name}", LIMITS[name], **KEPT, **how)


def _widths(form: Form) -> None:
    st.text_input(text("train.widths"), key="train-widths", **KEPT, help=text("train.widths_help"))
    if problem := form.problems().get("widths"):
        say_problem(problem)
    elif not form.values["widths"].strip(" ,，、"):
        st.caption(text("train.no_widths"))


def _select(name: str, options: tuple[str, ...], label: Any, **more: Any) -> None:
    title = text("train.phases_label" if name == "phases" else f"train.{name}")
    st.selectbox(title, options, format_func=label, key=f"train-{name}", **KEPT, **more)


def _weight(name: str, step: float, form: Form) -> None:
    """Draws the weight of a term that not every loss has."""
    _number(name, step=step, help=text(f"train.{name}_help"), disabled=not form.weighs(name))


def _new_widths() -> None:
    st.session_state["train-widths"] = WIDTHS[st.session_state["train-network"]]


def _usual() -> dict[str, Any]:
    """The default form; where its data set is not on this machine, of the first that needs no download."""
    if is_local(DataConfig(name=USUAL["data"])):
        return USUAL
    return USUAL | {"data": next(name for name, source in SOURCES.items() if source.download_megabytes is None)}


def _phases(choice: Choice) -> dict[str, str]:
    return {"phases": choice.phases} if choice.phases else {}


def _fill(values: dict[str, Any]) -> None:
    for name, value in values.items():
        st.session_state[f"train-{name}"] = list(value) if isinstance(value, tuple) else value
