"""Runs in training that are none: what the routes would tell of them, and a page that shows them and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import Locator, Page, Route, expect
from safetensors.numpy import save

from halfmoon.parts.palette import KIND_COLOURS
from halfmoon.texts import __file__ as texts_file

CATALOGUES = {
    name: tomllib.loads(Path(texts_file).with_name(f"{name}.toml").read_text(encoding="utf-8")) for name in ("en", "zh")
}
LANGUAGES = {
    name: catalogue["live"] | {f"status_{status}": words for status, words in catalogue["runs"]["status"].items()}
    for name, catalogue in CATALOGUES.items()
}
TEXTS, TERMS = LANGUAGES["en"], CATALOGUES["en"]["term"]
SIDE = 4  # of the images
COLOURS = ("#3f90da", "#ffa90e", "#bd1f01")
THEME = "--st-primary-color:#4a5fa5;--st-background-color:#fbfaf7;--st-text-color:#23283b;--st-border-color:#dfdbd0"
ADDRESS = "/live-test"
PAGE = f"""<!doctype html><style>:root {{ {THEME}; --st-secondary-background-color: #f0eee8 }}</style>
<link rel="stylesheet" href="/components/live/style.css"><link rel="icon" href="data:,"><div class="live"></div>
<script type="module">
  import Live from "/components/live/live.js";
  window.begin = (data) => {{
    const root = Object.assign(document.createElement("div"), {{ className: "live" }});
    const before = document.querySelector(".live");
    before.component?.end();
    before.replaceWith(root);
    root.component = new Live(root);
    window.asked = [];
    window.showAgain = (change) => root.component.show({{ ...data, ...change }}, (wish) => asked.push(wish));
    window.showAgain({{}});
  }};
</script>"""
UPRIGHTS = "plot => (plot.layout?.shapes ?? []).map(({ x0 }) => x0)"  # that cross the curves, by their steps
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
    preview: dict[str, Any] | None = field(default_factory=lambda: preview(100))  # None before there is one
    snapshots: dict[int, dict[str, Any]] = field(default_factory=dict)
    place: int | None = None
    waits_for: dict[str, Any] | None = None
    minutes: int | None = None
    refuses: str | None = None
    is_resumable: bool = False
    control: dict[str, Any] | None = None  # what control.json asks for
    controls: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0

    def answer(self, route: Route) -> None:
        """What the routes below live/NAME/ would."""
        url = urlsplit(route.request.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        what = url.path.split(f"/live/{self.name}/")[1]
        if what == "records":
            self.polls += 1
            route.fulfill(json=self._told(int(query["offset"])))
        elif what == "preview" and self.preview is None:
            route.fulfill(status=204)
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
            self.control = (self.control or {}) | self.controls[-1]
            route.fulfill(json=self.control)

    def spec(self, **changes: Any) -> dict[str, Any]:
        """The run as the page tells the component of it."""
        usual = {"name": self.name, "title": "VAE", "kind_title": "", "has_posterior": True, "latent_dim": 2}
        usual |= {"steps": 1000, "beta": 1.0, "learning_rate": 0.001, "extensions": [], "seed": 0}
        terms = ("total", "reconstruction", "kl") if (usual | changes)["has_posterior"] else ("total",)
        usual |= {
            "may_control": True,
            "colour": KIND_COLOURS[0],
            "terms": {name: TERMS[name] for name in terms},
            "is_over": self.status == "finished",
        }
        return usual | {"classes": [{"name": colour, "colour": colour} for colour in COLOURS]} | changes

    def _told(self, offset: int) -> dict[str, Any]:
        is_whole = offset == 0 or offset > len(self.records)
        standing = {"status": self.status, "steps": 1000, "place": self.place, "control": self.control}
        standing |= {"is_resumable": self.is_resumable, "waits_for": self.waits_for, "minutes": self.minutes}
        news = {"offset": len(self.records), "reset": is_whole, "records": self.records[0 if is_whole else offset :]}
        return standing | news

    def _moment(self, route: Route, arrays: dict[str, Any], stamp: str) -> None:
        about = {"image_shape": f"1,{SIDE},{SIDE}"}
        route.fulfill(body=save(arrays, about), headers={"X-Stamp": stamp})


def show(page: Page, *runs: StandIn, language: str = "en", **changes: Any) -> Page:
    """The page shows these runs and nothing of those before; what it asks of the server is in `window.asked`."""
    open_empty(page)
    for run in runs:
        page.route(f"**/live/{run.name}/**", run.answer)
    specs = [run.spec(**{"colour": colour} | changes) for run, colour in zip(runs, cycle(KIND_COLOURS), strict=False)]
    data = {"base": "", "runs": specs, "language": language, "texts": LANGUAGES[language], "turn": 0}
    page.evaluate("data => begin(data)", data)
    expect(page.locator(".live-run")).to_have_count(len(runs))
    return page


def open_empty(page: Page) -> None:
    """The page has the modules of the live view, and shows no run that it did not show before."""
    if urlsplit(page.url).path != ADDRESS:
        page.route(f"**{ADDRESS}", lambda route: route.fulfill(content_type="text/html", body=PAGE))
        page.goto(ADDRESS)
        page.wait_for_function("() => window.begin")


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


def curves(page: Page) -> Locator:
    return page.locator(".live-curves-plot")


def board(page: Page, run: StandIn) -> Locator:
    """All that is shown of the run, but for the curves."""
    return page.locator(f".live-run[data-run='{run.name}']")


def expect_lines(page: Page, run: StandIn) -> None:
    """The curves show all records of the run."""
    last = run.records[-1]["step"]
    expect(board(page, run)).to_have_attribute("data-step", str(last))
    page.wait_for_function(
        "([canvas, last]) => canvas.lines?.some(({ x }) => x.at(-1) === last)",
        arg=[page.locator(".live-lines").element_handle(), last],
    )
