"""What the planes need is on its way to the browser before the page that shows them has begun to run."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.latent_plane import STATIC


class Preload:
    """Adds to the head of every page what fetches plotly.js and the component's modules beside Streamlit's own code.

    plotly.js takes a second to evaluate: `early.js` does it while Streamlit waits for the server.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self.app = app
        base = f"/{base_path.strip('/')}".rstrip("/")
        modules = (f'<link rel="modulepreload" href="{base}/latent_plane/{path.name}">' for path in STATIC.glob("*.js"))
        lines = [
            f'<link rel="preload" as="script" href="{base}/plotly/plotly.min.js">',
            *sorted(modules),
            f'<script type="module" src="{base}/latent_plane/early.js"></script>',
        ]
        self.head = "".join(lines).encode() + b"</head>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_head(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message  # its length is known when its body is
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    whole = body.replace(b"</head>", self.head, 1)
                    headers = MutableHeaders(scope=start)
                    if body:
                        headers["content-length"] = str(len(whole))
                    await send(start)
                    await send({"type": "http.response.body", "body": whole})

        await self.app(scope, receive, send_with_head)


def _is_page(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    is_html = headers.get("content-type", "").startswith("text/html")
    return message["status"] == 200 and is_html and "content-encoding" not in headers
