"""A page's first answer is complete: its looks, and all that it needs; where there is no page it leads to one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from halfmoon.components import mounting
from halfmoon.routes import routes
from halfmoon.server import shell
from halfmoon.server.doors import Doors
from halfmoon.server.first_paint import FirstPaint
from tests.app.asking import Answer, ask

MODULES = ("shared", "frame", "latent_plane")
BROWSER = {"accept": "text/html,*/*", "accept-encoding": "gzip, br", "if-none-match": "streamlits-own"}
STREAMLITS_PAGE = (shell.STATIC / "index.html").read_text(encoding="utf-8")


def asked(path: str, base: str = "", **headers: str) -> Answer:
    """What an application below `base` answers whose pages are Streamlit's, with something else besides our routes."""

    async def page(request: Request) -> Response:
        assert not {"accept-encoding", "if-none-match"} & set(request.headers)
        return HTMLResponse(STREAMLITS_PAGE, headers={"etag": "streamlits-own", "cache-control": "no-cache"})

    async def data(request: Request) -> JSONResponse:
        return JSONResponse({})

    own = [Route(f"{base}/data", data), *(Route(f"{base}/{path}", page) for path in ("", "train", "no/such"))]
    paint = Middleware(FirstPaint, base=base, pages=["", "train"], modules=mounting.modules(*MODULES))
    app = Starlette(routes=[*own, *routes(base)], middleware=[Middleware(Doors, hosts=["localhost"]), paint])
    return ask(path, base=base, app=app, headers={"host": "localhost"} | BROWSER | headers)


def page_of(answer: Answer) -> str:
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    return gzip.decompress(answer.body).decode()


@pytest.mark.parametrize("base", ["", "/halfmoon"])
def test_a_page_names_every_module_of_the_planes_and_each_is_there(base: str) -> None:
    page = page_of(asked("train", base))
    named = re.findall(
        rf'<link rel="(?:modulepreload|prefetch)"[^>]* href="({base}/(?:components|plotly)/[^"]+)">', page
    )
    paths = [path for name in MODULES for path in (mounting.FOLDER / name).glob("*.js")]
    modules = {f"{base}/components/{path.parent.name}/{path.name}" for path in paths}
    assert set(named) == {f"{base}/plotly/plotly.min.js"} | modules
    for address in named:
        assert asked(address.removeprefix(f"{base}/"), base, accept="*/*").status == 200


def test_a_page_names_the_modules_of_streamlits_widgets_which_are_there_and_which_it_did_not_name_before() -> None:
    named = re.findall(r'href="/static/js/([^"]+)"', page_of(asked("train")))
    assert {name.partition(".")[0] for name in named} >= set(shell.WIDGETS)
    for name in named:
        assert (shell.STATIC / "static" / "js" / name).is_file()
        assert name not in STREAMLITS_PAGE


def test_a_page_has_both_grounds_and_every_style_before_the_app_is_up() -> None:
    head, body = page_of(asked("train")).split("<body>")
    for theme in ("light", "dark"):
        assert st.get_option(f"theme.{theme}.backgroundColor") in head
    for sheet in shell.style_sheets():
        assert sheet.read_text(encoding="utf-8") in body.partition('<div id="root">')[0]
    assert "<title>Halfmoon</title>" in head


def test_every_script_within_a_page_is_allowed_by_its_policy() -> None:
    answer = asked("train", "/halfmoon")
    scripts = re.findall(r"<script(?: data-base=[^>]*)?>(.*?)</script>", page_of(answer), re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        checksum = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{checksum}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("query", "preferred", "language"),
    [("?lang=zh", "en", "zh"), ("", "zh-CN,zh;q=0.9", "zh"), ("", "fr", "en"), ('?lang="><b>', "zh", "en")],
)
def test_a_page_is_in_the_language_of_the_link_else_of_the_browser(query: str, preferred: str, language: str) -> None:
    page = page_of(asked(f"train{query}", **{"accept-language": preferred}))
    assert f'<html lang="{language}">' in page


def test_a_page_is_enlarged_from_the_beginning_where_its_link_asks_for_it() -> None:
    assert '<html lang="zh" data-present>' in page_of(asked("train?lang=zh&present=1"))
    assert '<html lang="en">' in page_of(asked("train?lang=en&present=0"))


def test_a_browser_that_has_streamlits_page_still_gets_the_whole_and_keeps_no_mark_of_it() -> None:
    answer = asked("train")
    assert "</html>" in page_of(answer)
    assert not {"etag", "last-modified"} & set(answer.headers)
    assert asked("train", **{"accept-encoding": "identity"}).body.decode() == page_of(answer)


@pytest.mark.parametrize("base", ["", "/halfmoon"])
def test_a_path_without_a_page_leads_to_the_first_in_the_same_language(base: str) -> None:
    answer = asked("no/such?lang=zh&run=x", base)
    assert (answer.status, answer.headers["location"]) == (302, f"{base}/?missing=/no/such&lang=zh")


@pytest.mark.parametrize("path", ["data", "components/latent_plane/latent_plane.js", "plotly/plotly.min.js"])
def test_what_is_no_page_stays_as_it_is(path: str) -> None:
    plain = {"accept-encoding": "identity"}
    assert asked(path, **plain).body == asked(path, accept="*/*", **plain).body


@pytest.mark.parametrize("path", ["mounting.py", "own_image/reading.py", "latent_plane", "shared/../mounting.py"])
def test_of_the_components_folder_nothing_but_modules_and_styles_is_served(path: str) -> None:
    assert asked("components/latent_plane/style.css").status == 200
    assert asked(f"components/{path}").status == 404
