"""The routes give what a browser needs of a run, and refuse with one sentence what they can't answer."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import numpy as np
import pytest
import torch
from safetensors.numpy import load, load_file, save_file
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from halfmoon.address import LANGUAGES
from halfmoon.parts.titles import find_pairs, not_shown
from halfmoon.plane import gap_maps
from halfmoon.plane.answer import NEIGHBOUR_COUNT
from halfmoon.routes import (
    _within,
    answer_path,
    atlas_path,
    codes_path,
    decoder_path,
    encode_path,
    gap_map_path,
    pack,
    points_count,
)
from halfmoon.server import loaded
from halfmoon.server.requests import heavy
from halfmoon.texts import catalogue
from tests.app.asking import ask, assert_refused
from tests.app.standins import COUNT, ODD_NAME, make_run
from vae_core.configs import PHASE_ONLY, DataConfig, NetworkConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet
from vae_core.files import write_arrays
from vae_core.measures.gap_map import GapMap, fields_of, work_of
from vae_core.measures.rulers import MoonRuler, PixelRuler
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run
from vae_core.runs.weighing import decoder_layers, work

CONVOLUTIONAL = "mnist-vae-conv-2d"  # shipped: the only decoder here that is no MLP
ATLAS = {"origin": "0,0", "u": "1,0", "v": "0,1", "columns": "2", "rows": "2"}


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return datasets.load(DataConfig(name="digits"))


def run_of(name: str) -> Run:
    run = find_run(name)
    assert run is not None
    return run


def with_query(path: str, parameters: dict[str, str]) -> str:
    return path + "".join(f"&{name}={value}" for name, value in parameters.items())


def numbers(values: np.ndarray) -> str:
    return ",".join(f"{value:.9g}" for value in values)


@pytest.mark.parametrize("name", ["small-digits-ae", "small-line-vae", "mnist-vae-2d"])
def test_the_decoder_comes_layer_by_layer_as_it_is_in_the_file(name: str) -> None:
    run = run_of(name)
    answer = ask(decoder_path(run))
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, max-age=86400")
    layers, stored = load(answer.body), load_file(run.model_file)
    assert len(layers) == 2 * (len(run.config.model.decoder.widths) + 1)
    for key, tensor in layers.items():
        at, part = key.split(".")
        original = stored[f"decoder.{2 * int(at)}.{part}"]
        assert tensor.dtype == original.dtype
        np.testing.assert_array_equal(tensor, original)
    length = int.from_bytes(answer.body[:8], "little")
    shape = ",".join(str(side) for side in run.config.model.image_shape)
    expected = {"activation": "silu", "output": "sigmoid", "image_shape": shape}
    assert json.loads(answer.body[8 : 8 + length])["__metadata__"] == expected


def test_a_decoder_of_convolutions_is_not_given() -> None:
    assert_refused(ask(decoder_path(run_of(CONVOLUTIONAL))), 404, "not made of fully connected layers")


@pytest.mark.parametrize("kind", ["codes", "decoder", "atlas", "answer", "gap_map", "encode"])
@pytest.mark.parametrize("name", ["gone", "..", "%C3%BC"])
def test_of_a_run_that_is_not_there_nothing_is_given(kind: str, name: str) -> None:
    answer = ask(f"{kind}/{name}?at=1", "POST" if kind == "encode" else "GET")
    assert_refused(answer, 404, "There is no such run.")


def test_the_routes_stand_below_the_base_path_and_take_any_name() -> None:
    run = run_of(ODD_NAME)
    assert ask(codes_path(run), base="/halfmoon").body == pack(run)
    assert ask(decoder_path(run), base="/halfmoon").status == 200
    assert ask(codes_path(run)).body == pack(run)


def broken(name: str, how: str, folder: Path) -> Run:
    """A copy of a run, with its weights broken, in `folder`."""
    original = run_of(name)
    run = Run.open(shutil.copytree(original.folder, folder / "broken"))
    match how:
        case "truncated":
            run.model_file.write_bytes(original.model_file.read_bytes()[:-100])
        case "foreign":
            save_file({"decoder.0.weight": np.zeros((3, 3), np.float32)}, run.model_file)
        case "not finite":
            tensors = load_file(original.model_file)
            tensors["decoder.2.bias"][0] = np.nan
            save_file(tensors, run.model_file)
    return run


@pytest.mark.parametrize(
    "how, words",
    [
        ("truncated", "is not a whole safetensors file"),
        ("foreign", "holds the weights of another model"),
        ("not finite", "holds weights that are not finite"),
    ],
)
def test_broken_weights_are_said_to_be_broken(
    how: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = broken("small-digits-vae", how, tmp_path)
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    assert_refused(ask(decoder_path(run)), 404, words)
    assert_refused(ask(with_query(atlas_path(run), ATLAS)), 404, words)
    assert_refused(ask(answer_path(run)), 404, words)
    assert_refused(ask(encode_path(run), "POST", [bytes(64)]), 404, words)
    assert ask(codes_path(run)).status == 200


def test_codes_and_decoders_are_given_without_torch(stand_ins: Path) -> None:
    script = """
