"""HTTP routes of the plane: codes, decoder, tiles, gap maps, encoding, and answers about a code.

It is large and seldom changes, so it goes by routes that a browser caches, and not through the websocket with every run
of a page. Anyone who reaches the server reaches these routes: what they are asked is checked, and refused with one
sentence.
"""

from __future__ import annotations

import math
from urllib.parse import quote

import numpy as np
from safetensors.numpy import save
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from halfmoon.components.latent_plane import MAX_TILE_BYTES, MAX_TILES
from halfmoon.plane import answer, gap_maps
from halfmoon.plane.thumbnail import thumbnail
from halfmoon.plane.view import View
from halfmoon.server import loaded, warmup
from halfmoon.server.requests import body_of, heavy, numbers, refusing, run_of, whole_number
from halfmoon.server.run_cache import remembered, remembered_for_run, state_of
from vae_core.exports.arrays import dense_layers
from vae_core.measures.gap_map import fields_of
from vae_core.runs.run import Run
from vae_core.runs.weighing import ANSWER_WORK, decoder_layers, work

POINT_LIMIT = 200_000  # points of a plane: a browser draws no more at the speed of the hand
TOO_MANY_TILES = "These are more tiles than an atlas may have."


def plane_routes(base: str) -> list[BaseRoute]:
    """The routes of planes below `base`."""
    return [
        Route(f"{base}/codes/{{name}}", _codes),
        Route(f"{base}/decoder/{{name}}", _decoder),
        Route(f"{base}/atlas/{{name}}", heavy(_atlas)),
        Route(f"{base}/answer/{{name}}", _answer),
        Route(f"{base}/gap_map/{{name}}", heavy(_gap_map)),
        Route(f"{base}/encode/{{name}}", _encode, methods=["POST"]),
        Route(f"{base}/thumbnail/{{name}}", _thumbnail),
    ]


def codes_path(run: Run) -> str:
    """The path of the codes of `run`, below the base path; it changes with the run."""
    return _path("codes", run)


def decoder_path(run: Run) -> str:
    """The path of the weights of the run's decoder, if it is an MLP."""
    return _path("decoder", run)


def atlas_path(run: Run) -> str:
    """The path of decoded tiles; `&origin=`, `&u=`, `&v=`, `&columns=` and `&rows=` say which."""
    return _path("atlas", run)


def gap_map_path(run: Run) -> str:
    """The path of a field of `gap_map`; `&field=` says which, and the rest is as for `atlas_path`."""
    return _path("gap_map", run)


def encode_path(run: Run) -> str:
    """The path that encodes a posted image."""
    return _path("encode", run)


def answer_path(run: Run) -> str:
    """The path of the answer about a code; `&z=` or `&point=` says which, `&lang=` the language.

    Without `&wait` an answer comes at once, and says whether originals may follow.
    """
    return _path("answer", run)


def thumbnail_path(run: Run) -> str:
    """The path of the thumbnail of the run's plane, a PNG."""
    return _path("thumbnail", run)


def points_count(run: Run) -> int:
    """The number of the run's codes that `pack` holds."""
    return min(len(run.codes.mu), POINT_LIMIT)


def pack(run: Run) -> bytes:
    """The whole codes (N, latent_dim) as little-endian float32, for a VAE their log_var as float16, the N labels.

    Of more than POINT_LIMIT codes it holds one of each of POINT_LIMIT stretches of equal length, drawn with a fixed
    seed, so that no rhythm in their order shows; the positions of those N in the whole, uint32, then follow the labels.
    """
    codes = run.codes
    kept = _kept(len(codes.mu)) if len(codes.mu) > POINT_LIMIT else None
    chosen = slice(None) if kept is None else kept
    parts = [codes.mu[chosen].astype("<f4"), codes.labels[chosen].astype(np.uint8)]
    if codes.log_var is not None:
        parts.insert(1, codes.log_var[chosen].astype("<f2"))
    if kept is not None:
        parts.append(kept.astype("<u4"))
    return b"".join(part.tobytes() for part in parts)


def pack_decoder(run: Run) -> bytes:
    """The layers of the run's decoder as safetensors: `0.weight`, `0.bias`, `1.weight`, ... and what lies between.

    Raises RunError where the decoder is no MLP, or can't be read.
    """
    model = run.config.model
    tensors: dict[str, np.ndarray] = {}
    for at, layer in enumerate(dense_layers(run)):
        tensors |= {f"{at}.weight": layer.weight, f"{at}.bias": layer.bias}
    shape = ",".join(map(str, model.image_shape))
    return save(tensors, {"activation": model.decoder.activation, "output": model.output, "image_shape": shape})


def _codes(request: Request) -> Response:
    warmup.give_way()
    with refusing(request):
        return _cached(_packed(_opened(request)))


