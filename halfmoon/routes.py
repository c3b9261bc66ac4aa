"""The HTTP routes: plotly.js, the modules of components, and what each page and component answers besides.

All of it comes from this machine.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from halfmoon.components import chart, latent_plane, live, mounting, own_image
from halfmoon.components.own_image import reading
from halfmoon.plane.routes import plane_routes
from halfmoon.train.routes import live_routes


class _Assets(StaticFiles):
    """Files that a browser keeps but asks about, so that a new version of the app is a new version at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


class _Compressed(_Assets):
    """The same, compressed once for all: Streamlit would do it anew for each browser, and plotly.js is large."""

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


def routes(base_path: str) -> list[BaseRoute]:
    """The routes of the application, under the path that `server.baseUrlPath` sets."""
    base = f"/{base_path.strip('/')}".rstrip("/")
    # The first page of the navigation is at the root and nowhere else; a link that names it leads there too.
    return [
        Mount(f"{base}/plotly", _Compressed(directory=Path(plotly.__file__).parent / "package_data")),
        Mount(f"{base}/shared", _Assets(directory=mounting.SHARED)),
        Mount(f"{base}/latent_plane", _Assets(directory=latent_plane.STATIC)),
        Mount(f"{base}/own_image", _Assets(directory=own_image.STATIC)),
        Mount(f"{base}/chart", _Assets(directory=chart.STATIC)),
        Mount(f"{base}/live_view", _Assets(directory=live.STATIC)),
        *plane_routes(base),
        Route(f"{base}/picture/{{name}}", reading.answer, methods=["POST"]),
        *live_routes(base),
        Route(f"{base}/plane", lambda request: RedirectResponse(f"{base}/?{request.url.query}")),
    ]
