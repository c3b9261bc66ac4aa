"""Halfmoon, the web application: `streamlit run app.py`.

It is an ASGI application over `halfmoon/main.py`, so that a link to any page works on a server that has just started.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.cli_util import open_browser

from halfmoon.components import mounting
from halfmoon.jobs import jobs
from halfmoon.navigation import paths
from halfmoon.parts.errors import show_error
from halfmoon.routes import routes
from halfmoon.server import descriptors, warmup
from halfmoon.server.doors import Doors, address, allowed_hosts, embedding_origins
from halfmoon.server.first_paint import FirstPaint
from halfmoon.server.nodelay import answer_at_once
from halfmoon.server.owners import BrowserToken
from halfmoon.server.requests import ANSWERS_TO_ERRORS
from halfmoon.server.uploads import Uploads, record_requests
from vae_core.errors import ConfigError
from vae_core.places import PACKAGES

BASE = mounting.base_path()

try:
    doors = Middleware(Doors, hosts=allowed_hosts(), embedders=embedding_origins())
except ConfigError as error:
    sys.exit(f"Error: {error}")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """From the start of the server to its end."""
    descriptors.raise_limit()
    descriptors.log_shortage(asyncio.get_running_loop())
    answer_at_once()
    record_requests()
    warmup.start()
    print(f"Halfmoon is at {address()}")
    if not st.get_option("server.headless"):
        Thread(target=open_browser, args=(address(),), daemon=True).start()  # Streamlit itself does it for scripts only
    yield
    await run_in_threadpool(jobs.end)


app = st.App(
    PACKAGES / "halfmoon" / "main.py",
    lifespan=lifespan,
    routes=routes(BASE),
    middleware=[
        doors,
        Middleware(Uploads),
        Middleware(BrowserToken),
        Middleware(FirstPaint, base=BASE, pages=paths(), modules=mounting.modules("shared", "frame", "latent_plane")),
    ],
    on_script_error=show_error,
    exception_handlers=ANSWERS_TO_ERRORS,
)
