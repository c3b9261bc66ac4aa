"""The latency of the page with the latent planes, measured in real Chromium with the shipped MNIST pair.

    python benchmarks/plane.py [--json FILE] [--only PART ...]

Each part starts a server of its own. A part that is run alone replaces its own figures in FILE and leaves the others.
Originals are shown as they would be to a user who has the data sets (in `data/`, or VAE_DATA_DIR).
"""

from __future__ import annotations

import statistics
import time
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page

from benchmarks import browsing, paint
from benchmarks.browsing import EMPTY, FLOOR, SHIPPED_PAIR, Area, Bench, close, go, settle
from benchmarks.reporting import Figure, Figures, at_most, median, percentile, report
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs

MOVES, CLICKS, FURTHER_PAGES = 500, 100, 5
WARM_CLICKS, MANY_CLICKS, END = 50, 1000, 100
SECONDS = 8  # of moving, and of panning
LONG_FRAME = 25  # milliseconds
APART = 50  # pixels between two clicks: the answer to the next is never that to the last
ROUNDS, COLD_ROUNDS = 5, 3
MANY, MILLION = 70_000, 1_000_000
ATLAS = 64

MARKS = {
    "hover_handler_p95_ms_10k": at_most(8),
    "hover_handler_p95_ms_70k": at_most(12),
    "dropped_frames_percent_70k": at_most(5),
    "click_image_p95_ms": at_most(30),
    "click_answer_p50_ms": at_most(1.5, "floor_p50_ms"),
    "click_answer_p95_ms": at_most(120),
    "page_ready_ms": at_most(1500),
    "layout_shift_max": at_most(0.1),
    "dark_flash_ms": at_most(0),
    "points_bytes": at_most(300_000),
    "app_bytes": at_most(2_700_000),
    "cold_server_ready_ms": at_most(1, "empty_app_ready_ms"),
    "atlas_ms": at_most(500),
    "server_memory_mb": at_most(700),
    "session_memory_mb": at_most(10),
}


def hover(bench: Bench) -> Figures:
    """Main-thread time of one mouse move over 10,000 points: from entry of the handler until both images are drawn."""
    with bench.serve() as address:
        times = hover_times(bench, address + SHIPPED_PAIR)
    return {
        "hover_handler_p50_ms_10k": percentile(times, 50),
        "hover_handler_p95_ms_10k": percentile(times, 95),
    }


def hover_many(bench: Bench) -> Figures:
    """The same over 70,000 points."""
    with bench.serve(runs=browsing.runs_of(bench.folder, MANY)) as address:
        times = hover_times(bench, address + "/?run=many-vae")
    return {"hover_handler_p95_ms_70k": percentile(times, 95)}


