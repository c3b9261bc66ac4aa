"""The curves of a training and the view of its codes, in a real browser: what is drawn, where, and what follows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import watched_page
from tests.browser.live_runs import (
    TEXTS,
    UPRIGHTS,
    StandIn,
    curves,
    expect_lines,
    expect_shown,
    open_empty,
    preview,
    records,
    show,
)

LINES = """(canvas, name) => Object.fromEntries(canvas.lines.filter(({ run }) => run === name).map(
  ({ split, term, x, y }) => [`${split} ${term}`, x.map((step, at) => [step, y[at]])]))"""
INK_AT = """(plot, [step, kl]) => {
  const { xaxis3: across, yaxis3: up } = plot._fullLayout;
  const canvas = plot.parentElement.querySelector(".live-lines");
  const place = [across._offset + across.d2p(step), up._offset + up.d2p(kl)].map(Math.round);
  return Array.from(canvas.getContext("2d").getImageData(...place, 1, 1).data);
}"""
X_RANGE = "plot => [...plot._fullLayout.xaxis.range]"


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """One page for all tests here: `show` puts the runs of one in the place of those before."""
    with watched_page(context) as page:
        yield page


def lines(page: Page, run: str = "moon") -> dict[str, list[list[float]]]:
    """The points of each line drawn, by split and term."""
    return page.locator(".live-lines").evaluate(LINES, run)


def drag_a_zoom(page: Page, plot: Locator) -> None:
    """Zooms into the middle of a plot's first panel by the mouse."""
    area = plot.locator(".nsewdrag").first.bounding_box()
    x, y = area["x"] + area["width"] / 4, area["y"] + area["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + area["width"] / 2, y + area["height"] / 2, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name=TEXTS["reset"]).first).to_be_visible()


def test_the_curves_are_the_records_and_grow_by_polling(page: Page) -> None:
    run = StandIn()
    run.records += records([100], "validation")
    show(page, run)
    for more in (range(110, 160, 10), range(160, 180, 10)):
        expect_lines(page, run)
        drawn = lines(page)
        for split in ("training", "validation"):
            for term in ("total", "reconstruction", "kl"):
                said = [[record["step"], record[term]] for record in run.records if record["split"] == split]
                assert drawn[f"{split} {term}"] == said
        run.records += records(more)
    expect_lines(page, run)


def test_two_runs_are_drawn_in_the_same_axes_each_in_its_colour(page: Page) -> None:
    runs = StandIn("first"), StandIn("second", records=records(range(5, 95, 5)))
    show(page, *runs)
    for run in runs:
        expect_lines(page, run)
        assert len(lines(page, run.name)["training total"]) == len(run.records)
    colours = page.locator(".live-lines").evaluate("({ lines }) => lines.map(({ run, colour }) => `${run} ${colour}`)")
    assert len(set(colours)) == 2


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_a_curve_is_painted_where_the_axes_say(page: Page, scale: str) -> None:
    run = StandIn(records=[*records([10, 500]), *records([100, 200, 400], "validation", kl=3.3)])
    show(page, run)
    expect_lines(page, run)
    if scale == "logarithmic":
        page.get_by_role("button", name=TEXTS["log"]).click()
        page.wait_for_function("plot => plot._fullLayout.xaxis.type === 'log'", arg=curves(page).element_handle())
    for step in (100, 200, 400):
        assert curves(page).evaluate(INK_AT, [step, 3.3])[3] == 255
    assert curves(page).evaluate(INK_AT, [300, 3.25])[3] == 0


@pytest.mark.parametrize("selector", [".live-curves-plot", ".live-codes-plot"])
def test_a_zoom_survives_updates_and_can_be_given_back(page: Page, selector: str) -> None:
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    expect_shown(page, 100)
    plot = page.locator(selector)
    drag_a_zoom(page, plot)
    zoomed = plot.evaluate(X_RANGE)
    run.records += records(range(110, 900, 10))
    run.preview = preview(890, codes=preview(890)["codes"] * 7)
    expect_lines(page, run)
    expect_shown(page, 890)
    for width in (1500, 1100, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        page.wait_for_function("plot => plot._fullLayout.width === plot.clientWidth", arg=plot.element_handle())
    assert plot.evaluate(X_RANGE) == pytest.approx(zoomed)
    page.get_by_role("button", name=TEXTS["reset"]).click()
    expect(page.get_by_role("button", name=TEXTS["reset"])).to_have_count(0)
    page.wait_for_function(
        "([plot, end]) => plot._fullLayout.xaxis.range[1] > 1.5 * end", arg=[plot.element_handle(), zoomed[1]]
    )


def test_the_view_follows_the_codes_at_once_where_they_leave_it(page: Page) -> None:
    run = StandIn()
    show(page, run)
    expect_shown(page, 100)
    run.preview = preview(200, codes=preview(200)["codes"] * 9)
    expect_shown(page, 200)
    plot = page.locator(".live-codes-plot").element_handle()
    page.wait_for_function(
        "([{ _fullLayout: { xaxis } }, least, most]) => xaxis.range[0] < least && xaxis.range[1] > most",
        arg=[plot, float(run.preview["codes"][:, 0].min()), float(run.preview["codes"][:, 0].max())],
    )


def test_the_prior_is_in_view_before_codes_fill_it(page: Page) -> None:
    run = StandIn(preview=preview(1, codes=preview(1)["codes"] / 100))
    show(page, run)
    expect_shown(page, 1)
    page.wait_for_function(
        "({ _fullLayout }) => _fullLayout?.yaxis.range[0] < -3 && _fullLayout.yaxis.range[1] > 3",
        arg=page.locator(".live-codes-plot").element_handle(),
    )
    show(page, run, has_posterior=False)
    expect_shown(page, 1)
    page.wait_for_function(
        "({ _fullLayout }) => _fullLayout?.yaxis.range[1] < 1",
        arg=page.locator(".live-codes-plot").element_handle(),
    )


def test_a_shorter_file_starts_over(page: Page) -> None:
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    run.records = records(range(10, 50, 10), total=7)
    expect_lines(page, run)
    assert lines(page)["training total"] == [[step, 7] for step in range(10, 50, 10)]


def test_changes_are_marked_in_the_curves_once(page: Page) -> None:
    run = StandIn()
    run.records += [{"step": 100, "seconds": 10, "event": "control", "control": {"beta": 4}}, *records([110, 120])]
    run.records += [{"step": 120, "seconds": 12, "event": "paused"}, {"step": 120, "seconds": 15, "event": "resumed"}]
    run.records += records([130])
    show(page, run)
    expect_lines(page, run)
    assert curves(page).evaluate(UPRIGHTS) == [100, 120] * 3
    expect(page.get_by_label("β")).to_have_value("4")


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_of_a_hundred_thousand_records_few_points_are_drawn_the_extremes_among_them(page: Page, scale: str) -> None:
    script = """async ([scale, count, spike]) => {
      const { Series, thinned, MAX_DRAWN, MAX_KEPT } = await import("/components/live/series.js");
      const series = new Series();
      const record = (at) => ({ step: 20 * at, split: "training", total: at === spike ? 900 : 100 + (at % 7),
        reconstruction: 90, kl: 10, seconds: at });
      for (let at = 1; at <= count; at++) series.add([record(at)]);
      const line = series.splits.training;
      const chosen = thinned(line, scale === "logarithmic");
      return { count: chosen.length, most: MAX_DRAWN, kept: line.step.length, maxKept: MAX_KEPT,
        last: line.step[chosen.at(-1)], highest: Math.max(...chosen.map((at) => line.total[at])),
        ascending: chosen.every((at, index) => index === 0 || at > chosen[index - 1]) };
    }"""
    open_empty(page)
    drawn = page.evaluate(script, [scale, 100_000, 99_901])
    assert 500 < drawn["count"] <= drawn["most"]
    assert drawn["kept"] == 100_000
    assert drawn["last"] == 2_000_000
    assert drawn["highest"] == 900
    assert drawn["ascending"]
    longer = page.evaluate(script, [scale, 345_678, 0])
    assert 500 < longer["count"] <= longer["most"]
    assert longer["maxKept"] / 2 <= longer["kept"] <= longer["maxKept"]
    assert longer["last"] == 6_913_560


def test_a_curve_stays_where_it_is_when_more_comes(page: Page) -> None:
    script = """async () => {
      const { thinned } = await import("/components/live/series.js");
      const line = (count) => ({ step: Array.from({ length: count }, (_, at) => at + 1),
        total: Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898) * 43758.5453 % 1) });
      return [false, true].map((isLog) => [3000, 3500].map((count) => thinned(line(count), isLog)));
    }"""
    open_empty(page)
    for before, after in page.evaluate(script):
        settled = [at for at in before if at < 2900]
        assert settled == [at for at in after if at < 2900] or len(set(settled) & set(after)) > 0.9 * len(settled)
