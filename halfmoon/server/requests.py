"""Shared parts of the HTTP routes: the run in a path, parameters and bodies in limits, refusals."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import numpy as np
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from halfmoon.server.cores import cores
from halfmoon.texts.language import LANGUAGE_KEY, speaking
from halfmoon.texts.sentences import told
from vae_core.errors import (
    BusyError,
    ConfigError,
    DataError,
    MissingError,
    NoSuchRunError,
    NotAllowedError,
    StorageError,
    UserError,
)
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run

MAX_NUMBER = 1e9  # a place farther out is a mistake, or mischief

STATUS = {
    NotAllowedError: 403,
    ConfigError: 400,
    MissingError: 404,
    DataError: 404,
    BusyError: 409,
    StorageError: 507,
    UserError: 422,
}
"""How an error is answered, by what its reader can do; the first that fits holds."""
WORDS = {404: "There is nothing at this address.", 405: "This address can't be asked in this way."}

_log = logging.getLogger(__name__)


@contextmanager
def refusing(request: Request) -> Iterator[None]:
    """Answers an error with its status and one sentence, in the language of the request, as are texts made within.

    Raises HTTPException.
    """
    with speaking(language_of(request)):
        try:
            yield
        except UserError as error:
            status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
            raise HTTPException(status, told(error)) from error
        except HTTPException as error:
            raise HTTPException(error.status_code, told(error.detail), error.headers) from error


def language_of(request: Request) -> str:
    """The language named by a request, else that of the page it comes from, else the browser's."""
    page = parse_qs(urlsplit(request.headers.get("referer", "")).query)
    named = request.query_params.get(LANGUAGE_KEY) or page.get(LANGUAGE_KEY, [""])[0]
    return named or request.headers.get("accept-language", "").split("-")[0].split(",")[0].lower()


def asks_for_a_page(connection: HTTPConnection) -> bool:
    """Whether a browser asks for a page: it says so itself, for the answer may be that it has it.

    Whatever it fetches beforehand it asks for as if that were a page.
    """
    asked = connection.scope["method"] == "GET" and "text/html" in connection.headers.get("accept", "")
    return asked and "prefetch" not in connection.headers.get("sec-purpose", "")


def run_of(request: Request) -> Run:
    """The run in the path. Raises NoSuchRunError, also for a waiting one."""
    run = find_run(request.path_params["name"])
    if run is None:
        raise NoSuchRunError
    return run


def whole_number(given: str, name: str, least: int, most: int) -> int:
    """The value of the parameter `name`. Raises HTTPException with one sentence if it is not a whole number in the
    range."""
    if given.isascii() and given.isdigit() and len(given) < 20 and least <= int(given) <= most:
        return int(given)
    raise HTTPException(400, f"The parameter {name} must be a whole number from {least} to {most}.")


def numbers(given: str, name: str, count: int) -> np.ndarray:
    """The numbers (count,), separated by commas, of the parameter `name`. Raises HTTPException with one sentence."""
    try:
        values = np.array([float(value) for value in given.split(",", count)])
    except ValueError:
        values = np.empty(0)
    if len(values) != count or not (np.abs(values) < MAX_NUMBER).all():
        raise HTTPException(400, f"The parameter {name} must be numbers, {count} of them, none of them huge.")
    return values


def heavy(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for long computations: no more of them run at once than there are cores.

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
    """The capacity limiter of the current event loop."""
    try:
        return _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(max(2, cores()))
        _limiter.set(limiter)
        return limiter


_limiter: RunVar[CapacityLimiter] = RunVar("turns")


async def body_of(request: Request, most: int) -> bytes:
    """The body of the request; a body of more than `most` bytes is read only until that is known."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            break
    return bytes(body)


async def _gone(request: Request, _error: Exception) -> PlainTextResponse:
    """Answers a request whose client has gone: no one receives it, and the log has a line."""
    _log.warning("%s %s: who asked has gone before all was said.", request.method, request.url.path)
    return _said(request, "The request ended before all of it was there.", 400)


async def _in_words(request: Request, error: HTTPException) -> PlainTextResponse:
    """The sentence of a refusal; one of ours if it has only its status's usual words."""
    is_usual = error.detail == HTTPStatus(error.status_code).phrase
    sentence = WORDS[error.status_code] if is_usual else error.detail
    return _said(request, sentence, error.status_code, error.headers)


def _said(request: Request, sentence: str, status: int, headers: Mapping[str, str] | None = None) -> PlainTextResponse:
    with speaking(language_of(request)):
        return PlainTextResponse(told(sentence), status, headers=headers)


ANSWERS_TO_ERRORS = {ClientDisconnect: _gone} | dict.fromkeys(WORDS, _in_words)
"""What an application answers to errors that stand in no route, Streamlit's own routes among them."""
