"""Trainings that a test begins on the page, follows, and disturbs from outside."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

STEP = re.compile(r"step ([\d,]+) of")


def begin(page: Page, preset: str = "vae", seconds: int = 60) -> str:
    """A VAE of the digits, or another preset, begins to train; what the URL calls its run, or runs."""
    ask_for(page, preset, seconds)
    expect(status(page).last).to_have_text("training", timeout=60_000)
    return names(page)


def ask_for(page: Page, preset: str = "vae", seconds: int = 60) -> None:
    """The page is asked to train this preset on the digits, and shows the run that is to come."""
    page.goto(f"/train?preset={preset}&seconds={seconds}")  # a link with changes opens the settings
    expect(page.get_by_label("Data set")).to_have_value("Digits 8 × 8")  # no published data is at hand
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"run=digits-"))


def names(page: Page) -> str:
    """The run that is followed, or both with a comma between them."""
    return parse_qs(urlsplit(page.url).query)["run"][0]


def status(page: Page) -> Locator:
    return page.locator(".live-status")


def step(page: Page) -> int:
    """The step that the page shows, of two runs that of the first."""
    return int(STEP.search(page.locator(".live-fact-steps").first.inner_text())[1].replace(",", ""))


def expect_further(page: Page, than: int) -> None:
    """The page shows a later step than that, of two runs of the first."""
    page.wait_for_function(
        """than => {
          const said = document.querySelector(".live-fact-steps")?.textContent.match(/step ([\\d,]+)/);
          return said && Number(said[1].replaceAll(",", "")) > than;
        }""",
        arg=than,
    )


def worker_of(run: Path) -> int:
    """The process of the command line that trains or measures the run in this folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:  # it has gone meanwhile
            continue
        if "vae_core" in command and str(run) in command:
            return int(process.name)
    raise ProcessLookupError(f"Nobody trains or measures {run}.")


@contextmanager
def held(process: int) -> Iterator[None]:
    """The process does nothing meanwhile."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
