"""Every sentence with which the core refuses something is said in the page's language."""

from __future__ import annotations

import ast
import builtins
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError
from streamlit.testing.v1 import AppTest

from halfmoon.texts import sentences
from halfmoon.texts.sentences import translated
from vae_core.configs import NetworkConfig, RunConfig, TrainingConfig
from vae_core.data.pictures import REASONS
from vae_core.errors import ConfigError
from vae_core.places import SHIPPED
from vae_core.runs.shelf import list_runs

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*ROOT.glob("vae_core/**/*.py"), *ROOT.glob("halfmoon/**/*.py")]
LANGUAGES = [path.stem.removeprefix("sentences_") for path in Path(sentences.__file__).parent.glob("sentences_*.toml")]
NOT_OURS = ("settings", "system")  # tables with phrases of pydantic's and of the operating system's
NOT_ON_PAGES = (
    "vae_core/commands/",
    "vae_core/data/picture_folders.py",
    "vae_core/data/image_arrays.py",
    "vae_core/exports/shipping.py",
    "halfmoon/__main__.py",
    "halfmoon/server/doors.py",
)
"""What only the command line says."""


def template(node: ast.expr) -> str | None:
    """A string in the code with `{}` for each value; None where it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised(source: Path) -> Iterator[str]:
    """The sentences that errors for users are made with in a module."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name):
            name, said = node.func.id, template(node.args[0])
            if name == "HTTPException" and (refused := template(node.args[-1])):
                yield refused
            if name.endswith("Error") and not hasattr(builtins, name) and said and said[-1] in ".}":
                yield said


@cache
def tables(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(sentences.__file__).parent / f"sentences_{language}.toml").read_text(encoding="utf-8"))


def is_translated(sentence: str, language: str) -> bool:
    """Whether it is, or whatever a value makes of it."""
    written = re.compile(".*".join(map(re.escape, sentence.split("{}"))))
    return any(written.fullmatch(key) for table in tables(language).values() for key in table)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_an_error_has_on_a_page_is_translated(language: str) -> None:
    on_pages = [path for path in SOURCES if not path.relative_to(ROOT).as_posix().startswith(NOT_ON_PAGES)]
    said = {sentence for path in on_pages for sentence in raised(path)} - {"{}", "{} {}."}
    said |= {f"{{}} {reason}." for reason in REASONS.values()}
    assert len(said) > 80
    assert [sentence for sentence in sorted(said) if not is_translated(sentence, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_is_of_a_sentence_in_the_code(language: str) -> None:
    said = {f"{{}} {reason}." for reason in REASONS.values()}
    for path in SOURCES:
        said |= {found for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if (found := template(node))}
    ours = [key for name, table in tables(language).items() if name not in NOT_OURS for key in table]
    begun = [one for one in said if one.count("{}")]  # one that is put together: the rest is filled in
    alike = [re.compile(".*".join(map(re.escape, one.split("{}")))) for one in begun]
    assert [key for key in ours if key not in said and not any(one.fullmatch(key) for one in alike)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_blanks_of_its_sentence(language: str) -> None:
    for table in tables(language).values():
        for english, other in table.items():
            fields = [field for _, field, _, _ in string.Formatter().parse(other) if field is not None]
            assert len(fields) <= english.count("{}"), english
            assert all(field == "" or int(field) < english.count("{}") for field in fields), english


def test_the_most_telling_sentence_is_taken_and_values_are_translated_too() -> None:
    inner = "Its networks have 1,000 weights, and 10 is the most that is opened here."
    assert translated(f"This run could not be looked at. {inner}", "zh").endswith(translated(inner, "zh"))
    assert "weights" not in translated(inner, "zh")
    assert translated("mine/a can't be read (Permission denied).", "zh") == "无法读取 mine/a（没有权限）。"
    assert translated("Nobody has ever said this.", "zh") == "Nobody has ever said this."
    assert translated(inner, "en") == inner


@pytest.mark.parametrize(
    "settings",
    [
        lambda: TrainingConfig(data="?"),
        lambda: TrainingConfig(learning_rate=-1),
        lambda: TrainingConfig(learning_rate=float("nan")),
        lambda: TrainingConfig(steps=10**12),
        lambda: TrainingConfig(seed="x"),
        lambda: TrainingConfig(nonsense=1),
        lambda: NetworkConfig(network="loom"),
        lambda: NetworkConfig(widths=[1] * 99),
        lambda: RunConfig.from_json("{"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_without_an_english_word_but_names(settings) -> None:
    with pytest.raises((ConfigError, ValidationError)) as caught:
        settings()
    said = translated(str(caught.value), "zh")
    assert re.search(r"[a-z]+ [a-z]+ [a-z]+", said) is None, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_on_a_card_why_there_is_no_value_is_translated(language: str) -> None:
    reasons = {one.reason for run in list_runs(SHIPPED) for one in run.read_card().measures.values() if one.reason}
    for room in ("definition", "takers", "paths", "samples"):
        for node in ast.walk(ast.parse((ROOT / "vae_core" / "measures" / f"{room}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "reason" and (said := template(node.value)):
                reasons.add(said)
            if isinstance(node, ast.FunctionDef) and node.name == "why_not":
                returned = (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)
                reasons |= {said for value in returned if (said := template(value))}
    assert len(reasons) > 5
    assert [reason for reason in sorted(reasons) if translated(reason.replace("{}", "2"), language) == reason] == []


def test_a_page_in_chinese_shows_no_english_sentence() -> None:
    def script() -> None:
        import streamlit as st

        from halfmoon.parts.errors import show_error
        from vae_core.errors import RunError

        st.session_state["lang"] = "zh"
        show_error(RunError("There is no such run."))

    (error,) = AppTest.from_function(script).run().error
    assert "没有这个模型。" in error.value
    assert "There" not in error.value
