"""The routes give what a browser needs of a run, and refuse with one sentence what they can't answer."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load, load_file, save_file

from halfmoon.parts.pairs import find_pairs, not_shown
from halfmoon.plane import gap_maps
from halfmoon.plane.routes import (
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
from tests.app.asking import ATLAS, ask, assert_refused, numbers, run_of, with_query
from tests.app.standins import COUNT, ODD_NAME, make_run
from vae_core.configs import NetworkConfig
from vae_core.files import write_arrays
from vae_core.measures.gap_map import work_of
from vae_core.runs.run import Run
from vae_core.runs.weighing import decoder_layers, work

CONVOLUTIONAL = "mnist-vae-conv-2d"  # shipped: the only decoder here that is no MLP


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
    status = 404 if how == "missing" else 422
    run = broken("small-digits-vae", how, tmp_path)
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    assert_refused(ask(decoder_path(run)), status, words)
    assert_refused(ask(with_query(atlas_path(run), ATLAS)), status, words)
    assert_refused(ask(answer_path(run)), status, words)
    assert_refused(ask(encode_path(run), "POST", [bytes(64)]), status, words)
    assert ask(codes_path(run)).status == 200


def test_codes_and_decoders_are_given_without_torch(stand_ins: Path) -> None:
    script = """
import sys
from starlette.requests import Request
from halfmoon.routes import routes
for route in routes(""):
    if route.path in ("/codes/{name}", "/decoder/{name}"):
        scope = {"type": "http", "path_params": {"name": "small-digits-vae"}, "query_string": b"", "headers": []}
        answer = route.endpoint(Request(scope))
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
    monkeypatch.setattr("halfmoon.plane.routes.MAX_TILE_BYTES", 4 * 64)
    path = atlas_path(run_of("small-digits-vae"))
    assert ask(with_query(path, ATLAS)).status == 200
    assert_refused(ask(with_query(path, ATLAS | {"rows": "3"})), 400, "more tiles")


def test_a_heavy_run_is_given_in_fewer_and_larger_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("small-digits-vae")
    size = run.config.model.pixels
    four = [ask(with_query(path(run), ATLAS | {"field": "speed"})).body for path in (atlas_path, gap_map_path)]
    monkeypatch.setattr("halfmoon.plane.routes.ANSWER_WORK", 4 * work(decoder_layers(run.config.model)))
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
        assert_refused(ask(path(run)), 422, words)
    for path in (atlas_path, gap_map_path):
        assert_refused(ask(with_query(path(run), ATLAS | zeros)), 422, words)
    assert_refused(ask(encode_path(run), "POST", [bytes(run.config.model.pixels)]), 422, words)
    assert not any(pair.run("heavy") for pair in find_pairs())
    assert words in not_shown("heavy", "another")
    assert "not here" in not_shown("gone", "another")


def test_a_model_computes_beside_the_event_loop_and_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    model_of = loaded.model_of

    def recorded(run: Run) -> Any:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        calls.append(run.name)
        return model_of(run)

    monkeypatch.setattr(loaded, "model_of", recorded)
    gap_maps._map.cache_clear()
    run = run_of("small-digits-vae")
    for path, *body in ((encode_path(run), "POST", [bytes(64)]), (atlas_path(run),), (gap_map_path(run),)):
        calls.clear()
        assert ask(with_query(path, ATLAS | {"field": "round_trip"}), *body).status == 200
        assert calls


@pytest.mark.parametrize("name", ["small-digits-ae", "small-ten-vae"])
def test_too_many_codes_are_thinned_evenly_and_always_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(name)
    assert points_count(run) == COUNT
    limit = 7
    monkeypatch.setattr("halfmoon.plane.routes.POINT_LIMIT", limit)
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
