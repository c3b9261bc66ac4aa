"""Every visible text is in the catalogue, in every language, and nothing else is."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import get_args

import pytest

from halfmoon.components import mounting
from halfmoon.components.own_image.reading import EXPECTED
from halfmoon.plane.view import GAPS, LAYERS
from halfmoon.runs.choice import ORDERS
from halfmoon.runs.table import COLUMNS
from halfmoon.texts import catalogue, table
from halfmoon.texts.language import LANGUAGES
from halfmoon.train import settings
from vae_core.configs import DataConfig, Network, Phases
from vae_core.data import sources
from vae_core.data.pictures import REASONS, Done
from vae_core.kinds import KINDS, TOTAL
from vae_core.measures.gap_map import ruler_kind
from vae_core.runs.status import Status

PAD_KEYS = {"title", "clear", "hint"}  # the pad's own names for what it is given
ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*ROOT.glob("pages/**/*.py"), *ROOT.glob("halfmoon/**/*.py"), ROOT / "app.py"]


def component_keys() -> set[str]:
    """The texts that the components' JavaScript shows."""

    def of(table: str, component: str) -> set[str]:
        code = "".join(source.read_text(encoding="utf-8") for source in (mounting.FOLDER / component).glob("*.js"))
        return {f"{table}.{name}" for name in set(re.findall(r"\btexts\.(\w+)", code)) - PAD_KEYS}

    layers = {f"component.layer_{layer}" for layer in LAYERS if layer not in GAPS}
    layers |= {f"component.machine_{network}" for network in ("encoder", "decoder")}
    own = of("own_image", "own_image")
    planes = of("component", "latent_plane") | of("component", "shared")
    components = of("live", "live") | of("half_moon_live", "half_moon") | of("frame", "frame")
    return planes | components | own | layers


def used_keys() -> set[str]:
    """Every key in the code, those of f-strings with * for what is filled in.

    A key is a string like `table.name`, wherever it stands: it may reach `text` by way of a variable.
    """
    tables = {key.split(".")[0] for key in catalogue("en")}
    is_key = re.compile(rf"({'|'.join(tables)})(\.[\w*-]+)+").fullmatch
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
                found.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return {key for key in found if is_key(key) and not key.endswith(".py")}  # which is a page


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_every_language_has_the_same_keys_and_the_same_blanks(language: str) -> None:
    def blanks(template: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(template) if field}

    english, other = catalogue("en"), catalogue(language)
    assert english.keys() == other.keys()
    assert {key: blanks(english[key]) for key in english} == {key: blanks(other[key]) for key in other}
    assert all(value.strip() for value in other.values())


def test_keys_in_the_code_exist() -> None:
    keys = catalogue("en").keys()
    assert [used for used in used_keys() if not any(fnmatch(key, used) for key in keys)] == []


def test_every_key_is_used() -> None:
    used = used_keys() - {"component.*"} | component_keys() | {"glossary.*"}
    assert [key for key in catalogue("en") if not any(fnmatch(key, pattern) for pattern in used)] == []


def test_whatever_is_looked_up_by_a_name_is_there() -> None:
    keys = catalogue("en").keys()
    wanted = component_keys() | {f"slice.{name}" for name in ("pc", "dim", "pins", "pc_axis", "dim_axis")}
    wanted |= {f"term.{name}" for kind in KINDS.values() for name in (TOTAL, *kind.terms)}
    wanted |= {f"kind.{kind}{ending}" for kind in KINDS for ending in ("", "_long")}
    wanted |= {f"train.presets.{name}.{part}" for name in settings.PRESETS for part in ("title", "change", "see")}
    wanted |= {f"train.kinds.{name}" for name in settings.MODELS}
    wanted |= {f"train.phases.{name}" for name in get_args(Phases)}
    wanted |= {f"train.networks.{name}" for name in get_args(Network)}
    wanted |= {f"runs.status.{name}" for name in Status}
    wanted |= {f"runs.columns.{name}" for name in COLUMNS} | {f"runs.by.{name}" for name in ORDERS}
    wanted |= {f"own_picture.{reason}" for reason in REASONS}
    wanted |= {f"own_picture.done.{field.name}" for field in fields(Done) if field.name not in EXPECTED}
    wanted |= {f"gap.{part}.{name}" for part in ("title", "unit") for name in GAPS}
    wanted |= {f"gap.about.{name}" for name in GAPS if name != "distance"}
    for name in sources.SOURCES:
        wanted |= {f"data.{name}.title", f"gap.about.{ruler_kind(DataConfig(name=name))}"}
        wanted |= {f"data.{name}.classes.{label}" for label in range(len(DataConfig(name=name).class_names))}
    assert wanted <= keys


def test_chinese_is_not_english_left_over() -> None:
    names = re.compile(
        r"data\.(mnist|digits)\.classes\..|kind\.(ae|vae)|term\.kl|live\.event_beta"
        r"|app\.title(_bare)?|plane\.(run|mixed)|runs\.columns\.beta"
    )
    english, chinese = catalogue("en"), catalogue("zh")
    assert [key for key in english if english[key] == chinese[key] and not names.fullmatch(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_that_a_text_links_to_is_in_the_glossary(language: str) -> None:
    found = catalogue(language)
    linked = {name for value in found.values() for name in re.findall(r"\(#term-([\w-]+)\)", value)}
    assert linked and linked <= set(table("glossary"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_bold_text_is_bold(language: str) -> None:
    """CommonMark ends nothing at asterisks between a full stop and a letter, where Chinese would like to."""

    def is_bold(before: str, first: str, last: str, after: str) -> bool:
        opens = first.isalnum() or (not first.isspace() and not before.isalnum())
        closes = last.isalnum() or (not last.isspace() and not after.isalnum())
        return opens and closes

    for key, template in catalogue(language).items():
        marks = [found.start() for found in re.finditer(r"\*\*", template)]
        assert len(marks) % 2 == 0, key
        for start, end in zip(marks[::2], marks[1::2], strict=True):
            before, after = template[:start][-1:], template[end + 2 :][:1]
            assert is_bold(before, template[start + 2], template[end - 1], after), key
