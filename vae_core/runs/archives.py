"""Runs packed as zips, and unpacked: untrusted archives are validated completely before use."""

from __future__ import annotations

import io
import json
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from vae_core.configs import RunConfig
from vae_core.errors import BrokenError, ConfigError, MissingError, RunError, UserError
from vae_core.files import read_file, write_error
from vae_core.runs import snapshots
from vae_core.runs.header_checks import check_headers
from vae_core.runs.headers import BROKEN
from vae_core.runs.names import claim_free, numbered, usual_name
from vae_core.runs.run import Run
from vae_core.runs.status import Status
from vae_core.runs.weighing import MAX_EVENTS, MAX_RECORD_BYTES, MAX_RECORDS, check_model
from vae_core.runs.weighing import check as check_weight
from vae_core.workshop import workspace

MAX_BYTES = 200_000_000  # unpacked
MAX_FILES = 300
MAX_ENTRIES = 10 * MAX_FILES  # with those of the .npz files, zips too, in which there are up to eight arrays
MAX_RATIO = 100  # of a file's size to what it takes in the zip; records come to about 10
FREE_BYTES = 1_000_000  # a file of this size is welcome however well it is packed; JSON but for records takes no more
MAX_NAME_LENGTH = 60

NEEDED = ("config.json", "model.safetensors", "codes.npz")
WELCOME = (*NEEDED, "records.jsonl", "card.json", "preview.npz", "about.json")
SNAPSHOT = re.compile(r"snapshots/\d{9,10}\.(npz|safetensors)", re.ASCII)
NOT_TAKEN = re.compile(r"(state/[^/]+|control\.json|log\.txt|(snapshots/)?\.[^/]+\.partial)")
"""What else a run's folder holds: what training needs."""
JUNK = re.compile(r"(.*/)?(__MACOSX/.*|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini|)", re.IGNORECASE | re.DOTALL)
"""What file managers add to a folder's zip; a name that ends in / is a folder's."""
CHUNK = 1 << 20


def pack_run(run: Run) -> bytes:
    """A zip of the run, without training state and owner: the same bytes for the same files.

    Where it would be too large to be opened again, snapshots are left out evenly. Raises RunError if there is
    nothing to look at yet.
    """
    if not run.is_trained:
        raise MissingError(f"{run.name} has no codes to look at yet: let it end first.")
    check_weight(run)
    content: dict[str, bytes] = {}
    for name in WELCOME:
        with suppress(FileNotFoundError):
            content[name] = read_file(run.folder / name)
    content["records.jsonl"] = _whole_records(run)
    about = run.read_about().model_dump(exclude={"owner"}, exclude_none=True)
    content["about.json"] = (json.dumps(about, indent=2) + "\n").encode()
    room = MAX_BYTES - sum(map(len, content.values()))
    if room < 0:
        raise RunError(f"{run.name} is too large to be packed: {MAX_BYTES // 10**6} MB is the most.")
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, data in (content | _snapshots(run, room)).items():
            compression = ZIP_DEFLATED if name.endswith((".json", ".jsonl")) else ZIP_STORED
            archive.writestr(ZipInfo(name), data, compression)  # a ZipInfo of its own is of the same moment each time
    return buffer.getvalue()


def unpack_run(content: bytes, into: Path, name: str | None = None) -> Run:
    """The run in a zip, in a new folder in `into`, named after `name`, sanitised.

    Without a name it is called as the one folder in which a file manager has packed it, or what it is a run of. Only
    the files of a run are taken. What they are is decided by the zip's list, the run's settings and the headers of its
    files before any is unpacked; then each is looked at before the folder gets its name, and nothing is unpickled.
    Raises RunError, with nothing left behind, where anything is not as it should be.
    """
    with workspace(into) as work:
        return _unpacked(content, work / "run", into, name)


def _unpacked(content: bytes, partial: Path, into: Path, name: str | None) -> Run:
    """The unpacked run, through a temporary folder."""
    try:
        with _opened(content) as archive:
            folder, files = _files_of_a_run(archive)
            _check_list(files, len(content))
            _check_promises(archive, files)
            _extract(archive, files, partial)
        run = Run.open(partial)
        from vae_core.runs.checking import check_run  # here, for it needs torch

        check_run(run)
        run.records.normalise()
        run.write_about(owner=None)
        usual = usual_name(run.config.model, run.config.training.data.name)
        return _move_to_free_name(partial, into, _folder_name(name or folder) or usual)
    except UserError as error:
        kind = type(error) if isinstance(error, RunError) else BrokenError
        raise kind(str(error).replace(f"{partial}/", "")) from error
    except OSError as error:
        raise write_error(Path(into), error) from error
    except BROKEN as error:
        raise BrokenError("The zip is broken: something in it can't be read.") from error


def _whole_records(run: Run) -> bytes:
    """The records; those of a run that has not ended are completed as interrupted.

    Of more than can be opened again every second, fourth ... is there, and always the last.
    """
    try:
        records = read_file(run.records.path)
    except FileNotFoundError:
        return b""
    records = records[: records.rfind(b"\n") + 1]
    last = run.records.last()
    if last and run.read_end() is None:
        event = {"step": last["step"], "seconds": last.get("seconds", 0.0), "event": Status.INTERRUPTED}
        records += (json.dumps(event) + "\n").encode()
    lines = records.splitlines(keepends=True)
    while _are_too_many(lines):
        lines = lines[::-2][::-1]
    return b"".join(lines)


def _are_too_many(records: list[bytes]) -> bool:
    size, events = sum(map(len, records)), sum(b'"event"' in line for line in records)
    return len(records) > MAX_RECORDS or events > MAX_EVENTS or size > MAX_RECORD_BYTES


