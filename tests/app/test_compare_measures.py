"""The page of measures: none is left out, a winner is named where chance can't explain it, files say what cards say."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from halfmoon.compare import measure_table, study_tables, verdict_text
from halfmoon.parts.titles import titles_beside
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES, speaking
from tests.app.standins import make_run
from tests.app.test_pages import open_app
from vae_core.comparison import Pair
from vae_core.measures.catalogue import CONTEXT, MEASURES, groups
from vae_core.places import SHIPPED
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
from vae_core.verdicts import by_group

PAGE = "pages/compare.py"


def words_of(html: str) -> str:
    """What of a piece of HTML is read."""
    blocks = re.sub(r"</?(p|tr|th|td|small|div|span class=.hm-better.)\b[^>]*>", " ", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", blocks)).split())


def bodies_of(app: AppTest) -> list[str]:
    """All HTML of a page."""
    return [html.proto.body for html in app.get("html")]


def said_of(pair: Pair) -> list[str]:
    """The sentences of the verdict on two runs."""
    said = verdict_text.sentences(pair, by_group(pair.runs), study_tables.read())
    return [words_of(line) for line in re.findall("<p>.*?</p>", said)]


def measured(value: float, half: float | None, **more: Any) -> Measure:
    """A measure with an interval of this half width."""
    return Measure(value, n=5, interval=None if half is None else (value - half, value + half), **more)


@pytest.fixture
def pair(user_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """An AE and a VAE, the user's only runs; the VAE is better at one measure beyond doubt, at another within it."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    runs = tuple(make_run(tmp_path, f"measured-{kind}", kind) for kind in ("ae", "vae"))
    for run, psnr, holes in zip(runs, (10.5, 20.5), (0.05, 0.03), strict=True):
        measures = {
            "psnr": measured(psnr, 1.0, unit="dB"),
            "prior_hole_share": measured(holes, 0.02),
            "mig": Measure(None, reason="There are no <factors>."),
        }
        run.write_card(Card(measures))
    return Pair(runs)


def test_all_that_stands_beside_a_shipped_value_is_shown() -> None:
    measures = [measure for run in list_runs(SHIPPED) for measure in run.read_card().measures.values()]
    assert {name for measure in measures for name in measure.beside or {}} == set(CONTEXT)


def test_every_measure_has_its_place_and_its_words_in_every_language() -> None:
    for language in LANGUAGES:
        keys = catalogue(language)
        assert {f"compare.measures.{name}.{part}" for name in MEASURES for part in ("title", "what")} <= keys.keys()
        assert {f"compare.groups.{group}" for group in groups()} <= keys.keys()
        assert {f"compare.beside.{name}" for name in CONTEXT} <= keys.keys()


def test_rows_are_those_of_the_cards_and_a_group_without_a_value_is_left_out(pair: Pair) -> None:
    found = by_group(pair.runs)
    assert {group: [row.name for row in rows] for group, rows in found.items()} == {
        "fit": ["psnr"],
        "gaps": ["prior_hole_share"],
    }
    assert [row.winner for rows in found.values() for row in rows] == [1, None]
    shown = words_of(measure_table.table(pair, found["fit"]))
    assert shown.index("10.5 ± 1.0") < shown.index("20.5 ± 1.0 better")


