"""The walks of docs/architecture.md are taken: which rooms a click, a training and a comparison enter."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from halfmoon.compare import measure_table
from tests.app.asking import ask
from tests.test_layers import LAYERS, ROOT, room
from vae_core import verdicts
from vae_core.comparison import Pair
from vae_core.configs import ModelConfig, NetworkConfig, TrainingConfig
from vae_core.data import datasets
from vae_core.data.data_config import DataConfig
from vae_core.runs.shelf import find_run
from vae_core.training import recording

GROUND = {"errors", "places", "config_base", "files", "locks", "workshop", "configs", "kinds", "__init__"}
"""Single modules at the bottom of the core, which every room stands on."""


class Trace(NamedTuple):
    """The modules of ours that a call entered, and who called whom."""

    modules: set[str]
    calls: set[tuple[str, str]]

    @property
    def rooms(self) -> set[str]:
        """Without the ground that all stand on."""
        named = {(module.split(".")[0], room(module)) for module in self.modules}
        return {f"{package}.{name}" for package, name in named if name not in GROUND}


def traced(call: Callable[[], object]) -> Trace:
    """What is called on this thread while `call` runs."""
    found, stack = Trace(set(), set()), list[str | None]()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            module = _module(frame)
            caller = next((name for name in reversed(stack) if name), None)
            if module:
                found.modules.add(module)
                if caller and caller != module:
                    found.calls.add((caller, module))
            stack.append(module)
        elif event == "return" and stack:
            stack.pop()

    gc.collect()  # what earlier tests left would else be ended on the way, as if it were called
    gc.disable()
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
        gc.enable()
    return found


def _module(frame: FrameType) -> str | None:
    path = Path(frame.f_code.co_filename)
    if frame.f_code.co_name == "<module>" or not path.is_relative_to(ROOT):
        return None
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return name if name.split(".")[0] in LAYERS else None


def walk(name: str) -> list[str]:
    """The modules of a walk in the document."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    found = re.search(rf"```walk {name}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return [line.split()[0] for line in found[1].splitlines()]


def assert_never_climbs(trace: Trace) -> None:
    """No module is called from a room below its own; what settings validate themselves by, their base class calls."""
    for package, lines in LAYERS.items():
        height = {name: at for at, names in enumerate(line.split() for line in lines.split("\n")) for name in names}
        inside = [call for call in trace.calls if all(module.split(".")[0] == package for module in call)]
        up = [(one, other) for one, other in inside if height[room(one)] < height[room(other)]]
        assert [call for call in up if call[0] != "vae_core.config_base"] == []
    assert not [call for call in trace.calls if call[0].startswith("vae_core") and call[1].startswith("halfmoon")]


@pytest.fixture
def pair() -> Pair:
    runs = (find_run("mnist-ae-2d"), find_run("mnist-vae-2d"))
    assert runs[0] is not None and runs[1] is not None
    return Pair((runs[0], runs[1]))


def test_a_click_enters_the_rooms_of_its_walk_and_never_climbs(monkeypatch: pytest.MonkeyPatch) -> None:
    def click() -> None:
        assert answer().status_code == 200

    from starlette.requests import Request

    from halfmoon.plane import routes

    def answer() -> Any:
        scope = {"type": "http", "path_params": {"name": "mnist-vae-2d"}, "query_string": b"z=0.5,-0.25", "headers": []}
        return routes._answer(Request(scope))

    click()  # the run and its model are in memory then
    trace = traced(click)
    assert set(walk("click")) <= trace.modules
    assert {f"{one.split('.')[0]}.{room(one)}" for one in walk("click")} | {
        "vae_core.data",
        "vae_core.runs",
    } == trace.rooms
    assert_never_climbs(trace)


def test_a_training_enters_the_rooms_of_its_walk_and_never_climbs(tmp_path: Path) -> None:
    small = NetworkConfig(widths=(4,))
    data = DataConfig(name="digits")
    images = datasets.load(data)

    def train() -> None:
        model = ModelConfig(encoder=small, decoder=small)
        run = recording.create_run(tmp_path / "run", model, TrainingConfig(data=data, steps=30, threads=1), images)
        for _ in recording.record(run, images):
            pass

    trace = traced(train)
    assert set(walk("training")) <= trace.modules
    assert {f"vae_core.{room(one)}" for one in walk("training")} >= trace.rooms - {"vae_core.data"}
    assert_never_climbs(trace)


def test_a_comparison_enters_the_rooms_of_its_walk_and_never_climbs(pair: Pair) -> None:
    def compare() -> None:
        for found in verdicts.by_group(pair.runs).values():
            assert measure_table.table(pair, found)

    trace = traced(compare)
    assert set(walk("comparison")) <= trace.modules
    assert_never_climbs(trace)


def test_a_route_is_reached_as_the_walk_says() -> None:
    assert ask("answer/mnist-vae-2d?z=0,0").status == 200
