"""The first paint: a page arrives complete, and where there is none the first page says so."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Sequence
from functools import lru_cache
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halfmoon import address
from halfmoon.server import shell
from halfmoon.server.requests import asks_for_a_page, language_of
from halfmoon.texts.language import LANGUAGE_KEY, LANGUAGES

MAX_PATH = 60  # characters of a path that are said

# Of a request: by which the answer would come compressed, in part, or not at all because the browser knows Streamlit's.
_NOT_ASKED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_NOT_ANSWERED = ("content-length", "etag", "last-modified", "accept-ranges")  # true of Streamlit's page alone


class FirstPaint:
    """Middleware that completes Streamlit's page, and leads from a path without a page to the first one."""

    def __init__(self, app: ASGIApp, base: str, pages: Collection[str], modules: Sequence[str]) -> None:
        """`pages` are the paths at which there is one, `modules` those of what the planes need, all below `base`."""
        self.app, self.base, self.modules = app, base, modules
        self.pages = {f"{base}/{page}".rstrip("/") for page in pages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not asks_for_a_page(Request(scope)):
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if not held and not _is_page(message):
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await self._answer(held, Request(scope))(scope, receive, send)

        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_ASKED]
        await self.app({**scope, "headers": headers}, receive, hold)

    def _answer(self, held: Sequence[Message], request: Request) -> Response:
        """The answer in place of Streamlit's, whose messages are `held`."""
        path, language = request.url.path.rstrip("/"), language_of(request)
        if path not in self.pages:
            return RedirectResponse(self._first_page(path, request), 302, {"Cache-Control": "no-cache"})
        page = b"".join(message.get("body", b"") for message in held[1:]).decode()
        language = language if language in LANGUAGES else "en"
        is_presenting = request.query_params.get(address.PRESENT_KEY) == "1"
        body = shell.completed(page, language, self.base, self.modules, is_presenting).encode()
        headers = MutableHeaders(raw=[*held[0]["headers"]])
        headers["vary"] = "accept-encoding, accept-language"
        for name in _NOT_ANSWERED:
            del headers[name]
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = _gzipped(body), "gzip"
        return Response(body, headers=dict(headers))

    def _first_page(self, path: str, request: Request) -> str:
        """The address of the first page, which is told that there is none at this path."""
        query = {address.WRONG_KEY: path.removeprefix(self.base)[:MAX_PATH]}
        if LANGUAGE_KEY in request.query_params:
            query[LANGUAGE_KEY] = request.query_params[LANGUAGE_KEY]
        return f"{self.base}/?{urlencode(query, quote_via=quote, safe='/')}"


def _is_page(message: Message) -> bool:
    """Whether an answer that begins is a page: the only HTML that a browser ever opens here."""
    is_html = Headers(raw=message.get("headers", ())).get("content-type", "").startswith("text/html")
    return is_html and message.get("status") == 200


@lru_cache(maxsize=16)
def _gzipped(page: bytes) -> bytes:
    return gzip.compress(page)
