"""The pictures in a folder, or one alone, with their conversions and the reasons for omissions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_core.data.pictures import Done, Picture, read_picture, suffixes
from vae_core.errors import DataError

PASSED_OVER = {"thumbs.db", "desktop.ini"}  # what file managers leave, besides names with a leading dot
MAX_NAMED = 20  # of what is left out


@dataclass(frozen=True, eq=False)
class Pictures:
    """Images made of pictures: uint8 (N, channels, height, width), with each one's name and conversions."""

    images: np.ndarray
    names: tuple[str, ...]
    done: tuple[Done, ...]
    left_out: tuple[str, ...] = ()
    """a sentence for each"""

    @property
    def summary(self) -> str:
        """One line: how many were read, how many were converted and how, and which were omitted and why."""
        count = Counter(word for done in self.done for word in _words(done))
        read, are = (
            ("Read 1 picture", "it is") if len(self.names) == 1 else (f"Read {len(self.names)} pictures", "they are")
        )
        said = ", ".join(f"{word} {number}" for word, number in count.most_common())
        line = f"{read}: {said}." if said else f"{read} as {are}."
        return f"{line} Left out {len(self.left_out)}: {_listed(self.left_out)}" if self.left_out else line


def read_one(path: Path, shape: tuple[int, int, int], box: int | None, as_is: bool = False) -> Pictures:
    """The picture in a file; `shape` and what follows are as for `read_picture`. Raises DataError."""
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is neither a file nor a folder: name a picture, or a folder of pictures.")
    return _together([(path.name, read_picture(path, shape, box, as_is))])


def read_folder(folder: Path, shape: tuple[int, int, int], box: int | None, as_is: bool = False) -> Pictures:
    """The pictures in a folder by name; unreadable ones are omitted. Raises DataError if none is left.

    `shape` and what follows are as for `read_picture`.
    """
    read, left_out = [], []
    for path in _entries(folder):
        try:
            _check(path, folder)
            read.append((path.name, read_picture(path, shape, box, as_is, name=path.name)))
        except DataError as error:
            left_out.append(str(error))
    if not read:
        why = _listed(left_out) or f"It is empty; names may end in {', '.join(sorted(suffixes()))}."
        raise DataError(f"There is no picture in {folder} that can be read. {why}")
    return _together(read, left_out)


def _entries(folder: Path) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} can't be listed ({error.strerror}): choose a folder that you may read.") from error
    return [path for path in paths if not path.name.startswith(".") and path.name.lower() not in PASSED_OVER]


def _check(path: Path, folder: Path) -> None:
    """Raises DataError unless `path` is a file of this folder with the name of a picture."""
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise DataError(f"{path.name} is a link out of the folder.")
    if path.is_dir():
        raise DataError(f"{path.name} is a folder of its own.")
    if not path.is_file():  # a pipe, say, of which no end would come
        raise DataError(f"{path.name} is no ordinary file.")
    if path.suffix.lower() not in suffixes():
        raise DataError(f"{path.name} is no picture by its name.")


def _together(read: Sequence[tuple[str, Picture]], left_out: Sequence[str] = ()) -> Pictures:
    names, pictures = zip(*read, strict=True)
    images = np.stack([picture.pixels for picture in pictures])
    return Pictures(images, names, tuple(picture.done for picture in pictures), tuple(left_out))


def _words(done: Done) -> Iterator[str]:
    """A conversion in words that can follow a number."""
    if done.turned:
        yield "turned"
    if done.laid:
        yield "laid on a ground"
    if done.inverted:
        yield "inverted"
    if done.evened:
        yield "light evened"
    if done.fitted:
        yield "fitted in"
    if done.resized:
        yield "resized"
    if done.bits is not None:
        yield f"read as {done.bits}-bit"
    if done.frames > 1:
        yield f"first of {done.frames} frames"


def _listed(sentences: Sequence[str]) -> str:
    more = len(sentences) - MAX_NAMED
    return " ".join([*sentences[:MAX_NAMED], *([f"And {more} more."] if more > 0 else [])])
