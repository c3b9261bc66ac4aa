"""Trainings that meet with mishaps, on a server of their own: what is lost, what the page says, how one goes on."""

from __future__ import annotations

import io
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.texts import catalogue
from tests.browser.conftest import new_context, watched_page
from tests.browser.trainings import ask_for, begin, expect_further, names, status, step, worker_of
from tests.waiting import until
from tools.serving import ROOT, Server
from vae_core import workshop
from vae_core.runs.run import Run

FURTHER = 90_000  # milliseconds until a training that goes on shows so


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mishaps") / "runs"


@pytest.fixture(scope="module")
def server(runs: Path) -> Iterator[Server]:
    """A server that may be killed, for which one job at a time is enough."""
    server = Server(VAE_RUNS_DIR=str(runs), VAE_DATA_DIR=str(runs / "no-data"), VAE_MAX_JOBS="1")
    server.start()
    yield server
    server.end()


@contextmanager
def page_of_ones_own(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of a browser of its own, whose runs are nobody else's."""
    context = new_context(browser, server.address)
    with watched_page(context) as page:
        yield page
    context.close()


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of_ones_own(browser, server) as page:
        yield page


@pytest.fixture
def other(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of_ones_own(browser, server) as page:
        yield page


def happening(page: Page) -> Locator:
    return page.locator(".live-happening")


def go_on(page: Page) -> None:
    """What was ended early goes on, further than it was."""
    before = step(page)
    page.get_by_role("button", name="Resume training").first.click()
    expect(status(page).first).to_have_text("training")
    expect_further(page, before)


def stop(page: Page) -> None:
    for button in page.get_by_role("button", name="Stop training").all():
        button.click()
    expect(status(page).first).to_have_text("stopped")
    expect(status(page).last).to_have_text("stopped")


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_run_whose_worker_was_killed_is_kept_opens_in_the_plane_is_taken_along_and_goes_on(
    visitor: Page, runs: Path
) -> None:
    page, name = visitor, begin(visitor)
    expect_further(page, 0)
    os.kill(worker_of(runs / name), signal.SIGKILL)
    expect(status(page)).to_have_text("interrupted")
    expect(happening(page)).to_contain_text("killed (SIGKILL)")
    assert not Run(runs / name).is_trained

    page.get_by_role("link", name="Runs").click()
    card = page.locator(f".st-key-run-{name}")
    expect(card).to_contain_text("interrupted")
    card.get_by_role("button", name="More").click()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)  # there is nothing whole to be taken along yet
    page.get_by_role("button", name=catalogue("en")["runs.ready_download"]).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    page.keyboard.press("Escape")
    with ZipFile(download.value.path()) as archive:
        assert {"config.json", "model.safetensors", "codes.npz"} <= set(archive.namelist())
    card.get_by_role("button", name="Open the plane").click()
    expect(page.locator(".latent-plane-plane[data-ready]")).to_have_count(1)
    expect(page.locator(".hm-answer h2")).to_contain_text("VAE at")

    page.goto(f"/train?run={name}")
    expect(status(page)).to_have_text("interrupted")
    go_on(page)
    stop(page)


def test_when_the_server_is_killed_a_pair_ends_in_time_and_the_next_server_goes_on_with_it(
    visitor: Page, runs: Path, server: Server
) -> None:
    page, pair = visitor, begin(visitor, "pair").split(",")
    assert len(pair) == 2
    for name in pair:  # before its first step there is nothing to lose
        expect(page.locator(f".live-run[data-run='{name}']")).to_have_attribute("data-step", re.compile("[1-9]"))
    workers = [worker_of(runs / name) for name in pair]
    server.kill()
    until(lambda: not any(map(is_alive, workers)))
    expect(happening(page).first).to_contain_text("The app does not respond")
    server.start()
    expect(status(page).first).to_have_text("interrupted")
    expect(status(page).last).to_have_text("interrupted")
    assert all(Run(runs / name).can_be_resumed() for name in pair)
    page.goto("/runs")
    for name in pair:
        expect(page.locator(f".st-key-run-{name}")).to_contain_text("interrupted")
    page.goto(f"/train?run={','.join(pair)}")
    go_on(page)
    expect(status(page).last).to_have_text("training")
    stop(page)


def test_a_full_disk_is_said_and_the_run_goes_on_once_there_is_room(visitor: Page, runs: Path) -> None:
    """A limit of the size of files stands in for a full disk: the system refuses what is written beyond it."""
    page, name = visitor, begin(visitor)
    expect_further(page, 0)
    process = worker_of(runs / name)
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (Run(runs / name).records.length(), most))
    expect(status(page)).to_have_text("interrupted")
    expect(happening(page)).to_contain_text("There is no space left to write")
    go_on(page)
    stop(page)


