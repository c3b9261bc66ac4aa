"""Every page renders, in every language, for every kind of run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from halfmoon.jobs.job import NewRun
from halfmoon.jobs.jobs import Jobs, Standing
from halfmoon.plane.routes import answer_path
from halfmoon.runs import facts
from halfmoon.server import loaded
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES
from halfmoon.train import form
from tests.app.asking import ask
from tests.app.standins import COUNT, make_run
from vae_core.configs import PHASE_ONLY, DataConfig, ModelConfig, MoonsConfig, TrainingConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet
from vae_core.data.published import PUBLISHED
from vae_core.errors import ConfigError, DataError
from vae_core.places import SHIPPED
from vae_core.runs.shelf import find_run, list_runs
from vae_core.runs.status import Status

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/**/*.py"))
RUNS = ["small-digits-ae", "small-digits-vae", "small-line-vae", "small-mnist-vae", "small-ten-vae"]


def open_app(page: str = "pages/plane.py", **query: str) -> AppTest:
    """The page as a visitor with this URL finds it."""
    app = AppTest.from_file(str(ROOT / "halfmoon" / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app if page == "pages/plane.py" else app.switch_page(f"../{page}").run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_renders_without_an_exception(page: str, language: str) -> None:
    app = open_app(page, lang=language, run="small-digits-vae")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plane_shows_every_kind_of_run(run: str, language: str) -> None:
    app = open_app(lang=language, run=run)
    assert not app.exception
    assert not app.warning
    assert not app.error


def test_shipped_runs_are_shown() -> None:
    shipped = [run.name for run in list_runs(SHIPPED) if run.is_trained]
    if not shipped:
        pytest.skip("There are no shipped runs yet.")
    for run in shipped:
        app = open_app(run=run)
        assert not app.exception and not app.error and not app.warning, run


def test_a_link_to_a_run_that_is_not_here_opens_with_one_sentence() -> None:
    app = open_app(run="gone")
    assert not app.exception
    assert len(app.warning) == 1
    assert "gone" in app.warning[0].value


@pytest.mark.parametrize(
    "place",
    ["z=1", "z=nan,0", "z=a,b", "z=1,2,3", "point=60", "point=-1", "point=x", "z=1e9,0", "pins=1,2;x", "pins=inf,0"],
)
def test_a_link_to_a_place_that_is_not_there_opens_at_the_centre_with_one_sentence(place: str) -> None:
    name, value = place.split("=")
    app = open_app(run="small-digits-vae", **{name: value})
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["plane.broken_place"]]


@pytest.mark.parametrize("axes", ["pins", "0,10", "pc0,pc0", "0,pc1", "x"])
def test_a_link_to_a_slice_that_is_not_there_opens_with_one_sentence(axes: str) -> None:
    app = open_app(run="small-ten-vae", axes=axes)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["plane.broken_place"]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("axes", ["", "0,3", "pc2,pc1", "pins"])
def test_every_slice_renders_and_says_that_it_is_one(axes: str, language: str) -> None:
    pins = ";".join(",".join(map(str, pin)) for pin in np.eye(10)[:3])
    app = open_app(run="small-ten-vae", pins=pins, lang=language, **({"axes": axes} if axes else {}))
    assert not app.exception and not app.warning
    assert catalogue(language)["slice.note"].format(dims=10) in [caption.value for caption in app.caption]


def test_the_slice_through_three_pins_goes_through_the_code() -> None:
    pins = np.eye(10)[:3]
    app = open_app(run="small-ten-vae", pins=";".join(",".join(map(str, pin)) for pin in pins))
    app.segmented_control(key="slice-family").set_value("pins").run()
    assert not app.exception
    assert app.query_params["axes"] == "pins"
    assert [float(value) for value in app.query_params["z"].split(",")] == pins[0].tolist()


def test_a_place_without_a_run_is_one_of_the_first_run_s_plane() -> None:
    app = open_app(z="nan,1")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["plane.broken_place"]]
    assert not open_app(z="0.5,-0.25").warning


def test_without_any_run_the_page_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    monkeypatch.setattr("halfmoon.parts.pairs.SHIPPED", tmp_path)
    app = open_app()
    assert not app.exception
    assert "vae_core train" in app.info[0].value


def test_the_row_of_a_run_has_the_beta_it_ended_with_and_no_beta_where_there_is_no_kl(tmp_path: Path) -> None:
    for name, kind, steered, said in (
        ("ae", "ae", [], None),
        ("still", "vae", [], "1"),
        ("steered", "vae", [5.0, 20.0], "1 → 20"),
    ):
        run = make_run(tmp_path, name, kind)
        for step, beta in enumerate(steered):
            run.records.append({"step": step, "seconds": 1.0, "event": "control", "control": {"beta": beta}})
        assert facts.of_shipped(run).beta == said


def test_runs_are_found_by_their_words_sorted_and_compared_by_two_ticks() -> None:
    app = open_app("pages/runs.py")
    assert app.button(key="compare-ticked").disabled
    app.text_input(key="runs-find").set_value("vae mnist").run()
    assert rows(app) and all("MNIST" in row and "VAE" in row for row in rows(app))
    app.selectbox(key="runs-sort").set_value("loss").run()
    losses = [float(re.search(r'hm-run-loss"><small>Loss </small>([\d.]+)', row)[1]) for row in rows(app)]
    assert len(losses) > 2 and losses == sorted(losses)
    for name in ("mnist-vae-2d", "mnist-vae-10d"):
        app.checkbox(key=f"tick-{name}").check().run()
    app.button(key="compare-ticked").click().run()
    assert not app.exception
    assert {app.query_params["run"], app.query_params["with"]} == {"mnist-vae-2d", "mnist-vae-10d"}


def rows(app: AppTest) -> list[str]:
    """The rows of the table of runs, as HTML."""
    shown = [one.proto.body for one in app.get("html")]
    return [one for one in shown if 'class="hm-run"' in one and "hm-run-title" in one and "small-" not in one]


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_a_training_ended_is_said_after_a_few_words_in_the_page_s_language(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Standing(Status("interrupted"), message="The training was killed (SIGKILL).")
    monkeypatch.setattr(Jobs, "standing", lambda jobs, name: ended)
    captions = [caption.value for caption in open_app("pages/runs.py", lang=language).caption]
    assert f"{catalogue(language)['runs.reason']} ` The training was killed (SIGKILL). `" in captions


def test_a_preset_keeps_the_data_set_that_was_chosen_but_no_moons_of_another_story() -> None:
    app = open_app("pages/train.py")
    for preset, chosen, expected in (
        ("vae", "fashion-mnist", "fashion-mnist"),
        ("new_and_full", "fashion-mnist", "moons-phase"),
        ("collapse", "moons-phase", "digits"),  # for MNIST is not at hand
    ):
        app.selectbox(key="train-data").set_value(chosen).run()
        app.button(key=f"preset-{preset}").click().run()
        assert not app.exception
        assert app.selectbox(key="train-data").value == expected


def test_every_preset_asks_for_the_story_it_tells() -> None:
    app = open_app("pages/train.py")
    told = {}
    for preset in form.PRESETS:
        app.button(key=f"preset-{preset}").click().run()
        assert not app.exception
        told[preset] = asked_for(app)
    kinds = {preset: [new.model.kind for new in runs] for preset, runs in told.items()}
    assert kinds == {
        "pair": ["ae", "vae"],
        "ae": ["ae"],
        "vae": ["vae"],
        "no_kl": ["vae"],
        "collapse": ["vae"],
        "new_and_full": ["ae", "vae"],
    }
    for ae, vae in (told["pair"], told["new_and_full"]):
        assert ae.training == vae.training  # the seed with it
        assert ae.model.replace(kind="vae") == vae.model
    assert told["no_kl"][0].training.beta == 0
    assert told["collapse"][0].training.beta > 10
    assert {(new.training.data.name, new.training.data.phases) for new in told["new_and_full"]} == {
        ("moons-phase", "new-and-full")
    }


def test_a_card_starts_its_story_whatever_has_been_changed_below_and_what_was_changed_is_in_the_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[list[NewRun]] = []

    def refuse(_: Jobs, runs: list[NewRun], *__: object) -> None:
        started.append(runs)
        raise ConfigError("Too many trainings wait already: come back later.")

    monkeypatch.setattr(Jobs, "start", refuse)
    app = open_app("pages/train.py", preset="collapse", b="4", seconds="10")
    assert {(new.training.beta, new.training.seconds) for new in asked_for(app)} == {(4, 10)}
    app.number_input(key="train-latent_dim").set_value(3.0).run()
    assert app.query_params == {"preset": "collapse", "b": "4", "d": "3", "seconds": "10"}
    again = open_app("pages/train.py", **app.query_params)
    assert asked_for(again) == asked_for(app)
    app.button(key="start-collapse").click().run()
    assert not app.exception and "Too many trainings wait" in app.error[0].value
    ((new,),) = started
    assert (new.training.beta, new.training.seconds, new.model.latent_dim) == (60, 30, 2)
    assert app.query_params == {"preset": "collapse"}


@pytest.mark.parametrize(
    ("data", "reconstruction", "pixels", "beta"),
    [("digits", "bce", 64, "64"), ("digits", "mse", 64, "64"), ("moons", "bce", 784, "784")],
)
def test_where_beta_is_set_it_is_said_what_a_mean_over_pixels_would_make_of_it(
    data: str, reconstruction: str, pixels: int, beta: str
) -> None:
    app = open_app("pages/train.py")
    app.selectbox(key="train-data").set_value(data).run()
    app.selectbox(key="train-reconstruction").set_value(reconstruction).run()
    said = catalogue("en")["train.mean_note"].format(pixels=pixels, beta=beta)
    assert said in [caption.value for caption in app.caption]
    assert not app.number_input(key="train-beta").disabled
    app.selectbox(key="train-kind").set_value("ae").run()
    assert app.number_input(key="train-beta").disabled
    assert said not in [caption.value for caption in app.caption]


def test_codes_may_be_matched_to_the_prior_but_not_those_of_an_ae_alone() -> None:
    app = open_app("pages/train.py")
    assert {new.training.prior_match for new in asked_for(app)} == {0}
    app.number_input(key="train-prior_match").set_value(60.0).run()
    assert {new.training.prior_match for new in asked_for(app)} == {60}
    app.selectbox(key="train-kind").set_value("ae").run()
    assert app.number_input(key="train-prior_match").disabled


def test_of_moons_one_chooses_what_varies_besides_the_phase() -> None:
    app = open_app("pages/train.py")
    app.selectbox(key="train-data").set_value("moons").run()
    assert asked_for(app)[0].training.data.moons == MoonsConfig()
    app.pills(key="train-factors").set_value(["tilt"]).run()
    assert asked_for(app)[0].training.data.moons == PHASE_ONLY.replace(tilt=MoonsConfig().tilt)
    app.pills(key="train-factors").set_value([]).run()
    assert asked_for(app)[0].training.data.moons == PHASE_ONLY


def asked_for(app: AppTest) -> list[NewRun]:
    """What the form on the page would train."""
    values = {name: app.session_state[f"train-{name}"] for name in form.USUAL if f"train-{name}" in app.session_state}
    return form.Form(form.USUAL | values).runs()


def fake_load(result: ImageSet | None) -> Callable[..., ImageSet]:
    """A `datasets.load` that finds nothing on this machine and downloads `result`, or fails where that is None."""

    def load(config: DataConfig, download: bool) -> ImageSet:
        if not download or result is None:
            raise DataError("The network is down." if download else "MNIST is missing.")
        return result

    return load


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_data_set_is_offered_and_a_failure_is_a_sentence(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "load", fake_load(None))
    app = open_app(run="small-mnist-vae", lang=language)
    assert not app.error
    assert any("MNIST is missing." in markdown.value for markdown in app.markdown)
    app.button(key="fetch").click().run()
    assert not app.exception
    assert "The network is down." in app.error[0].value


@pytest.mark.usefixtures("nothing_read")
def test_a_data_set_that_was_fetched_is_told_of_at_once_and_not_offered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.zeros((COUNT + 100, 1, 28, 28), dtype=torch.uint8)
    fetched = ImageSet(DataConfig(), images, torch.zeros(len(images)), (), None, (), {})
    monkeypatch.setattr(datasets, "load", fake_load(fetched))
    app = open_app(run="small-mnist-vae", point="7")
    before = loaded.times_fetched(DataConfig())
    app.button(key="fetch").click().run()
    assert not app.exception and not app.error
    assert not app.button
    assert loaded.times_fetched(DataConfig()) == before + 1  # so that browsers ask anew
    about = json.loads(ask(f"{answer_path(find_run('small-mnist-vae'))}&point=7").body)["about"]
    assert ">original</figcaption>" in about


@pytest.mark.usefixtures("nothing_read")
def test_a_broken_data_set_is_said_to_be_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in PUBLISHED:
        (raw / name).write_bytes(b"torn")
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    app = open_app(run="small-mnist-vae")
    assert any("is broken" in markdown.value for markdown in app.markdown)


def test_choosing_another_pair_is_in_the_url_and_forgets_the_place() -> None:
    app = open_app(run="small-digits-vae", z="1,2", pins="0,0", layers="none")
    app.selectbox(key="pair").select("small-line-vae").run()
    assert not app.exception
    assert app.query_params["run"] == "small-line-vae"
    assert not {"z", "pins", "layers"} & set(app.query_params)


WRONG = {
    "beta": (-3.0, "train.beta"),
    "latent_dim": (2.5, "train.latent_dim"),
    "seconds": (99_999.0, "train.unit"),
    "batch_size": (0.0, "train.batch_size"),
    "learning_rate": (1.0, "train.learning_rate"),
    "seed": (-1.0, "train.seed"),
    "prior_match": (1e6, "train.prior_match"),
}


def test_a_number_that_can_t_be_trained_with_is_said_at_its_field_and_nothing_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []
    monkeypatch.setattr(Jobs, "start", lambda *_: started.append(True))
    known, app = catalogue("en"), open_app("pages/train.py")
    for name, (value, _) in WRONG.items():
        app.number_input(key=f"train-{name}").set_value(value)
    app.text_input(key="train-widths").set_value("512, banana")
    app.button(key="start").click().run()
    assert not app.exception and not started
    (refusal,) = app.error
    for name in [*(title for _, title in WRONG.values()), "train.widths"]:
        assert f"**{known[name]}**" in refusal.value
    said = [markdown.value for markdown in app.markdown]
    for name, (value, _) in WRONG.items():
        assert app.number_input(key=f"train-{name}").value == value  # nobody has put it right in silence
        assert f":red[:small[{form.LIMITS[name].sentence()}]]" in said
    assert sum(one.startswith(":red[") for one in said) == len(WRONG) + 1


def test_the_limits_of_the_form_are_those_of_the_settings() -> None:
    for name, limits in form.LIMITS.items():
        config = ModelConfig if name == "latent_dim" else TrainingConfig
        for value in (limits.low, limits.high):
            assert getattr(config(**{name: value}), name) == value
        if name != "seconds":  # one that a page trains has less time
            for value in (limits.low - 1e-7, limits.high + 1):
                with pytest.raises(ConfigError):
                    config(**{name: value})


def test_what_an_ae_has_not_keeps_it_from_nothing() -> None:
    app = open_app("pages/train.py")
    app.number_input(key="train-beta").set_value(-3.0).run()
    app.selectbox(key="train-kind").set_value("ae").run()
    (new,) = asked_for(app)
    assert new.training.beta == TrainingConfig().beta
    assert not [markdown for markdown in app.markdown if markdown.value.startswith(":red[")]


@pytest.mark.parametrize("widths", ["64，32", "64、32", " 64 , 32, "])
def test_widths_may_be_parted_as_one_writes(widths: str) -> None:
    app = open_app("pages/train.py")
    app.text_input(key="train-widths").set_value(widths).run()
    assert {new.model.encoder.widths for new in asked_for(app)} == {(64, 32)}


def test_without_widths_it_is_said_that_the_networks_are_linear() -> None:
    app = open_app("pages/train.py")
    app.text_input(key="train-widths").set_value(" ").run()
    assert catalogue("en")["train.no_widths"] in [caption.value for caption in app.caption]