import sys
from starlette.requests import Request
from halfmoon.routes import routes
for route in routes(""):
    if route.path in ("/codes/{name}", "/decoder/{name}"):
        answer = route.endpoint(Request({"type": "http", "path_params": {"name": "small-digits-vae"}}))
        print(answer.status_code, len(answer.body) > 100)
print({"torch", "torchvision", "sklearn"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "200 True\n200 True\nset()\n", result.stderr


@pytest.mark.parametrize("name", ["small-digits-ae", "small-line-vae", "small-ten-vae", CONVOLUTIONAL])
def test_a_tile_is_what_torch_decodes_at_its_centre(name: str) -> None:
    run = run_of(name)
    latent_dim, rows, columns = run.config.model.latent_dim, 3, 5
    generator = np.random.default_rng(4)
    origin, u, v = generator.normal(size=(3, latent_dim))
    parameters = {"origin": numbers(origin), "u": numbers(u), "v": numbers(v), "columns": "5", "rows": "3"}
    answer = ask(with_query(atlas_path(run), parameters))
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, max-age=86400")
    tiles = np.frombuffer(answer.body, np.uint8).reshape(rows, columns, *run.config.model.image_shape)
    model = run.load_model()
    for row in range(rows):
        for column in range(columns):
            code = origin + u * (column + 0.5) / columns + v * (row + 0.5) / rows
            image = model.decode(torch.tensor(code[None], dtype=torch.float32))[0].numpy() * 255
            assert np.abs(tiles[row, column] - image).max() <= 0.5 + 1e-3


def test_an_atlas_of_many_tiles_is_the_same_as_one_of_each() -> None:
    run = run_of("small-digits-vae")
    whole = ask(with_query(atlas_path(run), ATLAS | {"columns": "64", "rows": "64"}))
    assert len(whole.body) == 64 * 64 * 64
    half = 1 / 128  # the middle of the last tile
    last = {"origin": f"{1 - 2 * half},{1 - 2 * half}", "u": f"{2 * half},0", "v": f"0,{2 * half}"}
    alone = ask(with_query(atlas_path(run), last | {"columns": "1", "rows": "1"}))
    difference = np.frombuffer(whole.body[-64:], np.uint8).astype(int) - np.frombuffer(alone.body, np.uint8)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("field", ["density_ratio", "round_trip", "speed", "distance"])
@pytest.mark.parametrize("name", ["small-digits-ae", "small-digits-vae", "small-line-vae"])
def test_a_gap_map_is_the_core_s_field_at_the_centre_of_each_cell_after_its_survey(
    name: str, field: str, digits: ImageSet
) -> None:
    run = run_of(name)
    latent_dim, rows, columns = run.config.model.latent_dim, 3, 5
    origin, u, v = np.random.default_rng(4).normal(size=(3, latent_dim))
    parameters = {"origin": numbers(origin), "u": numbers(u), "v": numbers(v), "columns": "5", "rows": "3"}
    answer = ask(with_query(gap_map_path(run), {"field": field} | parameters))
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, max-age=86400")
    given = np.frombuffer(answer.body, "<f4")

    is_moon = run.config.training.data.name == "moons-phase"
    ruler = MoonRuler(PHASE_ONLY) if is_moon else PixelRuler(digits.split("training")[0])
    gaps = GapMap(run.load_model(), run.codes, ruler=ruler)
    survey = gaps.survey(field)
    np.testing.assert_allclose(given[: 2 + latent_dim], [survey.low, survey.high, *survey.worst], rtol=1e-4, atol=1e-6)
    x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    centres = np.array([origin + across * u + up * v for up in y for across in x])
    np.testing.assert_allclose(given[2 + latent_dim :], gaps.field(field, centres), rtol=1e-4, atol=1e-5)


def test_a_map_of_moons_that_would_take_long_to_fit_is_measured_by_pixels() -> None:
    assert isinstance(gap_maps._ruler(DataConfig(name="moons")), PixelRuler)


GAP = {"field": "round_trip"} | ATLAS


@pytest.mark.parametrize("field", ["", "gone", "confidence", "density", "__class__", "round_trip,speed", "%00"])
def test_a_field_that_there_is_not_is_refused(field: str) -> None:
    run = run_of("small-digits-vae")
    assert "confidence" not in fields_of(run)
    answer = ask(with_query(gap_map_path(run), GAP | {"field": field}))
    assert_refused(answer, 400, "must be one of: density_ratio, round_trip, speed, distance.")


def test_codes_of_many_dimensions_have_no_gap_map() -> None:
    ten = ",".join(10 * "0")
    path = with_query(gap_map_path(run_of("small-ten-vae")), GAP | dict.fromkeys(("origin", "u", "v"), ten))
    assert_refused(ask(path), 400, "none for this run")


@pytest.mark.parametrize(
    "change, words",
    [
        ({"origin": "0"}, "parameter origin"),
        ({"v": "0,nan"}, "parameter v"),
        ({"u": "1e300,0"}, "parameter u"),
        ({"columns": "0"}, "parameter columns"),
        ({"rows": "9" * 5000}, "parameter rows"),
        ({"columns": "64", "rows": "65"}, "more tiles"),
    ],
)
def test_a_gap_map_of_no_sensible_grid_is_refused(change: dict[str, str], words: str) -> None:
    assert_refused(ask(with_query(gap_map_path(run_of("small-digits-vae")), GAP | change)), 400, words)


def test_a_gap_map_that_needs_a_missing_data_set_says_so_and_the_others_are_there() -> None:
    path = gap_map_path(run_of("small-mnist-vae"))
    assert_refused(ask(with_query(path, GAP | {"field": "distance"})), 404, "MNIST is missing")
    for field in ("confidence", "round_trip"):
        assert ask(with_query(path, GAP | {"field": field})).status == 200


def test_a_speed_can_be_taken_of_a_model_that_an_image_was_decoded_by_before() -> None:
    run = run_of("small-digits-ae")
    loaded._model.cache_clear()
    gap_maps._map.cache_clear()
    loaded.decode(run, np.zeros((1, 2)))  # without gradients
    assert ask(with_query(gap_map_path(run), GAP | {"field": "speed"})).status == 200


@pytest.mark.parametrize(
    "change, words",
    [
        ({"origin": "0"}, "parameter origin"),
        ({"u": "1,2,3"}, "parameter u"),
        ({"v": ""}, "parameter v"),
        ({"v": "0,nan"}, "parameter v"),
        ({"u": "inf,0"}, "parameter u"),
        ({"origin": "1e300,0"}, "parameter origin"),
        ({"origin": "a,b"}, "parameter origin"),
        ({"columns": "0"}, "parameter columns"),
        ({"columns": "-3"}, "parameter columns"),
        ({"columns": "4097"}, "parameter columns"),
        ({"rows": "1.5"}, "parameter rows"),
        ({"rows": "9" * 5000}, "parameter rows"),
        ({"columns": "64", "rows": "65"}, "more tiles"),
    ],
)
def test_an_atlas_that_makes_no_sense_is_refused(change: dict[str, str], words: str) -> None:
    path = atlas_path(run_of("small-digits-vae"))
    assert_refused(ask(with_query(path, ATLAS | change)), 400, words)
    name = next(iter(change))
    if name != "columns" or "rows" not in change:
        left = {key: value for key, value in ATLAS.items() if key != name}
        assert_refused(ask(with_query(path, left)), 400, f"parameter {name}")


def test_an_atlas_has_no_more_pixels_than_a_browser_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halfmoon.routes.ATLAS_BYTES", 4 * 64)
    path = atlas_path(run_of("small-digits-vae"))
    assert ask(with_query(path, ATLAS)).status == 200
    assert_refused(ask(with_query(path, ATLAS | {"rows": "3"})), 400, "more tiles")


def test_a_heavy_run_is_given_in_fewer_and_larger_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("small-digits-vae")
    size = run.config.model.pixels
    four = [ask(with_query(path(run), ATLAS | {"field": "speed"})).body for path in (atlas_path, gap_map_path)]
    monkeypatch.setattr("halfmoon.routes.ANSWER_WORK", 4 * work(decoder_layers(run.config.model)))
    monkeypatch.setattr("halfmoon.plane.gap_maps.ANSWER_WORK", 4 * work_of(run.config.model, "speed"))
    finer = ATLAS | {"columns": "4", "rows": "4", "field": "speed"}
    atlas, gaps = (ask(with_query(path(run), finer)).body for path in (atlas_path, gap_map_path))
    tiles, whole = (np.frombuffer(part, np.uint8).reshape(-1, size) for part in (atlas, four[0]))
    assert (tiles.reshape(2, 2, 2, 2, size) == whole.reshape(2, 1, 2, 1, size)).all()
    values, known = (np.frombuffer(part, "<f4")[4:] for part in (gaps, four[1]))
    assert (values.reshape(2, 2, 2, 2) == known.reshape(2, 1, 2, 1)).all()


@pytest.mark.parametrize("most", [1, 2, 229, 4095, 4096, 10**9])
@pytest.mark.parametrize("columns, rows", [(64, 64), (1024, 1), (1, 1024), (4096, 1), (50, 81)])
def test_a_grid_keeps_its_shape_and_to_its_bound(columns: int, rows: int, most: int) -> None:
    fewer_columns, fewer_rows = _within(most, columns, rows)
    assert 1 <= fewer_columns <= columns
    assert 1 <= fewer_rows <= rows
    assert min(most, columns * rows) / 4 < fewer_columns * fewer_rows <= most


def test_the_survey_of_a_heavy_run_looks_at_fewer_places(monkeypatch: pytest.MonkeyPatch) -> None:
    run, sides = run_of("small-digits-vae"), []
    survey = GapMap.survey
    monkeypatch.setattr(GapMap, "survey", lambda *given: (sides.append(given[2]), survey(*given))[1])
    for most in (10_000, 100):
        gap_maps._survey.cache_clear()
        monkeypatch.setattr("halfmoon.plane.gap_maps.ANSWER_WORK", most * work_of(run.config.model, "round_trip"))
        assert ask(with_query(gap_map_path(run), GAP | {"field": "round_trip"})).status == 200
    gap_maps._survey.cache_clear()
    assert sides == [60, 10]


@pytest.fixture
def own_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    return tmp_path


WIDE = NetworkConfig(network="conv", widths=(2048,))


def too_many_codes(folder: Path) -> Run:
    """A run whose codes are few on disk and more than can be looked among."""
    run = make_run(folder, "heavy", "vae", latent_dim=1)
    arrays = dict(np.load(run.folder / "codes.npz"))
    write_arrays(run.folder / "codes.npz", arrays | {"mu": np.zeros((1_000_001, 1), np.float16)})
    return run


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda folder: make_run(folder, "heavy", "vae", "moons", network=WIDE), "million multiplications an image"),
        (too_many_codes, "1,000,001 codes"),
    ],
    ids=("networks", "codes"),
)
def test_a_run_too_large_to_be_looked_at_is_refused_by_every_route(
    own_runs: Path, make: Callable[[Path], Run], words: str
) -> None:
    run = make(own_runs)
    zeros = dict.fromkeys(("origin", "u", "v"), ",".join("0" * run.config.model.latent_dim))
    for path in (codes_path, decoder_path, answer_path):
        assert_refused(ask(path(run)), 404, words)
    for path in (atlas_path, gap_map_path):
        assert_refused(ask(with_query(path(run), ATLAS | zeros)), 404, words)
    assert_refused(ask(encode_path(run), "POST", [bytes(run.config.model.pixels)]), 404, words)
    assert not any(pair.run("heavy") for pair in find_pairs())
    assert words in not_shown("heavy", "another")
    assert "not here" in not_shown("gone", "another")


