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
from halfmoon.texts import catalogue, paragraph, table
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
def test_terms_of_the_glossary_are_plain_text(language: str) -> None:
    """A card shows them as they are."""
    marks = re.compile(r"\*\*|`|\]\(|[{}<>]")
    assert [
        key for key, said in catalogue(language).items() if key.startswith("glossary.") and marks.search(said)
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_that_nobody_knows_are_linked_where_they_are_first_read(language: str) -> None:
    def linked(*prefixes: str) -> set[str]:
        texts = (text for key, text in catalogue(language).items() if key.startswith(prefixes))
        return {name for text in texts for name in re.findall(r"\(#term-([\w-]+)\)", text)}

    assert linked("component.", "plane.") >= {"code", "prior", "posterior"}
    assert linked("train.presets.", "live.") >= {"kl", "prior", "posterior", "nats"}
    assert linked("compare.") >= {"code", "prior", "posterior", "nats", "elbo"}
    assert linked("half_moon.intro") >= {"code"} <= linked("interpolate.hint") & linked("sample.intro")


def test_english_has_one_word_for_one_thing() -> None:
    old = "empty ground|keep this place|kept place|go on|bring in|magenta|nobody|round again|as it is|beside the prior"
    old += "|curves and moments|images a step|holes? in|student's? t\\b|another story"
    assert [key for key, text in catalogue("en").items() if re.search(old, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("file", ["zh.toml", "sentences_zh.toml"])
def test_chinese_is_set_as_in_a_textbook(file: str) -> None:
    """No polite form beside a plain one, no space after a full-width stop, no quotation marks but its own."""
    said = re.findall(r'= (".*)', (ROOT / "halfmoon" / "texts" / file).read_text(encoding="utf-8"))
    assert said
    assert [line for line in said if re.search("[您你“”‘’]|[。，：；！？、（）「」] |幅|图钉|随应用|空洞", line)] == []


def test_no_line_ends_between_a_number_and_its_sign() -> None:
    for language in LANGUAGES:
        assert [
            key for key, text in catalogue(language).items() if re.search(r" %|[\d}] (MB|σ)|β =| =\u00a0", text)
        ] == []


def test_sentences_of_a_paragraph_have_a_space_between_them_where_the_language_has_one() -> None:
    assert paragraph(["One.", "Two."]) == "One. Two."
    assert paragraph(["一。", "二。"]) == "一。二。"


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
