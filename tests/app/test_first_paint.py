"""A page's first answer names what the planes need, and all that it names is there."""

from __future__ import annotations

import re

import pytest
from halfmoon.server.preload import Preload
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from halfmoon.components import mounting
from halfmoon.routes import routes
from tests.app.asking import Answer, ask

PRELOADED = ("shared", "frame", "latent_plane")


def opened(path: str, base: str = "") -> Answer:
    """What an application below `base` answers that has a page and something else besides our routes."""

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse("<p>a page</p>")

    async def data(request: Request) -> JSONResponse:
        return JSONResponse({})

    own = [Route(f"{base}/page", page), Route(f"{base}/data", data)]
    app = Starlette(
        routes=[*own, *routes(base)],
        middleware=[Middleware(Preload, base=base, modules=mounting.modules(*PRELOADED))],
    )
    return ask(path, base=base, app=app)


@pytest.mark.parametrize("base", ["", "/halfmoon"])
def test_a_page_names_plotly_and_every_module_of_the_planes_and_each_is_there(base: str) -> None:
    named = dict(re.findall(r"<([^>]+)>; rel=(\w+)", opened("page", base).headers["link"]))
    paths = [path for name in PRELOADED for path in (mounting.FOLDER / name).glob("*.js")]
    modules = {f"{base}/components/{path.parent.name}/{path.name}" for path in paths}
    assert named == {f"{base}/plotly/plotly.min.js": "preload"} | dict.fromkeys(modules, "modulepreload")
    for address in named:
        assert opened(address.removeprefix(f"{base}/"), base).status == 200


@pytest.mark.parametrize("path", ["data", "components/latent_plane/latent_plane.js", "plotly/plotly.min.js"])
def test_what_is_no_page_names_nothing(path: str) -> None:
    answer = opened(path)
    assert answer.status == 200
    assert "link" not in answer.headers


@pytest.mark.parametrize("path", ["mounting.py", "own_image/reading.py", "latent_plane", "shared/../mounting.py"])
def test_of_the_components_folder_nothing_but_modules_and_styles_is_served(path: str) -> None:
    assert opened("components/latent_plane/style.css").status == 200
    assert opened(f"components/{path}").status == 404
