"""What the routes share: the run that is asked for, a body of a limited length, and refusals of one sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ui.jobs import NoSuchRunError
from ui.limits import cores
from ui.owners import NotAllowedError
from vae_core.errors import ConfigError, UserError
from vae_core.runs import Run, find_run


@contextmanager
def refusing() -> Iterator[None]:
    """What can't be done is answered with one sentence: 403 for another's run, 400 for a mistake, 404 for the rest."""
    try:
        yield
    except NotAllowedError as error:
        raise HTTPException(403, str(error)) from error
    except ConfigError as error:
        raise HTTPException(400, str(error)) from error
    except UserError as error:
        raise HTTPException(404, str(error)) from error


def run_of(request: Request) -> Run:
    """The run that the path names. Raises NoSuchRunError; one that is to come is not there."""
    run = find_run(request.path_params["name"])
    if run is None:
        raise NoSuchRunError
    return run


def heavy(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for what takes long: no more of them are busy at once than there are cores.

    Those that wait for their turn hold no thread, so that all else is answered meanwhile; whoever has left by then gets
    nothing.
    """

    async def in_turn(request: Request) -> Response:
        async with _turns():
            if await request.is_disconnected():
                return Response(status_code=204)
            return await run_in_threadpool(answer, request)

    return in_turn


def _turns() -> CapacityLimiter:
    """Those of the event loop that this runs in."""
    try:
        return _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(max(2, cores()))
        _limiter.set(limiter)
        return limiter


_limiter: RunVar[CapacityLimiter] = RunVar("turns")


async def body_of(request: Request, most: int) -> bytes:
    """The body; of one of more than `most` bytes no more is read than shows that it is longer."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            break
    return bytes(body)