def hover_times(bench: Bench, address: str) -> list[float]:
    """Milliseconds of MOVES real mouse moves, half of them over one plane, then half over the other."""
    page = bench.planes(address)
    page.evaluate("() => watch.startHovers()")
    for area in browsing.areas(page):
        for place in browsing.places([area], MOVES // 2, seed=0):
            page.mouse.move(*place)
    times = page.evaluate("() => watch.hovers")
    close(page)
    if len(times) < 0.99 * MOVES:
        raise RuntimeError(f"Of {MOVES} moves only {len(times)} were drawn.")
    return times


def frames(bench: Bench) -> Figures:
    """Share of long frames while the mouse moves over 70,000 points, and while it drags them in Plotly's pan mode.

    Beside it the same moves over an empty page: what the machine drops by itself.
    """
    empty = bench.page()
    with bench.serve(runs=browsing.runs_of(bench.folder / "frames", MANY)) as address:
        page = bench.planes(address + "/?run=many-vae")
        area = browsing.areas(page)[1]
        moving, empty_moving = frame_lengths(page, area), frame_lengths(empty, area)
        page.locator(".latent-plane-plane").nth(1).locator("[data-tool=pan]").click()
        panning, empty_panning = frame_lengths(page, area, dragging=True), frame_lengths(empty, area, dragging=True)
    for one in (page, empty):
        close(one)
    shares = [dropped(moving), dropped(panning)]
    return {
        "dropped_frames_percent_70k": max(shares, key=lambda share: share.value),
        "dropped_frames_percent_70k_moving": shares[0],
        "dropped_frames_percent_70k_panning": shares[1],
        "dropped_frames_percent_empty_moving": dropped(empty_moving),
        "dropped_frames_percent_empty_panning": dropped(empty_panning),
    }


def frame_lengths(page: Page, area: Area, dragging: bool = False) -> list[float]:
    """Milliseconds of the frames while the mouse is moved for SECONDS, with its button down or not."""
    page.mouse.move(*browsing.sweep(area, 0))
    if dragging:
        page.mouse.down()
    page.evaluate("() => watch.startFrames()")
    begun = time.perf_counter()
    while (at := time.perf_counter() - begun) < SECONDS:
        page.mouse.move(*browsing.sweep(area, at))
    lengths = page.evaluate("() => watch.stopFrames()")
    if dragging:
        page.mouse.up()
    return lengths


def dropped(lengths: list[float]) -> Figure:
    """The share of frames that are too long, in percent."""
    share = 100 * float(np.mean(np.array(lengths) > LONG_FRAME))
    p50, p95 = np.percentile(lengths, [50, 95])
    return Figure(share, len(lengths), f"frames: p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {max(lengths):.0f} ms")


def clicks(bench: Bench) -> Figures:
    """From a click's own time stamp to the frame with the image, and until the server's answer is on the page.

    Between the clicks the same is done on an app whose click runs an empty fragment: the floor.
    """
    with bench.serve() as address, bench.serve(FLOOR) as floor_address:
        page = watched(bench.planes(address + SHIPPED_PAIR))
        floor_page = bench.page()
        go(floor_page, floor_address, "floor")
        floor_page.evaluate("() => watch.startClicks(['.floor-answer'])")
        left, top, width, height = floor_page.locator(".floor-target").bounding_box().values()
        target = (left, top, left + width, top + height)
        targets = browsing.places([target], WARM_CLICKS + CLICKS, seed=1)
        ours, floor = [], []
        for place, elsewhere in zip(
            browsing.places(browsing.areas(page), WARM_CLICKS + CLICKS, 0, APART), targets, strict=True
        ):
            ours.append(browsing.click(page, place))
            floor.append(browsing.click(floor_page, elsewhere))
        for one in (page, floor_page):
            close(one)
    images, answers, floors = (
        [times[part] for times in clicked[WARM_CLICKS:]]
        for clicked, part in ((ours, "image"), (ours, "answer"), (floor, "answer"))
    )
    return {
        "click_image_p50_ms": percentile(images, 50),
        "click_image_p95_ms": percentile(images, 95),
        "click_answer_p50_ms": percentile(answers, 50),
        "click_answer_p95_ms": percentile(answers, 95),
        "floor_p50_ms": percentile(floors, 50),
    }


def watched(page: Page) -> Page:
    """The page with a stopwatch for clicks; an answer is whole when the code's own part and the neighbours are new."""
    page.evaluate("() => watch.startClicks(['.hm-answer', '.hm-neighbours'])")
    return page


def ready(bench: Bench) -> Figures:
    """From navigation until both planes answer a hover, with a warm server and a browser that has nothing cached.

    Beside it until they have axes, layers and tools too: Plotly is evaluated after that first hover.

    The bytes are those of the same page's responses, uncompressed: the larger of the two sets of points, and all that
    is neither Streamlit's nor plotly.js.
    """
    times, tools = [], []
    with bench.serve() as address:
        close(bench.planes(address + SHIPPED_PAIR))
        for _ in range(ROUNDS):
            page = bench.page()
            times.append(go(page, address + SHIPPED_PAIR, "planes", 2)["since"])
            tools.append(page.evaluate("() => watch.ready('tools', 2)")["since"])
            close(page)
        page = bench.page()
        sizes = browsing.bodies(page, lambda: go(page, address + SHIPPED_PAIR, "planes", 2))
        close(page)
    points = [size for url, size in sizes.items() if urlsplit(url).path.startswith("/codes/")]
    app = [size for url, size in sizes.items() if is_ours(urlsplit(url).path)]
    return {
        "page_ready_ms": median(times),
        "page_tools_ms": median(tools),
        "points_bytes": Figure(max(points), len(points)),
        "app_bytes": Figure(sum(app), len(app)),
    }


def is_ours(path: str) -> bool:
    """Whether this path is served by the app itself, neither by Streamlit nor plotly.js."""
    streamlits = path in ("/", "/favicon.png") or path.startswith(("/static/", "/_stcore/"))
    return not streamlits and not path.startswith("/plotly/")


def cold(bench: Bench) -> Figures:
    """From starting the server's process until the page is ready in a browser that is already open.

    Ours is ready when both planes of the shipped pair answer a hover; beside it an app that imports torch and writes a
    line, ready when that line is there. One after the other in each round.
    """
    ours, empty = [], []
    for _ in range(COLD_ROUNDS):
        ours.append(cold_start(bench, "app.py", SHIPPED_PAIR, "planes"))
        empty.append(cold_start(bench, EMPTY, "/", "empty"))
    return {"cold_server_ready_ms": median(ours), "empty_app_ready_ms": median(empty)}


def cold_start(bench: Bench, script: str, query: str, kind: str) -> float:
    """Milliseconds from starting a server until its page is ready."""
    page = bench.page()
    begun = time.time()
    with bench.serve(script) as address:
        at = go(page, address + query, kind, 2)["at"]
        close(page)
    return at - 1000 * begun


def atlas(bench: Bench) -> Figures:
    """An atlas of 64 x 64 tiles of the MNIST VAE's decoder, in this process, with the model loaded."""
    from halfmoon.server.loaded import tiles

    run = Run.open(SHIPPED / "mnist-vae-2d")
    axis = np.linspace(-3, 3, ATLAS)
    codes = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)  # (4096, 2)
    tiles(run, codes)
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        tiles(run, codes)
        times.append(1000 * (time.perf_counter() - begun))
    return {"atlas_ms": median(times)}


