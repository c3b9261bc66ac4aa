"""The HTTP routes of the app: plotly.js, component modules, and the routes of each room.

All of it comes from this machine.
"""

from __future__ import annotations

from pathlib import Path

import plotly
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from halfmoon.components import mounting
from halfmoon.components.own_image.reading import picture_routes
from halfmoon.plane.routes import plane_routes
from halfmoon.server.static_files import Compressed, Modules
from halfmoon.train.routes import live_routes


def routes(base: str) -> list[BaseRoute]:
    """The routes of the application below `base`, as `mounting.base_path` gives it."""
    # The first page of the navigation is at the root and nowhere else; a link that names it leads there too.
    return [
        Mount(f"{base}/plotly", Compressed(directory=Path(plotly.__file__).parent / "package_data")),
        Mount(f"{base}/components", Modules(directory=mounting.FOLDER)),
        *plane_routes(base),
        *picture_routes(base),
        *live_routes(base),
        Route(f"{base}/plane", lambda request: RedirectResponse(f"{base}/?{request.url.query}")),
    ]
