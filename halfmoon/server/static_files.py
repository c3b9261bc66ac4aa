"""Static files: plotly.js, component modules and styles, compressed once."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Assets(StaticFiles):
    """Files that a browser keeps but revalidates, so that a new version of the app is used at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


class Modules(Assets):
    """The JavaScript and the styles of a folder, and nothing else from it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not path.endswith((".js", ".css")):
            raise HTTPException(404)
        return await super().get_response(path, scope)


class Compressed(Assets):
    """Files compressed once for all: Streamlit would compress them for each browser, and plotly.js is large."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if not isinstance(response, FileResponse) or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            return response
        content = await run_in_threadpool(_gzipped, Path(response.path))
        headers = {name: response.headers[name] for name in ("etag", "last-modified", "cache-control")}
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
        return Response(content, media_type=response.media_type, headers=headers)


@lru_cache(maxsize=4)
def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)
