"""Whatever is asked of our routes, nobody gets more out of them than an answer, or one sentence."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from halfmoon.jobs import jobs
from halfmoon.routes import routes
from halfmoon.server.requests import ANSWERS_TO_ERRORS, body_of
from tests.app.asking import Answer, ask, assert_refused, sent_by
from vae_core.configs import TrainingConfig
from vae_core.errors import ConfigError
from vae_core.training.control import ControlConfig

APP = Starlette(routes=routes(""), exception_handlers=ANSWERS_TO_ERRORS)
DYNAMIC = sorted({route.path for route in routes("") if "{" in route.path} | {"/plane", "/plotly/{name}"})
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),  # some of them are clocks
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.sampled_from(
    ["", "..", ".", "\0", "a/../../etc/passwd", "é" * 200, "x" * 5000, "9" * 5000, "-1", "1e400", "nan", "1,nan", "٣"]
)
REAL = st.sampled_from(["small-digits-vae", "small-line-vae", "small-ten-vae", "mnist-vae-2d"])
NAMES = st.one_of(REAL, REAL, REAL, ODD, TEXTS)
NUMBERS = st.integers(-5, 10**20).map(str) | st.floats().map(str)
VALUES = NUMBERS | ODD | TEXTS | st.lists(NUMBERS, max_size=3).map(",".join)
GRID = {"origin": "0,0", "u": "1,0", "v": "0,1", "columns": "3", "rows": "2", "field": "density_ratio"}
SENSIBLE = GRID | {"lang": "zh", "offset": "0", "most": "9"}
NAMES_OF_OTHERS = ["z", "point", "pins", "layers", "axes", "wait", "after"]
CHANGES = st.dictionaries(st.sampled_from([*SENSIBLE, *NAMES_OF_OTHERS]), VALUES, max_size=3)
QUERIES = CHANGES.map(lambda changes: urlencode(SENSIBLE | changes)) | st.text(string.printable, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | TEXTS,
    lambda within: st.lists(within, max_size=3) | st.dictionaries(TEXTS, within, max_size=3),
    max_leaves=5,
)
ASKED = st.dictionaries(st.sampled_from([*ControlConfig.model_fields, "self", "values", "cls", "__class__"]), JSON)
HARD = [b"[" * 4000, b'{"a":' * 800, b'{"beta": %s}' % (b"9" * 4050), b"\xff\xfe{}", bytes(64), bytes(9999)]
BODIES = (ASKED | JSON).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100) | st.sampled_from(HARD)
TYPES = st.sampled_from(["application/json", "application/json; charset=x", "text/plain", ""])


@pytest.fixture(autouse=True)
def no_jobs_are_left() -> Iterator[None]:
    yield
    jobs.end()


def filled_in(template: str, name: str, step: str) -> str:
    return template.lstrip("/").replace("{name}", quote(name, safe="")).replace("{step}", quote(step, safe=""))


def assert_no_more_than_a_sentence(answer: Answer, method: str, secrets: list[str]) -> None:
    """The answer is none of a server's faults, and a refusal is one sentence that names no folder of the machine."""
    assert answer.status < 500
    if answer.status < 400:
        return
    assert answer.headers["content-type"].startswith("text/plain")
    if method != "HEAD":
        assert_refused(answer, answer.status, "")
    assert not [secret for secret in secrets if secret in answer.body.decode()]


@pytest.mark.parametrize("template", DYNAMIC)
@settings(SETTINGS, max_examples=60)
@given(data=st.data())
def test_whatever_is_asked_is_answered_or_refused_by_one_sentence(
    template: str, data: st.DataObject, stand_ins: Path
) -> None:
    usual = "POST" if template.endswith("control") or template.startswith("/encode") else "GET"
    method = data.draw(st.sampled_from([*[usual] * 9, "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "BREW"]))
    path = filled_in(template, data.draw(NAMES), data.draw(VALUES))
    headers = {"content-type": data.draw(TYPES), "range": data.draw(st.sampled_from(["", "bytes=9-1", "bytes=-"]))}
    answer = ask(f"{path}?{data.draw(QUERIES)}", method, [data.draw(BODIES)], headers, app=APP)
    assert_no_more_than_a_sentence(answer, method, [str(stand_ins), str(Path(__file__).parents[2])])


@settings(SETTINGS, max_examples=150)
@given(asked=ASKED | st.dictionaries(TEXTS, JSON, max_size=3))
def test_whatever_is_set_is_valid_or_refused_by_one_sentence(asked: dict[str, Any]) -> None:
    for made in (
        lambda: ControlConfig(**asked),
        lambda: TrainingConfig(**asked),
        lambda: TrainingConfig().with_changes(**asked),
    ):
        try:
            made()
        except ConfigError as error:
            assert len(str(error)) < 400
            assert str(error).isprintable()
            assert str(error).endswith(".")


@pytest.mark.parametrize("name", ["self", "values", "changes"])
def test_no_name_in_a_body_is_taken_for_python(name: str) -> None:
    body, headers = json.dumps({name: 1}).encode(), {"content-type": "application/json"}
    answer = ask("live/small-digits-vae/control", "POST", [body], headers, app=APP)
    assert_refused(answer, 400, f"There is no setting {name}")


def test_who_goes_in_the_middle_of_a_question_leaves_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def read(request: Request) -> Response:
        return Response(await body_of(request, 100))

    app = Starlette(routes=[Route("/read", read, methods=["POST"])], exception_handlers=ANSWERS_TO_ERRORS)
    scope = {"type": "http", "method": "POST", "path": "/read", "query_string": b"", "headers": []}
    part = {"type": "http.request", "body": b"a", "more_body": True}
    sent = sent_by(app, scope, [part, {"type": "http.disconnect"}])
    assert Answer.of(sent).status == 400
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None
    with pytest.raises(ClientDisconnect):
        sent_by(Starlette(routes=app.routes), scope, [part, {"type": "http.disconnect"}])


@pytest.mark.parametrize(
    "headers", [{"accept-language": "zh-CN,zh;q=0.9"}, {"referer": "http://localhost/compare?lang=zh"}]
)
def test_an_address_without_anything_is_refused_in_the_language_of_who_asks(headers: dict[str, str]) -> None:
    assert_refused(ask("nowhere", headers=headers, app=APP), 404, "这个地址没有内容。")
    assert_refused(ask("nowhere", app=APP), 404, "There is nothing at this address.")


def test_a_number_out_of_range_is_refused_in_the_language_of_who_asks(stand_ins: Path) -> None:
    assert_refused(ask("live/small-digits-vae/records?offset=x&lang=zh", app=APP), 400, "参数 offset 必须是")