def test_the_files_hold_what_the_cards_hold(pair: Pair) -> None:
    lines = list(csv.DictReader(io.StringIO(measure_table.as_csv(pair, by_group(pair.runs)))))
    for line in lines:
        known = pair.run(line["run"]).read_card().measures[line["measure"]]
        assert [float(line[name]) for name in ("value", "low", "high")] == [known.value, *known.interval]
    assert len(lines) == 4
    assert json.loads(measure_table.as_json(pair)) == {run.name: run.read_card().to_json() for run in pair.runs}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_value_is_read_by_stands_beside_it_and_in_the_files(pair: Pair, language: str) -> None:
    read_by = {
        "reconstruction_at_mean": {"floor": 45.53},
        "sample_credibility": {"beside": {"real_images": 0.927, "label_entropy": 2.01}},
        "round_trip_error": {"beside": {"median_sigma": 0.234}},
        "prior_hole_share": {"beside": {"of_the_prior": 5.9e-20}},
        "sharpness_error": {"beside": {"log_ratio": -0.562, "unheard_of": 7.5}},
    }
    for run in pair.runs:
        run.write_card(Card({name: measured(1, 0.1, **more) for name, more in read_by.items()}))
    words = catalogue(language)
    found = by_group(pair.runs)
    with speaking(language):
        shown = "".join(measure_table.table(pair, rows) for rows in found.values())
    for key, value in [
        ("floor", "45.5"),
        ("beside.real_images", "0.927"),
        ("beside.label_entropy", "2.01"),
        ("beside.median_sigma", "0.234"),
        ("beside.of_the_prior", "≈\u00a00"),
        ("beside.log_ratio", "−0.562"),
    ]:
        assert shown.count(f">{escape(words[f'compare.{key}'].format(value=value))}</small>") == 2, key
    lines = list(csv.DictReader(io.StringIO(measure_table.as_csv(pair, found))))
    for line in lines:
        more = read_by[line["measure"]]
        known = {
            name: str(value) for name, value in ({"floor": more.get("floor", "")} | more.get("beside", {})).items()
        }
        assert {name: line[name] for name in ("floor", *CONTEXT)} == {
            name: known.get(name, "") for name in ("floor", *CONTEXT)
        }
    assert len(lines) == 2 * len(read_by)


def test_each_reason_for_a_missing_value_is_said_once_beneath_its_table(pair: Pair) -> None:
    points = Measure(None, reason="Codes are <points>.")
    pair.runs[0].write_card(Card({"kl": points, "negative_elbo": points}))
    vae = {name: measured(1, 0.1) for name in ("kl", "negative_elbo", "psnr")}
    pair.runs[1].write_card(Card(vae | {"knn_accuracy": measured(0.9, 0.1)}))
    found = by_group(pair.runs)
    fit, codes = (measure_table.table(pair, found[group]).split("</table>")[1] for group in ("fit", "codes"))
    assert fit.count("Codes are &lt;points&gt;.") == 1
    assert "<code>negative_elbo</code>, <code>kl</code>: Codes" in fit
    assert fit.count("<div><code>") == 2 and "<code>psnr</code>: Not measured." in fit
    assert codes.count("<div><code>") == 1 and "points" not in codes
    pair.runs[0].write_card(pair.runs[1].read_card())
    assert measure_table.table(pair, by_group(pair.runs)["codes"]).endswith("</table>")  # nothing lacks


def test_only_what_has_an_interval_is_counted_and_nothing_is_said_where_nothing_has(pair: Pair) -> None:
    for run, units in zip(pair.runs, (2, 6), strict=True):
        run.write_card(Card(run.read_card().measures | {"active_units": measured(units, None)}))
    found = by_group(pair.runs)
    assert [row.name for row in found["codes"]] == ["active_units"]
    assert said_of(pair) == [
        "VAE is better in 1 of 2 measures: peak signal-to-noise ratio.",
        "AE is better in none of 2 measures. In 1 there is no clear difference.",
        words_of(catalogue("en")["compare.verdict.once"]),
    ]
    for run in pair.runs:
        run.write_card(Card({"active_units": measured(2, None)}))
    assert said_of(pair) == []


