"""Ownership of runs: a user is a browser, known by a random token that only it keeps.

Runs hold the token's checksum and never the token, so that whoever reads or downloads a run can't pass for its owner.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halfmoon.server.requests import asks_for_a_page
from vae_core.errors import RunError
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

COOKIE = "halfmoon"
SECONDS = 365 * 86_400
TOKEN_BYTES = 32

_is_token = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch  # TOKEN_BYTES as `secrets.token_urlsafe` writes them


def owner() -> str | None:
    """The owner of the runs of the browser that has this page open."""
    return owner_of(st.context.cookies)


def network_address() -> str | None:
    """The network address of the browser that has this page open; None for this machine itself."""
    return st.context.ip_address


def owner_of(cookies: Mapping[str, str]) -> str | None:
    """The owner in the runs of this browser; None if it keeps no token.

    A route asks with its request's cookies, a page by `owner`.
    """
    token = cookies.get(COOKIE, "")
    return hashlib.sha256(token.encode()).hexdigest()[:32] if _is_token(token) else None


def may_change(run: Run, owner: str | None) -> bool:
    """Whether the run is this owner's or has none; shipped runs can't be changed by anybody."""
    if run.folder.resolve().parent == SHIPPED:
        return False
    try:
        return run.read_about().owner in (None, owner)
    except RunError:  # it can't be told whose it is
        return False


class BrowserToken:
    """Middleware that gives a browser its token with the first page that it opens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _needs_a_token(HTTPConnection(scope)):
            await self.app(scope, receive, send)
            return

        async def send_with_token(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", _new_cookie(scope["scheme"] == "https"))
            await send(message)

        await self.app(scope, receive, send_with_token)


def _needs_a_token(connection: HTTPConnection) -> bool:
    """Whether a browser without a token asks for a page."""
    return asks_for_a_page(connection) and owner_of(connection.cookies) is None


def _new_cookie(secure: bool) -> str:
    cookie = f"{COOKIE}={secrets.token_urlsafe(TOKEN_BYTES)}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax"
    return f"{cookie}; Secure" if secure else cookie