def _decoder(request: Request) -> Response:
    warmup.give_way()
    with refusing(request):
        return _cached(_packed_decoder(_opened(request)))


def _thumbnail(request: Request) -> Response:
    with refusing(request):
        return _cached(thumbnail(_opened(request)), "image/png")


def _atlas(request: Request) -> Response:
    with refusing(request):
        run = _opened(request)
        model = run.config.model
        codes, tiles = _grid(request, model.latent_dim, ANSWER_WORK // work(decoder_layers(model)))
        if len(tiles) * model.pixels > MAX_TILE_BYTES:
            raise HTTPException(400, TOO_MANY_TILES)
        return _cached(loaded.tiles(run, codes)[tiles].tobytes())


def _gap_map(request: Request) -> Response:
    with refusing(request):
        run = _opened(request)
        known, field = fields_of(run), request.query_params.get("field", "")
        if field not in known:
            raise HTTPException(400, f"The parameter field must be one of: {', '.join(known) or 'none for this run'}.")
        grid = _grid(request, run.config.model.latent_dim, gap_maps.max_places(run, field))
        return _cached(gap_maps.pack(run, field, *grid))


def _answer(request: Request) -> Response:
    query = request.query_params
    with refusing(request):
        run = _opened(request)
        try:
            view = View.from_query(query, run)
        except ValueError:
            raise HTTPException(400, "There is no such place on the plane of this run.") from None
        found = answer.describe_code(run, view, wait="wait" in query)
        about, neighbours = answer.about_the_code(found), answer.neighbours(found)
        return JSONResponse({"about": about, "neighbours": neighbours, "is_whole": found.has_originals is not None})


async def _encode(request: Request) -> Response:
    with refusing(request):
        run = await run_in_threadpool(_opened, request)
        model = run.config.model
        pixels = await body_of(request, model.pixels)
        if len(pixels) != model.pixels:
            raise HTTPException(400, f"The image must be {model.pixels} bytes, one for each pixel.")
        image = np.frombuffer(pixels, np.uint8).reshape(1, *model.image_shape)
        mu, log_var = await run_in_threadpool(loaded.encode, run, image)
        return JSONResponse({"mu": mu[0].tolist(), "log_var": None if log_var is None else log_var[0].tolist()})


def _opened(request: Request) -> Run:
    """The run in the path. Raises RunError if it is too large to be opened."""
    return remembered(run_of(request))


def _grid(request: Request, latent_dim: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The codes (N, latent_dim) at the centres of tiles, row by row: at `origin` + x·`u` + y·`v`.

    And for each of the tiles asked for which of the codes is its own (rows·columns,). Where they are more than `most`,
    the codes are those of fewer and larger tiles.
    """
    query = request.query_params
    origin, across, up = (numbers(query.get(name, ""), name, latent_dim) for name in ("origin", "u", "v"))
    columns, rows = (whole_number(query.get(name, ""), name, 1, MAX_TILES) for name in ("columns", "rows"))
    if columns * rows > MAX_TILES:
        raise HTTPException(400, TOO_MANY_TILES)
    fewer_columns, fewer_rows = _within(most, columns, rows)
    x = (np.arange(fewer_columns) + 0.5) / fewer_columns
    y = (np.arange(fewer_rows) + 0.5) / fewer_rows
    codes = origin + y[:, None, None] * up + x[:, None] * across  # (rows, columns, latent_dim)
    row, column = np.arange(rows) * fewer_rows // rows, np.arange(columns) * fewer_columns // columns
    return codes.reshape(-1, latent_dim), (row[:, None] * fewer_columns + column).reshape(-1)


def _within(most: int, columns: int, rows: int) -> tuple[int, int]:
    """The same columns and rows, or as many of both fewer that there are no more than `most` tiles."""
    if columns * rows <= most:
        return columns, rows
    rows = max(1, min(most, int(rows * math.sqrt(most / (columns * rows)))))
    return max(1, min(columns, most // rows)), rows


def _path(kind: str, run: Run) -> str:
    return f"{kind}/{quote(run.name, safe='')}?at={state_of(run).stamp}"


def _cached(content: bytes, media_type: str = "application/octet-stream") -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": "private, max-age=86400"})


def _kept(count: int) -> np.ndarray:
    """Positions (POINT_LIMIT,) among `count` codes, ascending, always the same."""
    edges = np.arange(POINT_LIMIT + 1) * count // POINT_LIMIT
    return np.random.default_rng(0).integers(edges[:-1], edges[1:])


@remembered_for_run(maxsize=16)
def _packed(run: Run) -> bytes:
    return pack(run)


@remembered_for_run(maxsize=16)
def _packed_decoder(run: Run) -> bytes:
    return pack_decoder(run)
