"""The page of measures: none is left out, a winner is named where chance can't explain it, files say what cards say."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.app.standins import make_run
from tests.app.test_pages import open_app
from ui import comparing
from ui.gallery import Pair
from ui.state import LANGUAGES
from ui.texts import catalogue
from vae_core.metrics import MEASURES
from vae_core.runs import Run

PAGE = "pages/compare.py"


def measured(value: float, half: float | None) -> dict[str, Any]:
    """A measure with an interval of this half width."""
    return {"value": value} | ({} if half is None else {"interval": [value - half, value + half]})


@pytest.fixture
def pair(user_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """An AE and a VAE, the user's only runs; the VAE is better at one measure beyond doubt, at another within it."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    runs = tuple(make_run(tmp_path, f"measured-{kind}", kind) for kind in ("ae", "vae"))
    for run, psnr, holes in zip(runs, (10.5, 20.5), (0.05, 0.03), strict=True):
        measures = {
            "psnr": measured(psnr, 1.0) | {"unit": "dB", "split": "test", "n": 60},
            "prior_hole_share": measured(holes, 0.02),
            "mig": {"value": None, "reason": "There are no <factors>."},
        }
        run.write_card({"measures": measures})
    return Pair(runs)


def test_every_measure_has_its_place_and_its_words_in_every_language() -> None:
    names = [name for group in comparing.GROUPS.values() for name in group]
    assert sorted(names) == sorted(MEASURES)
    for language in LANGUAGES:
        keys = catalogue(language)
        assert {f"compare.measures.{name}.{part}" for name in names for part in ("title", "what")} <= keys.keys()
        assert {f"compare.groups.{group}" for group in comparing.GROUPS} <= keys.keys()


@pytest.mark.parametrize(
    ("better", "first", "second", "winner"),
    [
        ("low", measured(1, 0.3), measured(2, 0.3), 0),
        ("high", measured(1, 0.3), measured(2, 0.3), 1),
        ("low", measured(1, 0.6), measured(1.9, 0.8), None),  # 0.9 apart, give or take √(0.6² + 0.8²) = 1
        ("low", measured(1, 0.6), measured(2.1, 0.8), 0),
        ("low", measured(1, 0.6), measured(2.1, None), None),
        ("low", measured(1, 0.1), None, None),
        (None, measured(1, 0.1), measured(2, 0.1), None),
    ],
)
def test_a_winner_is_named_only_where_the_interval_of_the_difference_excludes_zero(
    better: str | None, first: dict[str, Any], second: dict[str, Any] | None, winner: int | None
) -> None:
    assert comparing.row_of("any", better, [first, second]).winner == winner


def test_rows_are_those_of_the_cards_and_a_group_without_a_value_is_left_out(pair: Pair) -> None:
    found = comparing.rows(pair)
    assert {group: [row.name for row in rows] for group, rows in found.items()} == {
        "fit": ["psnr"],
        "gaps": ["prior_hole_share"],
    }
    assert [row.winner for rows in found.values() for row in rows] == [1, None]
    shown = comparing.table(pair, "fit", found["fit"])
    assert shown.index("<b>10.5</b>") < shown.index("<b>20.5</b>") < shown.index("hm-better")


def test_the_files_hold_what_the_cards_hold(pair: Pair) -> None:
    lines = list(csv.DictReader(io.StringIO(comparing.as_csv(pair, comparing.rows(pair)))))
    for line in lines:
        known = pair.run(line["run"]).card["measures"][line["measure"]]
        assert [float(line[name]) for name in ("value", "low", "high")] == [known["value"], *known["interval"]]
    assert len(lines) == 4
    assert json.loads(comparing.as_json(pair)) == {run.name: run.card for run in pair.runs}


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_the_density_of_codes_is_the_share_in_each_bin_over_its_width(user_runs: Path, kind: str) -> None:
    run = Run.open(user_runs / f"small-digits-{kind}")
    everything = np.array([-1e6, 0, 1e6])
    density = comparing.marginal_density(run, 0, everything)
    assert density @ np.diff(everything) == pytest.approx(1)
    if kind == "ae":
        below = (run.codes.standardise(run.codes.mu)[:, 0] < 0).mean()
        assert density[0] * 1e6 == pytest.approx(below)


def test_a_run_that_has_not_been_measured_says_how_to_measure_it(user_runs: Path) -> None:
    app = open_app(PAGE, run="small-digits-vae")
    assert not app.exception
    assert ["python -m vae_core evaluate" in info.value for info in app.info] == [True, True]


def test_a_pair_is_compared(pair: Pair) -> None:
    app = open_app(PAGE, run=pair.name)
    assert not app.exception
    tables = [
        html.proto.body for html in app.get("html") if "hm-compare" in html.proto.body and "<table" in html.proto.body
    ]
    assert len(tables) == 2
    said = next(
        markdown.value for markdown in app.markdown if "**VAE**" in markdown.value and "**AE**" in markdown.value
    )
    assert re.findall(r"\d+", said) == ["2", "0", "1", "1"]  # measures that both have; won by the AE, the VAE, nobody
