"""Images of two runs side by side: the same test images of both, and the same random codes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from halfmoon.compare import drawn
from halfmoon.compare.drawn import COUNT
from halfmoon.server import loaded
from halfmoon.texts import catalogue
from tests.app.test_pages import open_app
from vae_core.codes.sampling import prior_codes
from vae_core.comparison import Pair
from vae_core.runs.run import Run


def pair_of(folder: Path, *names: str) -> Pair:
    return Pair(tuple(Run.open(folder / name) for name in names))


@pytest.fixture
def pair(user_runs: Path) -> Pair:
    return pair_of(user_runs, "small-digits-ae", "small-digits-vae")


@pytest.mark.parametrize(
    ("labels", "chosen"),
    [
        (np.array([3, 3, 0, 1, 0, 2, 1, 9, 8, 7, 6, 5, 4, 4]), [2, 3, 5, 0, 12, 11, 10, 9, 8, 7]),
        (np.array([1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1]), [1, 0, 4, 2, 5, 3, 7, 6, 10, 8]),
        (np.array([1, 1, 0]), [2, 0, 1]),
    ],
)
def test_one_image_of_each_class_comes_first_and_then_the_next_of_each(labels: np.ndarray, chosen: list[int]) -> None:
    assert drawn.one_of_each(labels.astype(np.uint8)).tolist() == chosen


def test_both_runs_draw_the_same_images_beneath_the_originals(pair: Pair) -> None:
    original, *lines = drawn.reconstructions(pair)
    assert [line.title for line in lines] == ["AE", "VAE"]
    points = drawn.one_of_each(pair.runs[0].codes.labels)
    np.testing.assert_array_equal(original.images, loaded.originals(pair.runs[0], points))
    for run, line in zip(pair.runs, lines, strict=True):
        np.testing.assert_allclose(line.images, loaded.decode(run, run.codes.mu[points]))
    assert original.names == [str(digit) for digit in range(10)]
    shown = drawn.strips([original, *lines])
    assert shown.count("<img") == 3 * COUNT
    note = drawn.reconstructions_note(pair, [original, *lines])
    assert note == catalogue("en")["compare.reconstructions_note"]


def test_runs_of_two_data_sets_have_originals_of_their_own_where_these_are_at_hand(user_runs: Path) -> None:
    pair = pair_of(user_runs, "small-digits-vae", "small-mnist-vae")
    lines = drawn.reconstructions(pair)
    assert [line.is_original for line in lines] == [True, False, False]
    note = drawn.reconstructions_note(pair, lines)
    assert note.endswith(catalogue("en")["compare.no_originals"].format(data="MNIST"))


def test_the_same_draws_are_decoded_of_all_and_of_an_ae_raw_and_in_standard_coordinates(pair: Pair) -> None:
    ae, vae = pair.runs
    standard, raw, prior = (one.sheet for one in drawn.sheets(pair))
    draws = prior_codes(vae.codes, 100, seed=0)
    np.testing.assert_array_equal(prior.codes, draws)
    np.testing.assert_array_equal(raw.codes, draws)
    np.testing.assert_allclose(ae.codes.standardise(standard.codes), draws, atol=1e-4)
    assert [sheet.run for sheet in (standard, raw, prior)] == [ae, ae, vae]


def saved(content: bytes) -> np.ndarray:
    """The pixels (H, W) of a PNG, in [0, 1]."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"), np.float64) / 255


def test_lines_are_saved_pixel_for_pixel_one_below_the_other(user_runs: Path) -> None:
    lines = drawn.reconstructions(pair_of(user_runs, "small-digits-vae", "small-mnist-vae"))
    picture, top = saved(drawn.png(lines)), 0
    assert picture.shape == (8 + 8 + 28, COUNT * 28)
    for line in lines:
        _, height, width = line.images[0].shape
        for at, image in enumerate(line.images):
            tile = picture[top : top + height, at * width : (at + 1) * width]
            np.testing.assert_allclose(tile, image[0], atol=0.5 / 255 + 1e-6)
        assert (picture[top : top + height, COUNT * width :] == 1).all()
        top += height


def test_each_sheet_has_a_file_of_its_own(pair: Pair) -> None:
    files = [one.file for one in drawn.sheets(pair)]
    names = ["ae-standard", "ae-raw", "vae-prior"]
    assert files == [f"halfmoon-digits-sample-{name}.png" for name in names]


def test_what_raw_codes_teach_is_said_only_where_there_are_some(pair: Pair) -> None:
    english = catalogue("en")
    assert drawn.samples_note(pair) == english["compare.samples_note_ae"]
    assert drawn.samples_note(Pair(pair.runs[1:])) == english["compare.samples_note"]


def test_the_page_shows_both(user_runs: Path) -> None:
    bodies = [html.proto.body for html in open_app("pages/compare.py", run="small-digits-vae").get("html")]
    assert sum(body.count("<img") for body in bodies if "hm-strips" in body and "<img" in body) == 3 * COUNT
    assert sum(body.count("<figure") for body in bodies) == 3
