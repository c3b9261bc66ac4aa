"""What a live page polls stays cheap however long a run is, and what it asks is asked by the run's owner alone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from safetensors.numpy import load
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from halfmoon.jobs import jobs
from halfmoon.jobs.jobs import Jobs
from halfmoon.jobs.standing import Standing
from halfmoon.server.owners import COOKIE, BrowserToken, owner_of
from halfmoon.train import record_lines
from halfmoon.train.routes import archive_path
from tests.app.asking import Answer, ask, assert_refused
from tests.app.small_jobs import ENDLESS, new
from tests.app.standins import make_run
from tests.waiting import until, until_trained
from vae_core.files import write_arrays
from vae_core.runs.run import Run
from vae_core.runs.status import Status
from vae_core.training.control import ControlConfig

TOKEN, OTHER_TOKEN = "t" * 43, "o" * 43
JSON = {"content-type": "application/json"}
COUNT = 100_000


def asked(path: str) -> dict[str, Any]:
    answer = ask(path)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    return json.loads(answer.body)


def post(name: str, changes: object, token: str | None = TOKEN, headers: dict[str, str] = JSON) -> Answer:
    cookie = {"cookie": f"a=b; {COOKIE}={token}"} if token else {}
    body = changes if isinstance(changes, bytes) else json.dumps(changes).encode()
    return ask(f"live/{name}/control", "POST", [body], headers | cookie)


def record(step: int, split: str | None = "training", **more: Any) -> bytes:
    """A line as a worker writes it."""
    known = {"step": step, "seconds": step / 100}
    terms = {"epoch": step / 10, "split": split, "total": 200.5, "reconstruction": 190.25, "kl": 10.25}
    rates = {"learning_rate": 1.5e-3, "beta": 1.0, "images_per_second": 21_345}
    return (json.dumps(known | (terms | rates if split else {}) | more) + "\n").encode()


@pytest.fixture
def user_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def run(user_runs: Path) -> Run:
    """A run that has been written by hand, and is trained by nobody."""
    return make_run(user_runs, "small", "vae", steps=500)


@pytest.fixture
def long_run(run: Run) -> Run:
    """A run with as many records as a few hours bring: training, validation, and four events."""
    lines = []
    for at in range(COUNT):
        lines.append(record(5 * at, "validation" if at % 20 == 19 else "training"))
        if at % (COUNT // 4) == 10:
            lines.append(record(5 * at, None, event="control", control={"beta": at}))
    run.records.path.write_bytes(b"".join(lines))
    return run


# Records


def test_records_come_from_where_the_last_read_ended(run: Run) -> None:
    assert asked("live/small/records") == {
        **{"offset": 0, "reset": True, "records": [], "steps": 500},
        **{"status": "interrupted", "place": None, "waits_for": None, "minutes": None, "message": None},
        **{"control": None, "is_resumable": True},
    }
    run.records.path.write_bytes(record(5) + record(10, "validation") + b'{"step": 15, "sec')
    first = asked("live/small/records?offset=0&most=2000")
    assert [each["step"] for each in first["records"]] == [5, 10]
    assert first["records"][0] == json.loads(record(5))
    offset = first["offset"]
    again = asked(f"live/small/records?offset={offset}")
    assert (again["records"], again["offset"], again["reset"]) == ([], offset, False)
    with run.records.path.open("ab") as file:
        file.write(b'onds": 1, "event": "resumed"}\n' + record(20, None, event="finished"))
    news = asked(f"live/small/records?offset={offset}")
    assert ([each["step"] for each in news["records"]], news["reset"], news["status"]) == ([15, 20], False, "finished")
    assert news["offset"] == run.records.length()
    assert [each["step"] for each in asked("live/small/records")["records"]] == [5, 10, 15, 20]


def test_a_file_that_was_cut_by_a_resume_is_given_anew(run: Run) -> None:
    run.records.path.write_bytes(b"".join(record(step) for step in range(5, 55, 5)))
    offset = asked("live/small/records")["offset"]
    run.records.cut(run.records.length() // 2)
    cut = asked(f"live/small/records?offset={offset}")
    assert (cut["reset"], len(cut["records"])) == (True, 5)  # the sixth was cut in its middle
    run.records.path.write_bytes(b"".join(record(step) for step in range(1, 100)))  # another, and longer
    anew = asked(f"live/small/records?offset={offset}")
    assert anew["reset"]
    assert [each["step"] for each in anew["records"]] == list(range(1, 100))


def test_what_json_does_not_know_and_what_is_no_record_harms_nobody(run: Run) -> None:
    lines = [record(5, kl=float("nan"), total=float("inf")), b"rubbish\n", b"[1]\n", b"\xff\n", b"\n", record(10)]
    run.records.path.write_bytes(b"".join(lines))
    records = asked("live/small/records")["records"]
    assert [(each["step"], each["kl"], each["total"]) for each in records] == [(5, None, None), (10, 10.25, 200.5)]


def test_lines_of_numbers_that_no_browser_knows_are_left_out(run: Run) -> None:
    begun = b'{"step": 15, "seconds": 1, "event": "control", "control": {"learning_rate": 1, "beta": '
    lines = [begun + value + b"}}\n" for value in (b"NaN", b"1e999", b"9" * 400, b"2")]
    deep = b'{"step": 20, "event": ' + b"[" * 3000 + b"\n"
    endless = b'{"step": ' + b"9" * 4000 + b', "event": "paused"}\n'
    run.records.path.write_bytes(b"".join(lines) + deep + endless + record(25))
    records = asked("live/small/records")["records"]
    assert [each.get("control", each["step"]) for each in records] == [{"learning_rate": 1, "beta": 2}, 25]


@pytest.mark.parametrize("event", [{"event": "paused"}, {"event": "x" * 3900}], ids=range(2))
def test_an_answer_is_bounded_however_many_and_long_the_events(run: Run, event: dict[str, str]) -> None:
    lines = [json.dumps({"step": step, "seconds": 1.0} | event).encode() + b"\n" for step in range(20_000)]
    run.records.path.write_bytes(b"".join(lines) + record(20_000))
    answer = ask("live/small/records?most=8000")
    assert len(answer.body) < 5_000_000
    steps = [each["step"] for each in json.loads(answer.body)["records"]]
    assert 500 < len(steps) <= 2010
    assert steps[-2:] == [19_999, 20_000]


def test_a_long_run_is_thinned_evenly_with_both_splits_and_all_events(long_run: Run) -> None:
    answer = asked("live/small/records?most=2000")
    assert answer["offset"] == long_run.records.length()
    records = answer["records"]
    assert 900 < len(records) <= 2010
    assert [each["control"]["beta"] for each in records if "event" in each] == [10, 25_010, 50_010, 75_010]
    assert [each["step"] for each in records] == sorted(each["step"] for each in records)
    for split in ("training", "validation"):
        steps = np.array([each["step"] for each in records if each.get("split") == split])
        assert 500 <= len(steps) <= 1001
        assert steps[0] < 100
        assert steps[-1] >= 5 * (COUNT - 2)
        gaps = np.diff(steps)[:-1]
        assert gaps.max() < 2.5 * np.median(gaps)
    assert len(asked("live/small/records?most=300")["records"]) <= 310


def test_a_long_run_is_read_once_and_a_poll_reads_only_the_news(long_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    class Counting(io.FileIO):
        def read(self, size: int = -1) -> bytes:
            nonlocal read
            content = super().read(size)
            read += len(content)
            return content

    monkeypatch.setattr(Path, "open", lambda path, mode="r", **_: Counting(path, mode.replace("b", "")))
    whole = record_lines.read(long_run.records.path, 0, 2000)
    assert read > long_run.records.length()
    read = 0
    assert record_lines.read(long_run.records.path, 0, 2000) == whole
    assert record_lines.read(long_run.records.path, whole.offset, 2000) == record_lines.Lines(whole.offset, False, [])
    assert read < 10_000
    far_behind = record_lines.read(long_run.records.path, len(record(0)), 2000)  # a tab that was hidden for hours
    assert (far_behind.is_whole, far_behind.lines) == (True, whole.lines)


@pytest.mark.parametrize("query", ["offset=-1", "offset=1.5", "offset=" + "9" * 50, "most=many", "offset="])
def test_a_number_that_is_none_is_refused(query: str, run: Run) -> None:
    assert_refused(ask(f"live/small/records?{query}"), 400, "must be a whole number")


@pytest.mark.parametrize("what", ["records", "preview", "snapshots", "snapshots/3"])
@pytest.mark.parametrize("name", ["gone", "..", ".hidden", "%C3%BC", "a%00b"])
def test_of_a_run_that_is_not_there_nothing_is_told(what: str, name: str, run: Run) -> None:
    assert_refused(ask(f"live/{name}/{what}"), 404, "There is no such run.")


# Previews and snapshots


def arrays(step: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(step)
    images = generator.integers(0, 256, (25, 1, 8, 8), dtype=np.uint8)
    return {
        "step": np.array(step),
        "codes": generator.normal(size=(180, 2)).astype(np.float32) * 1e5,
        "labels": (np.arange(180) % 10).astype(np.uint8),
        "originals": images[:10],
        "reconstructions": images[10:20],
        "samples": images,
        "sigma": np.array([0.5, np.nan], np.float32),
        "kl": np.array([1.5, 0.0], np.float32),
    }


def test_a_preview_is_given_once_and_again_when_it_is_newer(run: Run) -> None:
    assert ask("live/small/preview").status == 204
    write_arrays(run.preview_file, arrays(7))
    answer = ask("live/small/preview")
    assert answer.status == 200
    stamp = answer.headers["x-stamp"]
    assert answer.headers["etag"] == f'"{stamp}"'
    given, expected = load(answer.body), arrays(7)
    assert given.keys() == expected.keys()
    assert (given["codes"].dtype, given["step"].tolist()) == (np.float16, [7])
    limit = np.finfo(np.float16).max
    np.testing.assert_allclose(given["codes"], expected["codes"].clip(-limit, limit), rtol=1e-3)
    for name in ("labels", "originals", "reconstructions", "samples", "sigma", "kl"):
        assert given[name].dtype == expected[name].dtype
        np.testing.assert_array_equal(given[name], expected[name])
    length = int.from_bytes(answer.body[:8], "little")
    assert json.loads(answer.body[8 : 8 + length])["__metadata__"] == {"image_shape": "1,8,8", "step": "7"}
    nothing = ask(f"live/small/preview?after={stamp}")
    assert (nothing.status, nothing.body) == (204, b"")
    write_arrays(run.preview_file, arrays(8))
    newer = ask(f"live/small/preview?after={stamp}")
    assert (newer.status, load(newer.body)["step"].tolist()) == (200, [8])
    run.preview_file.write_bytes(b"broken")
    assert_refused(ask(f"live/small/preview?after={stamp}"), 422, "is not a whole .npz file")


def test_the_kept_moments_are_listed_and_each_is_given(run: Run) -> None:
    assert json.loads(ask("live/small/snapshots").body) == []
    run.snapshots_folder.mkdir()
    for step in (12, 3):
        write_arrays(run.snapshots_folder / f"{step:09d}.npz", arrays(step))
    assert json.loads(ask("live/small/snapshots").body) == [3, 12]
    assert load(ask("live/small/snapshots/12").body)["step"].tolist() == [12]
    assert_refused(ask("live/small/snapshots/4"), 404, "no snapshot at this step")
    for step in ("-3", "9" * 5000, "3.0", "three"):
        assert_refused(ask(f"live/small/snapshots/{step}"), 400, "must be a whole number")


def test_previews_records_and_snapshots_are_given_without_torch(run: Run) -> None:
    write_arrays(run.preview_file, arrays(7))
    run.snapshots_folder.mkdir()
    write_arrays(run.snapshots_folder / "000000003.npz", arrays(3))
    run.records.path.write_bytes(record(5))
    script = """
