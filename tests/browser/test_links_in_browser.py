"""Links in a real browser: the URL holds what is seen, and one that can't be followed opens with a sentence."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.plane.routes import codes_path, pack
from tests.app.standins import ODD_NAME
from tests.browser.conftest import new_context, serve_stand_ins, watched_page
from tests.browser.planes import (
    assert_shows,
    click,
    corner,
    expect_answer,
    go,
    heading,
    lines,
    open_planes,
    query,
    settle,
    shown,
)
from vae_core.runs.run import Run

BROKEN = {"z": ["1", "1,2,3", "nan,0", "1e9,0", "a,b", ""], "point": ["60", "-1", "x"], "pins": ["1", "0,0;x"]}


def picker(page: Page) -> Locator:
    """The selection box of the pairs."""
    return page.get_by_test_id("stSelectbox").get_by_role("combobox")


def alert(page: Page) -> Locator:
    return page.get_by_test_id("stAlert")


def test_a_deep_link_on_a_fresh_server_shows_its_run_and_its_place(browser: Browser, stand_ins: Path) -> None:
    with serve_stand_ins(stand_ins) as address:
        context = new_context(browser, address)
        with watched_page(context) as page:
            page.goto("/plane?run=small-digits-ae&z=3,4&lang=zh")
            settle(page)
            expect(heading(page)).to_have_text("AE，位置 (3, 4)")
        context.close()


def test_a_reload_keeps_run_place_and_language(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&lang=zh")
    click(page, "AE", corner(page, "AE", 0.03, 0.97))
    expect(page).to_have_url(re.compile("run=small-digits-ae"))
    expect(heading(page)).to_have_text(re.compile("^AE，位置"))
    before, images, url = heading(page).inner_text(), [shown(page, kind) for kind in ("AE", "VAE")], page.url
    page.reload()
    settle(page)
    expect(heading(page)).to_have_text(before)
    np.testing.assert_array_equal([shown(page, kind) for kind in ("AE", "VAE")], images)
    assert page.url == url


def test_the_language_switches_and_is_in_the_url(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&z=1,1")
    expect(page.get_by_text("Every place of a plane is an image")).to_be_visible()
    expect(picker(page)).to_have_value(re.compile("2-D"))
    page.get_by_text("中文").click()
    expect(page.get_by_text("平面上每一处都是一张图像")).to_be_visible()
    expect(page.get_by_text("Every place of a plane is an image")).to_have_count(0)
    expect(page).to_have_url(re.compile("lang=zh"))
    expect(heading(page)).to_have_text("VAE，位置 (1, 1)")
    expect(page.locator(".latent-plane-picture h3")).to_have_text([re.compile("^AE，位置"), "VAE，位置 (1, 1)"])
    expect(page.get_by_role("button", name="保存这个位置")).to_be_visible()
    expect(picker(page)).to_have_value(re.compile("2 维"))
    expect(picker(page)).not_to_have_value(re.compile("2-D"))
    expect(page.locator("html")).to_have_attribute("lang", "zh")


def test_another_pair_is_chosen_by_its_title_and_back_and_forward_lead_through_the_pairs(page: Page) -> None:
    open_planes(page)
    first = click(page, "AE", corner(page, "AE"))
    expect_answer(page, "AE", first)
    steps = page.evaluate("history.length")
    picker(page).click()
    page.get_by_role("option", name=re.compile("small-line-vae$")).click()
    expect(page).to_have_url(re.compile("run=small-line-vae"))
    assert page.evaluate("history.length") == steps + 1
    expect(page.get_by_text("Every place of a line is an image")).to_be_visible()
    expect(heading(page)).to_have_text(re.compile(r"^VAE at [−\d.]+$"))
    page.go_back()
    expect_answer(page, "AE", first)
    expect(picker(page)).to_have_value(re.compile("small-digits-vae"))
    page.go_forward()
    expect(picker(page)).to_have_value(re.compile("small-line-vae"))
    expect(page.get_by_text("Every place of a line is an image")).to_be_visible()
    settle(page)


def test_the_codes_of_any_run_come_by_a_route_and_those_of_no_run_are_not_found(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / ODD_NAME)
    answer = page.request.get(f"/{codes_path(run)}")
    assert answer.ok
    assert answer.body() == pack(run)
    for name in ("gone", "...", "%C3%BC"):
        assert page.request.get(f"/codes/{name}").status == 404, name


def test_a_run_with_an_odd_name_is_shown_alone_and_a_click_keeps_its_name(page: Page, stand_ins: Path) -> None:
    open_planes(page, urlencode({"run": ODD_NAME}), planes=1)
    place = click(page, "VAE", corner(page, "VAE"))
    expect_answer(page, "VAE", place)
    assert_shows(page, Run.open(stand_ins / ODD_NAME), place)
    assert query(page)["run"] == ODD_NAME


def test_a_run_that_is_not_there_is_one_sentence_which_shows_it_and_does_not_obey_it(page: Page) -> None:
    name = "![x](https://example.org/x.png) [y](https://example.org) https://example.org <img src=x> $z$ `"
    page.goto(f"/plane?{urlencode({'run': name})}")
    expect(alert(page)).to_have_count(1)
    expect(alert(page)).to_contain_text(name)
    expect(alert(page).locator("img, a, .katex")).to_have_count(0)
    expect(page.locator(".latent-plane-plane[data-ready]").first).to_be_visible()
    kind = "VAE"
    place = click(page, kind, corner(page, kind))
    expect_answer(page, kind, place)
    expect(alert(page)).to_have_count(0)
    assert query(page)["run"] != name


def test_a_place_that_does_not_exist_is_one_sentence_and_the_centre(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&axes=nonsense&layers=nonsense&lang=xx")  # nothing in this is missed
    expect(alert(page)).to_have_count(0)
    for name, values in BROKEN.items():
        for value in values:
            go(page, f"run=small-digits-ae&{urlencode({name: value})}")
            expect(alert(page)).to_have_text(
                "The place in this link does not exist on this plane; showing the centre instead."
            )
            expect(heading(page)).to_have_text(re.compile("^AE at"))
            go(page, "run=small-digits-vae&z=1,1")
            expect(heading(page)).to_have_text("VAE at (1, 1)")
            expect(alert(page)).to_have_count(0)


def test_missing_originals_are_said_in_one_line(page: Page) -> None:
    open_planes(page, "run=small-mnist-vae&point=3", planes=1)
    expect(lines(page)).to_contain_text("The original images of MNIST are not on this machine")
    captions = page.locator(".hm-answer figcaption")
    expect(captions).to_have_text(["reconstruction", "after a round trip"])
    expect(page.locator(".hm-neighbours li").first.locator("img")).to_have_count(1)


def test_a_first_visit_is_met_with_a_hint_in_its_language_until_it_is_dismissed(browser: Browser, address: str) -> None:
    context = new_context(browser, address, storage_state=None, locale="zh-CN")
    with watched_page(context) as page:
        page.goto("/")
        expect(page.get_by_text("平面上每一处都是一张图像")).to_be_visible()
        expect(page).to_have_title("潜在平面 · MNIST 手写数字，2 维 · Halfmoon 半月")
        assert "lang" not in page.url
        hint = page.locator(".latent-plane-hint")
        expect(hint).to_contain_text("点一下，下方会显示模型对该处的了解。")
        assert hint.bounding_box()["height"] < 40  # a line
        hint.get_by_role("button").click()
        expect(hint).to_have_count(0)
        page.reload()
        expect(page.locator(".latent-plane-plane[data-ready]").first).to_be_visible()
        expect(hint).to_have_count(0)
    context.close()
