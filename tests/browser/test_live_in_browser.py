"""Training as it is watched, in a real browser: records, previews and snapshots come from stand-ins for the routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from halfmoon.components import mounting
from tests.browser.conftest import watched_page
from tests.browser.live_runs import (
    TEXTS,
    UPRIGHTS,
    StandIn,
    board,
    curves,
    expect_lines,
    expect_polls,
    expect_shown,
    open_empty,
    preview,
    records,
    show,
)
from vae_core.training.control import ControlConfig

HIDE = """is => {
  Object.defineProperty(document, "hidden", { value: is, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FLAT = {"kl": [0.001, 2], "codes": np.random.default_rng(0).normal(size=(30, 2)) * [0.01, 1]}
NOISELESS = {"sigma": [1e-4, 2e-4], "codes": np.random.default_rng(0).normal(size=(30, 2)) * 9}
RISING = [
    record
    for step in range(100, 700, 100)
    for record in (
        *records([step - 50, step], total=lambda step: 100 - step / 50),
        *records([step], "validation", total=lambda step: 100 + step / 50),
    )
]
DIVERGED = {"step": 110, "seconds": 11, "event": "diverged", "message": "The loss is not finite."}


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """One page for most tests here: `show` puts the runs of one in the place of those before."""
    with watched_page(context) as page:
        yield page


@pytest.fixture
def still_page(context: BrowserContext) -> Iterator[Page]:
    """A page of its own, whose clock goes on by hand."""
    with watched_page(context) as page:
        page.clock.install()
        yield page


def test_the_scrubber_shows_its_moment_and_live_goes_back(page: Page) -> None:
    run = StandIn(snapshots={step: preview(step) for step in (1, 20, 60)})
    show(page, run)
    expect_shown(page, 100)
    scrubber = page.get_by_role("slider", name=TEXTS["scrubber"])
    branch = page.get_by_role("button", name=TEXTS["branch"])
    expect(branch).to_be_disabled()
    scrubber.focus()
    for step in (60, 20):
        page.keyboard.press("ArrowLeft")
        expect_shown(page, step)
        expect(page.locator(".live-scrubber output")).to_have_text(f"at step {step}")
        page.wait_for_function(f"plot => ({UPRIGHTS})(plot).includes({step})", arg=curves(page).element_handle())
    run.preview = preview(150)
    run.records += records([150])
    expect_lines(page, run)
    expect_shown(page, 20)
    page.get_by_role("button", name=TEXTS["now"], exact=True).click()
    expect_shown(page, 150)
    expect(branch).to_be_disabled()
    page.wait_for_function(f"plot => ({UPRIGHTS})(plot).length === 0", arg=curves(page).element_handle())


def test_a_branch_has_the_settings_that_are_in_the_fields(page: Page) -> None:
    show(page, StandIn(snapshots={step: preview(step) for step in (1, 20, 60)}))
    expect_shown(page, 100)
    form = page.locator(".live-branching")
    page.get_by_role("slider", name=TEXTS["scrubber"]).press("ArrowLeft")
    page.get_by_role("button", name=TEXTS["branch"]).click()
    expect(form).to_contain_text("VAE from step 60")
    expect(form.get_by_label("β")).to_have_value("1")
    form.get_by_label("β").fill("-1")
    form.get_by_role("button", name=TEXTS["begin"]).click()
    form.get_by_label("β").fill("")
    form.get_by_role("button", name=TEXTS["begin"]).click()
    assert page.evaluate("asked") == []  # there is no such β
    form.get_by_label("β").fill("4")
    form.get_by_label(TEXTS["seconds"]).fill("10")
    form.get_by_role("button", name=TEXTS["begin"]).click()
    expect(form).to_be_hidden()
    changes = {"beta": 4, "learning_rate": 0.001, "seconds": 10, "seed": 0}
    assert page.evaluate("asked") == [{"branch": {"run": "moon", "step": 60, "changes": changes}}]

    page.get_by_role("button", name=TEXTS["branch"]).click()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    page.get_by_role("button", name=TEXTS["branch"]).click()
    page.get_by_role("button", name=TEXTS["now"], exact=True).click()
    expect(form).to_be_hidden()  # the present is no kept moment
    assert len(page.evaluate("asked")) == 1


def test_a_branch_is_offered_what_was_in_force_at_its_moment(page: Page) -> None:
    changes = [(25, {"beta": 20}), (50, {"learning_rate": 0.01}), (70, {"beta": 3})]
    events = [{"step": step, "seconds": step / 10, "event": "control", "control": control} for step, control in changes]
    told = sorted([*records(range(10, 110, 10)), *events], key=lambda record: record["step"])
    show(page, StandIn(records=told, snapshots={step: preview(step) for step in (20, 60, 80)}), extensions=[[75, 2e-5]])
    expect_shown(page, 100)
    form = page.locator(".live-branching")
    for beta, rate in (("3", "0.00002"), ("20", "0.01"), ("1", "0.001")):
        page.get_by_role("slider", name=TEXTS["scrubber"]).press("ArrowLeft")
        page.get_by_role("button", name=TEXTS["branch"]).click()
        expect(form.get_by_label("β")).to_have_value(beta)
        expect(form.get_by_label(TEXTS["learning_rate"])).to_have_value(rate)
    expect(page.locator(".live-run h2")).to_contain_text("β = 1 → 3")
    expect(page.locator(".live-steering").get_by_label(TEXTS["learning_rate"])).to_have_value("0.00002")
    labels = curves(page).locator(".annotation")
    expect(labels).to_have_text(["β = 20", "learning rate 0.01", "β = 3"])
    boxes = labels.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    caption = page.locator(".live-caption").first.evaluate("one => one.getBoundingClientRect().toJSON()")
    assert not any(overlap(*two) for two in combinations([caption, *boxes], 2))


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two rectangles have more than an edge in common."""
    return all(
        min(one[end], other[end]) - max(one[start], other[start]) > 1
        for start, end in (("left", "right"), ("top", "bottom"))
    )


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_what_was_ended_early_can_go_on_from_where_it_is_watched(page: Page, status: str) -> None:
    run = StandIn(status=status, is_resumable=True)
    show(page, run)
    go_on = page.get_by_role("button", name=TEXTS["go_on"])
    go_on.click()
    assert page.evaluate("asked") == [{"resume": ["moon"]}]
    expect(page.get_by_role("button", name=TEXTS["stop"])).to_be_disabled()
    run.status, run.is_resumable = "training", False
    page.evaluate("window.showAgain({ turn: 1 })")
    expect(go_on).to_be_hidden()
    expect(page.get_by_role("button", name=TEXTS["pause"])).to_be_enabled()
    expect(page.get_by_role("button", name=TEXTS["stop"])).to_be_enabled()


def test_what_has_finished_can_not_go_on(page: Page) -> None:
    run = StandIn(status="finished")
    show(page, run)
    expect_lines(page, run)
    expect(page.locator(".live-steering")).to_be_hidden()
    expect(page.get_by_role("button", name=TEXTS["go_on"])).to_be_hidden()


def test_a_training_is_asked_for_at_least_twice_a_second(still_page: Page) -> None:
    run = StandIn()
    show(still_page, run)
    expect_lines(still_page, run)
    for _ in range(4):
        with still_page.expect_response("**/records**"), still_page.expect_response("**/preview**"):
            still_page.clock.run_for(500)


def test_play_shows_each_moment_and_ends_in_the_present(page: Page) -> None:
    run = StandIn(status="finished", snapshots={step: preview(step) for step in (1, 20, 60)})
    show(page, run)
    expect_shown(page, 100)
    expect(page.get_by_role("button", name=TEXTS["branch"])).to_be_enabled()  # from the end, too
    page.evaluate(
        """() => {
          window.seen = [];
          const run = document.querySelector(".live-run");
          new MutationObserver(() => seen.push(Number(run.dataset.shown))).observe(run, {
            attributeFilter: ["data-shown"],
          });
        }"""
    )
    page.get_by_role("button", name=TEXTS["play"]).click()
    page.wait_for_function("() => seen.at(-1) === 100")
    assert page.evaluate("seen") == [1, 20, 60, 100]
    expect(page.get_by_role("button", name=TEXTS["end"])).to_have_attribute("aria-pressed", "true")


def test_the_buttons_ask_for_what_they_say(page: Page) -> None:
    run = StandIn()
    show(page, run)
    expect_lines(page, run)

    def ask(button: str) -> None:
        page.get_by_role("button", name=button, exact=True).click()

    def enter(label: str, value: str) -> None:
        page.get_by_label(label).fill(value)
        page.get_by_label(label).press("Enter")

    @contextmanager
    def expect_asked(**control: Any) -> Iterator[None]:
        with page.expect_response("**/control"):
            yield
        assert run.controls[-1] == control

    expect(page.get_by_role("button", name=TEXTS["step"], exact=True)).to_be_disabled()
    with expect_asked(pause=True, advance=0):
        ask(TEXTS["pause"])
    run.records += [{"step": 100, "seconds": 11, "event": "paused"}]
    run.status = "paused"
    for count in (1, 2):
        with expect_asked(advance=count):
            ask(TEXTS["step"])
        run.records += records([100 + count])
    with expect_asked(steps_a_second=5):
        page.get_by_label(TEXTS["speed"]).select_option("5/s")
    with expect_asked(steps_a_second=None):
        page.get_by_label(TEXTS["speed"]).select_option(TEXTS["full_speed"])
    with expect_asked(beta=4):
        enter("β", "4")
    with expect_asked(learning_rate=0.0002):
        enter(TEXTS["learning_rate"], "0.0002")
    with expect_asked(pause=False, advance=0):
        ask(TEXTS["resume"])
    with expect_asked(stop=True):
        ask(TEXTS["stop"])
    asked = len(run.controls)
    enter("β", "-1")
    expect_polls(page, run, 2)
    assert len(run.controls) == asked


def test_one_set_of_controls_steers_both_of_two_runs_until_they_are_parted(page: Page) -> None:
    ae, vae = StandIn(name="ae"), StandIn(name="vae")
    show(page, ae, vae)
    page.evaluate("runs => showAgain({ runs })", [ae.spec(has_posterior=False), vae.spec()])
    expect(page.locator(".live-run h2").last).to_contain_text("β = 1")
    expect(page.locator(".live-run h2").first).not_to_contain_text("β")

    def ask(button: str, *runs: StandIn, **control: Any) -> None:
        with ExitStack() as answers:
            for run in runs:
                answers.enter_context(page.expect_response(f"**/live/{run.name}/control"))
            page.get_by_role("button", name=button, exact=True).first.click()
        assert all(run.controls[-1] == control for run in runs)

    pause = page.get_by_role("button", name=TEXTS["pause"], exact=True)
    expect(pause).to_have_count(1)
    ask(TEXTS["pause"], ae, vae, pause=True, advance=0)
    with page.expect_response("**/live/vae/control"):
        page.get_by_role("spinbutton", name="β").fill("4")
        page.get_by_role("spinbutton", name="β").press("Enter")
    assert vae.controls[-1] == {"beta": 4} and len(ae.controls) == 1
    page.get_by_role("button", name=TEXTS["together"]).click()
    expect(pause).to_have_count(2)
    ask(TEXTS["pause"], ae, pause=True, advance=0)
    expect_polls(page, vae, 1)
    assert len(vae.controls) == 2


def test_who_may_not_steer_is_told_that_one_watches_and_sees_no_controls(page: Page) -> None:
    show(page, StandIn(status="paused"), may_control=False)
    expect(page.get_by_role("status")).to_have_text(f"Paused at step 100. {TEXTS['watching']}")
    expect(page.locator(".live-steering")).to_have_count(0)


def test_after_a_reload_speed_and_beta_are_those_that_were_asked_for(page: Page) -> None:
    run = StandIn(control=ControlConfig(steps_a_second=5).model_dump())
    run.records += [{"step": 100, "seconds": 10, "event": "control", "control": {"beta": 4}}]
    show(page, run)
    expect(page.get_by_label(TEXTS["speed"])).to_have_value("5")
    expect(page.get_by_label("β")).to_have_value("4")
    expect(page.get_by_label(TEXTS["learning_rate"])).to_have_value("0.001")
    run.control = ControlConfig().model_dump()  # by another page
    expect(page.get_by_label(TEXTS["speed"])).to_have_value("0")
    assert run.controls == []


def test_without_permission_there_are_no_buttons(page: Page) -> None:
    run = StandIn()
    show(page, run, may_control=False)
    expect_lines(page, run)
    expect(page.locator(".live-header").locator("button, input, select")).to_have_count(0)


def test_a_refusal_is_said_in_the_servers_words(page: Page) -> None:
    run = StandIn(refuses="This run belongs to somebody else.")
    show(page, run)
    expect_lines(page, run)
    page.get_by_role("button", name=TEXTS["pause"]).click()
    expect(page.get_by_role("status")).to_contain_text("This run belongs to somebody else.")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (StandIn(), ""),
        (StandIn(preview=preview(100, **FLAT), records=records(range(10, 410, 10))), "Dimension 1 has collapsed"),
        (StandIn(preview=preview(100, **FLAT), records=records(range(10, 210, 10))), ""),
        (
            StandIn(preview=preview(100, **NOISELESS), records=records(range(10, 110, 10), beta=0.0)),
            "The noise is vanishing",
        ),
        (StandIn(preview=preview(100, **NOISELESS)), ""),
        (StandIn(status="diverged", records=[*records([10, 110]), DIVERGED]), "stopped at step 110"),
        (StandIn(status="queued", records=[], place=3), "in the queue, position 3"),
        (
            StandIn(status="queued", records=[], place=1, waits_for={"name": "sun", "is_paused": True}),
            "in the queue, position 1. sun is paused now",
        ),
        (StandIn(status="queued", records=[]), "of another server"),
        (StandIn(status="paused", minutes=5), "for 5 minutes and others are waiting, it gives up its place"),
        (StandIn(status="paused"), "Paused at step 100"),
        (StandIn(records=[*records([10, 110]), {"step": 110, "event": "reseeded"}]), "other random numbers"),
        (StandIn(records=RISING), "Overfitting"),
        (StandIn(records=RISING[:-3]), ""),
    ],
)
def test_a_line_says_what_matters(page: Page, run: StandIn, said: str) -> None:
    show(page, run)
    expect(page.locator(".live-run")).to_have_attribute("data-status", run.status)
    expect_shown(page, 100)
    line = page.get_by_role("status")
    expect(line).to_contain_text(said) if said else expect(line).to_be_empty()


def test_a_server_that_does_not_answer_is_said_and_asked_again(page: Page) -> None:
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    page.route("**/live/moon/**", lambda route: route.abort())
    expect(page.get_by_role("status")).to_have_text(TEXTS["lost"])
    page.unroute("**/live/moon/**")
    page.route("**/live/moon/**", run.answer)
    expect(page.get_by_role("status")).to_be_empty()


def test_runs_that_have_ended_are_not_asked_for_again_until_they_go_on(still_page: Page) -> None:
    page, runs = still_page, [StandIn(name=end) for end in ("finished", "stopped", "interrupted", "diverged")]
    show(page, *runs)
    expect_polls(page, runs[-1], 2)
    for run in runs:
        run.status = run.name
    for run in runs:
        expect(board(page, run)).to_have_attribute("data-status", run.name)
    page.wait_for_function("() => asked.length")
    assert page.evaluate("asked") == [{"ended": True}]  # when the last of them has
    polls = [run.polls for run in runs]
    page.clock.run_for(60_000)
    page.evaluate("fetch('/components/live/words.js')")  # and whatever was asked before it
    assert [run.polls for run in runs] == polls
    for run in runs:
        run.status = "training"
    page.evaluate("window.showAgain({ turn: 1 })")
    for run in runs:
        expect(board(page, run)).to_have_attribute("data-status", "training")


def test_a_hidden_page_asks_for_nothing_until_it_is_seen_again(still_page: Page) -> None:
    page = still_page
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    page.evaluate(HIDE, True)
    page.clock.run_for(2_000)  # what was under way comes to its end
    page.wait_for_load_state("networkidle")
    polls = run.polls
    page.clock.run_for(60_000)
    page.evaluate("fetch('/components/live/words.js')")  # and whatever was asked before it
    assert run.polls == polls
    run.records += records([200])
    page.evaluate(HIDE, False)
    expect_lines(page, run)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_dimension_that_has_collapsed_has_next_to_no_bar_and_one_that_has_not_a_long_one(
    page: Page, language: str
) -> None:
    def bars(name: str) -> tuple[list[float], str]:
        row = page.locator(".live-bars-row", has=page.get_by_role("img", name=name))
        lengths = row.locator("i").evaluate_all(
            "bars => bars.map(({ style }) => Number(style.getPropertyValue('--share')))"
        )
        assert row.locator("h3").evaluate("head => head.scrollWidth <= head.clientWidth")
        return lengths, row.locator("small").inner_text()

    collapsed = StandIn(name="collapsed", preview=preview(100, kl=[1.3e-6, 1.1e-6], sigma=[1, 0.9999]))
    show(page, collapsed, language=language)
    expect_shown(page, 100)
    assert bars("KL") == (pytest.approx([0, 0], abs=1e-5), "≈\u00a00 · ≈\u00a00")
    assert bars("σ") == (pytest.approx([1, 0.9999], abs=1e-3), "1.0 · 1.0")
    show(page, StandIn(name="half", preview=preview(100, kl=[6, 0.5], sigma=[0.0002, 0.25])), language=language)
    expect_shown(page, 100)
    assert bars("KL") == (pytest.approx([1, 0.5 / 6], abs=1e-3), "6.0 · 0.50")
    assert bars("σ") == (pytest.approx([0, 0.25], abs=1e-3), "≈\u00a00 · 0.25")


def test_what_is_shown_does_not_move_the_page(page: Page) -> None:
    run = StandIn(records=[], status="training", preview=None)
    show(page, run)
    expect(page.get_by_text(TEXTS["starting_hint"])).to_be_visible()
    expect(page.locator(".live-status")).to_have_text(TEXTS["starting"])
    expect(page.locator(".live-codes")).not_to_be_visible()  # no axes of nothing
    where = (
        "() => [...document.querySelectorAll('.live-codes, .live-samples, .live-curves')].map((part) => part.offsetTop)"
    )
    before = page.evaluate(where)
    run.preview, run.records = preview(100), records(range(10, 410, 10))
    run.snapshots = {1: preview(1)}
    expect_lines(page, run)
    expect_shown(page, 100)
    expect(page.locator(".live-codes")).to_be_visible()
    assert page.evaluate(where) == before


def test_every_module_is_served_beside_the_planes(page: Page) -> None:
    open_empty(page)
    for module in (mounting.FOLDER / "live").glob("*.js"):
        assert re.fullmatch(r"[a-z]+\.js", module.name)
        page.evaluate("name => import(`/components/live/${name}`)", module.name)
