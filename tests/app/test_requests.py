"""Heavy answers take turns, and others pass them by."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.lowlevel
import pytest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from halfmoon.server.requests import heavy


def test_no_more_heavy_answers_are_made_at_once_than_there_are_cores_and_others_pass_them_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy: set[int] = set()
    most, both, release = [], threading.Barrier(3), threading.Event()

    def answer(request: Request) -> Response:
        busy.add(threading.get_ident())
        most.append(len(busy))
        if not release.is_set():
            both.wait()
            release.wait()
        busy.remove(threading.get_ident())
        return Response()

    def pass_by() -> int:
        both.wait()  # until two are busy
        release.set()
        return len(busy)

    async def stay() -> None:
        await anyio.sleep_forever()

    async def crowd() -> int:
        async with anyio.create_task_group() as group:
            for _ in range(60):  # more than there are threads for answers
                group.start_soon(heavy(answer), Request({"type": "http"}, stay))
            await anyio.lowlevel.checkpoint()
            return await run_in_threadpool(pass_by)

    monkeypatch.setattr("halfmoon.server.requests.cores", lambda: 2)
    with ThreadPoolExecutor() as pool:
        assert pool.submit(anyio.run, crowd).result() == 2
    assert (max(most), len(most)) == (2, 60)


def test_nothing_is_made_for_those_who_have_left() -> None:
    async def leave() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with ThreadPoolExecutor() as pool:
        asked = Request({"type": "http"}, leave)
        assert pool.submit(anyio.run, heavy(pytest.fail), asked).result().status_code == 204
