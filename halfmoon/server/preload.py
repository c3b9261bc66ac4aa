"""Preload links for the planes' modules, so that the browser fetches them before the page runs."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Preload:
    """Names plotly.js and the `modules` in the head of every HTML answer, so that a browser fetches them beside
    Streamlit's own code. Their paths are those below `base`."""

    def __init__(self, app: ASGIApp, base: str, modules: Sequence[str]) -> None:
        self.app = app
        files = [f"<{base}/{path}>; rel=modulepreload" for path in modules]
        self.links = ", ".join([f"<{base}/plotly/plotly.min.js>; rel=preload; as=script", *files])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("link", self.links)
            await send(message)

        await self.app(scope, receive, send_with_links if scope["type"] == "http" else send)
