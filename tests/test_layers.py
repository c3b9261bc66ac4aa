"""Which room may import which: read off the sources, so that imports within functions count too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

# From below: a room imports only rooms of lines above its own.
LAYERS = {
    "vae_core": """
        __init__
        errors
        places
        config_base
        files
        locks
        workshop
        moons
        data
        kinds
        configs
        models
        codes
        runs
        training
        measures
        comparison
        verdicts
        studies
        exports
        shortcuts
        commands
        __main__
    """,
    "halfmoon": """
        __init__
        texts
        address
        server
        jobs
        components
        parts
        plane train
        interpolate sample half_moon runs
        compare
        routes
        navigation
        main
    """,
}
PAGE_ROOMS = {"plane", "train", "interpolate", "sample", "half_moon", "runs", "compare"}
BETWEEN_PAGES = {
    ("interpolate", "plane"),  # the slice that a walk is drawn on
    ("sample", "plane"),  # the same
    ("half_moon", "plane"),  # where the browser fetches a decoder
    ("compare", "plane"),  # gap maps
    ("compare", "sample"),  # sheets of samples
    ("runs", "train"),  # a run's archive, and the way to its history
    ("runs", "plane"),  # thumbnails
}
TORCH_DOORS = {"halfmoon.server.loaded", "halfmoon.server.interpolation", "halfmoon.server.warmup"}


class Import(NamedTuple):
    """A module that imports another, `target`; `is_at_once` where that happens when it is imported itself."""

    module: str
    target: str
    is_at_once: bool

    @property
    def rooms(self) -> tuple[str, str]:
        return room(self.module), room(self.target)


def room(module: str) -> str:
    """The part of a package that the module is in."""
    return [*module.split("."), "__init__"][1]


@cache
def modules() -> dict[str, Path]:
    """Every module of both packages, and its file."""
    files = [path for package in LAYERS for path in (ROOT / package).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def imports() -> list[Import]:
    """All imports in both packages but those that only a type checker sees."""
    return [
        Import(module, target, is_at_once)
        for module, path in modules().items()
        for target, is_at_once in _imports_in(ast.parse(path.read_text(encoding="utf-8")), True)
    ]


def modules_with(pattern: str) -> set[str]:
    """The modules of the web side, and the pages, in whose text the pattern is."""
    pages = {f"pages.{path.stem}": path for path in (ROOT / "pages").glob("*.py")}
    assert pages
    sources = {name: path for name, path in modules().items() if name.startswith("halfmoon")} | pages
    return {name for name, path in sources.items() if re.search(pattern, path.read_text(encoding="utf-8"))}


def _imports_in(node: ast.AST, is_at_once: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((name.name, is_at_once) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports name the package"
            for name in child.names:
                whole = f"{child.module}.{name.name}"
                yield (whole if whole in modules() else str(child.module)), is_at_once
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _imports_in(child, is_at_once and not is_function)


@cache
def needs_torch(module: str) -> bool:
    """Whether torch is imported with the module."""
    targets = [one.target for one in imports() if one.module == module and one.is_at_once]
    return any(target.split(".")[0] in ("torch", "torchvision") or needs_torch(target) for target in targets)


@pytest.mark.parametrize("package", LAYERS)
def test_a_room_imports_only_rooms_below_it(package: str) -> None:
    layers = [line.split() for line in LAYERS[package].split("\n")]
    height = {name: at for at, names in enumerate(layers) for name in names}
    inside = [one for one in imports() if one.module.split(".")[0] == one.target.split(".")[0] == package]
    assert {name for one in inside for name in one.rooms} <= set(height)
    assert [
        one for one in inside if one.rooms[0] != one.rooms[1] and height[one.rooms[0]] <= height[one.rooms[1]]
    ] == []


def test_the_core_knows_nothing_of_the_web() -> None:
    known = {one.target.split(".")[0] for one in imports() if one.module.split(".")[0] == "vae_core"}
    assert not {"halfmoon", "streamlit", "starlette", "plotly"} & known
    assert {"torch", "numpy"} <= known  # what is looked through are imports


def test_a_page_takes_from_another_only_what_is_named_here() -> None:
    crossing = {one.rooms for one in imports() if one.target.startswith("halfmoon.") and set(one.rooms) <= PAGE_ROOMS}
    assert {rooms for rooms in crossing if rooms[0] != rooms[1]} == BETWEEN_PAGES


def test_torch_enters_the_web_side_by_its_doors_alone() -> None:
    web = [one for one in imports() if one.module.startswith("halfmoon")]
    bring = {one.module for one in web if one.target.split(".")[0] == "torch" or needs_torch(one.target)}
    assert bring == TORCH_DOORS
    assert [module for module in modules() if module.startswith("halfmoon") and needs_torch(module)] == []  # at once
    assert modules_with(r"\bwarmup\.ensure\b") <= TORCH_DOORS


def test_what_streamlit_mounts_are_components() -> None:
    mounting = modules_with(r"\bst\.components\b")
    assert mounting and all(module.startswith("halfmoon.components.") for module in mounting)


def test_the_url_has_one_reader_and_one_writer() -> None:
    assert modules_with(r"\bst\.query_params\b") == {"halfmoon.address"}
