"""The page of samples: sheets that repeat, tiles and dots of the same codes, and a URL that holds all of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from halfmoon.plane.view import View
from halfmoon.sample import sheets
from halfmoon.sample.choice import COUNT, SEEDS, SOURCES, Choice, asked_for
from halfmoon.sample.sheets import SIDE
from halfmoon.server import loaded
from halfmoon.texts import catalogue
from tests.app.test_pages import RUNS, open_app
from vae_core.measures import judge
from vae_core.runs.run import Run

PAGE = "pages/sample.py"
ENGLISH = catalogue("en")
CHOICES = [
    Choice(),
    Choice(seed=7, temperature=0.45, source="posterior", raw=True, tile=0),
    Choice(temperature=0.0, tile=COUNT - 1),
]


@pytest.fixture
def vae(user_runs: Path) -> Run:
    return Run.open(user_runs / "small-digits-vae")


@pytest.fixture
def ae(user_runs: Path) -> Run:
    return Run.open(user_runs / "small-digits-ae")


@pytest.fixture
def no_judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(judge, "exists", lambda name: False)
    loaded._judge.cache_clear()
    yield
    loaded._judge.cache_clear()


@pytest.fixture
def digit_judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[judge.Judge]:
    """A judge of digits that knows nothing, untrained as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = judge.Judge((1, 8, 8), 10).eval()
    monkeypatch.setattr(judge, "exists", lambda name: name == "digits")
    monkeypatch.setattr(judge, "load", lambda name: made)
    loaded._judge.cache_clear()
    yield made
    loaded._judge.cache_clear()


@pytest.mark.parametrize("choice", CHOICES)
def test_the_url_holds_a_choice_and_gives_it_back(choice: Choice) -> None:
    assert Choice.from_query(choice.query()) == choice
    assert Choice().query() == {}


@pytest.mark.parametrize(
    "query",
    [
        {"seed": "-1"},
        {"seed": "x"},
        {"seed": str(2**31)},
        {"temperature": "nan"},
        {"temperature": "2.1"},
        {"source": "dreams"},
        {"tile": "100"},
        {"tile": "-1"},
    ],
)
def test_a_choice_that_can_not_be_is_one_sentence_and_the_usual_one(query: dict[str, str]) -> None:
    assert asked_for(query) == (Choice(), ENGLISH["sample.broken_link"])
    app = open_app(PAGE, run="small-digits-vae", **query)
    assert not app.exception and not app.error
    assert [warning.value for warning in app.warning] == [ENGLISH["sample.broken_link"]]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("run", RUNS)
def test_sheets_of_every_kind_of_run_are_drawn(run: str, source: str) -> None:
    app = open_app(PAGE, run=run, source=source, tile="3")
    assert not app.exception and not app.error and not app.warning


def test_both_models_draw_the_same_codes_and_a_seed_repeats_them(ae: Run, vae: Run) -> None:
    drawn = [sheets.sheet_of(run, Choice(seed=5)) for run in (ae, vae)]
    np.testing.assert_allclose(ae.codes.standardise(drawn[0].codes), drawn[1].codes, atol=1e-4)
    np.testing.assert_array_equal(sheets.sheet_of(vae, Choice(seed=5)).images, drawn[1].images)
    raw = [sheets.sheet_of(run, Choice(seed=5, raw=True)).codes for run in (ae, vae)]
    np.testing.assert_array_equal(*raw)


def test_a_tile_of_the_sheet_is_the_image_of_its_code(vae: Run) -> None:
    sheet = sheets.sheet_of(vae, Choice(seed=2))
    picture = np.asarray(Image.open(io.BytesIO(sheets.png(sheet))))
    assert picture.shape == (SIDE * 8, SIDE * 8)
    for tile in (0, 9, 37, 99):
        row, column = divmod(tile, SIDE)
        there = picture[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] / 255
        image = loaded.decode(vae, sheet.codes[tile : tile + 1])[0, 0]
        np.testing.assert_allclose(there, image, atol=0.5 / 255 + 1e-4)


def test_the_codes_that_are_taken_along_are_those_that_were_decoded(ae: Run) -> None:
    sheet = sheets.sheet_of(ae, Choice())
    z = np.load(io.BytesIO(sheets.npz(sheet)))["z"]
    np.testing.assert_allclose(loaded.decode(ae, z), sheet.images, atol=1e-5)


