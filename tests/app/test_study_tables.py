"""The studies on the page: figures and numbers say what the cards say, and what is missing is one sentence."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from halfmoon.compare import study_figures, study_tables
from halfmoon.compare.study_section import SMOOTHNESS
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES
from tests.app.test_pages import open_app
from tests.study_cards import TRAINING_IMAGES, write_studies
from vae_core import studies
from vae_core.runs.cards import Card
from vae_core.studies import BETAS, SEEDS

PAGE = "pages/compare.py"
NOTHING = study_tables.Studies(None, None, {})


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cards, all of them made up."""
    folder = tmp_path / "studies"
    monkeypatch.setattr(studies, "STUDIES", folder)
    write_studies(folder)
    return folder


def winners(table: str) -> dict[str, str | None]:
    """Who is better in each line of a table, by the column in which the mark stands."""
    found = {}
    for line in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table):
        cells = re.findall(r"<td>.*?</td>", line)
        marked = [kind for kind, cell in zip(("ae", "vae"), cells, strict=False) if "hm-better" in cell]
        found[re.search(r"<b>([^<]+)</b>", line)[1]] = marked[0] if marked else None
    return found


def test_a_winner_is_marked_where_the_interval_excludes_zero_also_where_it_is_the_ae(cards: Path) -> None:
    known = study_tables.read()
    assert known.missing == [] and study_tables.missing_note(known) == ""
    expected = {"psnr": "vae", "generalisation_gap": "ae", "prior_hole_share": None}
    titles = {name: catalogue("en")[f"compare.measures.{name}.title"] for name in expected}
    found = winners(study_tables.table(known.differences["mnist"]))
    assert {name: found[titles[name]] for name in expected} == expected


def test_of_two_means_the_better_one_never_looks_like_the_other() -> None:
    for differences in study_tables.read().differences.values():
        for line in re.findall(r"<tr><th scope=\"row\">.*?</tr>", study_tables.table(differences)):
            ae, vae = (re.sub("<[^>]*>", "", mean) for mean in re.findall(r"<td><b>(.*?)</b>", line))
            assert "hm-better" not in line or ae != vae, line


def test_the_files_hold_the_differences_and_the_cards(cards: Path) -> None:
    known = study_tables.read()
    lines = list(csv.DictReader(io.StringIO(study_tables.differences_csv(known.differences))))
    entries = json.loads(study_tables.differences_json(known.differences))
    assert {line["data"] for line in lines} == {"mnist", "fashion-mnist"}
    for line, entry in zip(lines, entries, strict=True):
        one = studies.compare_seeds(line["data"])[line["measure"]]
        numbers = [one.ae, one.vae, one.difference, *one.interval]
        names = ("ae", "vae", "difference", "low", "high")
        assert [float(line[name]) for name in names] == [entry[name] for name in names] == numbers
        assert (line["winner"] or None) == entry["winner"] == one.winner(line["better"])

    runs = known.runs()
    assert len(runs) == len(BETAS) + 2 * 2 + 1  # the VAE of β = 1 is that of all images
    values = list(csv.DictReader(io.StringIO(study_tables.runs_csv(runs))))
    assert len(values) == sum(measure.value is not None for run in runs for measure in run.measures.values())
    assert [Card.from_json(one).measures for one in json.loads(study_tables.runs_json(runs))] == [
        run.measures for run in runs
    ]


def test_the_gap_is_drawn_over_the_number_of_images_with_its_interval(cards: Path) -> None:
    sizes = studies.sizes()
    figure = study_figures.gaps(sizes)
    assert [line.name for line in figure.data] == ["AE", "VAE"]
    for at, line in enumerate(figure.data):
        assert list(line.x) == [500, 5_000, TRAINING_IMAGES]
        for place, (_, pair) in enumerate(sizes):
            measure = pair[at].measures["generalisation_gap"]
            low, high = measure.interval
            assert line.y[place] == measure.value
            assert line.y[place] - line.error_y.arrayminus[place] == pytest.approx(low)
            assert line.y[place] + line.error_y.array[place] == pytest.approx(high)


@pytest.mark.parametrize("smoothness", ["marginal_kl", "prior_hole_share", "psnr"])
def test_the_price_of_smoothness_has_a_point_for_each_beta_with_what_is_better_to_the_right(
    smoothness: str, cards: Path
) -> None:
    betas = studies.betas()
    figure = study_figures.price(betas, smoothness)
    (line,) = figure.data
    assert list(line.x) == [run.measures[smoothness].value for run in betas]
    assert list(line.y) == [run.measures["reconstruction_at_mean"].value for run in betas]
    assert list(line.text) == ["β = 0", "β = 0.1", "β = 0.5", "β = 1", "β = 2", "β = 4", "β = 8, collapsed"]
    left, right = figure.layout.xaxis.range
    assert (left < right) == (smoothness == "psnr")


def test_the_axis_of_smoothness_is_chosen(cards: Path) -> None:
    app = open_app(PAGE, run="small-digits-vae")
    box = app.selectbox(key="smoothness")
    assert box.value == SMOOTHNESS[0]
    box.select("step_evenness").run()
    assert not app.exception
    assert app.selectbox(key="smoothness").value == "step_evenness"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_all_of_it(language: str, cards: Path) -> None:
    app = open_app(PAGE, run="small-digits-vae", lang=language)
    assert not app.exception and not app.error
    bodies = [html.proto.body for html in app.get("html")]
    assert sum("hm-seeds" in body and "<table" in body for body in bodies) == 2
    assert [tab.label for tab in app.tabs] == [
        catalogue(language)[f"data.{name}.title"] for name in study_tables.SEEDED
    ]
    titles = [f"**{catalogue(language)[f'studies.{name}']}**" for name in ("sizes", "betas", "seeds")]
    assert set(titles) <= {markdown.value for markdown in app.markdown}


def test_a_study_without_all_its_cards_is_left_out_and_named(cards: Path) -> None:
    (cards / "mnist-vae-2d-beta4.json").unlink()
    (cards / f"fashion-mnist-ae-2d-seed{SEEDS[-1]}.json").write_text("torn")
    known = study_tables.read()
    english = catalogue("en")
    assert known.sizes and known.betas is None and list(known.differences) == ["mnist"]
    assert known.missing == [english["studies.betas"], english["studies.seeds_of"].format(data="Fashion-MNIST")]
    app = open_app(PAGE, run="small-digits-vae")
    assert not app.exception and not app.error
    assert study_tables.missing_note(known) in [caption.value for caption in app.caption]
    assert f"**{english['studies.betas']}**" not in [markdown.value for markdown in app.markdown]


def test_without_any_card_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "STUDIES", tmp_path / "none")
    assert study_tables.read() == NOTHING
    app = open_app(PAGE, run="small-digits-vae")
    assert not app.exception and not app.error and not app.tabs
    assert [caption.value for caption in app.caption].count(study_tables.missing_note(NOTHING)) == 1
