"""A page names what the planes need in its head; nothing else is touched."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message

from ui.latent_plane import STATIC
from ui.preload import Preload

PAGE = "<html><head><title>x</title></head><body></body></html>"


def answer(response: Response, base_path: str = "") -> tuple[dict[str, str], str]:
    """Headers and body of the response through the middleware."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(Preload(response, base_path)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.mark.parametrize("base_path", ["", "/some/where/"])
def test_a_page_names_every_module_and_has_the_length_it_says(base_path: str) -> None:
    headers, body = answer(HTMLResponse(PAGE), base_path)
    assert int(headers["content-length"]) == len(body.encode())
    base = base_path.rstrip("/")
    for module in STATIC.glob("*.js"):
        assert f'href="{base}/latent_plane/{module.name}"' in body
    assert body.index("early.js") < body.index("</head>")
    assert body.endswith("</head><body></body></html>")


@pytest.mark.parametrize(
    "response", [PlainTextResponse("</head>"), HTMLResponse(PAGE, status_code=404), Response(status_code=304)]
)
def test_what_is_no_page_is_left_as_it_is(response: Response) -> None:
    assert answer(response)[1] == response.body.decode()
