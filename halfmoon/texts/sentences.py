"""The core's English sentences, translated into the language of the page.

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
    """A sentence with blanks: its English pattern, the number of its letters outside values, and its translation.

    The translation has `{}` for the values in their order, or `{0}`, `{1}` … in another.
    """

    matches: re.Pattern[str]
    letters: int
    translation: str


def told(said: UserError | str) -> str:
    """The sentence in the page's language, with files named relative to the folders of runs, of data or of the app."""
    sentence = str(said)
    folders = {runs_folder(): "", SHIPPED: "", data_folder(): "VAE_DATA_DIR", ROOT: "", PACKAGES: ""}
    folders |= {Path(tempfile.gettempdir()): "", Path("~").expanduser(): "~"}
    for folder, name in folders.items():
        for path in {str(folder.resolve()), str(folder.absolute())} - {folder.absolute().anchor}:
            sentence = sentence.replace(path + os.sep, name and f"{name}/").replace(path, name or folder.name)
    return translated(sentence, language())


def translated(sentence: str, language: str) -> str:
    """The sentence in `language`, and likewise each value in it that is a known sentence; unknown ones stay."""
    for pattern in patterns(language):
        if found := pattern.matches.fullmatch(sentence):
            return pattern.translation.format(*(translated(value, language) for value in found.groups()))
    return sentence


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """All translations into `language`, the most specific first; nothing for English."""
    file = Path(__file__).parent / f"sentences_{language}.toml"
    if not file.exists():
        return ()
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    found = [_pattern(english, other) for table in tables.values() for english, other in table.items()]
    return tuple(sorted(found, key=lambda pattern: -pattern.letters))


def _pattern(english: str, translation: str) -> Pattern:
    parts = english.split("{}")
    return Pattern(re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL), sum(map(len, parts)), translation)
