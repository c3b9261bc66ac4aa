"""Routes are asked as a server asks them, without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote

import anyio
import numpy as np
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Scope

from halfmoon.routes import routes
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run

ATLAS = {"origin": "0,0", "u": "1,0", "v": "0,1", "columns": "2", "rows": "2"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, sent: Sequence[dict[str, Any]]) -> Answer:
        """The answer in what an application has sent."""
        given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return cls(sent[0]["status"], given, b"".join(message.get("body", b"") for message in sent[1:]))


def ask(
    path: str,
    method: str = "GET",
    body: Iterable[bytes] = (),
    headers: dict[str, str] | None = None,
    base: str = "",
    app: Starlette | None = None,
) -> Answer:
    """What `app` answers, our own routes below `base` if it isn't given; `body` are the pieces that come one by one."""
    address, _, query = path.partition("?")
    scope = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": unquote(f"{base}/{address}"),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    pieces = ({"type": "http.request", "body": piece, "more_body": True} for piece in body)  # which may have no end
    end = {"type": "http.request", "body": b"", "more_body": False}
    return Answer.of(sent_by(app or Starlette(routes=routes(base)), scope, chain(pieces, [end])))


def sent_by(app: ASGIApp, scope: Scope, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """What the application sends to who asks with these messages, and then waits for the answer."""
    coming = iter(messages)
    sent: list[dict[str, Any]] = []

    async def receive() -> Message:
        try:
            return next(coming)
        except StopIteration:
            await anyio.sleep_forever()

    async def send(message: Message) -> None:
        sent.append(dict(message))

    with ThreadPoolExecutor() as pool:  # a thread of its own, for Playwright may have its event loop in this one
        pool.submit(anyio.run, app, scope, receive, send).result()
    return sent


def assert_refused(answer: Answer, status: int, words: str) -> None:
    """With that status, and one sentence that has these words."""
    sentence = answer.body.decode()
    assert (answer.status, sentence.count("\n")) == (status, 0)
    assert words in sentence
    assert sentence.endswith((".", "。"))
    assert "Traceback" not in sentence


def run_of(name: str) -> Run:
    run = find_run(name)
    assert run is not None
    return run


def with_query(path: str, parameters: dict[str, str]) -> str:
    return path + "".join(f"&{name}={value}" for name, value in parameters.items())


def numbers(values: np.ndarray) -> str:
    return ",".join(f"{value:.9g}" for value in values)