def _snapshots(run: Run, max_bytes: int) -> dict[str, bytes]:
    """The files of the run's snapshots; if they are too large, every second, fourth ..., always with the first."""
    kept = snapshots.steps(run.snapshots_folder)
    sizes = {step: sum(_size(path) for path in snapshots.files(run.snapshots_folder, step)) for step in kept}
    while sum(sizes[step] for step in kept) > max_bytes:
        kept = kept[::2] if len(kept) > 1 else []
    content: dict[str, bytes] = {}
    for step in kept:
        with suppress(FileNotFoundError):  # thinned out in the meantime
            both = {f"snapshots/{path.name}": path.read_bytes() for path in snapshots.files(run.snapshots_folder, step)}
            content |= both
    return content


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _opened(content: bytes) -> ZipFile:
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:  # not even their list is read
        raise RunError(f"The zip holds too many files: {MAX_FILES} is the most.")
    try:
        return ZipFile(io.BytesIO(content))
    except BROKEN as error:
        raise BrokenError("This is not a whole zip file.") from error


def _files_of_a_run(archive: ZipFile) -> tuple[str, dict[str, ZipInfo]]:
    """The name of the folder in which the run is packed, or "", and what is to be taken, by its name in a run's folder.

    A file manager packs a folder with all that lies in it, adds files of its own, and may part names by backslashes.
    """
    entries = [(info.orig_filename.replace("\\", "/"), info) for info in archive.infolist()]
    entries = [(name, info) for name, info in entries if not JUNK.fullmatch(name)]
    folders = {name.removesuffix("config.json") for name, _ in entries if re.fullmatch(r"([^/]+/)?config\.json", name)}
    if len(folders) > 1 and "" not in folders:
        raise BrokenError(f"The zip holds {len(folders)} runs: pack one at a time.")
    top = "" if "" in folders else "".join(folders)
    files: dict[str, ZipInfo] = {}
    for whole_name, info in entries:
        name = whole_name.removeprefix(top)
        if NOT_TAKEN.fullmatch(name) and whole_name.startswith(top):
            continue
        if not (whole_name.startswith(top) and (name in WELCOME or SNAPSHOT.fullmatch(name))):
            raise BrokenError(f"The zip holds {whole_name[:MAX_NAME_LENGTH]!r}, which is not a file of a run.")
        if name in files:
            raise BrokenError("The zip holds a file twice.")
        files[name] = info
    return top.removesuffix("/"), files


def _check_list(files: dict[str, ZipInfo], size: int) -> None:
    """Raises RunError if the list of a zip of `size` bytes promises more than a run's files, or others."""
    if len(files) > MAX_FILES:
        raise RunError(f"The zip holds too many files: {MAX_FILES} is the most.")
    for name, info in files.items():
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise BrokenError(f"The zip holds {name} as a link or the like, not as a file.")
        if info.flag_bits & 1:
            raise BrokenError(f"The zip is encrypted: {name} can't be read.")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BrokenError(f"The zip holds {name} packed in an unusual way: pack it again, as most programs do.")
        if info.file_size > max(FREE_BYTES, MAX_RATIO * info.compress_size):
            raise BrokenError(f"The zip holds {name} packed too well to be a run's.")
        if info.file_size > _most_bytes(name):
            raise RunError(f"The zip is too large: {name} may be {_most_bytes(name) // 10**6} MB at most.")
    if sum(info.file_size for info in files.values()) > MAX_BYTES:
        raise RunError(f"The zip is too large: unpacked, {MAX_BYTES // 10**6} MB is the most.")
    if sum(info.compress_size for info in files.values()) > size:
        raise BrokenError("The zip is broken: its list promises more than it holds.")
    if missing := set(NEEDED) - set(files):
        raise BrokenError(f"The zip is not that of a run that was trained: it lacks {', '.join(sorted(missing))}.")


def _most_bytes(name: str) -> int:
    if name.endswith(".json"):
        return FREE_BYTES
    return MAX_RECORD_BYTES if name == "records.jsonl" else MAX_BYTES


def _check_promises(archive: ZipFile, files: dict[str, ZipInfo]) -> None:
    """Raises RunError if the settings in the zip are not those of a run that can be looked at, or the headers of its
    arrays and weights are not of such a run."""
    try:
        config = RunConfig.from_json(archive.read(files["config.json"]).decode())
    except (ConfigError, UnicodeDecodeError) as error:
        raise BrokenError(f"config.json is not a run's settings: {error}") from error
    shape = config.training.data.image_shape
    if config.model.image_shape != shape:
        raise BrokenError(f"config.json has images of {config.model.image_shape}, its data set of {shape}.")
    check_model(config.model)
    sizes = {name: info.file_size for name, info in files.items()}
    check_headers(config, sizes, lambda name: archive.open(files[name]))


def _extract(archive: ZipFile, files: dict[str, ZipInfo], folder: Path) -> None:
    """Writes the files into a new `folder`."""
    folder.mkdir(parents=True)
    for name, info in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with archive.open(info) as source, path.open("wb") as file:
            shutil.copyfileobj(source, file, CHUNK)  # a piece at a time: what it says of its size may be a lie


def _folder_name(text: str) -> str:
    """The part of a text that is valid as a folder name on every system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:MAX_NAME_LENGTH].strip("-.")


def _move_to_free_name(partial: Path, into: Path, name: str) -> Run:
    """The run in `partial` under the first free name in `into`, not claimed for a coming run either."""
    (claim,) = claim_free(into, numbered(name))
    try:
        return Run.open(partial.rename(claim.folder))
    finally:
        claim.release()
