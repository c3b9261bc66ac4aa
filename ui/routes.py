"""What the server gives besides the pages: the code of the plane, plotly.js, and the codes of a run.

All of it comes from this machine. It is large and seldom changes, so it goes by routes that a browser caches, and not
through the websocket with every run of a page.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import numpy as np
import plotly
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ui import latent_plane
from ui.gallery import find_run, identity
from ui.state import drawn_dims
from vae_core.errors import UserError
from vae_core.runs import Run


class _Assets(StaticFiles):
    """Files that a browser keeps but asks about, so that a new version of the app is a new version at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def routes(base_path: str) -> list[BaseRoute]:
    """The routes of the application, under the path that `server.baseUrlPath` sets."""
    base = f"/{base_path.strip('/')}".rstrip("/")
    # The first page of the navigation is at the root and nowhere else; a link that names it leads there too.
    return [
        Mount(f"{base}/plotly", _Assets(directory=Path(plotly.__file__).parent / "package_data")),
        Mount(f"{base}/latent_plane", _Assets(directory=latent_plane.STATIC)),
        Route(f"{base}/codes/{{name}}", _codes),
        Route(f"{base}/plane", lambda request: RedirectResponse(f"{base}/?{request.url.query}")),
    ]


def codes_path(run: Run) -> str:
    """Where the browser finds the codes of `run`, below the base path; another path whenever the run has changed."""
    return f"codes/{quote(run.name, safe='')}?at={identity(run)[1]}"


def pack(run: Run) -> bytes:
    """The drawn coordinates (N, 1 or 2) as little-endian float32, then the N labels as bytes."""
    codes = run.codes
    return codes.mu[:, : drawn_dims(codes)].astype("<f4").tobytes() + codes.labels.astype(np.uint8).tobytes()


def _codes(request: Request) -> Response:
    name = request.path_params["name"]
    try:
        run = find_run(name)
        if run is None:
            return PlainTextResponse("There is no such run.", status_code=404)
        content = _packed(*identity(run))
    except UserError as error:
        return PlainTextResponse(str(error), status_code=404)
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "private, max-age=86400"})


@lru_cache(maxsize=16)
def _packed(folder: Path, stamp: str) -> bytes:
    return pack(Run.open(folder))
