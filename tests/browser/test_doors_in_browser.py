"""The doors of the server as it is started, Streamlit's own among them: asked by hand, and by pages in Chromium."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from halfmoon.server.doors import UNKNOWN_HOST
from tests.browser.conftest import serve_stand_ins
from tests.browser.mirror import Mirror

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
PATHS = [
    "/",
    "/train",
    "/_stcore/health",
    "/_stcore/host-config",
    "/static/nothing.js",
    "/runs/small-vae.zip",
    "/nowhere",
]
OPEN_SOCKET = """(address) => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onopen = () => done("opened");
  socket.onerror = () => done("refused");
})"""
SEND = """([address, method]) => fetch(address, {
  method, credentials: "include", mode: "no-cors", body: method === "GET" ? undefined : '{"stop": true}',
}).then((answer) => answer.status ? answer.text() : answer.type, () => "refused")"""


def asked(address: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """What the server answers to these headers, among them a Host of one's own choice."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    given = {name.lower(): value for name, value in answer.getheaders()}
    body = "" if answer.status == 101 else answer.read().decode(errors="replace")
    connection.close()
    return answer.status, given, body


def test_no_route_of_ours_or_of_streamlit_answers_to_a_foreign_name(address: str) -> None:
    port = urlsplit(address).port
    for path in PATHS:
        status, _, body = asked(address, path, Host=f"evil.test:{port}")
        assert (status, body) == (400, UNKNOWN_HOST), path
        assert asked(address, path)[0] != 400, path


def test_every_answer_bears_the_headers(address: str) -> None:
    for path in PATHS:
        _, headers, _ = asked(address, path)
        assert headers["content-security-policy"].startswith("default-src 'self'"), path
        assert headers["x-content-type-options"] == "nosniff", path


@pytest.mark.parametrize("origin", ["http://localhost:1", "http://evil.test", "null"])
def test_a_foreign_origin_opens_no_websocket_and_makes_the_server_ask_nobody(
    origin: str, address: str, mirror: Mirror
) -> None:
    before = list(mirror.asked)
    assert asked(address, "/_stcore/stream", **HANDSHAKE, Origin=origin)[0] == 403
    assert asked(address, "/_stcore/stream", **HANDSHAKE, Origin=address)[0] == 101
    assert mirror.asked == before


def test_a_server_that_listens_everywhere_starts_without_asking_anybody(tmp_path: Path, mirror: Mirror) -> None:
    before = list(mirror.asked)
    with serve_stand_ins(tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0", **mirror.environment) as address:
        assert asked(address, "/_stcore/health")[0] == 200
        assert asked(address, "/_stcore/health", Host="192.168.1.17")[0] == 400
    assert mirror.asked == before


@pytest.fixture
def foreign(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that has been here, and holds our cookie."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/runs")
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    yield page
    context.close()


def test_a_name_that_is_made_to_mean_this_machine_gets_nothing(foreign: Page, address: str) -> None:
    evil = address.replace("localhost", "evil.test")
    answer = foreign.goto(f"{evil}/runs")
    assert answer is not None
    assert (answer.status, answer.text()) == (400, UNKNOWN_HOST)
    for path in ("/runs/small-vae.zip", "/live/small-vae/records"):
        assert foreign.evaluate(SEND, [f"{evil}{path}", "GET"]) in (UNKNOWN_HOST, "refused")
    for place in (evil, address):
        assert foreign.evaluate(OPEN_SOCKET, f"{place.replace('http', 'ws')}/_stcore/stream") == "refused"


def test_another_program_on_this_machine_can_not_act_as_the_user(foreign: Page, address: str, mirror: Mirror) -> None:
    foreign.goto(f"http://localhost:{mirror.server_port}/")
    network = foreign.context.new_cdp_session(foreign)  # tells of answers too that a page is not given
    sent, answers = {}, {}
    network.on("Network.requestWillBeSentExtraInfo", lambda told: sent.update({told["requestId"]: told["headers"]}))
    network.on(
        "Network.responseReceivedExtraInfo", lambda told: answers.update({told["requestId"]: told["statusCode"]})
    )
    network.send("Network.enable")
    for path, method in (("/live/small-vae/control", "POST"), ("/live/small-vae/records", "GET")):
        assert foreign.evaluate(SEND, [f"{address}{path}", method]) == "refused"
    here = [one for one, headers in sent.items() if headers["Host"] == urlsplit(address).netloc]  # and not the mirror
    assert [answers[one] for one in here] == [403, 403]
    assert all("halfmoon=" in sent[one]["Cookie"] for one in here)  # what it could have acted with
    socket = f"{address.replace('http', 'ws')}/_stcore/stream"
    assert foreign.evaluate(OPEN_SOCKET, socket) == "refused"
    foreign.goto(address)
    assert foreign.evaluate(OPEN_SOCKET, socket) == "opened"
