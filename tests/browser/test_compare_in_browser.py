"""The page of measures in a real browser: what the cards say, for the pair that the URL names, and as a file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.boxes import choose
from tests.browser.conftest import new_context, watched_page
from vae_core.runs import SHIPPED, Run

KINDS = ("ae", "vae")


def shipped(name: str) -> list[Run]:
    """The AE and the VAE of a shipped pair."""
    return [Run.open(SHIPPED / name.format(kind)) for kind in KINDS]


def cells(page: Page, measure: str) -> list[str]:
    """What stands in bold in the row of a measure."""
    row = page.locator(".hm-compare tr", has=page.locator("code", has_text=re.compile(f"^{measure}$")))
    return row.locator("td b").all_inner_texts()


def values(measure: str, name: str) -> list[str]:
    """What the cards of a shipped pair say of a measure, with three digits."""
    return [f"{run.card['measures'][measure]['value']:.3g}" for run in shipped(name)]


def test_a_pair_is_compared_and_another_one_chosen(page: Page) -> None:
    page.goto("/compare?run=digits-vae-2d")
    expect(page.locator(".hm-compare").first).to_be_visible()
    assert cells(page, "knn_accuracy") == values("knn_accuracy", "digits-{}-2d")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8") as file:
        lines = {(line["run"], line["measure"]): line["value"] for line in csv.DictReader(file)}
    for run in shipped("digits-{}-2d"):
        assert float(lines[run.name, "psnr"]) == run.card["measures"]["psnr"]["value"]
    expect(page.locator(".js-plotly-plot")).to_have_count(2)  # one a dimension

    choose(page, page.get_by_test_id("stSelectbox"), "Fashion-MNIST · 2-D code")
    page.wait_for_url(re.compile(r"run=fashion-vae-2d"))
    expect(page.locator(".hm-compare code", has_text="sample_credibility")).to_be_visible()  # the digits have no judge
    assert cells(page, "psnr") == values("psnr", "fashion-{}-2d")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_nothing_scrolls_sideways(browser: Browser, address: str, language: str) -> None:
    with (
        new_context(browser, address, viewport={"width": 390, "height": 844}) as context,
        watched_page(context) as page,
    ):
        page.goto(f"/compare?run=digits-vae-2d&lang={language}")
        expect(page.locator(".js-plotly-plot")).to_have_count(2)
        widths = page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
        assert widths[0] == widths[1]
