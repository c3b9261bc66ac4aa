"""A published data set that is fetched from the train page, in a real browser, by a server with a stand-in network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.mirror import Mirror
from vae_core.configs import DataConfig
from vae_core.data.datasets import is_local

TITLE = "Fashion-MNIST"
NOT_HERE = f"{TITLE} is not on this machine yet"

pytestmark = pytest.mark.skipif(
    not is_local(DataConfig(name="fashion-mnist")), reason=f"{TITLE} is not here to be sent: see VAE_DATA_DIR."
)


@pytest.fixture
def form(page: Page) -> Page:
    """The train page, where the missing data set has been chosen."""
    page.goto("/train?preset=vae&data=fashion-mnist")
    expect(page.get_by_text(NOT_HERE)).to_be_visible()
    return page


def test_without_a_network_fetching_says_what_is_missing_and_what_works_all_the_same(form: Page) -> None:
    form.get_by_role("button", name=f"Download {TITLE}").click()
    said = form.get_by_test_id("stAlert").filter(has_text="could not be downloaded")
    expect(said).to_contain_text("the shipped runs, the digits and the moons work without")
    expect(form.get_by_role("button", name=f"Download {TITLE}")).to_be_enabled()
    form.get_by_role("button", name="Start training").click()
    expect(form.get_by_test_id("stAlert").filter(has_text="fetch it first")).to_be_visible()
    assert "run=" not in form.url


def test_a_missing_data_set_is_fetched_before_ones_eyes_and_can_be_trained_on(form: Page, mirror: Mirror) -> None:
    mirror.is_up = True
    form.get_by_role("button", name=f"Download {TITLE}").click()
    expect(form.get_by_text(f"Downloading {TITLE}")).to_be_visible()
    bar = form.get_by_role("progressbar")  # half of the images for training are most of a half of all
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"4\d"))
    expect(form.get_by_text(NOT_HERE)).to_be_visible()
    mirror.may_go_on.set()
    expect(form.get_by_text(NOT_HERE)).to_have_count(0, timeout=60_000)
    expect(form.get_by_role("button", name=f"Download {TITLE}")).to_have_count(0)
    expect(form.get_by_test_id("stAlert")).to_have_count(0)
    form.get_by_role("button", name="Start training").click()
    form.wait_for_url(re.compile(r"run=fashion-mnist-vae-2d"))
    expect(form.locator(".live-status")).to_have_text("training", timeout=60_000)
    form.get_by_role("button", name="Stop training").click()
    expect(form.locator(".live-status")).to_have_text("stopped")