def test_no_more_heavy_answers_are_made_at_once_than_there_are_cores_and_others_pass_them_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy: set[int] = set()
    most, both, release = [], threading.Barrier(3), threading.Event()

    def answer(request: Request) -> Response:
        busy.add(threading.get_ident())
        most.append(len(busy))
        if not release.is_set():
            both.wait()
            release.wait()
        busy.remove(threading.get_ident())
        return Response()

    def pass_by() -> int:
        both.wait()  # until two are busy
        release.set()
        return len(busy)

    async def stay() -> None:
        await anyio.sleep_forever()

    async def crowd() -> int:
        async with anyio.create_task_group() as group:
            for _ in range(60):  # more than there are threads for answers
                group.start_soon(heavy(answer), Request({"type": "http"}, stay))
            await anyio.lowlevel.checkpoint()
            return await run_in_threadpool(pass_by)

    monkeypatch.setattr("halfmoon.server.requests.cores", lambda: 2)
    with ThreadPoolExecutor() as pool:
        assert pool.submit(anyio.run, crowd).result() == 2
    assert (max(most), len(most)) == (2, 60)


def test_nothing_is_made_for_those_who_have_left() -> None:
    async def leave() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with ThreadPoolExecutor() as pool:
        asked = Request({"type": "http"}, leave)
        assert pool.submit(anyio.run, heavy(pytest.fail), asked).result().status_code == 204


