"""Sentences that the core writes in English, in the language of the page.

An error's sentence is made where the error is, with its values filled in, and may have come from another process or out
of a run's files: only the sentence itself travels everywhere. So the key of a translation is the English sentence with
`{}` for each value, as it stands in the code, and a sentence is recognised by all that is not a value. None that is
shown says where on the machine a folder lies: who reads it may be anybody whom the server is open to.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from halfmoon.texts.language import language
from vae_core.errors import UserError
from vae_core.places import PACKAGES, ROOT, SHIPPED, data_folder, runs_folder


class Pattern(NamedTuple):
    """A sentence with blanks: what it matches in English, how many letters of it are no values, and what it becomes.

    The translation has `{}` for the values in their order, or `{0}`, `{1}` … in another.
    """

    matches: re.Pattern[str]
    letters: int
    translation: str


def told(said: UserError | str) -> str:
    """What is said, in the page's language, with files called as they are seen from the folder of runs, of data sets or
    of the app."""
    sentence = str(said)
    folders = {runs_folder(): "", SHIPPED: "", data_folder(): "VAE_DATA_DIR", ROOT: "", PACKAGES: ""}
    folders |= {Path(tempfile.gettempdir()): "", Path("~").expanduser(): "~"}
    for folder, name in folders.items():
        for path in {str(folder.resolve()), str(folder.absolute())} - {folder.absolute().anchor}:
            sentence = sentence.replace(path + os.sep, name and f"{name}/").replace(path, name or folder.name)
    return translated(sentence, language())


def translated(sentence: str, language: str) -> str:
    """The sentence in `language`, and so each value in it that is a known sentence or phrase; unknown ones stay."""
    for pattern in patterns(language):
        if found := pattern.matches.fullmatch(sentence):
            return pattern.translation.format(*(translated(value, language) for value in found.groups()))
    return sentence


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """All that can be translated into `language`, the most telling first; nothing for English."""
    file = Path(__file__).parent / f"sentences_{language}.toml"
    if not file.exists():
        return ()
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    found = [_pattern(english, other) for table in tables.values() for english, other in table.items()]
    return tuple(sorted(found, key=lambda pattern: -pattern.letters))


def _pattern(english: str, translation: str) -> Pattern:
    parts = english.split("{}")
    return Pattern(re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL), sum(map(len, parts)), translation)
