"""The page of the half moon: who can take the walk, what is said of it, and what its URL holds."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from halfmoon.address import RunChoice
from halfmoon.half_moon import choice, walk
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


def body(app: object) -> str:
    return "".join(html.proto.body for html in app.get("html"))


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
    assert ENGLISH["half_moon.verdicts.half"] in walk.card(moons, 5.5)
    assert ENGLISH["half_moon.verdicts.dissolve"] in walk.card(blends, 5.5)
    for one, nearer in ((moons, "true moon, 0.50 lit"), (blends, "cross-dissolve, 50\u00a0% full")):
        framed = re.search(r'<figure class="hm-nearer">.*?<figcaption>(.*?)</figcaption>', walk.card(one, 5.5))
        assert framed[1] == f"nearest {nearer}: 0.00 away"
    sentences = walk.middle([moons, blends])
    assert ENGLISH["half_moon.half_way.half"] in sentences and ENGLISH["half_moon.half_way.dissolve"] in sentences
    assert ENGLISH["half_moon.verdicts.new"] in walk.card(blends, 1)
    assert ENGLISH["half_moon.verdicts.full"] in walk.card(blends, 11)


def test_the_figure_has_both_distances_the_codes_and_both_units(moons: Walk) -> None:
    figure = walk.figure(moons, 4.2)
    *bars, to_moon, to_dissolve = figure.data
    assert len(bars) == 5
    np.testing.assert_allclose(bars[0].y, 0.1)  # per cent
    np.testing.assert_array_equal(to_moon.y, moons.fit.moon_distances)
    np.testing.assert_array_equal(to_dissolve.y, moons.fit.dissolve_distances)
    assert figure.layout.xaxis.ticktext == ("1<br>2", "4<br>1", "7<br>0", "10<br>−1")
    assert figure.layout.shapes[0].x0 == 4.2


def test_the_page_opens_in_the_middle_and_the_slider_s_place_is_in_the_url() -> None:
    app = open_app(PAGE, **QUERY)
    assert not app.exception and not app.warning
    assert app.slider(key="half-moon-position").value == 5.5
    assert body(app).count('class="hm-walk"') == 2
    app.slider(key="half-moon-position").set_value(7.3).run()
    assert not app.exception
    assert app.query_params["at"] == "7.3"
    assert open_app(PAGE, at="7.3", **QUERY).slider(key="half-moon-position").value == 7.3


@pytest.mark.parametrize("at", ["x", "nan", "-0.1", "11.2", ""])
def test_a_place_that_is_not_on_the_walk_is_one_sentence_and_the_middle(at: str) -> None:
    app = open_app(PAGE, at=at, **QUERY)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [ENGLISH["half_moon.broken_place"]]
    assert app.slider(key="half-moon-position").value == 5.5


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
    assert walk.units([moons]) == "In the VAE's own units the new moon is at 2 and the full moon at −1."
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
