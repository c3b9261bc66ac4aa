"""A file that is sent to Streamlit's own route is taken where a page has asked for it, and not otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from halfmoon.server import uploads
from halfmoon.server.uploads import FULL, NOT_ASKED, TOO_MANY, Uploads, note_what_is_asked_for
from tests.app.asking import Answer, ask, assert_refused


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryUploadedFileManager]:
    """The files of a server, of which a page asks as Streamlit's does."""
    monkeypatch.setattr(MemoryUploadedFileManager, "get_upload_urls", MemoryUploadedFileManager.get_upload_urls)
    note_what_is_asked_for()
    manager = MemoryUploadedFileManager("/_stcore/upload_file")
    instance = type("Runtime", (), {"uploaded_file_mgr": manager})
    monkeypatch.setattr(runtime, "get_instance", lambda: instance)
    yield manager
    uploads._asked.clear()


def sent(address: str) -> Answer:
    """The answer to a file that is sent there."""

    async def take(request: Request) -> Response:
        return Response(status_code=204)

    taking = Route("/_stcore/upload_file/{session}/{file}", take, methods=["PUT", "DELETE"])
    return ask(
        address.lstrip("/"), "PUT", [b"a file"], app=Starlette(routes=[taking], middleware=[Middleware(Uploads)])
    )


def hold(manager: MemoryUploadedFileManager, session: str, name: str) -> None:
    manager.add_file(session, UploadedFileRec(name, name, "", bytes(10)))


def test_a_file_that_a_page_asked_for_is_taken_once(manager: MemoryUploadedFileManager) -> None:
    (asked,) = manager.get_upload_urls("session", ["run.zip"])
    assert sent(asked.upload_url).status == 204
    assert_refused(sent(asked.upload_url), 403, NOT_ASKED)


@pytest.mark.parametrize("address", ["made-up/made-up", "session/made-up", "session/", "session/../other"])
def test_a_file_that_no_page_asked_for_is_refused(address: str, manager: MemoryUploadedFileManager) -> None:
    manager.get_upload_urls("session", ["run.zip"])
    assert_refused(sent(f"/_stcore/upload_file/{address}"), 403, NOT_ASKED)


def test_a_page_holds_few_files_and_all_pages_together_no_more_than_the_server_has_room_for(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(uploads.MAX_FILES):
        hold(manager, "session", str(at))
    asked, other = (manager.get_upload_urls(session, ["run.zip"])[0] for session in ("session", "another"))
    assert_refused(sent(asked.upload_url), 413, TOO_MANY)
    monkeypatch.setattr(uploads, "MAX_BYTES", 10 * uploads.MAX_FILES)
    assert_refused(sent(other.upload_url), 503, FULL)