def test_of_two_browsers_the_second_waits_its_turn_and_sees_its_place(visitor: Page, other: Page) -> None:
    begin(visitor)
    ask_for(other)
    expect(status(other)).to_have_text("in the queue")
    expect(happening(other)).to_contain_text(f"in the queue, position 1. {names(visitor)} is in training now")
    expect(other.locator(".live-fact-steps")).to_be_empty()
    other.get_by_role("link", name="Runs").click()
    expect(other.locator(f".st-key-run-{names(visitor)}")).to_contain_text("training")
    expect(other.locator(f".st-key-run-{names(visitor)}").get_by_role("button", name="Delete")).to_have_count(0)
    other.go_back()
    expect(status(other)).to_have_text("in the queue")
    stop(visitor)
    expect(status(other)).to_have_text("training", timeout=FURTHER)
    expect_further(other, 0)
    stop(other)


def test_a_branch_from_a_kept_moment_trains_with_other_settings(visitor: Page, runs: Path) -> None:
    page, name = visitor, begin(visitor)
    expect_further(page, 0)
    stop(page)
    page.get_by_role("slider", name="Snapshots").press("ArrowLeft")
    shown = int(re.search(r"[\d,]+", page.locator(".live-scrubber output").inner_text())[0].replace(",", ""))
    page.get_by_role("button", name="Branch from here").click()
    form = page.locator(".live-branching")
    form.get_by_label("β").fill("4")
    form.get_by_label("seconds").fill("2")
    form.get_by_role("button", name="Start the branch").click()
    page.wait_for_url(re.compile(r"run=.*-branch-1"))
    expect(status(page)).to_have_text(["stopped", "finished"], timeout=FURTHER)  # it stands beside its source
    assert names(page) == f"{name},{name}-branch-1"
    branch = Run.open(runs / f"{name}-branch-1")
    assert (branch.config.branched_from.run, branch.config.branched_from.step) == (name, shown)
    assert (branch.config.training.beta, branch.config.training.seconds) == (4.0, 2.0)
    assert Run.open(runs / name).config.training.beta == 1.0
    expect(page.get_by_text("the loss in nats per image is")).to_contain_text(f"({name}-branch-1, of which")
    page.get_by_role("button", name="Look at their planes").click()
    page.wait_for_url(re.compile(rf"/\?run={name}-branch-1"))


def test_a_run_of_the_command_line_is_listed_as_it_trains_and_one_of_the_page_can_be_watched_there(
    visitor: Page, runs: Path
) -> None:
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "vae_core", *arguments]

    size = ("--encoder-widths=16", "--decoder-widths=16")
    trained = subprocess.Popen(
        command("train", "digits", "--steps=10000000", "--run", str(runs / "by-hand"), *size),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: (runs / "by-hand" / "records.jsonl").exists())
    page = visitor
    page.goto("/runs")
    card = page.locator(".st-key-run-by-hand")
    expect(card).to_contain_text("training")
    card.get_by_role("button", name="Training history").click()
    expect_further(page, 0)
    page.get_by_role("link", name="Runs").click()
    expect(card).to_contain_text("training")
    trained.send_signal(signal.SIGINT)
    trained.wait(60)
    expect(card).to_contain_text("interrupted")  # though nobody has touched the page
    expect(card.get_by_role("button", name="Resume")).to_be_visible()

    name = begin(page)
    expect_further(page, 0)
    watching = subprocess.Popen(
        command("watch", str(runs / name)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    stop(page)
    said, _ = watching.communicate(timeout=60)
    assert f"{name} is stopped, at step" in said


@pytest.mark.parametrize("hostile", ["../evil.txt", "/tmp/evil.txt", "snapshots/../../evil.txt", "model.pkl"])
def test_a_hostile_zip_is_refused_with_a_sentence_and_leaves_nothing(visitor: Page, runs: Path, hostile: str) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name in ("config.json", "model.safetensors", "codes.npz", hostile):
            archive.writestr(name, b"{}")
    workshop.own_folder(runs)
    before = sorted(runs.parent.rglob("*"))
    visitor.goto("/runs")
    visitor.locator("input[type=file]").set_input_files(
        {"name": "run.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}
    )
    expect(visitor.get_by_test_id("stAlert").filter(has_text="which is not a file of a run")).to_be_visible()
    assert sorted(runs.parent.rglob("*")) == before
