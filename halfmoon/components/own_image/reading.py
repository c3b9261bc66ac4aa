"""The route that reads a posted picture, and the remarks on how it was read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from urllib.parse import quote

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from halfmoon.server.requests import body_of, refusing, run_of
from halfmoon.texts import language, text
from vae_core.data.pictures import Done, PictureError, read_picture
from vae_core.runs.run import Run

MAX_BYTES = 20 * 2**20
EXPECTED = {"fitted", "resized"}  # of a picture, and not said

# Pictures wait for each other here, and not in the threads that all other routes share.
_one_at_a_time = anyio.CapacityLimiter(1)


def picture_routes(base: str) -> list[BaseRoute]:
    """The route below `base` that reads pictures."""
    return [Route(f"{base}/picture/{{name}}", _answer, methods=["POST"])]


def picture_path(run: Run) -> str:
    """The path that turns a posted picture into an image like those of the run's data set."""
    return f"picture/{quote(run.name, safe='')}?lang={language.language()}"


async def _answer(request: Request) -> Response:
    """The image, a byte a pixel in base64, and what was done; or, without an image, the sentence of the refusal."""
    with refusing(request):
        run = await run_in_threadpool(run_of, request)
        content = await body_of(request, MAX_BYTES)
        if len(content) > MAX_BYTES:
            raise HTTPException(413, f"A picture may have {MAX_BYTES} bytes at most.")
        box = run.config.training.data.source.ink_box
        read = partial(read_picture, content, run.config.model.image_shape, box)
        try:
            picture = await anyio.to_thread.run_sync(read, limiter=_one_at_a_time)
        except PictureError as error:
            return JSONResponse({"pixels": None, "words": text(f"own_picture.{error.reason}")})
        pixels = base64.b64encode(picture.pixels.tobytes()).decode()
        return JSONResponse({"pixels": pixels, "words": "".join(said_of(picture.done))})


def said_of(done: Done) -> Iterator[str]:
    """What was done to a picture that its owner may not expect, each after a separating mark."""
    for name, value in asdict(done).items():
        if name in EXPECTED or value in (False, None) or (name == "frames" and value == 1):
            continue
        yield text(f"own_picture.done.{name}", count=value)
