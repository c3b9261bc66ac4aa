"""Training from a page: the presets, the form, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

import streamlit as st

from ui import decoding, following, jobs
from ui.errors import user_errors
from ui.gallery import data_title
from ui.job import NewRun
from ui.limits import MOST_SECONDS, is_at_hand
from ui.texts import text
from vae_core.configs import (
    PHASE_ONLY,
    Activation,
    DataConfig,
    DataName,
    ModelConfig,
    Network,
    NetworkConfig,
    Phases,
    TrainingConfig,
)
from vae_core.datasets import about

KINDS = ("pair", "vae", "ae")
KEPT = {"persist_state": "session"}  # a widget's value outlives a switch of the page
WIDTHS = {"mlp": "512, 256, 128", "conv": "16, 32"}

FACTORS = ("tilt", "radius", "offset")
"""Of moons, besides the phase: each varies, or is fixed as in the moons of which the phase alone varies."""

USUAL: dict[str, Any] = {
    "data": "mnist",
    "kind": "pair",
    "phases": "all",
    "factors": FACTORS,
    "network": "mlp",
    "widths": WIDTHS["mlp"],
    "activation": "silu",
    "latent_dim": 2,
    "reconstruction": "bce",
    "beta": 1.0,
    "prior_match": 0.0,
    "learning_rate": 2e-3,
    "batch_size": 128,
    "unit": "seconds",
    "seconds": 30,
    "epochs": 20,
    "seed": 0,
}
PRESETS: dict[str, dict[str, Any]] = {
    "pair": {},
    "ae": {"kind": "ae"},
    "vae": {"kind": "vae"},
    "no_kl": {"kind": "vae", "beta": 0.0},
    "collapse": {"kind": "vae", "beta": 60.0},
    "new_and_full": {
        "kind": "pair",
        "data": "moons-phase",
        "phases": "new-and-full",
        "latent_dim": 1,
        "widths": "256, 128",
        "reconstruction": "mse",
        "seconds": 20,
    },
}
"""What differs from USUAL; each tells a part of the story."""


@dataclass
class Form:
    """The values of the form's widgets; each widget's key is `train-` and the name."""

    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def settled(cls) -> Form:
        """The form as it stands in this session; at first the usual, or the preset that the URL names."""
        preset = st.query_params.get("preset", "pair")
        if "train-data" not in st.session_state:
            _fill(_usual() | PRESETS.get(preset, {}) | _phases_in_url())
        return cls({name: st.session_state.get(f"train-{name}", value) for name, value in USUAL.items()})

    def runs(self) -> list[NewRun]:
        """What the form asks for: one run, or a pair with the same networks and seed. Raises ConfigError."""
        values = self.values
        widths = [part.strip() for part in values["widths"].split(",") if part.strip()]
        network = NetworkConfig(network=values["network"], widths=widths, activation=values["activation"])
        data = {"name": values["data"]} | ({"phases": values["phases"]} if self.has_phases else {})
        if self.has_factors:
            fixed = {name: getattr(PHASE_ONLY, name) for name in FACTORS if name not in values["factors"]}
            data |= {"moons": fixed}
        length = {"seconds": values["seconds"]} if values["unit"] == "seconds" else {"epochs": values["epochs"]}
        names = ("learning_rate", "batch_size", "beta", "prior_match", "seed")
        training = TrainingConfig(data=data, **length, **{name: values[name] for name in names})
        kinds = ("ae", "vae") if values["kind"] == "pair" else (values["kind"],)
        common = {"encoder": network.model_dump(), "decoder": network.model_dump()}
        common |= {"latent_dim": values["latent_dim"], "reconstruction": values["reconstruction"]}
        shape = about(training.data).image_shape
        return [NewRun(ModelConfig(kind=kind, image_shape=shape, **common), training) for kind in kinds]

    @property
    def has_phases(self) -> bool:
        return self.values["data"].startswith("moons")

    @property
    def has_factors(self) -> bool:
        return self.values["data"] == "moons"


def choose_preset(name: str) -> None:
    """The form holds this preset; a data set that it does not name stays, but for the moons of another story."""
    usual, chosen = _usual(), st.session_state.get("train-data", "")
    kept = {"data": chosen} if chosen and not chosen.startswith("moons") else {}
    _fill(usual | kept | PRESETS[name])


def show_form() -> Form:
    """The form; every change is in the session at once."""
    form = Form.settled()
    with st.container(horizontal=True, key="presets"):
        for name in PRESETS:
            st.button(text(f"train.presets.{name}"), key=f"preset-{name}", on_click=choose_preset, args=(name,))
    first, second, third = st.columns(3)
    with first:
        _select("data", get_args(DataName), lambda name: data_title(DataConfig(name=name)))
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
        _select("kind", KINDS, lambda name: text(f"train.kinds.{name}"))
    with second:
        unit = st.segmented_control(
            text("train.unit"),
            ["seconds", "epochs"],
            format_func=lambda name: text(f"train.units.{name}"),
            required=True,
            key="train-unit",
            **KEPT,
        )
        most = MOST_SECONDS if unit == "seconds" else 10_000
        st.number_input(text(f"train.units.{unit}"), 1, most, key=f"train-{unit}", **KEPT, label_visibility="collapsed")
        _weight("beta", 0.1, form)
        st.caption(mean_note(form))
    with third:
        st.number_input(text("train.latent_dim"), 1, 64, key="train-latent_dim", **KEPT)
        _select("reconstruction", ("bce", "mse"), lambda name: text(f"train.reconstructions.{name}"))
    with st.expander(text("train.more")):
        left, middle, right = st.columns(3)
        with left:
            _select("network", get_args(Network), lambda name: text(f"train.networks.{name}"), on_change=_new_widths)
            st.text_input(text("train.widths"), key="train-widths", **KEPT, help=text("train.widths_help"))
            _weight("prior_match", 10.0, form)
        with middle:
            _select("activation", get_args(Activation), str)
            st.number_input(text("train.batch_size"), 1, 8192, key="train-batch_size", **KEPT)
        with right:
            st.number_input(
                text("train.learning_rate"), 1e-6, 1e-2, step=1e-4, format="%.6g", key="train-learning_rate", **KEPT
            )
            st.number_input(text("train.seed"), 0, 2**31 - 1, key="train-seed", **KEPT)
    return Form.settled()


def mean_note(form: Form) -> str:
    """What a mean over pixels, the field's most frequent mistake, would make of β with these settings."""
    shape = about(form.values["data"]).image_shape
    config = ModelConfig(image_shape=shape, reconstruction=form.values["reconstruction"])
    return text("train.mean_note", pixels=config.pixels, beta=f"{config.equivalent_beta:g}")


