"""The published files of MNIST and Fashion-MNIST: their places, checksums and download.

They lie in torchvision's layout, as published (gzipped) or unpacked. The checksum of every file is verified at each
read (about 0.03 s of processor time for the largest), and only published content is used.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vae_core import workshop
from vae_core.data._torchvision import import_torchvision
from vae_core.errors import DataError, RunError
from vae_core.files import make_folder, write_atomically


class File(NamedTuple):
    """A published file: the shape of its uint8 values, equal for both data sets, and its checksums."""

    shape: tuple[int, ...]
    sha256: dict[str, str]
    """of the unpacked content, by the data set's folder, which is torchvision's class too"""


# By their names without ".gz": training images and labels, test images and labels.
PUBLISHED = {
    "train-images-idx3-ubyte": File(
        (60_000, 28, 28),
        {
            "MNIST": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "FashionMNIST": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        },
    ),
    "train-labels-idx1-ubyte": File(
        (60_000,),
        {
            "MNIST": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "FashionMNIST": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        },
    ),
    "t10k-images-idx3-ubyte": File(
        (10_000, 28, 28),
        {
            "MNIST": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "FashionMNIST": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        },
    ),
    "t10k-labels-idx1-ubyte": File(
        (10_000,),
        {
            "MNIST": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            "FashionMNIST": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        },
    ),
}


def read(name: str, title: str, folder: Path, download: bool) -> list[np.ndarray]:
    """The uint8 arrays of the data set `name`, a key of the checksums, in the order of `PUBLISHED`.

    Read from `folder` / `name` / "raw" and, with `download`, fetched there if they are missing. Raises DataError, in
    which the data set is called `title`, where files are missing, broken, or can't be read or written.
    """
    raw = folder / name / "raw"
    try:
        missing = _not_in(raw)
        if missing and not download:
            raise _missing(title, missing, raw, "no download was asked for")
        if missing:
            _download(name, title, missing, folder)
        return [_array(raw / file, name) for file in PUBLISHED]
    except OSError as error:
        raise DataError(f"{title} can't be read in {raw}: {error.strerror or error}.") from error


def is_local(name: str, folder: Path) -> bool:
    """Whether the files of the data set `name` are in `folder`; they are not read."""
    return not _not_in(folder / name / "raw")


def fetched_bytes(name: str, folder: Path) -> int:
    """The packed bytes of the data set `name` in `folder` so far, while another thread downloads it."""
    size = 0
    for path in folder.glob(f"{workshop.FOLDER}/*/{name}/raw/*.gz"):
        with suppress(OSError):  # moved in the meantime
            size += path.stat().st_size
    return size


def _not_in(raw: Path) -> list[str]:
    return [file for file in PUBLISHED if not ((raw / file).is_file() or _packed(raw / file).is_file())]


def _packed(path: Path) -> Path:
    return path.with_name(path.name + ".gz")


def _array(path: Path, name: str) -> np.ndarray:
    """The array in the file at `path`, or gzipped beside it. Raises DataError unless it is the published one."""
    shape, sums = PUBLISHED[path.name]
    source = path if path.is_file() else _packed(path)
    try:
        content = _whole(path.read_bytes(), sums[name]) if source == path else _unpack(source, name, sums[name])
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{source} is broken ({error}): delete it and let it be downloaded again.") from error
    # IDX: four bytes for the type and the number of dimensions, four for each size, then the values.
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _whole(content: bytes, sha256: str) -> bytes:
    """`content`, which has this checksum. Raises ValueError if not."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError("its content is not the published one")
    return content


def _unpack(packed: Path, name: str, sha256: str) -> bytes:
    """The content of a gzipped file, cached in the user's cache: its own folder may be read-only."""
    cached = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "halfmoon" / name / packed.stem
    with suppress(OSError, ValueError):  # not unpacked yet, or damaged since
        return _whole(cached.read_bytes(), sha256)
    content = _whole(gzip.decompress(packed.read_bytes()), sha256)
    with suppress(RunError):  # a cache that can't be written only costs time
        make_folder(cached.parent)
        write_atomically(cached, content)
    return content


def _download(name: str, title: str, missing: list[str], folder: Path) -> None:
    """Downloads the `missing` files with torchvision, through a temporary folder.

    torchvision takes any file of the right name for a whole one, and an interrupted download leaves a part: so only
    only files that are downloaded, verified and unpacked completely are moved into place.
    """
    raw = folder / name / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _missing(title, missing, raw, f"can't be written there ({error.strerror})") from error
    workshop.clear(folder)
    with workshop.workspace(folder) as stage:
        try:
            getattr(import_torchvision().datasets, name)(stage, download=True)
            for file in missing:
                os.replace(stage / name / "raw" / file, raw / file)
        except (OSError, RuntimeError, HTTPException) as error:
            reason = str(error).strip().rpartition("\n")[2]  # torchvision's list of mirrors ends with the last one's
            reason = "there is no network" if "urlopen error" in reason else reason
            raise DataError(
                f"{title} could not be downloaded: {reason}; the shipped runs, the digits and the moons work without."
            ) from error


def _missing(title: str, missing: list[str], raw: Path, why: str) -> DataError:
    files = "its files" if len(missing) == len(PUBLISHED) else ", ".join(missing)
    return DataError(
        f"{title} is missing: {files} were looked for in {raw} and {why}; "
        "the shipped runs, the digits and the moons work without."
    )
