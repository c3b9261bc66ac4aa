"""A run as one zip, to be kept, sent and opened again; one from elsewhere is believed in nothing."""

from __future__ import annotations

import io
import json
import re
import shutil
import stat
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from vae_core import snapshots
from vae_core.errors import RunError, UserError
from vae_core.files import could_not_write, read_file
from vae_core.runs import Run, free_folder, usual_name

MOST_BYTES = 200_000_000  # unpacked
MOST_FILES = 300
MOST_ENTRIES = 10 * MOST_FILES  # with those of the .npz files, zips too, in which there are up to eight arrays
MOST_RATIO = 100  # of a file's size to what it takes in the zip; records come to about 10
FREE_BYTES = 1_000_000  # a file of this size is welcome however well it is packed
LONGEST_NAME = 60

NEEDED = ("config.json", "model.safetensors", "codes.npz")
WELCOME = (*NEEDED, "records.jsonl", "card.json", "preview.npz", "about.json")
SNAPSHOT = re.compile(r"snapshots/\d{9}\.(npz|safetensors)", re.ASCII)
CHUNK = 1 << 20
BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, ValueError, KeyError, TypeError, IndexError, RuntimeError)


def pack_run(run: Run) -> bytes:
    """A zip of the run, without what a resume needs and without its owner: the same bytes for the same files.

    Where it would be too large to be opened again, snapshots are left out evenly. Raises RunError where there is
    nothing to look at yet.
    """
    if not run.is_trained:
        raise RunError(f"{run.name} has no codes to look at yet: let it end first.")
    content: dict[str, bytes] = {}
    for name in WELCOME:
        with suppress(FileNotFoundError):
            content[name] = read_file(run.folder / name)
    content["records.jsonl"] = _whole_records(run)
    about = {name: value for name, value in run.about.items() if name != "owner"}
    content["about.json"] = (json.dumps(about, indent=2) + "\n").encode()
    left = MOST_BYTES - sum(map(len, content.values()))
    if left < 0:
        raise RunError(f"{run.name} is too large to be packed: {MOST_BYTES // 10**6} MB is the most.")
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, data in (content | _snapshots(run, left)).items():
            packed = ZIP_DEFLATED if name.endswith((".json", ".jsonl")) else ZIP_STORED
            archive.writestr(ZipInfo(name), data, packed)  # a ZipInfo of its own is of the same moment each time
    return buffer.getvalue()


def unpack_run(content: bytes, into: Path, name: str | None = None) -> Run:
    """The run in a zip, in a new folder in `into`, called `name` as far as folders may be, or what it is a run of.

    Only the files of a run are taken, within limits of size and number, and each is looked at before the folder gets
    its name; nothing is unpickled. Raises RunError, with nothing left behind, where anything is not as it should be.
    """
    beside = Path(into) / f".{uuid4().hex}.partial"
    try:
        _extract(content, beside)
        run = Run.open(beside)
        from vae_core.checking import check_run  # here, for it needs torch

        check_run(run)
        run.write_about(owner=None)
        stem = _folder_name(name or "") or usual_name(run.config.model, run.config.training.data.name)
        return _named(beside, stem)
    except UserError as error:
        raise RunError(str(error).replace(f"{beside}/", "")) from error
    except OSError as error:
        raise could_not_write(Path(into), error) from error
    except (*BROKEN, MemoryError) as error:
        raise RunError("The zip is broken: something in it can't be read.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _whole_records(run: Run) -> bytes:
    """The records, which of a run that has not ended say that it was interrupted: in the zip it is."""
    try:
        records = read_file(run.records_file)
    except FileNotFoundError:
        return b""
    records = records[: records.rfind(b"\n") + 1]
    last = run.last_record()
    if last and not run.has_ended:
        event = {"step": last["step"], "seconds": last.get("seconds", 0.0), "event": "interrupted"}
        records += (json.dumps(event) + "\n").encode()
    return records


def _snapshots(run: Run, most_bytes: int) -> dict[str, bytes]:
    """The files of the run's snapshots; of every second, fourth ... where they are too large, always of the first."""
    kept = snapshots.steps(run.snapshots_folder)
    sizes = {step: sum(_size(path) for path in snapshots.files(run.snapshots_folder, step)) for step in kept}
    while sum(sizes[step] for step in kept) > most_bytes:
        kept = kept[::2] if len(kept) > 1 else []
    content: dict[str, bytes] = {}
    for step in kept:
        with suppress(FileNotFoundError):  # thinned out meanwhile
            both = {f"snapshots/{path.name}": path.read_bytes() for path in snapshots.files(run.snapshots_folder, step)}
            content |= both
    return content


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _extract(content: bytes, folder: Path) -> None:
    """Writes the files of the zip, all of which are files of a run, into a new `folder`."""
    if content.count(b"PK\x01\x02") > MOST_ENTRIES:  # not even their list is read
        raise RunError(f"The zip holds too many files: {MOST_FILES} is the most.")
    try:
        archive = ZipFile(io.BytesIO(content))
    except (*BROKEN, NotImplementedError) as error:
        raise RunError("This is not a whole zip file.") from error
    with archive:
        files = [info for info in archive.infolist() if info.orig_filename != "snapshots/"]
        _check_list(files)
        folder.mkdir(parents=True)
        for info in files:
            path = folder / info.filename
            path.parent.mkdir(exist_ok=True)
            with archive.open(info) as packed, path.open("wb") as file:
                shutil.copyfileobj(packed, file, CHUNK)  # a piece at a time: what it says of its size may be a lie


def _check_list(files: list[ZipInfo]) -> None:
    """Raises RunError where the zip's list promises anything but the files of a run, within the limits."""
    names = [info.orig_filename for info in files]
    if len(files) > MOST_FILES:
        raise RunError(f"The zip holds too many files: {MOST_FILES} is the most.")
    for info, name in zip(files, names, strict=True):
        if name not in WELCOME and not SNAPSHOT.fullmatch(name):
            raise RunError(f"The zip holds {name[:LONGEST_NAME]!r}, which is not a file of a run.")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise RunError(f"The zip holds {name} as a link or the like, not as a file.")
        if info.flag_bits & 1:
            raise RunError(f"The zip is encrypted: {name} can't be read.")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise RunError(f"The zip holds {name} packed in an unusual way: pack it again, as most programs do.")
        if info.file_size > max(FREE_BYTES, MOST_RATIO * info.compress_size):
            raise RunError(f"The zip holds {name} packed too well to be a run's.")
    if len(set(names)) < len(names):
        raise RunError("The zip holds a file twice.")
    if sum(info.file_size for info in files) > MOST_BYTES:
        raise RunError(f"The zip is too large: unpacked, {MOST_BYTES // 10**6} MB is the most.")
    if missing := set(NEEDED) - set(names):
        raise RunError(f"The zip is not that of a run that was trained: it lacks {', '.join(sorted(missing))}.")


def _folder_name(text: str) -> str:
    """What of a text can name a folder anywhere."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:LONGEST_NAME].strip("-.")


def _named(beside: Path, name: str) -> Run:
    """The run in `beside` under the first free name."""
    while True:
        folder = free_folder(beside.parent, name)
        try:
            return Run.open(beside.rename(folder))
        except OSError:
            if not folder.exists():  # else somebody else has just taken the name
                raise
