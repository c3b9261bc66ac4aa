"""Who is turned away before anything else sees the request, and what is said with every answer."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from starlette.types import Receive, Scope, Send

from halfmoon.server.doors import FOREIGN_ORIGIN, UNKNOWN_HOST, Doors, allowed_hosts, embedding_origins
from tests.app.asking import Answer, assert_refused, sent_by
from vae_core.errors import ConfigError

HOSTS = ["localhost", "127.0.0.1", "[::1]", "halfmoon.example"]
HERE = ("host", "localhost:8501")


class Within:
    """An application that answers everything, and counts what it is asked."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"within"})


def asked(*headers: tuple[str, str], kind: str = "http", scheme: str = "http", **options: Any) -> list[dict[str, Any]]:
    """What is sent to who asks with these headers; what is turned away has not come any farther."""
    within = Within()
    given = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": kind, "scheme": scheme, "method": "GET", "path": "/", "query_string": b"", "headers": given}
    sent = sent_by(Doors(within, HOSTS, **options), scope, [{"type": f"{kind}.connect"}])
    assert within.count == (sent[0].get("status") == 200 or sent[0]["type"] == "websocket.accept")
    return sent


def answer(*headers: tuple[str, str], **options: Any) -> Answer:
    return Answer.of(asked(*headers, **options))


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LOCALHOST:8501", "127.0.0.1:80", "[::1]:8501", "halfmoon.example:1"],
)
def test_a_name_of_the_server_is_answered_at_any_port(host: str) -> None:
    assert answer(("host", host)).status == 200
    assert asked(("host", host), kind="websocket", scheme="ws")[0]["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.test"],
        ["localhost.evil.test"],
        ["evil.test:8501"],
        ["localhost:1@evil.test"],
        ["localhost."],
        ["localhost:port"],
        ["localhost:"],
        ["localhost:8501/"],
        ["localhost,evil.test"],
        ["localhost evil.test"],
        ["::1"],
        ["[::1"],
        ["[::ffff:127.0.0.1]:8501"],
        ["127.1"],
        ["2130706433"],
        ["0.0.0.0:8501"],
        ["lоcalhost"],  # its second letter is Cyrillic
        ["localhost", "localhost"],
        ["localhost", "evil.test"],
    ],
)
def test_any_other_name_is_turned_away_by_one_sentence_and_no_websocket_opens(hosts: list[str]) -> None:
    given = [("host", host) for host in hosts]
    assert_refused(answer(*given), 400, UNKNOWN_HOST)
    assert asked(*given, kind="websocket", scheme="ws") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("host", "origin", "scheme"),
    [
        ("localhost:8501", "http://localhost:8501", "http"),
        ("halfmoon.example", "https://halfmoon.example", "https"),
        ("halfmoon.example", "https://halfmoon.example", "http"),  # behind a proxy that ends TLS
    ],
)
def test_the_origin_of_the_servers_own_pages_is_answered(host: str, origin: str, scheme: str) -> None:
    assert answer(("host", host), ("origin", origin), scheme=scheme).status == 200
    sent = asked(("host", host), ("origin", origin), kind="websocket", scheme=scheme.replace("http", "ws"))
    assert sent[0]["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:9999",
        "http://localhost",
        "http://127.0.0.1:8501",
        "http://LOCALHOST:8501",
        "http://localhost:8501/",
        "http://localhost:8501.evil.test",
        "http://evil.test@localhost:8501",
        "http://evil.test",
        "https://halfmoon.example",
        "chrome-extension://localhost:8501",
        "localhost:8501",
        "null",
        "",
    ],
)
def test_any_other_origin_is_turned_away(origin: str) -> None:
    assert_refused(answer(HERE, ("origin", origin)), 403, FOREIGN_ORIGIN)
    sent = asked(HERE, ("origin", origin), kind="websocket", scheme="ws")
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_of_two_origins_neither_counts_and_a_page_without_tls_is_foreign_to_a_server_with_it() -> None:
    own = ("origin", "http://localhost:8501")
    assert answer(HERE, own, own).status == 403
    assert answer(HERE, own, scheme="https").status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_sites_page_would_only_fetch_is_not_even_made_and_a_link_from_it_leads_here(site: str) -> None:
    fetched = [HERE, ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]
    assert_refused(answer(*fetched), 403, FOREIGN_ORIGIN)
    assert answer(HERE, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")).status == 200
    assert answer(HERE, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")).status == 200


@pytest.mark.parametrize("host", ["localhost:8501", "evil.test"])
def test_every_answer_says_what_a_browser_may_do_with_it(host: str) -> None:
    headers = answer(("host", host)).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'"} <= set(policy)
    scripts = next(each for each in policy if each.startswith("script-src"))
    assert "unsafe" not in scripts
    sockets = "" if host == "evil.test" else f" ws://{host} wss://{host}"
    assert f"connect-src 'self'{sockets}" in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_owner_lets_a_teachers_site_show_the_app_in_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_EMBED_ORIGINS", "https://school.example, http://localhost:3000")
    policy = answer(HERE, embedders=embedding_origins()).headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors 'self' https://school.example http://localhost:3000")


@pytest.mark.parametrize("origin", ["school.example", "https://school.example/page", "*", "https://a.example; x"])
def test_what_is_no_site_can_not_be_let_in(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_EMBED_ORIGINS", origin)
    with pytest.raises(ConfigError, match=r"^VAE_EMBED_ORIGINS names sites as .*\.$"):
        embedding_origins()


def test_the_owner_names_hosts_by_a_variable_and_by_the_servers_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_ALLOWED_HOSTS", " Halfmoon.example:443, 192.168.1.17,fe80::2,")
    addresses = {"server.address": "10.0.0.5", "browser.serverAddress": "moon.example"}
    monkeypatch.setattr(st, "get_option", addresses.get)
    named = {"halfmoon.example", "192.168.1.17", "[fe80::2]", "10.0.0.5", "moon.example"}
    assert allowed_hosts() == {"localhost", "127.0.0.1", "[::1]"} | named


@pytest.mark.parametrize("address", ["0.0.0.0", "::", None])
def test_to_listen_everywhere_makes_no_name_known(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAE_ALLOWED_HOSTS", raising=False)
    monkeypatch.setattr(st, "get_option", lambda name: address)
    assert allowed_hosts() == {"localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize("host", ["https://halfmoon.example", "*", "a b", "[::1"])
def test_what_is_no_host_can_not_be_allowed(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_ALLOWED_HOSTS", host)
    with pytest.raises(ConfigError, match=r"^VAE_ALLOWED_HOSTS names hosts as .*\.$"):
        allowed_hosts()