RUNS = ["small-digits-ae", "small-digits-vae", "small-line-vae", "small-mnist-vae", "small-ten-vae"]


@pytest.mark.parametrize("run_name", RUNS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_every_kind_of_run_a_code_is_told_of_in_the_language_that_is_asked_for(run_name: str, language: str) -> None:
    run, texts = run_of(run_name), catalogue(language)
    answer = json.loads(ask(f"{answer_path(run)}&point=5&lang={language}&wait").body)
    kind = texts[f"kind.{run.config.model.kind}"]
    assert answer["about"].startswith(f'<section class="hm-answer"><h2>{kind}')
    assert texts["neighbours.heading"].format(kind=kind) in answer["neighbours"]
    assert answer["neighbours"].count("<li>") == NEIGHBOUR_COUNT
    assert answer["is_whole"] is True


def test_originals_are_shown_where_they_are_at_hand_and_named_where_not() -> None:
    def about(name: str) -> str:
        return json.loads(ask(f"{answer_path(run_of(name))}&point=7&wait").body)["about"]

    missing = catalogue("en")["answer.not_at_hand"].format(data="MNIST")
    assert missing not in about("small-digits-vae")  # scikit-learn's digits need no download
    assert ">original</figcaption>" in about("small-digits-vae")
    assert missing in about("small-mnist-vae")
    assert ">original</figcaption>" not in about("small-mnist-vae")


def test_an_answer_without_a_place_is_about_the_centre_and_in_english() -> None:
    run = run_of("small-digits-vae")
    assert ask(answer_path(run)).body == ask(f"{answer_path(run)}&z=0,0&lang=xx").body


@pytest.mark.parametrize("place", ["z=1", "z=nan,0", "z=a,b", "z=1e9,0", "point=60", "point=-1", "point=x"])
def test_of_a_place_that_is_not_there_nothing_is_told(place: str) -> None:
    assert_refused(ask(f"{answer_path(run_of('small-digits-vae'))}&{place}"), 400, "no such place")


@pytest.mark.parametrize("name", ["small-digits-ae", "small-digits-vae", "small-ten-vae", CONVOLUTIONAL])
def test_an_image_is_encoded_as_the_model_encodes_it(name: str) -> None:
    run = run_of(name)
    image = np.random.default_rng(5).integers(0, 256, (1, *run.config.model.image_shape), dtype=np.uint8)
    content = image.tobytes()
    answer = ask(encode_path(run), "POST", [content[:10], content[10:]])
    assert answer.status == 200
    given = json.loads(answer.body)
    mu, log_var = run.load_model().encode(torch.tensor(image) / 255)
    np.testing.assert_allclose(given["mu"], mu[0], rtol=1e-4, atol=1e-5)
    if run.config.model.kind == "ae":
        assert given["log_var"] is None
    else:
        np.testing.assert_allclose(given["log_var"], log_var[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("body", [[], [bytes(63)], [bytes(60), bytes(5)], [bytes(784)]])
def test_a_body_that_is_no_image_is_refused(body: list[bytes]) -> None:
    path = encode_path(run_of("small-digits-vae"))
    assert_refused(ask(path, "POST", body), 400, "must be 64 bytes")


def test_of_a_body_without_end_little_is_read() -> None:
    read = 0

    class Endless(list):
        def __iter__(self):
            nonlocal read
            while True:
                read += 1
                yield bytes(50)

    assert_refused(ask(encode_path(run_of("small-digits-vae")), "POST", Endless()), 400, "must be 64 bytes")
    assert read == 2


def test_an_image_is_posted_and_not_asked_for() -> None:
    run = run_of("small-digits-vae")
    assert ask(encode_path(run)).status == 405
    assert ask(codes_path(run), "POST").status == 405


def test_a_model_computes_beside_the_event_loop_and_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def computes(name: str) -> Callable[..., Any]:
        function = getattr(loaded, name)

        def recorded(*arguments: Any) -> Any:
            with pytest.raises(RuntimeError, match="no running event loop"):
                asyncio.get_running_loop()
            calls.append(name)
            return function(*arguments)

        return recorded

    for name in ("encode", "tiles", "model_of"):
        monkeypatch.setattr(loaded, name, computes(name))
    gap_maps._map.cache_clear()
    run = run_of("small-digits-vae")
    assert ask(encode_path(run), "POST", [bytes(64)]).status == 200
    assert ask(with_query(atlas_path(run), ATLAS)).status == 200
    assert ask(with_query(gap_map_path(run), GAP)).status == 200
    assert calls == ["encode", "tiles", "model_of"]


@pytest.mark.parametrize("name", ["small-digits-ae", "small-ten-vae"])
def test_too_many_codes_are_thinned_evenly_and_always_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(name)
    assert points_count(run) == COUNT
    limit = 7
    monkeypatch.setattr("halfmoon.routes.POINT_LIMIT", limit)
    assert points_count(run) == limit
    content = pack(run)
    assert content == pack(run)
    codes = run.codes
    kept = np.frombuffer(content[-4 * limit :], "<u4")
    edges = np.arange(limit + 1) * COUNT / limit
    assert ((np.floor(edges[:-1]) <= kept) & (kept < edges[1:])).all()
    assert len(np.unique(np.diff(kept))) > 1
    dtypes = ["<f4"] if codes.log_var is None else ["<f4", "<f2"]
    expected = [array[kept].astype(dtype) for array, dtype in zip((codes.mu, codes.log_var), dtypes, strict=False)]
    assert content == b"".join(part.tobytes() for part in [*expected, codes.labels[kept].astype(np.uint8), kept])
