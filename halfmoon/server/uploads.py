"""Access to Streamlit's upload route: only files that a page has asked for, a few at a time.

Streamlit takes any file of anybody who has a page open, under any name, and keeps it in memory until the page is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import cast

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadFileUrlInfo

MAX_FILES = 3  # of one page, where our widgets take one each
MAX_BYTES = 2**30  # of all pages together
MAX_PENDING = 1000  # that have not come yet

NOT_ASKED = "No page has asked for this file: choose it on the page Runs."
TOO_MANY = "This page has sent as many files as it may: reload it, then send the one that is meant."
FULL = "The server holds as many files as it may: send this one in a few minutes."

_asked: deque[str] = deque(maxlen=MAX_PENDING)
_upload_urls = MemoryUploadedFileManager.get_upload_urls


def note_what_is_asked_for() -> None:
    """Records from now on which files pages ask for, each of them once."""

    def get_upload_urls(
        manager: MemoryUploadedFileManager, session_id: str, file_names: Sequence[str]
    ) -> list[UploadFileUrlInfo]:
        given = _upload_urls(manager, session_id, file_names)
        _asked.extend(f"{session_id}/{one.file_id}" for one in given)
        return given

    MemoryUploadedFileManager.get_upload_urls = get_upload_urls  # type: ignore[assignment, method-assign]  # no hook


class Uploads:
    """Middleware that rejects files that no page has asked for, and files beyond the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.app
        if scope["type"] == "http" and scope["method"] == "PUT" and "/_stcore/upload_file/" in scope["path"]:
            answer = _refusal(scope["path"].rpartition("/_stcore/upload_file/")[2]) or answer
        await answer(scope, receive, send)


def _refusal(file: str) -> PlainTextResponse | None:
    """Why a file, named by its session and its own name, is refused; None if it is not."""
    if file not in _asked:
        return PlainTextResponse(NOT_ASKED, 403)
    _asked.remove(file)
    manager = cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
    held = dict(manager.file_storage)
    if len(held.get(file.partition("/")[0], ())) >= MAX_FILES:
        return PlainTextResponse(TOO_MANY, 413)
    if sum(len(one.data) for files in held.values() for one in list(files.values())) >= MAX_BYTES:
        return PlainTextResponse(FULL, 503)
    return None