def test_runs_that_have_not_been_measured_are_one_sentence_with_one_button_and_no_empty_table(user_runs: Path) -> None:
    app = open_app(PAGE, run="small-digits-vae")
    assert not app.exception
    (said,) = app.info
    assert "small-digits-ae" in said.value and "small-digits-vae" in said.value
    assert app.button[0].label == catalogue("en")["compare.measure"]
    assert not [body for body in bodies_of(app) if "<table" in body and "hm-seeds" not in body]
    files = [one.proto.id for one in app.get("download_button") if one.proto.label in ("CSV", "JSON")]
    assert files and all("studies" in name or "seeds" in name for name in files)
    for run in (Run.open(user_runs / f"small-digits-{kind}") for kind in ("ae", "vae")):
        run.write_about(owner="b" * 32)
    (said,) = open_app(PAGE, run="small-digits-vae").info
    assert said.value.count("python -m vae_core evaluate") == 2  # they are somebody else's


def test_a_pair_is_compared(pair: Pair) -> None:
    app = open_app(PAGE, run=pair.name)
    assert not app.exception
    tables = [body for body in bodies_of(app) if "hm-lanes" in body and "<table" in body]
    assert [("hm-headlines" in table) for table in tables] == [True, False, False]
    assert [words_of(body) for body in bodies_of(app) if "hm-verdict" in body and "<p>" in body] == [
        " ".join(said_of(pair))
    ]


def test_lanes_lie_to_the_right_where_they_are_better(pair: Pair) -> None:
    shown = measure_table.headlines(pair, by_group(pair.runs))
    ends = [float(share) for share in re.findall(r'hm-point" style="left:([\d.]+)%', shown)]
    assert len(ends) == 4
    assert ends[0] < ends[1] and ends[2] < ends[3]  # a higher PSNR, fewer holes
    assert all(0 <= share <= 100 for share in ends)


def test_across_data_sets_nats_and_what_a_judge_says_have_no_winner_and_say_so(pair: Pair, tmp_path: Path) -> None:
    foreign = make_run(tmp_path, "foreign", "vae", "mnist")
    for run, value in ((pair.runs[0], 1), (foreign, 2)):
        run.write_card(Card({name: measured(value, 0.1) for name in MEASURES}))
    beside = Pair((pair.runs[0], foreign))
    found = {row.name: row for rows in by_group(beside.runs).values() for row in rows}
    assert found["psnr"].winner == 1 and found["marginal_kl"].winner == 0
    for name, why in (("reconstruction_at_mean", "images"), ("exact_nll", "images"), ("path_distance", "ruler")):
        assert (found[name].winner, found[name].apart) == (None, why)
        assert catalogue("en")[f"compare.apart.{why}"] in measure_table.table(beside, [found[name]])
    assert "MNIST" in measure_table.other_images(beside)
    assert measure_table.other_images(pair) == ""


def test_runs_that_are_no_twins_are_called_by_what_tells_them_apart(pair: Pair) -> None:
    assert titles_beside(pair) == ["AE", "VAE"]
    assert titles_beside(Pair((pair.runs[1], pair.runs[1]))) == ["Digits 8 × 8, 2-D · VAE · measured-vae"] * 2
    pair.runs[1].write_about(title="Mine")
    assert titles_beside(Pair((pair.runs[1], pair.runs[0]))) == ["VAE", "AE"]


def test_measures_and_studies_are_read_and_judged_without_torch(pair: Pair) -> None:
    script = """
import sys
from halfmoon.compare import measure_table, measuring, study_figures, study_section, study_tables, verdict_text
from halfmoon.parts.pairs import find_pairs
from vae_core.measures import catalogue
from vae_core.verdicts import by_group
pair = find_pairs()[0]
found = by_group(pair.runs)
tables = [measure_table.table(pair, rows) for rows in found.values()]
known = study_tables.read()
verdict_text.sentences(pair, found, known)
study_figures.price(known.betas, study_section.SMOOTHNESS[0])
print(len(tables), len(known.differences), len(catalogue.missing(pair.runs[0])) < len(catalogue.MEASURES))
print({"torch", "torchvision", "sklearn"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.splitlines() == ["5 2 True", "set()"], result.stderr
