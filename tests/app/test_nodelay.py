"""Small answers leave at once."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from halfmoon.server.nodelay import answer_at_once


def test_a_connection_to_a_socket_like_streamlit_s_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncio.base_events._set_nodelay", None)  # put back at the end
    answer_at_once()

    async def accepted_option() -> int:
        listening = socket.socket(family=socket.AF_INET)  # as Streamlit opens it, without a protocol
        listening.bind(("127.0.0.1", 0))
        options = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            options.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            option = await options
            writer.close()
            await writer.wait_closed()
        return option

    with ThreadPoolExecutor(1) as thread:  # in which no loop runs; that of Playwright may in this one
        assert thread.submit(asyncio.run, accepted_option()).result() != 0