@pytest.mark.parametrize("name", ["small-digits-ae", "small-line-vae", "small-ten-vae"])
def test_dots_lie_inside_the_plane_and_a_plane_shows_distances_to_one_scale(name: str, user_runs: Path) -> None:
    run = Run.open(user_runs / name)
    sheet = sheets.sheet_of(run, Choice(temperature=2.0))
    (panel,) = sheets.panels([sheet])
    dots = np.array(panel.dots)
    assert dots.shape == (COUNT, 2) and dots.min() > 3.2 and dots.max() < 96.8  # with a ring around
    flat = sheets._flat(run, sheet.codes)
    steps = flat[1:] - flat[0]
    if flat.shape[1] == 1:
        assert set(dots[:, 1]) == {50.0}
        moved = dots[1:, :1] - dots[0, :1]
    else:
        moved = (dots[1:] - dots[0]) * [1, -1]
    scale = np.abs(moved).max() / np.abs(steps).max()
    np.testing.assert_allclose(moved, scale * steps, atol=0.4)
    assert len(panel.cloud) == len(panel.classes) == len(run.codes.mu)
    assert np.min(panel.cloud) >= sheets.RIM and np.max(panel.cloud) <= 100 - sheets.RIM  # no dot is cut


def test_without_a_judge_nothing_is_said_of_one(vae: Run, no_judge: None) -> None:
    sheet = sheets.sheet_of(vae, Choice())
    assert sheet.labels is None and sheets.certainty_note(sheet) is None
    (panel,) = sheets.panels([sheet])
    assert panel.certainty is None
    assert not any("classifie" in caption for caption in panel.captions)


def test_the_judge_s_certainty_is_that_of_its_most_probable_class(vae: Run, digit_judge: judge.Judge) -> None:
    sheet = sheets.sheet_of(vae, Choice())
    with torch.inference_mode():
        probabilities = digit_judge.probabilities(torch.from_numpy(sheet.images)).numpy()
    np.testing.assert_allclose(sheet.certainty, probabilities.max(1), rtol=1e-5)
    (panel,) = sheets.panels([sheet])
    at = int(sheet.certainty.argmax())
    assert panel.captions[at].endswith(f"classified as {sheet.labels[at]}, {100 * sheet.certainty[at]:.0f}\u00a0%")
    assert f"{100 * sheet.certainty.mean():.0f}\u00a0% sure" in panel.note


def test_a_tile_leads_to_its_place_on_the_plane(ae: Run) -> None:
    sheet = sheets.sheet_of(ae, Choice(seed=1))
    query = sheets.place_of(sheet, 42).query()
    assert query["run"] == ae.name
    np.testing.assert_allclose(View.from_query(query, ae).code, sheet.codes[42], rtol=1e-4)


def test_what_is_changed_is_in_the_url_and_lets_the_pinned_tile_go() -> None:
    app = open_app(PAGE, run="small-digits-vae", tile="3")
    app.slider(key="sample-temperature").set_value(0.5).run()
    app.number_input(key="sample-seed").set_value(12).run()
    app.toggle(key="sample-raw").set_value(True).run()
    assert not app.exception
    chosen = {name: app.query_params[name] for name in app.query_params}
    assert Choice.from_query(chosen) == Choice("small-digits-vae", seed=12, temperature=0.5, raw=True)
    app.selectbox(key="pair").select("small-line-vae").run()
    assert not app.exception
    assert app.query_params["run"] == "small-line-vae" and app.query_params["seed"] == "12"


def test_a_seed_that_can_t_be_used_is_said_at_its_field_and_the_sheet_stays() -> None:
    app = open_app(PAGE, run="small-digits-vae", seed="12")
    app.number_input(key="sample-seed").set_value(-1.0).run()
    assert not app.exception and not app.warning
    assert app.number_input(key="sample-seed").value == -1  # nobody has put it right in silence
    assert f":red[:small[{SEEDS.sentence()}]]" in [markdown.value for markdown in app.markdown]
    assert app.query_params["seed"] == "12"
    app.number_input(key="sample-seed").set_value(7.0).run()
    assert app.query_params["seed"] == "7"
    assert not [markdown for markdown in app.markdown if markdown.value.startswith(":red[")]


def test_a_run_that_is_not_here_is_one_sentence() -> None:
    app = open_app(PAGE, run="gone")
    assert not app.exception
    assert len(app.warning) == 1 and "gone" in app.warning[0].value


def test_a_switch_for_raw_codes_is_there_only_where_it_changes_something() -> None:
    def toggles(**query: str) -> int:
        return len(open_app(PAGE, **query).toggle)

    assert toggles(run="small-digits-vae") == 1
    assert toggles(run="small-digits-vae", source="posterior") == 0
    assert toggles(run="small-ten-vae") == 0
    assert replace(Choice(), raw=True).query() == {"raw": "1"}