def million(bench: Bench) -> Figures:
    """From navigation until a pair of 1,000,000 codes each, opened for the first time, answers a hover.

    Fails where the page does not say that it shows fewer.
    """
    with bench.serve(runs=browsing.runs_of(bench.folder, MILLION)) as address:
        page = bench.page()
        time_ready = go(page, address + "/?run=many-vae", "planes", 2)["since"]
        said = page.locator(".latent-plane-note").all_inner_texts()
        close(page)
    if len(said) != 2 or not all(f"{MILLION}" in note.replace(",", "") for note in said):
        raise RuntimeError(f"The page does not say that it has thinned the points out: {said}.")
    return {"million_points_ready_ms": Figure(time_ready, 1, said[0])}


def drift(bench: Bench) -> Figures:
    """The effect of 1,000 clicks: latency of the last 100 over the first 100, and growth of memory.

    Beside it the last 100 over 100 more on the page loaded anew: what the machine itself has drifted is in the one and
    not in the other. Heap and nodes are the page's after a collection, nodes beside the document included; resident
    memory is the server's.
    """
    with bench.serve() as address:
        page = watched(bench.planes(address + SHIPPED_PAIR))
        route = browsing.places(browsing.areas(page), 2 * WARM_CLICKS + MANY_CLICKS + END, 2, APART)

        def clicked(count: int) -> list[dict[str, float]]:
            return [browsing.click(page, next(route)) for _ in range(count)]

        clicked(WARM_CLICKS)
        before = held(page) | {"server_mb": browsing.resident_megabytes(address)}
        times = clicked(MANY_CLICKS)
        after = held(page) | {"server_mb": browsing.resident_megabytes(address)}
        page.reload()
        settle(page)
        watched(page)
        clicked(WARM_CLICKS)
        anew = clicked(END)
        close(page)

    def ratio(part: str, first: list[dict[str, float]]) -> float:
        return statistics.median(one[part] for one in times[-END:]) / statistics.median(one[part] for one in first)

    value = {
        "answer_latency_ratio": ratio("answer", times[:END]),
        "image_latency_ratio": ratio("image", times[:END]),
        "answer_latency_over_reloaded": ratio("answer", anew),
        "image_latency_over_reloaded": ratio("image", anew),
        "heap_growth_mb": after["heap_mb"] - before["heap_mb"],
        "server_growth_mb": after["server_mb"] - before["server_mb"],
        "nodes_before": before["nodes"],
        "nodes_after": after["nodes"],
    }
    return {"clicks_1000_drift": Figure(value, len(times))}


def held(page: Page) -> dict[str, float]:
    """The memory of the page after garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {"heap_mb": metrics["JSHeapUsedSize"] / 2**20, "nodes": metrics["Nodes"]}


def memory(bench: Bench) -> Figures:
    """The server's memory after all shipped runs were opened, and the growth for each further open page."""
    from vae_core.comparison import in_pairs

    with bench.serve() as address:
        page = bench.page()
        for pair in in_pairs(run for run in list_runs(SHIPPED) if run.is_trained):
            go(page, f"{address}/?run={pair.name}", "planes", len(pair.runs))
            settle(page)
        go(page, address + SHIPPED_PAIR, "planes", 2)
        settle(page)
        with_all = browsing.resident_megabytes(address)
        further = [bench.planes(address + SHIPPED_PAIR) for _ in range(FURTHER_PAGES)]
        grown = browsing.resident_megabytes(address) - with_all
        for one in (page, *further):
            close(one)
    return {
        "server_memory_mb": Figure(with_all, 1),
        "session_memory_mb": Figure(grown / FURTHER_PAGES, FURTHER_PAGES),
    }


def main() -> None:
    """Prints the table and, with --json, writes the figures."""
    parts = (hover, hover_many, frames, clicks, ready, paint.shift, paint.flash, cold, atlas, million, drift, memory)
    report(__doc__.splitlines()[0], {part.__name__: part for part in parts}, MARKS)


if __name__ == "__main__":
    main()