def offer_data(form: Form) -> None:
    """Where the data set is not at hand: a button that fetches it, and what works without it."""
    data = DataConfig(name=form.values["data"])
    if is_at_hand(data):
        return
    title, megabytes = data_title(data), about(data).download_megabytes
    st.info(text("train.not_at_hand", data=title))
    if st.button(text("originals.fetch", data=title, megabytes=megabytes), key="fetch-training-data"):
        sentence = text("originals.fetching", data=title)
        bar = st.progress(0.0, sentence)
        with user_errors():
            decoding.fetch(data, lambda share: bar.progress(share, sentence))
            st.rerun()
        bar.empty()


def start(form: Form) -> None:
    """Begins what the form asks for, and follows it. Raises UserError where it can't begin."""
    job = jobs.shared().start(form.runs(), following.owner(), following.address())
    following.follow(job.names)


def _select(name: str, options: tuple[str, ...], label: Any, **more: Any) -> None:
    title = text("train.phases_label" if name == "phases" else f"train.{name}")
    st.selectbox(title, options, format_func=label, key=f"train-{name}", **KEPT, **more)


def _weight(name: str, step: float, form: Form) -> None:
    """The weight of a term that the loss of an AE has not."""
    title, about_it, is_ae = text(f"train.{name}"), text(f"train.{name}_help"), form.values["kind"] == "ae"
    st.number_input(title, 0.0, 1000.0, step=step, key=f"train-{name}", **KEPT, help=about_it, disabled=is_ae)


def _new_widths() -> None:
    st.session_state["train-widths"] = WIDTHS[st.session_state["train-network"]]


def _usual() -> dict[str, Any]:
    """The form to begin with: of MNIST where that is at hand, else of the digits, which always are."""
    return USUAL | {"data": "mnist" if is_at_hand(DataConfig(name="mnist")) else "digits"}


def _phases_in_url() -> dict[str, str]:
    phases = st.query_params.get("phases")
    return {"phases": phases} if phases in get_args(Phases) else {}


def _fill(values: dict[str, Any]) -> None:
    for name, value in values.items():
        st.session_state[f"train-{name}"] = list(value) if isinstance(value, tuple) else value
