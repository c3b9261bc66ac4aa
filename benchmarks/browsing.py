"""Shared parts of the browser benchmarks: pages with stopwatches, places on the planes, runs of many codes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Browser, Page, Response, sync_playwright

from tools.serving import launch, serve
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

WATCH = Path(__file__).with_name("watch.js")
FLOOR, EMPTY = "benchmarks/apps/floor.py", "benchmarks/apps/empty.py"
SHIPPED_PAIR = "/?run=mnist-vae-2d"
SCREEN = {"width": 1366, "height": 768}
INSET, TOOLBAR = 12, 40  # pixels of a plane's edge, and of its upper edge, without clicks
JITTER = 0.02  # of the codes' standard deviation
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
AREAS = """() => [...document.querySelectorAll(".latent-plane-plane .nsewdrag")].map((area) => {
  const { left, top, right, bottom } = area.getBoundingClientRect();
  return [left, top, right, Math.min(bottom, innerHeight)];
})"""

Area = tuple[float, float, float, float]
Place = tuple[float, float]


@dataclass(frozen=True)
class Bench:
    """An open browser, and a folder for temporary runs."""

    browser: Browser
    folder: Path

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Bench]:
        with sync_playwright() as playwright, TemporaryDirectory() as folder:
            browser = launch(playwright)
            if browser is None:
                raise SystemExit("There is no chromium on this machine.")
            yield cls(browser, Path(folder))
            browser.close()

    def serve(self, script: str = "app.py", runs: Path | None = None) -> AbstractContextManager[str]:
        """A newly started server with the shipped runs and those in `runs`, without the user's own."""
        return serve(script, VAE_RUNS_DIR=str(runs or self.folder / "none"))

    def page(self) -> Page:
        """A page in a new browser context, with an empty cache."""
        context = self.browser.new_context(viewport=SCREEN, locale="en-GB")
        context.add_init_script(path=WATCH)
        return context.new_page()

    def planes(self, address: str, count: int = 2) -> Page:
        """A page whose planes are ready, and whose server has answered."""
        page = self.page()
        go(page, address, "planes", count)
        settle(page)
        return page


def go(page: Page, address: str, kind: str, count: int = 0) -> dict[str, float]:
    """Opens the address and waits; `since` is the milliseconds from navigation until ready, `at` the time of day."""
    page.goto(address, wait_until="commit")
    return page.evaluate("([kind, count]) => watch.ready(kind, count)", [kind, count])


def settle(page: Page) -> None:
    """Waits until the planes have their tools, and the server has answered for the pinned code."""
    page.locator(".latent-plane-plane:not([data-layers])").first.wait_for(state="detached", timeout=120_000)
    page.locator(".hm-neighbours").wait_for(timeout=120_000)
    page.locator(IDLE).wait_for(timeout=120_000)


def close(page: Page) -> None:
    """Closes the page and clears its cache."""
    page.context.close()


def areas(page: Page) -> list[Area]:
    """Left, top, right and bottom of each plane's drawing area on the screen, without its margins."""
    return [
        (left + INSET, top + TOOLBAR, right - INSET, bottom - INSET)
        for left, top, right, bottom in page.evaluate(AREAS)
    ]


def places(areas: list[Area], count: int, seed: int, apart: float = 0) -> Iterator[Place]:
    """Random places, on each plane in turn, each at least `apart` pixels from the last one on that plane."""
    generator = np.random.default_rng(seed)
    last: dict[int, np.ndarray] = {}
    for at in range(count):
        plane = at % len(areas)
        low, high = np.reshape(areas[plane], (2, 2))
        place = generator.uniform(low, high)
        while plane in last and np.linalg.norm(place - last[plane]) < apart:
            place = generator.uniform(low, high)
        last[plane] = place
        yield tuple(place.round().tolist())


def sweep(area: Area, at: float) -> Place:
    """A place on a smooth path through the area, two slow oscillations; `at` is seconds."""
    left, top, right, bottom = area
    across, down = 0.5 + 0.5 * np.sin(1.9 * at), 0.5 + 0.5 * np.sin(2.7 * at)
    return float(left + across * (right - left)), float(top + down * (bottom - top))


def click(page: Page, place: Place) -> dict[str, float]:
    """Milliseconds from the click's own time stamp to the frame with its `image` and to the server's `answer`."""
    page.locator(IDLE).wait_for()
    page.mouse.move(*place)
    page.evaluate("() => watch.frame()")  # a hand is slower than a frame: the way here, and pressing, are over by then
    page.mouse.down()
    page.evaluate("() => watch.frame()")
    page.mouse.up()
    return page.evaluate("() => watch.lastClick()")


def bodies(page: Page, act: Callable[[], object]) -> dict[str, int]:
    """Bytes of every response's body, uncompressed, that a fresh page gets while acting; by address."""
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    act()
    page.wait_for_load_state("networkidle")
    return {response.url: len(response.body()) for response in responses if response.ok}


def resident_megabytes(address: str) -> float:
    """The resident memory of the server at this address."""
    for process in processes_with(f"--server.port={address.rsplit(':', 1)[1]}"):
        status = (process / "status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
    raise RuntimeError(f"There is no server at {address}.")


def processes_with(argument: str) -> list[Path]:
    """The folders in /proc of the processes with this argument."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if argument.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(process)
        except OSError:  # it has ended, or is not ours to read
            continue
    return found


def runs_of(folder: Path, count: int) -> Path:
    """A folder of runs: the shipped MNIST pair with `count` codes, its own repeated, each slightly shifted."""
    runs = folder / str(count)
    generator = np.random.default_rng(0)
    for kind in ("ae", "vae"):
        shipped = Run.open(SHIPPED / f"mnist-{kind}-2d")
        copy = runs / f"many-{kind}"
        copy.mkdir(parents=True)
        for name in ("config.json", "model.safetensors"):
            shutil.copy(shipped.folder / name, copy)
        codes = shipped.codes
        rows = np.arange(count) % len(codes.mu)
        spread = JITTER * codes.mu.std(0) * generator.standard_normal((count, codes.mu.shape[1]))
        Run.open(copy).write_codes(
            replace(
                codes,
                mu=(codes.mu[rows] + spread).astype(codes.mu.dtype),
                log_var=None if codes.log_var is None else codes.log_var[rows],
                labels=codes.labels[rows],
                indices=codes.indices[rows],
            )
        )
    return runs
