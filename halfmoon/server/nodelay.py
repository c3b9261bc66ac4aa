"""TCP_NODELAY for the server's connections, so that small answers leave at once.

Streamlit 1.67 opens its listening socket without naming the protocol, and asyncio, which turns Nagle's algorithm off
for sockets that say they are TCP, leaves it on: every small answer on a connection in use waits some 40 ms for the
browser's acknowledgement of the one before.
"""

from __future__ import annotations

import asyncio.base_events
import socket


def answer_at_once() -> None:
    """Turns Nagle's algorithm off for connections opened from now on; called before the server accepts any."""

    def set_nodelay(connection: socket.socket) -> None:
        if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.type == socket.SOCK_STREAM:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    asyncio.base_events._set_nodelay = set_nodelay  # type: ignore[attr-defined]  # asyncio keeps it to itself
