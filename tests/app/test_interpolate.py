"""Walks between two images: what is met on them, what the URL holds of them, what can be taken along."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from halfmoon.interpolate import choice, controls, figures, files, measures, walks
from halfmoon.interpolate.choice import FRAMES, PARTS, PATHS, End, Walk
from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import data_title
from halfmoon.server import loaded
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES
from tests.app.standins import ODD_NAME
from vae_core.comparison import Pair, pair_of
from vae_core.configs import PHASE_ONLY
from vae_core.measures.rulers import MoonRuler
from vae_core.measures.walks import WalkMeasures, measure_walk
from vae_core.runs.run import Run

ROOT = Path(__file__).resolve().parents[2]
ENDS = End(3), End(8)
OWN = bytes(range(0, 256, 4))  # an image of one's own, 8 by 8
BROKEN_ENDS = ["a=60", "a=-1", "b=x", "b=", "a=z:1", "a=z:", "a=z:nan,0", "b=z:1e9,0"]
BROKEN_IMAGES = [
    "a=image:",
    "a=image:?",
    "a=image:AAAA",
    f"a={End(image=OWN[1:]).query()}",
    f"a={End(image=bytes(10**6)).query()}",
]
RUNS = ["small-digits-vae", "small-line-vae", "small-mnist-vae", "small-ten-vae"]


def pair_named(name: str = "small-digits-vae") -> Pair:
    return pair_of(name, find_pairs())


def rows_of(run: str = "small-digits-vae", path: str = "linear", ends: tuple[End, End] = ENDS) -> list[Row]:
    pair = pair_named(run)
    return walks.rows(pair, Walk(pair.name, *ends, path))


def decoded(run: Run, codes: np.ndarray) -> np.ndarray:
    """What torch decodes at raw codes (N, latent_dim)."""
    with torch.inference_mode():
        return run.load_model().decode(torch.from_numpy(np.asarray(codes, np.float32))).numpy()


def open_page(**query: str) -> AppTest:
    """The page as a visitor with this URL finds it."""
    app = AppTest.from_file(str(ROOT / "halfmoon" / "main.py"), default_timeout=60).run()
    app.switch_page("../pages/interpolate.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def said(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_straight_walk_goes_in_equal_steps_from_code_to_code_and_its_frames_are_decoded_there() -> None:
    for row in rows_of()[:2]:
        start, end = row.run.codes.mu[[3, 8]]
        shares = np.linspace(0, 1, FRAMES)[:, None]
        np.testing.assert_allclose(row.codes, start + shares * (end - start), atol=1e-4)
        np.testing.assert_allclose(row.images, decoded(row.run, row.codes), atol=1e-6)
        finely = decoded(row.run, start + np.linspace(0, 1, 4001)[:, None] * (end - start)).reshape(4001, -1)
        exact = np.linalg.norm(np.diff(finely.astype(np.float64), axis=0), axis=1).sum()
        assert row.steps.sum() <= row.length == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("run", RUNS)
def test_every_walk_of_every_kind_of_run_ends_at_the_codes_of_its_images(run: str, path: str) -> None:
    for row in rows_of(run, path):
        assert row.images.shape == (FRAMES, *pair_named(run).runs[0].config.model.image_shape)
        assert row.steps.shape == (FRAMES - 1,)
        if row.run:
            np.testing.assert_allclose(row.codes[[0, -1]], row.run.codes.mu[[3, 8]], atol=1e-4)


def test_a_spherical_walk_between_places_as_far_from_the_centre_keeps_that_distance_in_both_models() -> None:
    places = End(place=(1.5, 0.0)), End(place=(0.0, 1.5))
    for row in rows_of("small-digits-vae", "spherical", places)[:2]:
        norms = np.linalg.norm(row.run.codes.standardise(row.codes), axis=1)
        np.testing.assert_allclose(norms, 1.5, atol=1e-4)


def test_the_shortest_walk_is_even_and_no_longer_than_the_straight_one() -> None:
    for shortest, straight in zip(rows_of(path="geodesic")[:2], rows_of()[:2], strict=True):
        assert shortest.length <= straight.length
        assert shortest.evenness > max(0.9, straight.evenness)


def test_a_walk_from_an_image_to_itself_says_that_nothing_moves() -> None:
    row = rows_of(ends=(End(3), End(3)))[0]
    assert controls.figures_line(row) == catalogue("en")["interpolate.still"]


def test_the_cross_dissolve_fades_one_original_into_the_other_in_steps_of_one_size() -> None:
    *_, row = rows_of()
    run = pair_named().runs[-1]
    start, end = loaded.originals(run, np.array([3, 8])).astype(np.float64)
    np.testing.assert_allclose(row.images[FRAMES // 2], (start + end) / 2, atol=1e-6)
    np.testing.assert_allclose(row.steps, np.linalg.norm(end - start) / (FRAMES - 1), rtol=1e-4)
    assert row.evenness == pytest.approx(1, abs=1e-4)
    assert row.length == pytest.approx(np.linalg.norm(end - start), rel=1e-4)
    assert row.note == catalogue("en")["interpolate.dissolve_originals"]


@pytest.mark.parametrize(
    ("run", "ends", "key"),
    [
        ("small-mnist-vae", ENDS, "not_at_hand"),
        ("small-digits-vae", (End(3), End(place=(0.5, 1.0))), "dissolve_decoded"),
    ],
)
def test_without_two_originals_images_of_the_vae_are_dissolved_and_this_is_said(
    run: str, ends: tuple[End, End], key: str
) -> None:
    *_, through, dissolve = rows_of(run, "linear", ends)
    np.testing.assert_allclose(dissolve.images[[0, -1]], through.images[[0, -1]], atol=1e-6)
    assert dissolve.note == catalogue("en")[f"interpolate.{key}"].format(kind="VAE", data="MNIST")


def test_a_walk_from_an_image_of_one_s_own_begins_where_each_model_encodes_it() -> None:
    ae, vae, dissolve = rows_of(ends=(End(image=OWN), End(8)))
    image = np.frombuffer(OWN, np.uint8).reshape(1, 1, 8, 8)
    for row in (ae, vae):
        mu, _ = row.run.load_model().encode(torch.tensor(image / 255, dtype=torch.float32))
        np.testing.assert_allclose(row.codes[0], mu[0].detach(), atol=1e-4)
        np.testing.assert_allclose(row.codes[-1], row.run.codes.mu[8], atol=1e-4)
    np.testing.assert_allclose(dissolve.images[0], image[0] / 255, atol=1e-6)
    np.testing.assert_allclose(dissolve.images[-1], loaded.originals(vae.run, np.array([8]))[0], atol=1e-6)
    assert dissolve.note == catalogue("en")["interpolate.dissolve_originals"]


def test_an_image_of_one_s_own_is_named_and_makes_room_for_any_other() -> None:
    app = open_page(run="small-digits-vae", a=End(image=OWN).query(), b="8")
    assert not app.exception and not app.warning
    assert catalogue("en")["interpolate.own_image"] in said(app)
    app.button(key="walk-start-another").click().run()
    assert 0 <= int(app.query_params["a"]) < 60
    app.selectbox(key="walk-start").set_value(controls.RANDOM).run()
    assert not app.exception and not app.warning
    assert 0 <= int(app.query_params["a"]) < 60


def test_another_one_comes_to_every_image_of_the_class_before_it_comes_back() -> None:
    codes = pair_named().runs[-1].codes
    members = np.flatnonzero(codes.labels == codes.labels[3])
    visited = [3]
    for _ in members[1:]:
        visited.append(choice.another(codes, visited[-1]))
    assert sorted(visited) == members.tolist()
    assert choice.another(codes, visited[-1]) == 3


@pytest.mark.parametrize(
    "walk",
    [
        Walk("small-digits-vae", End(3), End(8)),
        Walk("small-digits-vae", End(0), End(place=(-0.5, 1.25)), "geodesic"),
        Walk("small-digits-vae", End(place=(0.0, 2.0)), End(59), "spherical"),
        Walk("small-digits-vae", End(image=bytes(range(64))), End(59)),
        Walk("small-digits-vae", End(0), End(59), frame=40),
    ],
)
def test_a_walk_in_the_url_is_the_same_walk_again(walk: Walk) -> None:
    assert choice.asked_for(pair_named(), "", walk.query()) == (walk, [])


@pytest.mark.parametrize(
    "broken",
    [*BROKEN_ENDS, "path=crooked", "frame=41", "frame=-1", "frame=x", *BROKEN_IMAGES],
)
def test_what_is_broken_in_a_link_is_the_usual_with_one_sentence_and_the_rest_is_kept(broken: str) -> None:
    name, value = broken.split("=", 1)
    asked = {"run": "small-digits-vae", "a": "3", "b": "8", "path": "geodesic", "frame": "7"}
    part = PARTS[name]
    pair = pair_named()
    usual = getattr(choice.first_walk(pair), part)
    expected = replace(Walk("small-digits-vae", *ENDS, "geodesic", 7), **{part: usual})
    sentence = catalogue("en")[f"interpolate.broken.{part}"]
    assert choice.asked_for(pair, "", asked | {name: value}) == (expected, [sentence])
    app = open_page(**asked | {name: value})
    assert not app.exception
    assert [warning.value for warning in app.warning] == [sentence]


def test_of_all_that_is_broken_in_a_link_something_is_said() -> None:
    walk, warnings = choice.asked_for(pair_named(), "", {"a": "60", "b": "x", "path": "crooked", "frame": "x"})
    assert walk == choice.first_walk(pair_named())
    assert warnings == [catalogue("en")[f"interpolate.broken.{part}"] for part in ("start", "end", "path", "frame")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("run", RUNS)
def test_the_page_shows_every_kind_of_run(run: str, language: str) -> None:
    app = open_page(run=run, lang=language, a="3", b="8")
    assert not app.exception and not app.error and not app.warning
    assert ("10" in said(app)) == (run == "small-ten-vae")


def test_a_link_to_a_run_that_is_not_here_opens_with_one_sentence() -> None:
    app = open_page(run="gone")
    assert not app.exception
    assert len(app.warning) == 1 and "gone" in app.warning[0].value


def test_what_is_chosen_is_in_the_url() -> None:
    app = open_page(run="small-digits-vae", a="3", b="z:0.5,1")
    codes = pair_named().runs[-1].codes
    assert app.selectbox(key="walk-start").value == 3
    assert app.selectbox(key="walk-end").value == controls.NONE
    assert "(0.50, 1.00)" in said(app)

    app.button(key="walk-start-another").click().run()
    assert app.query_params["a"] == str(choice.another(codes, 3))
    app.selectbox(key="walk-end").set_value(7).run()
    assert app.query_params["b"] == str(choice.in_order(codes, 7)[0])
    assert app.selectbox(key="walk-end").options == ["at random", *map(str, range(10))]
    app.segmented_control(key="walk-path").set_value("geodesic").run()
    assert app.query_params["path"] == "geodesic"
    app.selectbox(key="pair").select("small-line-vae").run()
    assert not app.exception and not app.warning
    assert (app.query_params["run"], app.query_params["path"]) == ("small-line-vae", "geodesic")
    assert not {"a", "b"} & set(app.query_params)


@pytest.mark.parametrize(
    ("to", "kept"),
    [
        ("small-ten-vae", {"a": "3", "b": End(image=OWN).query(), "path": "geodesic"}),
        ("small-line-vae", {"path": "geodesic"}),
    ],
)
def test_images_stay_the_ends_of_the_walk_with_another_pair_of_the_same_data(to: str, kept: dict[str, str]) -> None:
    app = open_page(run="small-digits-vae", a="3", b=End(image=OWN).query(), path="geodesic")
    app.selectbox(key="pair").select(to).run()
    assert not app.exception and not app.warning
    assert {name: app.query_params[name] for name in ("run", *PARTS) if name in app.query_params} == kept | {"run": to}


def test_a_place_means_nothing_to_another_pair_and_an_image_beside_it_stays() -> None:
    app = open_page(run="small-digits-vae", a="3", b="z:0.5,1")
    app.selectbox(key="pair").select(ODD_NAME).run()
    assert not app.exception and not app.warning
    assert app.query_params["a"] == "3" and "b" not in app.query_params


def test_the_animation_goes_to_and_fro_and_the_strip_has_a_line_for_each_row_each_with_its_name() -> None:
    rows = rows_of()
    with Image.open(io.BytesIO(files.gif(rows))) as animation:
        assert animation.n_frames == 2 * FRAMES - 2
        animation.seek(FRAMES - 1)
        whole = np.asarray(animation.convert("L"), float) / 255
    side = 8 * (files.SIDE // 8)
    assert whole.shape == (side + 2 * files.LETTERS, 3 * side + 2 * files.GAP)
    heads, last = whole[: 2 * files.LETTERS], whole[2 * files.LETTERS :]
    times = side // 8
    np.testing.assert_allclose(last[times // 2 :: times, times // 2 : side : times], rows[0].images[-1, 0], atol=0.01)
    inked = [(head < 0.5).sum() for head in np.split(heads[:, : 3 * side], 3, axis=1)]
    assert 0 < inked[0] < inked[1] < inked[2]  # AE, VAE, cross-dissolve

    with Image.open(io.BytesIO(files.strip(rows))) as strip:
        width, height = 11 * (side + files.GAP) - files.GAP, 3 * side + 2 * files.GAP
        assert strip.height == height and strip.width > width
        pixels = np.asarray(strip, float) / 255
    corner = pixels[-side:, -side:][times // 2 :: times, times // 2 :: times]
    np.testing.assert_allclose(corner, rows[2].images[-1, 0], atol=0.003)
    names = np.split(pixels[: 3 * side, :-width], 3)
    assert all((name < 0.5).sum() > 0 for name in names) and pixels[0, 0] == 1


def test_files_are_named_for_what_is_in_them() -> None:
    pair = pair_named()
    start, end = (pair.runs[-1].codes.labels[at] for at in (3, 8))
    named = files.name_of(pair, Walk(pair.name, *ENDS, "geodesic"))
    assert named == f"halfmoon-digits-{start}-to-{end}-geodesic"
    other = files.name_of(pair, Walk(pair.name, End(image=OWN), End(place=(0.5, 1.0))))
    assert other == "halfmoon-digits-own-to-place-linear"


def test_the_numbers_are_the_codes_and_the_steps() -> None:
    rows = rows_of("small-ten-vae")
    measures = [WalkMeasures(0.5, 1.25), WalkMeasures(float("nan"), None)]
    lines = list(csv.DictReader(io.StringIO(files.numbers(rows, measures))))
    assert len(lines) == FRAMES * len(rows)
    vae = [line for line in lines if line["row"] == "small-ten-vae"]
    codes = [[float(line[f"z{dim}"]) for dim in range(10)] for line in vae]
    np.testing.assert_allclose(codes, rows[0].codes, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose([float(line["step"]) for line in vae[1:]], rows[0].steps, rtol=1e-4)
    assert {line["z0"] for line in lines if line["row"] == "cross-dissolve"} == {None}
    assert {(line["step_evenness"], line["path_distance"]) for line in vae} == {("0.5", "1.25")}
    assert float(vae[0]["length"]) == pytest.approx(rows[0].length, rel=1e-5)
    assert {line["path_distance"] for line in csv.DictReader(io.StringIO(files.numbers(rows, None)))} == {""}


def test_the_measures_of_a_walk_through_moons_are_in_the_table_and_those_without_a_ruler_are_not() -> None:
    rows = rows_of("small-line-vae")
    data = rows[0].run.config.training.data
    found = measures.measured(data, rows)
    evenness, distance = measure_walk(MoonRuler(PHASE_ONLY), torch.from_numpy(rows[0].images[::EVERY]), 0.0)
    assert found[0] == (pytest.approx(evenness), pytest.approx(distance))
    table = measures.table(rows, found)
    assert f">AE</th><td>{evenness:.2f}</td><td>{distance:.2f}</td>" in table
    assert measures.table(rows, None).count("<td>–</td>") == 2 * len(rows)
    digits = pair_named().runs[0].config.training.data
    assert measures.measured(digits, rows_of()) is None
    assert catalogue("en")["interpolate.no_ruler"].format(data=data_title(digits)) in measures.note(digits)


def test_without_the_data_set_the_distance_is_missing_and_the_page_offers_to_fetch_it() -> None:
    rows = rows_of("small-mnist-vae")
    found = measures.measured(rows[0].run.config.training.data, rows)
    assert [one.path_distance for one in found] == [None, None]
    assert all(0 < one.step_evenness <= 1 for one in found)
    app = open_page(run="small-mnist-vae")
    assert catalogue("en")["interpolate.no_level"].format(data="MNIST") in said(app)
    assert "MNIST" in app.button(key="fetch").label


def test_the_way_is_drawn_where_the_codes_lie() -> None:
    def way_of(row: Row) -> np.ndarray:
        line = figures.plane(row).data[-2]
        return np.column_stack([line.x, line.y])

    ae, vae, _ = rows_of()
    for row in (ae, vae):
        np.testing.assert_allclose(way_of(row), row.codes, atol=1e-6)
        figure = figures.plane(row)
        np.testing.assert_allclose(figure.data[-1].x, row.codes[::EVERY, 0], atol=1e-6)
        marks = figures.plane_marks(row)
        np.testing.assert_allclose(np.column_stack([marks.x, marks.y]), row.codes, atol=1e-4)
        for axis, ways in ((figure.layout.xaxis, row.codes[:, 0]), (figure.layout.yaxis, row.codes[:, 1])):
            assert axis.range[0] < ways.min() and ways.max() < axis.range[1]
        assert [note.text for note in figure.layout.annotations] == ["A", "B"]
        np.testing.assert_allclose([[note.x, note.y] for note in figure.layout.annotations], row.codes[[0, -1]])
    line = rows_of("small-line-vae")[1]
    np.testing.assert_allclose(way_of(line), np.column_stack([line.codes[:, 0], np.linspace(0, 1, FRAMES)]), atol=1e-6)
    ten = rows_of("small-ten-vae")[0]
    spread = figures.on_the_plane(ten.run, ten.run.codes.mu, np.zeros(60)).var(0)
    variances = np.linalg.eigvalsh(np.cov(ten.run.codes.mu.T, bias=True))[::-1]
    np.testing.assert_allclose(spread, variances[:2], rtol=1e-4)


def test_the_steps_that_are_drawn_are_distances_over_the_pixels() -> None:
    rows = rows_of()
    lines = figures.steps(rows).data
    assert [line.name for line in lines] == ["AE", "VAE", "Cross-dissolve"]
    for line, row in zip(lines, rows, strict=True):
        np.testing.assert_allclose(line.y, row.steps)
        moved = np.linalg.norm(np.diff(row.images.reshape(FRAMES, -1).astype(float), axis=0), axis=1).sum()
        assert np.sum(line.y) == pytest.approx(moved, rel=1e-5)
