"""What only the server knows of a code, in the language of the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from halfmoon.parts.packed import packed
from halfmoon.plane.answer import NEIGHBOUR_COUNT, about_the_code, describe_code, fullness
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
    answer = describe_code(run, View.from_query({"point": "5"}, run))
    assert len(answer.neighbours) == NEIGHBOUR_COUNT
    assert all(neighbour.distance > 0 for neighbour in answer.neighbours)
    distances = [neighbour.distance for neighbour in answer.neighbours]
    assert distances == sorted(distances)


def test_the_round_trip_is_the_models_own() -> None:
    run = run_of("small-digits-ae")
    answer = describe_code(run, View(run.name, (1.5, -0.5)))
    model = run.load_model()
    again = model.encode(model.decode(torch.tensor([[1.5, -0.5]]))).mu[0].numpy()
    np.testing.assert_allclose(answer.round_trip.code, again, rtol=1e-3)
    step = run.codes.standardise(again) - run.codes.standardise(np.array([1.5, -0.5]))
    assert answer.round_trip.drift == pytest.approx(np.linalg.norm(step), rel=1e-3)


def test_an_answer_does_not_wait_for_a_data_set_that_has_yet_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halfmoon.server.loaded._read", set())
    run = run_of("small-digits-vae")
    view = View.from_query({"point": "5"}, run)
    first = describe_code(run, view, wait=False)
    assert first.original is None and first.has_originals is None
    assert describe_code(run, view).original is not None
    assert describe_code(run, view, wait=False).has_originals


@pytest.mark.parametrize(
    ("inside", "expected", "found", "count"),
    [
        (393, 310.0, "As full as expected: <b>393</b> of 10,000 test codes within 0.25 σ", "about 310"),
        (900, 310.0, "Crowded: <b>900</b> of 10,000 test codes within 0.25 σ", "about 310"),
        (12, 310.0, "Sparse: <b>12</b> of 10,000 test codes within 0.25 σ", "about 310"),
        (3, 1.6e-15, "Sparse: <b>3</b> of 10,000 test codes within 0.25 σ", "practically none"),
        (0, 0.4, "No test code lies within 0.25 σ of here", "fewer than one"),
        (0, 0.0, "No test code lies within 0.25 σ of here", "practically none"),
    ],
)
def test_a_place_is_said_to_be_as_full_as_it_is(inside: int, expected: float, found: str, count: str) -> None:
    prior = '<a href="#term-prior">prior</a>'
    said = fullness(inside, expected, 10_000).replace("\u00a0", " ")
    assert said == f"{found}; the {prior} N(0, I) would put {count} here."


def test_a_drawing_is_answered_with_itself_and_its_nearest_codes() -> None:
    image = packed(np.random.default_rng(2).integers(0, 256, 64, np.uint8).tobytes())
    answer = json.loads(ask(f"{answer_path(run_of('small-digits-vae'))}&image={image}&wait").body)
    assert "Your drawing, as the VAE encodes it." in answer["about"]
    assert answer["about"].count("<figure>") == 3
    assert answer["neighbours"].count("<li>") == NEIGHBOUR_COUNT
    assert_refused(ask(f"{answer_path(run_of('small-mnist-vae'))}&image={image}"), 400, "no such place")


@pytest.mark.parametrize("name", ["small-digits-ae", "small-digits-vae"])
def test_distances_are_in_the_one_unit_that_is_named(name: str) -> None:
    run = run_of(name)
    answer = describe_code(run, View(run.name, (1.5, -0.5)))
    standard, here = run.codes.standardise(run.codes.mu), run.codes.standardise(np.array([1.5, -0.5]))
    nearest = np.sort(np.linalg.norm(standard - here, axis=1))[:NEIGHBOUR_COUNT]
    np.testing.assert_allclose([neighbour.distance for neighbour in answer.neighbours], nearest, rtol=1e-4)
    unit = "of the prior" if name.endswith("-vae") else "of all test codes"
    assert f"1\u00a0σ is one standard deviation {unit}" in about_the_code(answer)
