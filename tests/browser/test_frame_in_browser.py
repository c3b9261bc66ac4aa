"""The frame in a real browser: on any screen every page can be reached, and each comes back as it was left."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, TimeoutError, expect

from halfmoon.texts import catalogue
from tests.browser.boxes import choose
from tests.browser.planes import click, corner, expect_answer, open_planes, query, settle

NARROW = [320, 360, 375, 384, 390, 414, 600, 640, 700, 767]  # the navigation is a drawer
WIDE = [768, 820, 844, 900, 1024, 1180, 1366, 1920]
PAGES = 7
# What keeps one from using the navigation: controls that lie beneath something else or are cut off, that are too few,
# a page wider than the screen.
FAULTS = """([links, isDrawer, pickers]) => {
  const isShown = (control) => {
    const { width, right } = control.getBoundingClientRect();
    return width > 0 && right > 0 && !control.closest("[inert]");
  };
  const isHit = (control) => {
    const { left, top, width, height } = control.getBoundingClientRect();
    return control.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  };
  const faults = [];
  const look = (count, selector) => {
    const shown = [...document.querySelectorAll(selector)].filter(isShown);
    if (shown.length !== count) faults.push(`${shown.length} of ${selector}`);
    faults.push(...shown.filter((control) => !isHit(control)).map(({ textContent }) => `beneath: ${textContent}`));
  };
  look(links, "[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]");
  look(isDrawer ? 1 : 0, "[data-testid=stExpandSidebarButton], [data-testid=stSidebarCollapseButton] button");
  look(2, "[class*=st-key-lang] button");
  look(links ? 2 : 0, ".frame button");
  if (!isDrawer || !links) look(pickers, ".st-key-pair-shown input");
  const main = document.querySelector("[data-testid=stMain]");
  for (const { scrollWidth, clientWidth } of [document.documentElement, main])
    if (scrollWidth > clientWidth) faults.push(`wider than ${clientWidth}: ${scrollWidth}`);
  return faults;
}"""


def drawer(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def expect_drawer(page: Page, is_open: bool) -> None:
    expect(drawer(page)).to_have_attribute("data-collapsed", "false" if is_open else "true")


def expect_usable(page: Page, width: int, links: int, pickers: int) -> None:
    """At that width so many links are there, and every control of the navigation is what a finger would meet."""
    page.set_viewport_size({"width": width, "height": 740})
    asked = [links, width in NARROW, pickers]
    try:
        page.wait_for_function(f"asked => !({FAULTS})(asked).length", arg=asked)
    except TimeoutError:
        assert page.evaluate(FAULTS, asked) == [], width


def go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="App pages").get_by_role("link", name=name).click()


def test_on_every_screen_in_both_languages_no_control_of_the_navigation_lies_beneath_another(page: Page) -> None:
    for language, path, pickers in (("en", "runs", 0), ("zh", "sample", 1)):
        page.set_viewport_size({"width": NARROW[0], "height": 740})
        page.goto(f"/{path}?lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_test_id("stSkipToContent")).to_have_text(catalogue(language)["frame.skip"])
        content = page.get_by_role("button", name=catalogue(language)["runs.choose_file"])
        expect(content.or_(page.get_by_test_id("stDownloadButton")).first).to_be_visible()
        page.get_by_test_id("stExpandSidebarButton").click()
        for width in NARROW:
            expect_usable(page, width, links=PAGES, pickers=pickers)
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect_drawer(page, is_open=False)
        for width in reversed(NARROW):
            expect_usable(page, width, links=0, pickers=pickers)
        for width in WIDE:
            expect_usable(page, width, links=PAGES, pickers=pickers)


def test_the_drawer_of_a_narrow_screen_closes_when_a_page_is_chosen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    page.goto("/runs")
    page.get_by_test_id("stExpandSidebarButton").click()
    go_to(page, "Train")
    expect(page).to_have_url(re.compile("/train$"))
    expect(page.get_by_text("Settings of your own")).to_be_visible()
    expect_drawer(page, is_open=False)
    page.reload()
    expect(page.get_by_text("Settings of your own")).to_be_visible()
    expect_drawer(page, is_open=False)


def test_the_navigation_carries_the_run_and_each_page_comes_back_as_it_was_left(page: Page) -> None:
    open_planes(page, "run=small-line-vae&z=1&pins=0;1&layers=density")
    go_to(page, "Sample")
    expect(page).to_have_url(re.compile("/sample[?]run=small-line-vae$"))
    expect(page.get_by_label("Seed")).to_be_visible()
    page.get_by_label("Seed").fill("7")
    page.get_by_label("Seed").press("Enter")
    expect(page).to_have_url(re.compile("seed=7"))
    go_to(page, "Train")  # shows no run of others
    expect(page).to_have_url(re.compile("/train$"))
    go_to(page, "Half moon")  # it is one of those that can walk there
    expect(page).to_have_url(re.compile("/half-moon[?]run=small-line-vae$"))
    page.reload()
    go_to(page, "Latent plane")
    settle(page)
    assert query(page) == {"run": "small-line-vae", "z": "1", "pins": "0;1", "layers": "density"}
    go_to(page, "Sample")
    expect(page.get_by_label("Seed")).to_have_value("7")
    assert query(page) == {"run": "small-line-vae", "seed": "7"}
    for before, seen in (
        ("/[?]run=small-line-vae&z=1", page.locator(".latent-plane")),
        ("/half-moon[?]run=small-line-vae$", page.get_by_role("slider")),
        ("/train$", page.get_by_text("Settings of your own")),
        ("/sample[?]run=small-line-vae&seed=7$", page.get_by_label("Seed")),
    ):
        page.go_back()  # one step each
        expect(page).to_have_url(re.compile(before))
        expect(seen.first).to_be_visible()


def test_what_is_pressed_before_the_frame_is_there_waits_and_opens_with_the_present_pair(page: Page) -> None:
    held: list[Route] = []
    page.route("**/components/frame/frame.js", lambda route: held.append(route))
    page.goto("/sample?run=small-line-vae", wait_until="commit")
    for name in ("Compare", "Half moon"):  # the last one counts
        go_to(page, name)
    expect(page.get_by_label("Seed")).to_be_visible()
    assert query(page) == {"run": "small-line-vae"}
    for route in held:
        route.continue_()
    expect(page).to_have_url(re.compile("/half-moon[?]run=small-line-vae$"))
    expect(page.get_by_role("slider").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/sample[?]run=small-line-vae$"))
    expect(page.get_by_label("Seed")).to_be_visible()


def test_a_link_is_followed_to_the_letter_whatever_was_left(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&z=1,1&lang=zh")
    click(page, "AE", corner(page, "AE"))
    expect(page).to_have_url(re.compile("run=small-digits-ae"))
    go_to(page, "对比")
    expect(page).to_have_url(re.compile("/compare[?]run=small-digits-ae&lang=zh$"))
    page.goto("/")
    settle(page)
    assert query(page) == {}
    open_planes(page, "run=small-digits-vae&z=2,2")
    expect_answer(page, "VAE", [2, 2])


def test_one_pair_is_the_present_one_on_every_page_until_another_is_chosen(page: Page) -> None:
    page.goto("/runs")
    go_to(page, "Latent plane")
    settle(page)
    choose(page, page.locator(".st-key-pair-shown"), "Moons, all but half, 1-D")
    expect(page).to_have_url(re.compile("/[?]run=moons-no-half-vae-1d$"))
    expect(page).to_have_title("Latent plane · Moons, all but half, 1-D · Halfmoon")
    for name in ("Compare", "Sample", "Half moon"):
        go_to(page, name)
        expect(page).to_have_url(re.compile("/[a-z-]+[?]run=moons-no-half-vae-1d$"))
        expect(page).to_have_title(f"{name} · Moons, all but half, 1-D · Halfmoon")
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    choose(page, page.locator(".st-key-pair-shown"), "Moons, phase only, 1-D")
    expect(page).to_have_title("Half moon · Moons, phase only, 1-D · Halfmoon")
    page.reload()
    go_to(page, "Sample")
    expect(page).to_have_url(re.compile("/sample[?]run=moons-phase-vae-1d$"))


def test_a_page_that_can_not_show_the_present_pair_shows_its_own_and_the_others_keep_theirs(page: Page) -> None:
    page.goto("/sample?run=small-digits-vae&with=small-mnist-vae")  # no plane in common: the first with its twin
    expect(page).to_have_title(re.compile("^Sample · Digits 8 × 8, 2-D · Halfmoon$"))
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()  # the frame is there
    go_to(page, "Half moon")
    expect(page).to_have_title(re.compile("^Half moon · Moons"))
    expect(page).to_have_url(re.compile("/half-moon$"))
    go_to(page, "Train")
    expect(page).to_have_title("Train · Halfmoon")
    go_to(page, "Compare")
    expect(page).to_have_url(re.compile("/compare[?]run=small-digits-vae&with=small-mnist-vae$"))
    expect(page).to_have_title("Compare · Digits 8 × 8, 2-D · VAE / MNIST, 2-D · VAE · Halfmoon")
    go_to(page, "Half moon")
    expect(page).to_have_title(re.compile("^Half moon · Moons"))  # what is offered is this page's
    choose(page, page.locator(".st-key-pair-shown"), "Moons, phase only, 1-D")  # now it is the present one
    expect(page).to_have_url(re.compile("/half-moon[?]run=moons-phase-vae-1d$"))
    go_to(page, "Sample")
    expect(page).to_have_url(re.compile("/sample[?]run=moons-phase-vae-1d$"))


def test_back_from_a_page_that_a_button_led_to_is_the_page_as_it_was(page: Page) -> None:
    page.goto("/runs?find=line&lang=en")
    page.get_by_role("button", name="Open the plane").first.click()
    expect(page).to_have_url(re.compile("/[?]lang=en&run=small-line-"))
    settle(page)
    page.go_back()
    expect(page).to_have_url(re.compile("/runs[?]find=line&lang=en$"))
    expect(page.get_by_label("Search")).to_have_value("line")


def test_however_often_a_plane_is_clicked_back_leaves_the_page(page: Page) -> None:
    page.goto("/runs")
    open_planes(page)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        place = click(page, "VAE", corner(page, "VAE", share, 0.03))
        expect_answer(page, "VAE", place)
    expect(page).to_have_url(re.compile(r"&z=-?[\d.]+,-?[\d.]+$"))  # as people can read it
    page.go_back()
    expect(page).to_have_url(re.compile("/runs$"))


def test_the_link_is_copied_and_where_the_clipboard_is_refused_it_is_there_to_be_taken(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&z=1,1&lang=en")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_role("textbox", name="Copy this link")
    expect(link).to_be_focused()
    expect(link).to_have_value(page.url)
    link.press("Escape")
    expect(link).to_be_hidden()


def test_present_enlarges_goes_along_and_focus_leaves_the_page_alone(page: Page) -> None:
    page.goto("/train?focus=1&present=1")
    expect(page.get_by_text("Settings of your own")).to_be_visible()
    expect(page.get_by_role("navigation", name="App pages")).to_have_count(0)
    page.goto("/runs")
    size = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    usual = page.evaluate(size)
    page.get_by_role("button", name="Present").click()
    expect(page).to_have_url(re.compile("/runs[?]present=1$"))
    assert page.evaluate(size) > 1.3 * usual
    go_to(page, "Train")
    expect(page).to_have_url(re.compile("/train[?]present=1$"))
    page.get_by_role("button", name="Present").click()
    expect(page).to_have_url(re.compile("/train$"))
    assert page.evaluate(size) == usual
