"""Open files and connections: a higher limit, and a line in the log when they run short.

A tab that is open takes about five, and a session three for two minutes after its tab was closed (Streamlit keeps it,
with an event loop of its own, for a browser that comes back); some systems allow a program 256 unless it asks for more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

ENOUGH = 8192
SECONDS_BETWEEN_LINES = 60.0
SHORTAGE = "socket.accept() out of system resource"  # what asyncio calls it

_log = logging.getLogger(__name__)


def ask_for_enough() -> None:
    """Raises this process's limit to ENOUGH open files, or to as many as the system allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # a system may allow less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def say_shortage_once(loop: asyncio.AbstractEventLoop) -> None:
    """Logs connections that can't be accepted once a minute only.

    asyncio tries as often as connections may wait, 2,048 times in a row, each with a traceback: so much that the server
    does nothing but log.
    """
    said_at = -SECONDS_BETWEEN_LINES

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said_at
        if context.get("message") != SHORTAGE:
            loop.default_exception_handler(context)
        elif time.monotonic() - said_at >= SECONDS_BETWEEN_LINES:
            said_at = time.monotonic()
            _log.error("No more connections can be opened (%s): close tabs, or raise the limit.", context["exception"])

    loop.set_exception_handler(handle)
