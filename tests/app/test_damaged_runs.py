"""One damaged run breaks no page and no list, and is listed with what is wrong with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from halfmoon.jobs import jobs, listing
from halfmoon.parts.pairs import find_pairs
from halfmoon.texts import catalogue
from tests import damage
from tests.app.asking import ask
from tests.app.standins import make_run
from tests.app.test_pages import PAGES, open_app
from vae_core.errors import NotAllowedError
from vae_core.places import SHIPPED
from vae_core.runs.cards import Card, Measure

ENGLISH = catalogue("en")
ME = "this browser"
EVENT = {"step": 1, "seconds": 0.5, "event": "finished"}
USABLE = {"config-no-steps", "control-list", "control-foreign", "preview-garbage", "snapshots-file", "state-garbage"}
USABLE |= {"card-several", "records-nan"}
IN_WEIGHTS = {"model-foreign", "model-nan"}  # what is found when they are read
WITHOUT_CARD = {name for name in damage.DAMAGES if name.startswith("card-")} - USABLE
WITHOUT_PICTURE = {name for name in damage.DAMAGES if name.startswith(("codes-", "model-"))} - IN_WEIGHTS
WITHOUT_PICTURE |= {"config-other-data", "config-other-shape", "config-other-kind"}
BROKEN = set(damage.DAMAGES) - USABLE - IN_WEIGHTS - WITHOUT_CARD - WITHOUT_PICTURE | {"records-nan"}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one that is whole, and a copy of it for every kind of damage."""
    folder = tmp_path_factory.mktemp("damaged")
    run = make_run(folder, "whole", "vae", steps=100)
    run.write_card(Card({"psnr": Measure(20.5, unit="dB", n=60, interval=(20.0, 21.0))}))
    run.records.append(EVENT)
    run.write_about(title="Whole", owner=ME)
    shutil.copy(SHIPPED / "mnist-vae-2d" / "codes.npz", run.preview_file)  # of a kind of its own
    damage.damage_copies(run.folder, folder)
    return folder


@pytest.fixture
def user_runs(user_runs: Path, damaged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAE_RUNS_DIR", str(damaged))
    return damaged


@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_for_damaged_runs(page: str) -> None:
    app = open_app(page, run="whole")
    assert not app.exception
    assert not app.error


def test_a_list_shows_every_run_with_what_is_wrong_with_it(user_runs: Path) -> None:
    runs, broken = listing.everything(jobs.shared(), ME)
    assert {one.name for one in runs} | {one.name for one in broken} == {*damage.DAMAGES, "whole", "name-?"}
    assert {one.name for one in broken} == BROKEN | {"name-?"}
    assert {one.name for one in runs if one.damage} == WITHOUT_CARD | WITHOUT_PICTURE
    assert {one.name for one in runs if not one.is_viewable} == WITHOUT_PICTURE
    for reason in [*(one.damage for one in runs if one.damage), *(one.reason for one in broken)]:
        assert reason.endswith(".") and "\n" not in reason and str(user_runs) not in reason


def test_the_page_of_runs_says_what_is_wrong_and_offers_to_delete_it(
    user_runs: Path, tmp_path: Path, monkeypatch
) -> None:
    for name in ("whole", "config-cut", "about-list", "codes-cut"):
        shutil.copytree(user_runs / name, tmp_path / name)
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    app = open_app("pages/runs.py")
    captions = [caption.value for caption in app.caption]
    broken = ("config-cut/config.json", "about-list/about.json", "codes-cut/codes.npz")  # and not where they lie
    assert {name for name in broken for line in captions if f"` {name} " in line} == {*broken}
    assert ENGLISH["runs.nobodys"] in captions  # of about-list
    (delete,) = (button for button in app.button if button.key.startswith("do-delete-broken-"))
    delete.click().run()
    assert not app.exception and not app.error
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {
        *("whole", "about-list", "codes-cut")
    }


def test_a_broken_run_is_deleted_by_its_owner_alone(
    user_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(user_runs / "config-cut", tmp_path / "one")
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    for other in ("another", None):
        (one,) = listing.everything(jobs.shared(), other).broken
        assert not one.may_delete
        with pytest.raises(NotAllowedError):
            listing.delete_broken(jobs.shared(), one, other)
    listing.delete_broken(jobs.shared(), one, ME)
    assert not (tmp_path / "one").exists()


def test_pickers_leave_out_what_cannot_be_looked_at(user_runs: Path) -> None:
    shown = {run.name for pair in find_pairs() for run in pair.runs if run.folder.parent == user_runs}
    can_be_read = set(damage.DAMAGES) - WITHOUT_PICTURE - BROKEN
    assert can_be_read | {"whole"} <= shown
    assert not shown & WITHOUT_PICTURE
    assert not [name for name in shown if name.startswith(("config-", "about-")) and name != "config-no-steps"]


@pytest.mark.parametrize("name", sorted(IN_WEIGHTS | {"card-list", "card-several", "records-digits"}))
@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("pages/half_moon.py", "pages/runs.py")])
def test_what_is_chosen_and_turns_out_to_be_damaged_is_a_sentence(name: str, page: str) -> None:
    app = open_app(page, run=name)
    assert not app.exception
    assert all(error.value.startswith(ENGLISH["error.lead"]) for error in app.error)


@pytest.mark.parametrize(
    "path",
    [
        *("codes/{}", "decoder/{}", "answer/{}?z=0,0", "atlas/{}?origin=0,0&u=1,0&v=0,1&columns=2&rows=2"),
        *("gap_map/{}?field=density_ratio&origin=0,0&u=1,0&v=0,1&columns=2&rows=2", "live/{}/records"),
        *("live/{}/preview", "live/{}/snapshots", "live/{}/snapshots/1", "runs/{}.zip"),
    ],
)
def test_a_route_answers_of_a_damaged_run_with_a_sentence_or_with_what_can_be_read(path: str) -> None:
    statuses = set()
    for name in [*damage.DAMAGES, "whole"]:
        answer = ask(path.format(name))
        statuses.add(answer.status)
        assert answer.status in (200, 204, 404, 422), (name, answer)
        if path.endswith("records") and answer.status == 200:
            json.loads(answer.body, parse_constant=pytest.fail)
    assert statuses & {404, 422}


def test_what_is_no_record_reaches_no_browser_however_deep_its_fault_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, "one", "vae", steps=100)
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    lines = ['{"a": {"b": NaN}}', '{"beta": 1e999}', f'"{9 * "9"}"', "9" * 5000, "[" * 3000]
    odd = [json.dumps(EVENT)[:-1] + f', "control": {line}}}' for line in lines] + lines
    run.records.path.write_text("\n".join([*odd, json.dumps(EVENT), ""]))
    answer = json.loads(ask("live/one/records").body, parse_constant=pytest.fail)
    assert answer["records"][-1] == EVENT
    assert all(record.get("control") in (None, {"beta": None}) for record in answer["records"])
