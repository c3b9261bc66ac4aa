"""Routes are asked as a server asks them, without one."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote

import anyio
from starlette.applications import Starlette

from ui.routes import routes


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


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
    pieces = chain(body, [None])  # a body may have no end
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        try:
            piece = next(pieces)
        except StopIteration:
            await anyio.sleep_forever()  # as one who waits for the answer, and doesn't go
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with ThreadPoolExecutor() as pool:  # a thread of its own, for Playwright may have its event loop in this one
        pool.submit(anyio.run, app or Starlette(routes=routes(base)), scope, receive, send).result()
    given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], given, b"".join(message.get("body", b"") for message in sent[1:]))


def assert_refused(answer: Answer, status: int, words: str) -> None:
    """With that status, and one sentence that has these words."""
    sentence = answer.body.decode()
    assert (answer.status, sentence.count("\n")) == (status, 0)
    assert words in sentence
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
