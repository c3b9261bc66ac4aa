"""What the planes need is on its way to the browser before the page that shows them has begun to run."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halfmoon.components.latent_plane import STATIC
from halfmoon.components.mounting import SHARED


class Preload:
    """Names plotly.js and the component's modules in the head of every HTML answer, so that a browser fetches them
    beside Streamlit's own code."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self.app = app
        base = f"/{base_path.strip('/')}".rstrip("/")
        served = {"latent_plane": STATIC, "shared": SHARED}
        files = [
            f"{base}/{name}/{path.name}" for name, folder in served.items() for path in sorted(folder.glob("*.js"))
        ]
        modules = [f"<{file}>; rel=modulepreload" for file in files]
        self.links = ", ".join([f"<{base}/plotly/plotly.min.js>; rel=preload; as=script", *modules])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("link", self.links)
            await send(message)

        await self.app(scope, receive, send_with_links if scope["type"] == "http" else send)
