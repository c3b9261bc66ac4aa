"""Access to the server: allowed hosts, other sites, and the security headers, ahead of Streamlit.

A browser sends what any page tells it to send, so that whoever is visited reaches a server on the visitor's own
machine. What tells a page of ours from another is the name it was opened by (another site can make a name of its own
mean this machine, but can't take ours) and the origin that a browser states with all that could change something.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.server_util import get_url

from halfmoon.server import shell
from vae_core.errors import ConfigError

OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HOSTS_VARIABLE, EMBED_VARIABLE = "VAE_ALLOWED_HOSTS", "VAE_EMBED_ORIGINS"
EVERY_ADDRESS = ("0.0.0.0", "::")  # where a server may listen, and no name of it

UNKNOWN_HOST = (
    "This server is not known by that name: open it as localhost, or let its owner add the name to VAE_ALLOWED_HOSTS."
)
FOREIGN_ORIGIN = "Only pages of this very server may ask for that; a proxy before it must pass on the header Host."

_host = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII).fullmatch
_origin = re.compile(r"(https?)://([^/\s;,]+)", re.ASCII).fullmatch


def allowed_hosts() -> frozenset[str]:
    """The names of the server: this machine's own, and those that its owner has given.

    The owner names hosts in VAE_ALLOWED_HOSTS, by `server.address` and by `browser.serverAddress`. Raises ConfigError.
    """
    options = [st.get_option(name) for name in ("server.address", "browser.serverAddress")]
    addresses = [address for address in options if address and address not in EVERY_ADDRESS]
    return frozenset([*OWN_HOSTS, *map(_host_name, [*_listed(HOSTS_VARIABLE), *addresses])])


def address() -> str:
    """The address at which a browser finds the server."""
    own = st.get_option("server.address")
    return get_url(own if own and own not in EVERY_ADDRESS else st.get_option("browser.serverAddress"))


def embedding_origins() -> tuple[str, ...]:
    """The sites that may embed the app in a frame, from VAE_EMBED_ORIGINS. Raises ConfigError."""
    origins = tuple(_listed(EMBED_VARIABLE))
    for origin in origins:
        if not (match := _origin(origin)) or not _host(match[2]):
            raise ConfigError(f"{EMBED_VARIABLE} names sites as https://school.example; {origin!r} is none.")
    return origins


class Doors:
    """Middleware that rejects foreign requests, and adds security headers to every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], embedders: Sequence[str] = ()) -> None:
        """`hosts` without a port, for the way to the server may change that; `embedders` as `embedding_origins`."""
        self.app = app
        self.hosts = frozenset(hosts)
        self.embedders = " ".join(["'self'", *embedders])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            await (_unopened if refusal else self.app)(scope, receive, send)
            return
        host = "" if refusal else Headers(scope=scope)["host"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_answer_headers(host, self.embedders))
            await send(message)

        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if not self._is_known(headers.getlist("host")):
            return PlainTextResponse(UNKNOWN_HOST, 400)
        return PlainTextResponse(FOREIGN_ORIGIN, 403) if _is_foreign(scope, headers) else None

    def _is_known(self, given: list[str]) -> bool:
        match = _host(given[0]) if len(given) == 1 else None
        return match is not None and match[1].lower() in self.hosts


async def _unopened(_scope: Scope, receive: Receive, send: Send) -> None:
    """Rejects a websocket before it is open, which a server answers with 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether the request comes from a page of another site.

    An origin must name the very host and port that are asked. Its scheme may be https where this server, behind a
    proxy that ends TLS, hears http; never the other way round. What is asked without an origin only reads, and another
    site's page can't see what it has read; it may lead here by a link or in a frame, but not make the server work.
    """
    origins = headers.getlist("origin")
    if origins:
        match = _origin(origins[0]) if len(origins) == 1 else None
        is_secure = scope["scheme"] in ("https", "wss")
        # To the letter, as Streamlit compares them: where they differ it would look up the machine's outside address.
        return match is None or match[2] != headers["host"] or (is_secure and match[1] != "https")
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"


@lru_cache(maxsize=64)
def _answer_headers(host: str, embedders: str) -> dict[str, str]:
    """The headers of each answer to a request to `host`; None for an unknown host."""
    sockets = f" ws://{host} wss://{host}" if host else ""  # not every browser takes them for 'self'
    policy = {
        "default-src": "'self'",
        # Streamlit gives the code of a component to the browser as a blob.
        "script-src": " ".join(["'self'", "blob:", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self'{sockets}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": embedders,
    }
    return {
        "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


@cache
def _inline_scripts() -> list[str]:
    """The checksums of the inline scripts of a page, by which a policy allows them."""
    checksums = [hashlib.sha256(script.encode()).digest() for script in shell.inline_scripts()]
    return [f"'sha256-{base64.b64encode(checksum).decode()}'" for checksum in checksums]


def _listed(variable: str) -> list[str]:
    return [part.strip() for part in os.environ.get(variable, "").split(",") if part.strip()]


def _host_name(given: str) -> str:
    """The name in an owner's spelling of a host: without a port, an address of IPv6 in brackets."""
    is_bare = given.count(":") > 1 and not given.startswith("[")
    match = _host(f"[{given}]" if is_bare else given)
    if match is None:
        raise ConfigError(f"{HOSTS_VARIABLE} names hosts as halfmoon.example or 192.168.1.17; {given!r} is none.")
    return match[1].lower()
