"""What only the server knows of a code, in the language of the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from halfmoon.plane.answer import NEIGHBOUR_COUNT, look_at
from halfmoon.plane.routes import (
    answer_path,
)
from halfmoon.plane.view import View
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES
from tests.app.asking import ask, assert_refused, run_of

RUNS = ["small-digits-ae", "small-digits-vae", "small-line-vae", "small-mnist-vae", "small-ten-vae"]


@pytest.mark.parametrize("run_name", RUNS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_every_kind_of_run_a_code_is_told_of_in_the_language_that_is_asked_for(run_name: str, language: str) -> None:
    run, texts = run_of(run_name), catalogue(language)
    answer = json.loads(ask(f"{answer_path(run)}&point=5&lang={language}&wait").body)
    kind = texts[f"kind.{run.config.model.kind}"]
    assert answer["about"].startswith(f'<section class="hm-answer"><h2>{kind}')
    assert texts["neighbours.heading"].format(kind=kind) in answer["neighbours"]
    assert answer["neighbours"].count("<li>") == NEIGHBOUR_COUNT
    assert answer["is_whole"] is True


def test_originals_are_shown_where_they_are_at_hand_and_named_where_not() -> None:
    def about(name: str) -> str:
        return json.loads(ask(f"{answer_path(run_of(name))}&point=7&wait").body)["about"]

    missing = catalogue("en")["answer.not_at_hand"].format(data="MNIST")
    assert missing not in about("small-digits-vae")  # scikit-learn's digits need no download
    assert ">original</figcaption>" in about("small-digits-vae")
    assert missing in about("small-mnist-vae")
    assert ">original</figcaption>" not in about("small-mnist-vae")


def test_an_answer_without_a_place_is_about_the_centre_and_in_english() -> None:
    run = run_of("small-digits-vae")
    assert ask(answer_path(run)).body == ask(f"{answer_path(run)}&z=0,0&lang=xx").body


@pytest.mark.parametrize("place", ["z=1", "z=nan,0", "z=a,b", "z=1e9,0", "point=60", "point=-1", "point=x"])
def test_of_a_place_that_is_not_there_nothing_is_told(place: str) -> None:
    assert_refused(ask(f"{answer_path(run_of('small-digits-vae'))}&{place}"), 400, "no such place")


def test_the_view_of_a_point_leaves_itself_out_of_its_neighbours() -> None:
    run = run_of("small-digits-vae")
    answer = look_at(run, View.from_query({"point": "5"}, run))
    assert len(answer.neighbours) == NEIGHBOUR_COUNT
    assert all(neighbour.distance > 0 for neighbour in answer.neighbours)
    distances = [neighbour.distance for neighbour in answer.neighbours]
    assert distances == sorted(distances)


def test_the_round_trip_is_the_models_own() -> None:
    run = run_of("small-digits-ae")
    answer = look_at(run, View(run.name, (1.5, -0.5)))
    model = run.load_model()
    again = model.encode(model.decode(torch.tensor([[1.5, -0.5]]))).mu[0].numpy()
    np.testing.assert_allclose(answer.round_trip.code, again, rtol=1e-3)
    step = run.codes.standardise(again) - run.codes.standardise(np.array([1.5, -0.5]))
    assert answer.round_trip.drift == pytest.approx(np.linalg.norm(step), rel=1e-3)


def test_an_answer_does_not_wait_for_a_data_set_that_has_yet_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halfmoon.server.loaded._read", set())
    run = run_of("small-digits-vae")
    view = View.from_query({"point": "5"}, run)
    first = look_at(run, view, wait=False)
    assert first.original is None and first.has_originals is None
    assert look_at(run, view).original is not None
    assert look_at(run, view, wait=False).has_originals
