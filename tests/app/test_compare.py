"""The page of measures: none is left out, a winner is named where chance can't explain it, files say what cards say."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from halfmoon import address
from halfmoon.compare import choice, code_figures, measure_table
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import titles_beside
from halfmoon.plane.view import View
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES, speaking
from tests.app.standins import ODD_NAME, make_run
from tests.app.test_address import Query
from tests.app.test_pages import open_app
from vae_core.comparison import Pair, pair_of
from vae_core.measures.catalogue import CONTEXT, MEASURES, groups
from vae_core.measures.definition import Better, Definition
from vae_core.places import SHIPPED
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
from vae_core.verdicts import Verdict, by_group, why_apart

PAGE = "pages/compare.py"


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


def test_rows_are_those_of_the_cards_and_a_group_without_a_value_is_left_out(pair: Pair) -> None:
    found = by_group(pair.runs)
    assert {group: [row.name for row in rows] for group, rows in found.items()} == {
        "fit": ["psnr"],
        "gaps": ["prior_hole_share"],
    }
    assert [row.winner for rows in found.values() for row in rows] == [1, None]
    shown = measure_table.table(pair, "fit", found["fit"])
    assert shown.index("<b>10.5</b>") < shown.index("<b>20.5</b>") < shown.index("hm-better")


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
        shown = "".join(measure_table.table(pair, group, rows) for group, rows in found.items())
    for key, value in [
        ("floor", "45.5"),
        ("beside.real_images", "0.927"),
        ("beside.label_entropy", "2.01"),
        ("beside.median_sigma", "0.234"),
        ("beside.of_the_prior", "0"),
        ("beside.log_ratio", "−0.562"),
    ]:
        assert shown.count(f"<small>{escape(words[f'compare.{key}'].format(value=value))}</small>") == 2, key
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
    fit, codes = (measure_table.table(pair, group, found[group]).split("</table>")[1] for group in ("fit", "codes"))
    assert fit.count("Codes are &lt;points&gt;.") == 1
    assert "<code>negative_elbo</code>, <code>kl</code>: Codes" in fit
    assert fit.count("<div><code>") == 2 and "<code>psnr</code>: Not measured." in fit
    assert codes.count("<div><code>") == 1 and "points" not in codes
    pair.runs[0].write_card(pair.runs[1].read_card())
    assert measure_table.table(pair, "codes", by_group(pair.runs)["codes"]).endswith("</table>")  # nothing lacks


def test_only_what_has_an_interval_is_counted_and_nothing_is_said_where_nothing_has(pair: Pair) -> None:
    for run, units in zip(pair.runs, (2, 6), strict=True):
        run.write_card(Card(run.read_card().measures | {"active_units": measured(units, None)}))
    found = by_group(pair.runs)
    assert [row.name for row in found["codes"]] == ["active_units"]
    assert re.findall(r"\d+", measure_table.score(pair, found)) == ["2", "0", "1", "1"]
    for run in pair.runs:
        run.write_card(Card({"active_units": measured(2, None)}))
    assert measure_table.score(pair, by_group(pair.runs)) == ""
    assert measure_table.score(pair, {}) == ""


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_the_density_of_codes_is_the_share_in_each_bin_over_its_width(user_runs: Path, kind: str) -> None:
    run = Run.open(user_runs / f"small-digits-{kind}")
    everything = np.array([-1e6, 0, 1e6])
    density = code_figures.marginal_density(run, 0, everything)
    assert density @ np.diff(everything) == pytest.approx(1)
    if kind == "ae":
        below = (run.codes.standardise(run.codes.mu)[:, 0] < 0).mean()
        assert density[0] * 1e6 == pytest.approx(below)


def test_a_run_that_has_not_been_measured_says_how_to_measure_it(user_runs: Path) -> None:
    app = open_app(PAGE, run="small-digits-vae")
    assert not app.exception
    assert ["python -m vae_core evaluate" in info.value for info in app.info] == [True, True]
    assert [button.key for button in app.button][:2] == ["measure-small-digits-ae", "measure-small-digits-vae"]
    assert not any("measures that both" in markdown.value for markdown in app.markdown)


def test_a_pair_is_compared(pair: Pair) -> None:
    app = open_app(PAGE, run=pair.name)
    assert not app.exception
    tables = [html.proto.body for html in app.get("html") if '<table class="hm-compare">' in html.proto.body]
    assert len(tables) == 2
    said = next(
        markdown.value for markdown in app.markdown if "**VAE**" in markdown.value and "**AE**" in markdown.value
    )
    assert re.findall(r"\d+", said) == ["2", "0", "1", "1"]  # measures that both have; won by the AE, the VAE, nobody


@pytest.mark.parametrize(
    ("query", "shown", "sentences"),
    [
        ({"run": "small-digits-vae"}, ("small-digits-ae", "small-digits-vae"), 0),
        ({"run": "small-ten-vae"}, ("small-ten-vae",), 0),
        ({"run": "small-digits-vae", "with": "small-line-ae"}, ("small-digits-vae", "small-line-ae"), 0),
        ({"run": "small-digits-ae", "with": "small-ten-vae"}, ("small-digits-ae", "small-ten-vae"), 0),
        ({"run": "small-digits-vae", "with": "gone"}, ("small-digits-ae", "small-digits-vae"), 1),
        ({"run": "small-digits-vae", "with": "small-digits-vae"}, ("small-digits-ae", "small-digits-vae"), 1),
    ],
)
def test_any_two_runs_are_compared_and_a_twin_where_the_url_names_one(
    query: dict[str, str], shown: tuple[str, ...], sentences: int
) -> None:
    pair, warning = choice.asked_for(tuple(query.values()), find_pairs())
    assert tuple(run.name for run in pair.runs) == shown
    assert (warning is not None) == bool(sentences)
    app = open_app(PAGE, **query)
    assert not app.exception and not app.error
    assert [warning.value for warning in app.warning] == [warning] * sentences
    assert [app.selectbox(key=key).value for key in choice.KEYS] == [*shown, None][:2]


def test_a_link_to_a_run_that_is_not_here_opens_with_one_sentence() -> None:
    app = open_app(PAGE, run="gone")
    assert not app.exception and not app.error
    assert len(app.warning) == 1 and "gone" in app.warning[0].value


def shown_in(app: AppTest) -> tuple[list[str | None], str, str | None]:
    """What stands in the two boxes, and the runs that the URL names."""
    assert not app.exception and not app.warning and not app.error
    boxes = [app.selectbox(key=key).value for key in choice.KEYS]
    return boxes, app.query_params["run"], app.query_params.get("with")


def test_the_boxes_keep_what_is_chosen_and_twins_come_in_pairs() -> None:
    app = open_app(PAGE, run="small-digits-vae")
    for box, chosen, shown, run, beside in (
        (0, "small-digits-vae", ["small-digits-vae", "small-digits-ae"], "small-digits-vae", "small-digits-ae"),
        (0, "small-line-vae", ["small-line-vae", "small-line-ae"], "small-line-vae", "small-line-ae"),  # its own twin
        (0, "small-line-ae", ["small-line-ae", "small-line-vae"], "small-line-ae", None),
        (1, "small-ten-vae", ["small-line-ae", "small-ten-vae"], "small-line-ae", "small-ten-vae"),
        (0, "small-digits-ae", ["small-digits-ae", "small-ten-vae"], "small-digits-ae", "small-ten-vae"),
        (0, "small-ten-vae", ["small-ten-vae", "small-digits-ae"], "small-ten-vae", "small-digits-ae"),
        (0, "small-line-vae", ["small-line-vae", "small-digits-ae"], "small-line-vae", "small-digits-ae"),
        (1, "small-line-ae", ["small-line-vae", "small-line-ae"], "small-line-vae", "small-line-ae"),
        (0, "small-ten-vae", ["small-ten-vae", None], "small-ten-vae", None),  # it has no twin
    ):
        app.selectbox(key=choice.KEYS[box]).select(chosen).run()
        assert shown_in(app) == (shown, run, beside)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"run": "small-digits-vae"}, None),
        ({"run": "small-mnist-vae"}, None),
        ({"run": "small-digits-vae", "with": "small-digits-ae"}, None),
        ({"run": "small-digits-ae", "with": ODD_NAME}, None),
        ({"run": "small-ten-vae"}, "dims"),
        ({"run": "small-digits-ae", "with": "small-ten-vae"}, "dims"),
        ({"run": "small-digits-ae", "with": "small-mnist-vae"}, "apart"),
        ({"run": "small-digits-ae", "with": "small-line-ae"}, "apart"),
    ],
)
def test_gaps_of_any_two_runs_of_one_plane_are_mapped_and_else_it_is_said_why_not(
    query: dict[str, str], why: str | None
) -> None:
    app = open_app(PAGE, **query)
    assert not app.exception and not app.error and not app.warning
    english, shown = catalogue("en"), [caption.value for caption in app.caption]
    said = {name for name in ("gaps_note", "unmapped.dims", "unmapped.apart") if english[f"compare.{name}"] in shown}
    assert said == {f"unmapped.{why}" if why else "gaps_note"}
    labels = [link.proto.label for link in app.get("page_link") if link.proto.label.startswith("The planes of")]
    assert len(labels) == sum("gaps" in label or "10-D" in label for label in labels) > 0
    assert not any("gaps" in label for label in labels if "10-D" in label)


@pytest.mark.parametrize("beside", [{}, {"with": ODD_NAME}])
@pytest.mark.parametrize("place", [{"z": "1"}, {"z": "a,b"}, {"point": "60"}, {"point": "x"}, {"pins": "1,2;x"}])
def test_a_link_to_a_place_that_is_not_there_shows_the_map_with_one_sentence(
    place: dict[str, str], beside: dict[str, str]
) -> None:
    app = open_app(PAGE, run="small-digits-ae", **beside, **place)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["plane.broken_place"]]


@pytest.mark.parametrize(
    ("names", "place", "seen"),
    [
        (("small-digits-ae", "small-digits-vae"), 0, {"run": "small-digits-ae"}),
        (("small-digits-ae", "small-digits-vae"), 1, {"run": "small-digits-vae"}),
        (("small-digits-vae", "small-digits-ae"), 0, {"run": "small-digits-vae", "with": "small-digits-ae"}),
        (
            ("small-digits-vae", "small-digits-ae"),
            1,
            {"run": "small-digits-vae", "with": "small-digits-ae", "on": "small-digits-ae"},
        ),
        (("small-digits-ae", ODD_NAME), 1, {"run": "small-digits-ae", "with": ODD_NAME, "on": ODD_NAME}),
    ],
)
def test_a_place_of_either_run_is_in_the_url_and_the_runs_stay_who_they_are(
    names: tuple[str, ...], place: int, seen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = find_pairs()
    pair = Pair(tuple(pair_of(name, pairs).run(name) for name in names))
    view = View(names[place], (0.5, -1.0), layers=("rings",))
    query = Query(choice.choice_of(names, pairs).query())
    monkeypatch.setattr(address, "st", SimpleNamespace(query_params=query))
    address.write(view)
    assert query == view.query() | seen
    assert choice.asked_for(address.names(), pairs) == (pair, None)
    assert View.from_query(address.query(), pair.runs[place]) == view


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


def test_across_data_sets_nats_and_what_a_judge_says_have_no_winner_and_say_so(pair: Pair, tmp_path: Path) -> None:
    foreign = make_run(tmp_path, "foreign", "vae", "mnist")
    for run, value in ((pair.runs[0], 1), (foreign, 2)):
        run.write_card(Card({name: measured(value, 0.1) for name in MEASURES}))
    beside = Pair((pair.runs[0], foreign))
    found = {row.name: row for rows in by_group(beside.runs).values() for row in rows}
    assert found["psnr"].winner == 1 and found["marginal_kl"].winner == 0
    for name, why in (("reconstruction_at_mean", "images"), ("exact_nll", "images"), ("path_distance", "ruler")):
        assert (found[name].winner, found[name].apart) == (None, why)
        assert catalogue("en")[f"compare.apart.{why}"] in measure_table.table(beside, "fit", [found[name]])
    assert "MNIST" in measure_table.other_images(beside)
    assert measure_table.other_images(pair) == ""


def test_runs_that_are_no_twins_are_called_by_what_tells_them_apart(pair: Pair) -> None:
    assert titles_beside(pair) == ["AE", "VAE"]
    assert titles_beside(Pair((pair.runs[1], pair.runs[1]))) == ["Digits 8 × 8, 2-D · VAE · measured-vae"] * 2
    pair.runs[1].write_about(title="Mine")
    assert titles_beside(Pair((pair.runs[1], pair.runs[0]))) == ["VAE", "AE"]


def test_a_coordinate_that_only_one_run_has_is_drawn_of_that_one(user_runs: Path) -> None:
    pair = Pair(tuple(Run.open(user_runs / name) for name in ("small-digits-vae", "small-ten-vae")))
    assert code_figures.dims_of(pair) == code_figures.MAX_DIMS
    lines = [[line.name for line in code_figures.figure(pair, dim).data] for dim in (1, 2)]
    assert lines == [["N(0, 1)", *titles_beside(pair)], ["N(0, 1)", titles_beside(pair)[1]]]


@pytest.mark.parametrize(
    ("run", "shown", "dims"), [("small-digits-vae", 2, 2), ("small-line-vae", 1, 1), ("small-ten-vae", 4, 10)]
)
def test_it_is_said_how_many_coordinates_are_drawn_where_it_is_not_all(run: str, shown: int, dims: int) -> None:
    app = open_app(PAGE, run=run)
    some = catalogue("en")["compare.codes_some"].format(shown=shown, dims=dims)
    assert any(caption.value.endswith(some) for caption in app.caption) == (shown < dims)
    assert len(app.get("plotly_chart")) >= shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_further_term_of_a_loss_is_told(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    for kind in ("ae", "vae"):  # an AE lacks the term whatever its factor is
        make_run(tmp_path, f"matched-{kind}", kind, prior_match=60)
    app = open_app(PAGE, run="matched-vae", lang=language)
    assert not app.exception
    told = catalogue(language)["compare.matched"].format(run="` matched-vae `", factor="60")
    assert [caption.value for caption in app.caption].count(told) == 1
    assert not any("` matched-ae `" in caption.value for caption in app.caption)


def test_measures_and_studies_are_read_and_judged_without_torch(pair: Pair) -> None:
    script = """
import sys
from halfmoon.compare import measure_table, measuring, study_figures, study_section, study_tables
from halfmoon.parts.pairs import find_pairs
from vae_core.measures import catalogue
from vae_core.verdicts import by_group
pair = find_pairs()[0]
found = by_group(pair.runs)
tables = [measure_table.table(pair, group, rows) for group, rows in found.items()]
known = study_tables.read()
study_figures.price(known.betas, study_section.SMOOTHNESS[0])
print(len(tables), len(known.differences), len(catalogue.missing(pair.runs[0])) < len(catalogue.MEASURES))
print({"torch", "torchvision", "sklearn"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.splitlines() == ["5 2 True", "set()"], result.stderr
