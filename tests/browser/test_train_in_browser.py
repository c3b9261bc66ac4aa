"""Training from the page, in a real browser: begun, steered, followed, kept, taken along and brought back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context, watched_page
from tests.browser.trainings import begin, expect_further, status, step
from vae_core.runs.run import Run


def test_a_training_with_a_number_out_of_range_is_refused_in_the_page_s_language(page: Page) -> None:
    page.goto("/train?lang=zh&b=-3")
    beta = page.get_by_role("spinbutton", name="β")
    page.get_by_role("button", name="开始训练").click()
    expect(page.get_by_role("alert")).to_contain_text("β（KL 项的权重）：须为 0 到 1,000 之间的数。")
    expect(beta).to_have_value("-3")
    assert "run=" not in page.url


def test_a_training_is_begun_steered_left_found_again_kept_and_deleted(page: Page, stand_ins: Path) -> None:
    name = begin(page)
    expect_further(page, 0)
    expect(page.locator(".live canvas").first).to_be_visible()

    page.get_by_role("button", name="Pause", exact=True).click()
    expect(status(page)).to_have_text("paused")
    paused = step(page)
    page.get_by_role("button", name="Step", exact=True).click()
    expect_further(page, paused)
    assert step(page) == paused + 1

    page.get_by_role("link", name="Latent plane").click()
    expect(page.locator(".latent-plane-plane[data-ready]")).not_to_have_count(0)
    page.get_by_role("link", name="Train", exact=True).click()  # comes back as it was left
    expect(status(page)).to_have_text("paused")
    page.get_by_role("button", name="Train another").click()
    page.get_by_role("button", name=f"Watch {name}").click()
    expect(status(page)).to_have_text("paused")
    page.reload()
    expect(status(page)).to_have_text("paused")
    assert step(page) == paused + 1

    page.get_by_role("button", name="Resume", exact=True).click()
    expect_further(page, paused + 1)
    beta = page.get_by_role("spinbutton", name="β")
    beta.fill("3")
    beta.press("Enter")
    page.get_by_role("button", name="Stop training").click()
    expect(status(page)).to_have_text("stopped")
    run = Run.open(stand_ins / name)
    assert [record["control"] for record in run.records.all() if record.get("event") == "control"] == [{"beta": 3.0}]
    assert run.is_trained

    page.get_by_role("link", name="Runs").click()
    card = page.locator(f".st-key-run-{name}")
    expect(card).to_contain_text("stopped")
    card.get_by_role("button", name="More").click()
    page.get_by_role("textbox", name="Title").fill("My digits")
    page.get_by_role("textbox", name="Title").press("Enter")
    page.locator(f".st-key-do-rename-{name} button").click()
    expect(card).to_contain_text("My digits")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "run.zip", "mimeType": "application/zip", "buffer": Path(download.value.path()).read_bytes()}
    )
    expect(page.get_by_text("has been imported")).to_be_visible()
    came = {run.name for run in map(Run, stand_ins.iterdir()) if run.name.startswith("digits-vae-2d")} - {name}
    assert len(came) == 1
    brought = came.pop()
    assert Run.open(stand_ins / brought).read_title() == "My digits"

    page.locator(f".st-key-run-{brought}").get_by_role("button", name="Open the plane").click()
    expect(page.locator(".latent-plane-plane[data-ready]")).to_have_count(1)
    expect(page.locator(".hm-answer h2")).to_contain_text("VAE at")
    page.get_by_role("link", name="Runs").click()
    for gone in (name, brought):
        more = page.locator(f".st-key-run-{gone}").get_by_role("button", name="More")
        expect(more).to_have_count(1)  # not while the list closes over what has just gone from it
        more.click()
        page.locator(f".st-key-do-delete-{gone} button").click()
        expect(page.locator(f".st-key-run-{gone}")).to_have_count(0)
        assert not (stand_ins / gone).exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f".st-key-run-{brought}")).to_contain_text("My digits")
    assert Run.open(stand_ins / brought).is_trained


def test_a_card_starts_its_story_whose_slow_motion_and_new_beta_are_still_in_their_fields_after_a_reload(
    page: Page,
) -> None:
    page.goto("/train")
    page.locator(".st-key-start-no_kl button").click()
    expect(page.get_by_text("The noise vanishes: σ shrinks")).to_be_visible()
    expect(status(page)).to_have_text("training", timeout=60_000)
    expect(page.locator(".live-run h2")).to_contain_text("VAE · β = 0")
    speed, beta = page.get_by_label("speed"), page.get_by_role("spinbutton", name="β")
    speed.select_option("5/s")
    beta.fill("3")
    beta.press("Enter")
    expect(page.locator(".live-curves-plot")).to_contain_text("β = 3")  # it is obeyed
    page.reload()
    expect(status(page)).to_have_text("training")
    expect(speed).to_have_value("5")
    expect(beta).to_have_value("3")
    page.get_by_role("button", name="Stop training").click()
    expect(status(page)).to_have_text("stopped")


def test_another_browser_may_look_but_not_steer(browser: Browser, page: Page, address: str) -> None:
    name = begin(page)
    other = new_context(browser, address)
    with watched_page(other) as stranger:
        stranger.goto(f"/train?run={name}")
        expect(status(stranger)).to_have_text("training")
        expect(stranger.get_by_text("You are watching; it belongs to another browser.")).to_be_visible()
        expect(stranger.get_by_role("button", name="Stop training")).to_have_count(0)
        answer = stranger.evaluate(
            """name => fetch(`/live/${name}/control`, {
              method: "POST", headers: { "Content-Type": "application/json" }, body: '{"stop": true}',
            }).then((response) => response.status)""",
            name,
        )
        assert answer == 403
        expect(status(stranger)).to_have_text("training")
    other.close()
    page.get_by_role("button", name="Stop training").click()
    expect(status(page)).to_have_text("stopped")


def test_a_zip_that_is_none_is_refused_with_a_sentence(page: Page) -> None:
    page.goto("/runs")
    page.locator("input[type=file]").set_input_files(
        {"name": "run.zip", "mimeType": "application/zip", "buffer": b"no zip at all"}
    )
    expect(page.get_by_test_id("stAlert").filter(has_text="zip")).to_be_visible()


def test_settings_that_cannot_be_are_refused_at_their_field_and_stay_also_after_a_reload(page: Page) -> None:
    page.goto("/train")
    page.locator(".st-key-preset-ae button").click()
    widths = page.get_by_role("textbox", name="Widths")
    widths.fill("12, many")
    widths.press("Enter")
    refusal = page.get_by_text("Whole numbers separated by commas, such as 512, 256, 128")
    expect(refusal).to_be_visible()
    page.wait_for_url(re.compile("widths="))
    page.reload()
    expect(widths).to_have_value("12, many")
    expect(refusal).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="Widths")).to_be_visible()
    assert "run=" not in page.url


def test_the_language_goes_along_to_another_page(page: Page) -> None:
    page.goto("/?run=small-digits-vae")
    page.get_by_text("中文").click()
    expect(page).to_have_url(re.compile("lang=zh"))
    page.get_by_role("link", name="训练").click()
    expect(page.get_by_text("训练一个模型，看它的平面逐渐铺满")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh"))


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/train?preset=vae&b=2", ".st-key-start button"),
        ("/train?run=small-digits-ae,small-digits-vae", ".live-transport"),
        ("/runs", "[data-testid=stFileUploader]"),
    ],
)
def test_on_a_phone_no_page_scrolls_sideways(browser: Browser, address: str, path: str, last: str) -> None:
    phone = new_context(browser, address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    with watched_page(phone) as page:
        page.goto(path)
        expect(page.locator(last).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    phone.close()
