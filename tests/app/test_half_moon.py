"""The page of the half moon: who can take the walk, what is said of it, and what its URL holds."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from halfmoon.address import RunChoice
from halfmoon.components import half_moon
from halfmoon.half_moon import choice, story, walk
from halfmoon.half_moon.walk import POSITIONS, Walk
from halfmoon.interpolate import choice as walk_choice
from halfmoon.texts import catalogue
from tests.app.standins import make_run
from tests.app.test_pages import open_app
from vae_core.comparison import Pair
from vae_core.configs import PHASE_ONLY
from vae_core.data import datasets
from vae_core.errors import RunError
from vae_core.moons.drawing import true_moons
from vae_core.moons.walk import Ends, fit_walk
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

PAGE = "pages/half_moon.py"
QUERY = {"run": "small-line-vae"}
ENGLISH = catalogue("en")
ENDS = Ends(2.0, -1.0)  # a model whose axis runs from full to new


def walk_through(images: np.ndarray, run: Run) -> Walk:
    """The walk of a model that draws these images, (N, 1, H, W)."""
    return Walk(run, ENDS, images, fit_walk(images, PHASE_ONLY), np.full((5, len(POSITIONS)), 0.001))


@pytest.fixture
def line(user_runs: Path) -> Run:
    return Run.open(user_runs / "small-line-vae")


@pytest.fixture
def moons(line: Run) -> Walk:
    """The walk of a model that draws true moons, half full half way."""
    return walk_through(true_moons(((POSITIONS - 1) / 9).clip(0, 1), PHASE_ONLY), line)


@pytest.fixture
def blends(line: Run) -> Walk:
    """The walk of a model that fades new into full."""
    new, full = true_moons(np.array([0.0, 1.0]), PHASE_ONLY)
    weights = ((POSITIONS - 1) / 9).clip(0, 1).astype(np.float32)[:, None, None, None]
    return walk_through((1 - weights) * new + weights * full, line)


def mounted(app: AppTest) -> dict[str, Any]:
    """What the page gives the browser of the walk."""
    (found,) = (node for node in app.get("bidi_component") if node.proto.component_name.endswith("half_moon"))
    return json.loads(found.proto.json)


def test_only_runs_with_one_dimension_and_moons_of_which_the_phase_alone_varies_take_the_walk(user_runs: Path) -> None:
    names = {run.name for pair in walk.walkable() for run in pair.runs}
    assert {"small-line-ae", "small-line-vae"} <= names
    shipped = {path.parent.name for path in SHIPPED.glob("moons-*1d/config.json")}
    assert names == shipped | {"small-line-ae", "small-line-vae"}


def test_training_sets_come_in_the_order_of_the_story_and_no_two_are_called_alike() -> None:
    pairs = walk.walkable()
    order = [walk.SETS.index(pair.runs[0].config.training.data.phases) for pair in pairs]
    assert order == sorted(order)
    titles = walk.titles(pairs)
    assert list(titles) == [pair.name for pair in pairs]
    assert len(set(titles.values())) == len(titles)
    assert ENGLISH["train.phases.all"] in titles.values()


def test_a_walk_begins_at_the_new_moon_of_the_run_s_own_training_images(line: Run) -> None:
    taken = walk.walk_of(line)
    assert taken.images.shape == (len(POSITIONS), 1, 28, 28)
    assert taken.code(1) == pytest.approx(taken.ends.new) and taken.code(10) == pytest.approx(taken.ends.full)
    assert taken.mass.shape == (5, len(POSITIONS)) and 0 < taken.mass.sum() <= 1
    assert walk.walk_of(line) is taken


def test_a_run_that_codes_all_moons_alike_is_one_sentence(
    user_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vae_core.models import weight_files

    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    run = make_run(tmp_path, "same", "ae", "moons-phase", latent_dim=1)
    model = run.load_model()
    for parameter in model.encoder.parameters():
        parameter.data.zero_()
    weight_files.save_model(model, run.model_file)
    with pytest.raises(RunError, match="same code"):
        walk.walk_of(run)
    app = open_app(PAGE, run="same")
    assert not app.exception
    assert "same code" in app.error[0].value


def test_a_half_moon_half_way_is_told_from_a_blend_by_the_smaller_distance(moons: Walk, blends: Walk) -> None:
    assert (moons.verdict(), blends.verdict()) == ("half", "dissolve")
    sentences = story.middle([moons, blends])
    assert ENGLISH["half_moon.half_way.half"] in sentences and ENGLISH["half_moon.half_way.dissolve"] in sentences


def test_the_browser_gets_of_every_position_what_is_said_of_it_and_the_images(moons: Walk, blends: Walk) -> None:
    for one, half_way in ((moons, "half"), (blends, "dissolve")):
        model = story._model(one, "#000000")
        at = walk.HALF_WAY
        assert [model.said[0], model.said[at], model.said[-1]] == [
            ENGLISH[f"half_moon.verdicts.{name}"] for name in ("new", half_way, "full")
        ]
        assert model.codes == (2.0, -1.0)
        np.testing.assert_allclose(model.mass, 0.001)
        assert (model.moon_distances[at] < model.dissolve_distances[at]) == (half_way == "half")
        for address, images in ((model.images, one.images), (model.moons, one.fit.moons)):
            picture = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
            assert picture.size == (28, 28 * len(POSITIONS))
            shown = np.asarray(picture, float)[28 * at : 28 * (at + 1)] / 255
            np.testing.assert_allclose(shown, images[at, 0], atol=0.5 / 255 + 1e-6)


def test_the_page_opens_in_the_middle_and_at_the_position_of_the_url() -> None:
    app = open_app(PAGE, **QUERY)
    assert not app.exception and not app.warning
    assert mounted(app)["at"] == 5.5
    assert [model["kind"] for model in mounted(app)["models"]] == ["ae", "vae"]
    assert mounted(open_app(PAGE, at="7.34", **QUERY))["at"] == 7.34


def test_all_trainings_are_in_the_table_and_the_one_that_is_shown_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[half_moon.Row] = []
    monkeypatch.setattr(half_moon, "mount_results", lambda key, rows, caption, on_run: shown.extend(rows))
    open_app(PAGE, **QUERY)
    pairs = walk.walkable()
    assert [[cell.run for cell in row.cells] for row in shown] == [[run.name for run in pair.runs] for pair in pairs]
    assert [row.is_shown for row in shown] == [QUERY["run"] in {run.name for run in pair.runs} for pair in pairs]
    for row in shown:
        for cell in row.cells:
            fit = walk.walk_of(Run.open(SHIPPED / cell.run)).fit if (SHIPPED / cell.run).exists() else None
            assert fit is None or f"{fit.moon_distances[walk.HALF_WAY]:.2f}" in cell.distances


@pytest.mark.parametrize("at", ["x", "nan", "-0.1", "11.2", ""])
def test_a_place_that_is_not_on_the_walk_is_one_sentence_and_the_middle(at: str) -> None:
    app = open_app(PAGE, at=at, **QUERY)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [ENGLISH["half_moon.broken_place"]]
    assert mounted(app)["at"] == 5.5


@pytest.mark.parametrize("run", ["gone", "small-digits-vae"])
def test_a_run_that_can_not_take_the_walk_is_one_sentence_and_the_first_that_can(run: str) -> None:
    app = open_app(PAGE, run=run)
    assert not app.exception and not app.error
    assert len(app.warning) == 1 and run in app.warning[0].value


def test_train_it_yourself_leads_to_the_training_of_the_same_moons() -> None:
    app = open_app(PAGE, **QUERY)
    app.button(key="train-moons").click().run()
    assert not app.exception
    assert app.selectbox(key="train-data").value == "moons-phase"
    assert app.selectbox(key="train-phases").value == "all"
    assert app.number_input(key="train-latent_dim").value == 1
    query = {name: app.query_params[name] for name in app.query_params}
    assert query == {"preset": "new_and_full", "phases": "all"}


def test_a_link_to_the_training_says_which_moons_it_is_of() -> None:
    app = open_app("pages/train.py", preset="new_and_full", phases="two-images")
    assert not app.exception
    assert app.selectbox(key="train-phases").value == "two-images"
    app = open_app("pages/train.py", preset="new_and_full", phases="none such")
    assert app.selectbox(key="train-phases").value == "new-and-full"


def test_the_ends_of_the_walk_are_named_in_the_model_s_own_units(moons: Walk) -> None:
    assert story.units([moons]) == "In the VAE's own units the new moon is at 2 and the full moon at −1."
    assert any("own units" in caption.value for caption in open_app(PAGE, **QUERY).caption)


def test_the_same_walk_on_a_plane_goes_from_new_to_full_and_hardly_anything_else_changes() -> None:
    pair = walk.on_the_plane()
    if pair is None:
        pytest.skip("There is no plane of moons among the shipped runs.")
    asked, warnings = walk_choice.asked_for(pair, "", RunChoice(pair.name).query())
    codes = pair.runs[-1].codes
    assert not warnings and pair.runs[-1].config.model.latent_dim == 2
    points = [asked.start.point, asked.end.point]
    assert codes.labels[points].tolist() == [0, 4]
    ends = datasets.load(pair.runs[-1].config.training.data).factors[codes.indices[points]]
    phase, tilt, *others = (ends[1] - ends[0]).tolist()
    assert phase > 0.9 and min(tilt % 360, -tilt % 360) < 5
    assert np.abs(others).max() < 0.5  # pixels


def test_without_a_run_to_walk_with_the_page_says_so_and_still_leads_to_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walk, "find_pairs", lambda: [])
    app = open_app(PAGE)
    assert not app.exception
    assert app.info[0].value == ENGLISH["half_moon.none"]
    app.button(key="train-moons").click().run()
    assert app.selectbox(key="train-phases").value == "two-images"


def test_the_pair_of_the_url_is_the_one_that_is_shown(user_runs: Path) -> None:
    pairs = walk.walkable()
    for pair in pairs:
        for run in pair.runs:
            chosen, broken = choice.asked_for({"run": run.name, "at": "3"})
            assert (chosen.position, broken) == (3.0, None)
            shown, unknown = choice.shown(chosen, pairs)
            assert isinstance(shown, Pair) and run.name in {one.name for one in shown.runs}
            assert unknown is None