import sys
from starlette.requests import Request
from halfmoon.train.routes import live_routes
for route in live_routes("")[:4]:
    parameters = {"name": "small", "step": "3"}
    answer = route.endpoint(Request({"type": "http", "path_params": parameters, "query_string": b"", "headers": []}))
    print(answer.status_code, len(answer.body) > 2)
print({"torch", "torchvision", "sklearn"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "200 True\n" * 4 + "set()\n", result.stderr


def test_a_run_is_given_as_a_zip_without_its_owner(user_runs: Path) -> None:
    make_run(user_runs, "mine é", "vae").write_about(owner=owner_of({COOKIE: TOKEN}), title="Mine")
    answer = ask(archive_path("mine é"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="halfmoon-digits-run-mine-e.zip"'
    with ZipFile(io.BytesIO(answer.body)) as archive:
        (about,) = (archive.read(name) for name in archive.namelist() if name.endswith("about.json"))
        assert json.loads(about)["title"] == "Mine"
        assert not any(owner_of({COOKIE: TOKEN}).encode() in archive.read(name) for name in archive.namelist())
    assert_refused(ask("runs/gone.zip"), 404, "There is no such run.")


def test_a_run_that_was_killed_is_not_made_ready_by_who_asks_for_its_zip(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run.folder / "codes.npz").unlink()
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    monkeypatch.setattr(subprocess, "Popen", None)  # no process is begun
    assert_refused(ask(archive_path("small")), 409, "make it ready on the page Runs")
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before


# What is asked of a run


@pytest.mark.slow
def test_a_run_in_training_obeys_its_owner_and_nobody_else(user_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_MAX_JOBS", "1")
    try:
        first, waits = (jobs.shared().start([new(ENDLESS)], owner_of({COOKIE: each})) for each in (TOKEN, OTHER_TOKEN))
        (name,), (later,) = first.names, waits.names
        queued = asked(f"live/{later}/records")
        assert (queued["status"], queued["place"], queued["steps"], queued["records"]) == ("queued", 1, None, [])
        run = Run(user_runs / name)
        until_trained(run)
        assert asked(f"live/{name}/records")["status"] == "training"
        for token in (OTHER_TOKEN, None):
            assert_refused(post(name, {"stop": True}, token), 403, "not yours")
        for changes, words in (
            ({"beta": -1}, "setting beta"),
            ({"gamma": 1}, "no setting gamma"),
            ({"pause": "perhaps"}, "setting pause"),
            ([1], "must be a JSON object"),
            (b"{", "must be JSON"),
            ({"x": "y" * 5000}, "at most 4096 bytes"),
        ):
            assert_refused(post(name, changes), 400, words)
        assert_refused(post(name, {"stop": True}, headers={"content-type": "text/plain"}), 400, "application/json")
        assert run.read_control() == {}
        assert asked(f"live/{name}/records")["control"] is None
        answer = post(name, {"pause": True})
        assert (answer.status, json.loads(answer.body)) == (200, {"pause": True})
        until(lambda: asked(f"live/{name}/records")["status"] == "paused")
        slower = ControlConfig(pause=True, steps_a_second=4)
        assert post(name, {"steps_a_second": 4}).status == 200
        assert asked(f"live/{name}/records")["control"] == slower.model_dump()
        step = asked(f"live/{name}/records")["records"][-1]["step"]
        post(name, {"advance": 1})
        until(lambda: asked(f"live/{name}/records")["records"][-1]["step"] == step + 1)
        assert load(ask(f"live/{name}/preview").body)["codes"].shape == (180, 2)
        assert json.loads(post(later, {"stop": True}, OTHER_TOKEN).body) == {"stop": True}
        assert_refused(ask(f"live/{later}/records"), 404, "There is no such run.")
        assert post(name, {"stop": True}).status == 200
        until(lambda: asked(f"live/{name}/records")["status"] == "stopped")
        assert_refused(post(name, {"pause": True}), 400, "is not being trained")
    finally:
        jobs.end()


def test_a_run_that_is_to_come_has_no_preview_and_no_snapshots_yet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "standing", lambda *_: Standing(Status.TRAINING))
    assert ask("live/young/preview").status == 204
    assert json.loads(ask("live/young/snapshots").body) == []


def test_nothing_is_asked_of_runs_that_are_shipped_or_not_there(run: Run) -> None:
    assert_refused(post("mnist-vae-2d", {"stop": True}), 403, "not yours")
    assert_refused(post("gone", {"stop": True}), 404, "There is no such run.")
    assert_refused(post("small", {"stop": True}), 400, "is not being trained")
    assert ask("live/small/control").status == 405
    assert not run.control_file.exists()


@pytest.mark.parametrize("content", ["{", "[1]", '{"beta": -1}', '{"gamma": 1}'])
def test_what_is_asked_in_a_way_that_can_not_be_understood_is_nothing(run: Run, content: str) -> None:
    run.control_file.write_text(content)
    assert asked("live/small/records")["control"] is None


# The browser's token


def opened(headers: dict[str, str], method: str = "GET") -> Answer:
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(request.method)

    app = Starlette(routes=[Route("/", page, methods=["GET", "POST"])], middleware=[Middleware(BrowserToken)])
    return ask("", method, headers=headers, app=app)


def test_a_browser_gets_a_token_with_its_first_page_and_keeps_it() -> None:
    page = {"accept": "text/html,application/xhtml+xml"}
    cookie = opened(page).headers["set-cookie"]
    pair, *attributes = cookie.split("; ")
    assert attributes == ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"]
    name, _, token = pair.partition("=")
    assert name == COOKIE
    owner = owner_of({COOKIE: token})
    assert owner is not None
    assert token not in owner
    assert opened(page).headers["set-cookie"] != cookie
    assert "set-cookie" not in opened(page | {"cookie": f"other=1; {pair}"}).headers
    assert "set-cookie" in opened(page | {"cookie": f"{COOKIE}=short"}).headers
    assert "set-cookie" not in opened({"accept": "*/*"}).headers
    assert "set-cookie" not in opened(page, "POST").headers


@pytest.mark.parametrize("token", ["", "short", "x" * 44, "é" * 43, "a b" + "x" * 40])
def test_what_is_no_token_is_nobody(token: str) -> None:
    assert owner_of({COOKIE: token}) is None
    assert owner_of({}) is None
