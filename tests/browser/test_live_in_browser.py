"""Training as it is watched, in a real browser: records, previews and snapshots come from stand-ins for the routes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from safetensors.numpy import save

from ui.live import STATIC
from ui.texts import __file__ as texts_file

TEXTS = tomllib.loads((Path(texts_file).parent / "en.toml").read_text(encoding="utf-8"))["live"]
SIDE = 4  # of the images
COLOURS = ("#3f90da", "#ffa90e", "#bd1f01")
THEME = "--st-primary-color:#4a5fa5;--st-background-color:#fbfaf7;--st-text-color:#23283b;--st-border-color:#dfdbd0"
LINES = """(canvas, name) => Object.fromEntries(canvas.lines.filter(({ run }) => run === name).map(
  ({ split, term, x, y }) => [`${split} ${term}`, x.map((step, at) => [step, y[at]])]))"""
INK_AT = """(plot, [step, kl]) => {
  const { xaxis3: across, yaxis3: up } = plot._fullLayout;
  const canvas = plot.parentElement.querySelector(".live-lines");
  const place = [across._offset + across.d2p(step), up._offset + up.d2p(kl)].map(Math.round);
  return Array.from(canvas.getContext("2d").getImageData(...place, 1, 1).data);
}"""
X_RANGE = "plot => [...plot._fullLayout.xaxis.range]"
UPRIGHTS = "plot => plot.layout.shapes.map(({ x0 }) => x0)"
FIRST_PIXEL = "canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"


def records(steps: Sequence[int], split: str = "training", **terms: Any) -> list[dict[str, Any]]:
    """Records at these steps; a term is a number or a function of the step."""
    usual = {"reconstruction": lambda step: 90 + 1000 / step, "kl": lambda step: 3 + step / 1000}
    values = usual | {"total": lambda step: 93 + 1000 / step + step / 1000, "beta": 1.0} | terms
    return [
        {"step": step, "seconds": step / 10, "split": split, "images_per_second": 1280}
        | {name: value(step) if callable(value) else value for name, value in values.items()}
        for step in steps
    ]


def preview(step: int, **arrays: Any) -> dict[str, Any]:
    """A moment whose pictures are as bright as its step is high."""
    codes = np.random.default_rng(step).normal(size=(30, 2))
    picture = np.full((10, 1, SIDE, SIDE), step % 256, np.uint8)
    usual = {"step": np.array([step], np.int32), "codes": codes.astype(np.float16)}
    usual |= {"labels": (np.arange(30) % 3).astype(np.uint8), "originals": picture, "reconstructions": picture}
    usual |= {"samples": np.repeat(picture[:5], 5, 0)}
    usual |= {"sigma": np.full(2, 0.1, np.float32), "kl": np.full(2, 2, np.float32)}
    given = {name: np.asarray(value) for name, value in arrays.items()}
    return usual | {name: value.astype(usual[name].dtype) for name, value in given.items()}


@dataclass
class StandIn:
    """A run as the routes tell of it, and what they were asked."""

    name: str = "moon"
    records: list[dict[str, Any]] = field(default_factory=lambda: records(range(10, 110, 10)))
    status: str = "training"
    preview: dict[str, Any] = field(default_factory=lambda: preview(100))
    snapshots: dict[int, dict[str, Any]] = field(default_factory=dict)
    place: int | None = None
    refuses: str | None = None
    controls: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0
    answered: int = 0  # records, at the last answer

    def answer(self, route: Route) -> None:
        """What the routes below live/NAME/ would."""
        url = urlsplit(route.request.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        what = url.path.split(f"/live/{self.name}/")[1]
        if what == "records":
            self.polls += 1
            offset = int(query["offset"])
            is_whole = offset == 0 or offset > len(self.records)
            self.answered = len(self.records)
            known = {"offset": self.answered, "reset": is_whole, "status": self.status, "steps": 1000}
            route.fulfill(json=known | {"place": self.place, "records": self.records[0 if is_whole else offset :]})
        elif what == "preview":
            stamp = str(int(self.preview["step"][0]))
            is_known = query.get("after") == stamp
            self._moment(route, self.preview, stamp) if not is_known else route.fulfill(status=204)
        elif what == "snapshots":
            route.fulfill(json=sorted(self.snapshots))
        elif what.startswith("snapshots/"):
            self._moment(route, self.snapshots[int(what.removeprefix("snapshots/"))], "")
        elif self.refuses:
            route.fulfill(status=403, body=self.refuses)
        else:
            self.controls.append(route.request.post_data_json)
            route.fulfill(json=self.controls[-1])

    def _moment(self, route: Route, arrays: dict[str, Any], stamp: str) -> None:
        about = {"image_shape": f"1,{SIDE},{SIDE}"}
        route.fulfill(body=save(arrays, about), headers={"X-Stamp": stamp})

    def spec(self, **changes: Any) -> dict[str, Any]:
        usual = {"name": self.name, "title": "VAE", "kind_title": "", "has_posterior": True, "latent_dim": 2}
        usual |= {"steps": 1000, "beta": 1.0, "learning_rate": 0.001, "may_control": True}
        return usual | {"classes": [{"name": colour, "colour": colour} for colour in COLOURS]} | changes


def show(page: Page, *runs: StandIn, **changes: Any) -> Page:
    """A page that shows these runs and nothing else; what it asks of the server is in `window.asked`."""
    data = {"base": "", "runs": [run.spec(**changes) for run in runs], "language": "en", "texts": TEXTS, "turn": 0}
    page.route(
        "**/live-test", lambda route: route.fulfill(content_type="text/html", body=PAGE % (THEME, data_of(data)))
    )
    for run in runs:
        page.route(f"**/live/{run.name}/**", run.answer)
    page.goto("/live-test")
    expect(page.locator(".live-run")).to_have_count(len(runs))
    return page


PAGE = """<!doctype html><style>:root { %s; --st-secondary-background-color: #f0eee8 }</style>
<link rel="stylesheet" href="/live_view/style.css"><link rel="icon" href="data:,"><div class="live"></div>
<script type="module">
  import { show } from "/live_view/live.js";
  window.asked = [];
  window.showAgain = (change) => show(document.querySelector(".live"), { ...%s, ...change }, (ask) => asked.push(ask));
  window.showAgain({});
</script>"""


def data_of(data: dict[str, Any]) -> str:
    return json.dumps(data).replace("</", "<\\/")


def curves(page: Page) -> Locator:
    return page.locator(".live-curves-plot")


def lines(page: Page, run: str = "moon") -> dict[str, list[list[float]]]:
    """The points of each line drawn, by split and term."""
    return page.locator(".live-lines").evaluate(LINES, run)


def expect_lines(page: Page, run: StandIn) -> None:
    """The curves show all records of the run."""
    expect(page.locator(f".live-run[data-run='{run.name}']")).to_have_attribute(
        "data-step", str(run.records[-1]["step"])
    )
    page.wait_for_function(
        "([canvas, last]) => canvas.lines?.some(({ x }) => x.at(-1) === last)",
        arg=[page.locator(".live-lines").element_handle(), run.records[-1]["step"]],
    )


def expect_shown(page: Page, step: int) -> None:
    """Everything but the curves is of this step."""
    expect(page.locator(".live-run")).to_have_attribute("data-shown", str(step))
    for canvas in (page.locator(".live-samples canvas").first, page.locator(".live-reconstructions canvas").last):
        assert canvas.evaluate(FIRST_PIXEL) == step % 256


def expect_polls(page: Page, run: StandIn, more: int) -> None:
    """The run is asked for so many times more."""
    for _ in range(more):
        with page.expect_response(f"**/live/{run.name}/records**"):
            pass


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


def test_a_shorter_file_starts_over(page: Page) -> None:
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    run.records = records(range(10, 50, 10), total=7)
    expect_lines(page, run)
    assert lines(page)["training total"] == [[step, 7] for step in range(10, 50, 10)]


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
    branch.click()
    assert page.evaluate("asked") == [{"branch": {"run": "moon", "step": 20}}]
    page.get_by_role("button", name=TEXTS["now"], exact=True).click()
    expect_shown(page, 150)
    expect(branch).to_be_disabled()
    page.wait_for_function(f"plot => ({UPRIGHTS})(plot).length === 0", arg=curves(page).element_handle())


def test_play_shows_each_moment_and_ends_in_the_present(page: Page) -> None:
    run = StandIn(status="finished", snapshots={step: preview(step) for step in (1, 20, 60)})
    show(page, run)
    expect_shown(page, 100)
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
    page.wait_for_function("seen.at(-1) === 100")
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


def test_changes_are_marked_in_the_curves_once(page: Page) -> None:
    run = StandIn()
    run.records += [{"step": 100, "seconds": 10, "event": "control", "control": {"beta": 4}}, *records([110, 120])]
    run.records += [{"step": 120, "seconds": 12, "event": "paused"}, {"step": 120, "seconds": 15, "event": "resumed"}]
    run.records += records([130])
    show(page, run)
    expect_lines(page, run)
    assert curves(page).evaluate(UPRIGHTS) == [100, 120] * 3
    expect(page.get_by_label("β")).to_have_value("4")


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


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (StandIn(), ""),
        (StandIn(preview=preview(100, **FLAT), records=records(range(10, 210, 10))), "Dimension 1 has collapsed"),
        (StandIn(preview=preview(100, **FLAT), records=records([10, 20])), ""),
        (StandIn(preview=preview(100, **NOISELESS), records=records(range(10, 110, 10), beta=0.0)), "The noise dies"),
        (StandIn(preview=preview(100, **NOISELESS)), ""),
        (StandIn(status="diverged", records=[*records([10, 110]), DIVERGED]), "stopped at step 110"),
        (StandIn(status="queued", records=[], place=3), "place 3 in the queue"),
        (StandIn(status="paused"), "Paused at step 100"),
        (StandIn(records=RISING), "It overfits"),
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


@pytest.mark.parametrize("status", ["finished", "stopped", "interrupted", "diverged"])
def test_a_run_that_has_ended_is_not_asked_for_again_until_it_goes_on(page: Page, status: str) -> None:
    page.clock.install()
    run = StandIn()
    show(page, run)
    expect_polls(page, run, 3)
    run.status = status
    expect(page.locator(".live-run")).to_have_attribute("data-status", status)
    polls = run.polls
    page.clock.run_for(60_000)
    page.evaluate("fetch('/live_view/words.js')")  # and whatever was asked before it
    assert run.polls == polls
    run.status = "training"
    page.evaluate("window.showAgain({ turn: 1 })")
    expect(page.locator(".live-run")).to_have_attribute("data-status", "training")


def test_a_hidden_page_asks_for_nothing_until_it_is_seen_again(page: Page) -> None:
    page.clock.install()
    run = StandIn()
    show(page, run)
    expect_lines(page, run)
    hide = "is => (Object.defineProperty(document, 'hidden', { value: is, configurable: true }), %s)"
    hide %= "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide, True)
    page.clock.run_for(2_000)  # what was under way comes to its end
    page.wait_for_load_state("networkidle")
    polls = run.polls
    page.clock.run_for(60_000)
    page.evaluate("fetch('/live_view/words.js')")  # and whatever was asked before it
    assert run.polls == polls
    run.records += records([200])
    page.evaluate(hide, False)
    expect_lines(page, run)


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_of_a_hundred_thousand_records_few_points_are_drawn_the_extremes_among_them(page: Page, scale: str) -> None:
    script = """async ([scale, count, spike]) => {
      const { Series, thinned, MOST_DRAWN, MOST_KEPT } = await import("/live_view/series.js");
      const series = new Series();
      const record = (at) => ({ step: 20 * at, split: "training", total: at === spike ? 900 : 100 + (at % 7),
        reconstruction: 90, kl: 10, seconds: at });
      for (let at = 1; at <= count; at++) series.add([record(at)]);
      const line = series.splits.training;
      const chosen = thinned(line, scale === "logarithmic");
      return { count: chosen.length, most: MOST_DRAWN, kept: line.step.length, mostKept: MOST_KEPT,
        last: line.step[chosen.at(-1)], highest: Math.max(...chosen.map((at) => line.total[at])),
        ascending: chosen.every((at, index) => index === 0 || at > chosen[index - 1]) };
    }"""
    page.goto("/latent_plane/style.css")
    drawn = page.evaluate(script, [scale, 100_000, 99_901])
    assert 500 < drawn["count"] <= drawn["most"]
    assert drawn["kept"] == 100_000
    assert drawn["last"] == 2_000_000
    assert drawn["highest"] == 900
    assert drawn["ascending"]
    longer = page.evaluate(script, [scale, 345_678, 0])
    assert 500 < longer["count"] <= longer["most"]
    assert longer["mostKept"] / 2 <= longer["kept"] <= longer["mostKept"]
    assert longer["last"] == 6_913_560


def test_a_curve_stays_where_it_is_when_more_comes(page: Page) -> None:
    script = """async () => {
      const { thinned } = await import("/live_view/series.js");
      const line = (count) => ({ step: Array.from({ length: count }, (_, at) => at + 1),
        total: Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898) * 43758.5453 % 1) });
      return [false, true].map((isLog) => [3000, 3500].map((count) => thinned(line(count), isLog)));
    }"""
    page.goto("/latent_plane/style.css")
    for before, after in page.evaluate(script):
        settled = [at for at in before if at < 2900]
        assert settled == [at for at in after if at < 2900] or len(set(settled) & set(after)) > 0.9 * len(settled)


def test_what_is_shown_does_not_move_the_page(page: Page) -> None:
    run = StandIn(records=[], status="queued", place=1)
    show(page, run)
    expect_shown(page, 100)
    where = (
        "() => [...document.querySelectorAll('.live-codes, .live-samples, .live-curves')].map((part) => part.offsetTop)"
    )
    before = page.evaluate(where)
    run.status, run.records = "training", records(range(10, 410, 10))
    run.snapshots = {1: preview(1)}
    expect_lines(page, run)
    assert page.evaluate(where) == before


def test_every_module_is_served_beside_the_planes(page: Page) -> None:
    page.goto("/latent_plane/style.css")
    for module in STATIC.glob("*.js"):
        assert re.fullmatch(r"[a-z]+\.js", module.name)
        page.evaluate("name => import(`/live_view/${name}`)", module.name)
