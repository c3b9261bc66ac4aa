"""Verdicts: which of two runs is better, what of it comes first, and what holds over more trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halfmoon.compare import lanes, study_tables
from halfmoon.texts import catalogue
from tests.app.test_compare_measures import measured, said_of
from vae_core.comparison import Pair
from vae_core.measures.catalogue import MEASURES
from vae_core.measures.definition import Better, Definition
from vae_core.places import SHIPPED
from vae_core.runs.cards import Measure
from vae_core.runs.run import Run
from vae_core.verdicts import HEADLINE_COUNT, Verdict, by_group, headlines, why_apart


@pytest.mark.parametrize(
    ("better", "first", "second", "winner"),
    [
        ("low", measured(1, 0.3), measured(2, 0.3), 0),
        ("high", measured(1, 0.3), measured(2, 0.3), 1),
        ("low", measured(1, 0.6), measured(1.9, 0.8), None),  # 0.9 apart, give or take √(0.6² + 0.8²) = 1
        ("low", measured(1, 0.6), measured(2.1, 0.8), 0),
        ("low", measured(1, 0.6), measured(2.1, None), None),
        (
            "low",
            Measure(0, interval=(0, 0.3)),
            measured(0.2, 0.01),
            None,
        ),  # 0.3 up, and nothing is below 0
        ("low", measured(1, 0.1), None, None),
        (None, measured(1, 0.1), measured(2, 0.1), None),
    ],
)
def test_a_winner_is_named_only_where_the_interval_of_the_difference_excludes_zero(
    better: Better | None, first: Measure, second: Measure | None, winner: int | None
) -> None:
    definition = Definition(name="any", group="fit", unit="", better=better, meaning="")
    assert Verdict(definition, (first, second)).winner == winner


def test_the_verdict_says_what_of_it_holds_over_more_trainings_and_what_is_turned_round() -> None:
    mnist, fashion, moons = (
        Pair(tuple(Run.open(SHIPPED / f"{name}-{kind}-2d") for kind in ("ae", "vae")))
        for name in ("mnist", "fashion", "moons")
    )
    titles = {name: catalogue("en")[f"compare.measures.{name}.title"].lower() for name in MEASURES}
    for pair, name in ((mnist, "mnist"), (fashion, "fashion-mnist")):
        differences = study_tables.read().differences[name]
        holds, turned = said_of(pair)[2].lower().split("the other one becomes better in:")
        for row in (row for rows in by_group(pair.runs).values() for row in rows if row.winner is not None):
            usual = differences[row.name].winner(row.definition.better)
            kind = ("ae", "vae")[row.winner]
            assert (titles[row.name] in holds) == (usual == kind)
            assert (titles[row.name] in turned) == (usual not in (None, kind))
    assert "five seeds" not in said_of(moons)[2]  # of which nothing is known
    assert (
        "five seeds" not in said_of(Pair(mnist.runs[::-1]))[2]
        or said_of(Pair(mnist.runs[::-1]))[2] == said_of(mnist)[2]
    )


@pytest.mark.parametrize("name", ["mnist-{}-2d", "moons-{}-2d", "digits-{}-2d", "moons-{}-6d", "moons-two-{}-1d"])
def test_the_first_measures_are_those_both_have_and_as_many_of_every_data_set(name: str) -> None:
    pair = Pair(tuple(Run.open(SHIPPED / name.format(kind)) for kind in ("ae", "vae")))
    rows = headlines(by_group(pair.runs))
    assert len(rows) == HEADLINE_COUNT
    assert all(measure.values for row in rows for measure in row.measures)
    assert rows[0].name == "reconstruction_at_mean"


def test_a_better_value_never_looks_like_the_other_one() -> None:
    generator = np.random.default_rng(0)
    definition = Definition(name="psnr", group="fit", unit="", better="high", meaning="")
    seen = 0
    for value, gap, first, second in 10.0 ** generator.uniform(-3, 3, (400, 4)):
        row = Verdict(definition, (measured(value, first), measured(value + gap, second)))
        if row.winner is not None:
            seen += 1
            texts = [lanes.shown(measure).value for measure in row.measures]
            assert texts[0] != texts[1], row
    assert seen > 50


def likened(folder: Path, run: Run, **model: Any) -> Pair:
    """The run beside another one with other settings of its model."""
    config = run.config.replace(model=run.config.model.replace(**model))
    return Pair((run, Run.create(folder / "other", config)))


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ({}, {}, None),
        ({}, {"reconstruction": "mse"}, "likelihood"),
        ({"reconstruction": "mse"}, {"observation_variance": 0.1}, "likelihood"),
        ({}, {"observation_variance": 0.1}, None),  # of which bce knows nothing
    ],
)
def test_nats_are_not_compared_across_likelihoods_but_decibels_are(
    first: dict[str, Any], second: dict[str, Any], apart: str | None, user_runs: Path, tmp_path: Path
) -> None:
    one = likened(tmp_path, Run.open(user_runs / "small-digits-ae"), **first).runs[1]
    pair = likened(tmp_path / "beside", one, **second)
    assert why_apart(MEASURES["reconstruction_at_mean"], pair.runs) == apart
    for name in ("psnr", "marginal_kl", "sample_credibility"):
        assert why_apart(MEASURES[name], pair.runs) is None
