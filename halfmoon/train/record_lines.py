"""The records of a run, thinned to about as many lines as a curve has pixels.

A file is read once, however many pages ask: what it has grown by is added to what was kept of it before. Lines that
are not kept are never parsed.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple

from vae_core.files import open_to_read
from vae_core.runs.records import TAIL_BYTES as MAX_LINE_LENGTH
from vae_core.runs.records import parse_record, step_and_split

MAX_KEPT = 4096  # lines of each split
BLOCK_BYTES = 2**22
TAIL_BYTES = 512  # by which a file is known again
MAX_NEWS_BYTES = 2**19  # of more news than that a thinned whole is given instead
MAX_EVENTS = 2000  # the newest
MAX_ANSWER_BYTES = 2**22
MAX_FILES = 16


class Lines(NamedTuple):
    """Records as lines of JSON, to continue from `offset`; with `is_whole` they replace all earlier ones."""

    offset: int
    is_whole: bool
    lines: list[bytes]


class _Line(NamedTuple):
    step: int
    position: int
    text: bytes


class _Curve:
    """The lines of one split: the first of each stretch of `width` steps, a power of two, and the last of all."""

    def __init__(self) -> None:
        self.kept: list[_Line] = []
        self.last: _Line | None = None
        self.width = 1

    def add(self, line: _Line) -> None:
        self.last = line
        if not self.kept or line.step // self.width != self.kept[-1].step // self.width:
            self.kept.append(line)
            while len(self.kept) > MAX_KEPT:
                self.width *= 2
                self.kept = _first_of_each(self.kept, self.width)

    def thinned(self, most: int) -> list[_Line]:
        """At most that many lines, evenly by step, the last included."""
        kept, width = self.kept, self.width
        while len(kept) >= max(2, most):
            width *= 2
            kept = _first_of_each(kept, width)
        return kept if self.last is None or kept[-1] == self.last else [*kept, self.last]


class ThinnedRecords:
    """One growing file of records: the newest events are kept, training and validation thinned separately."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._begin()

    def whole(self, most: int) -> Lines:
        """About `most` of the records there are, in their order; of long ones fewer, for an answer has its bound."""
        with self._lock:
            self._catch_up()
            lines = self._thinned(most)
            while sum(len(line.text) for line in lines) > MAX_ANSWER_BYTES:
                most //= 2
                lines = self._thinned(most)
            return Lines(self._offset, True, list(_valid(line.text for line in lines)))

    def _thinned(self, most: int) -> list[_Line]:
        curves = [line for curve in self._curves.values() for line in curve.thinned(most // 2)]
        events = list(self._events)[-max(1, most) :]
        return sorted([*events, *curves], key=lambda line: line.position)

    def _begin(self) -> None:
        self._offset, self._tail = 0, b""
        self._inode: int | None = None
        self._curves: dict[str, _Curve] = {}
        self._events: deque[_Line] = deque(maxlen=MAX_EVENTS)

    def _catch_up(self) -> None:
        """Reads the new lines; all of them if the file was truncated or replaced."""
        try:
            with open_to_read(self.path) as file:
                if not self._is_known(file):
                    self._begin()
                    self._inode = _inode(file)
                file.seek(self._offset)
                for text in _whole_lines(file):
                    self._add(text)
                self._tail = _before(file, self._offset)
        except FileNotFoundError:
            self._begin()

    def _is_known(self, file: BinaryIO) -> bool:
        return self._inode == _inode(file) and _before(file, self._offset) == self._tail

    def _add(self, text: bytes) -> None:
        position = self._offset
        self._offset += len(text)
        if len(text) > MAX_LINE_LENGTH:
            return  # no record
        step, split = step_and_split(text)
        line = _Line(step, position, text)
        if split is None:
            self._events.append(line)
        else:
            self._curves.setdefault(split, _Curve()).add(line)


def read(path: Path, offset: int, most: int) -> Lines:
    """The records from byte `offset` on, or, from the start and where that is far behind, about `most` of them all.

    So it is where `offset` is not the end of a line, and where the file is shorter: a resume has cut it. Raises
    RunError where the file can't be read.
    """
    if offset > 0:
        try:
            with open_to_read(path) as file:
                file.seek(0, os.SEEK_END)
                if offset <= file.tell() <= offset + MAX_NEWS_BYTES and _before(file, offset).endswith(b"\n"):
                    file.seek(offset)
                    lines = list(_whole_lines(file))
                    return Lines(offset + sum(map(len, lines)), False, list(_valid(lines)))
        except FileNotFoundError:
            pass
    return _remembered(path).whole(most)


_files: OrderedDict[Path, ThinnedRecords] = OrderedDict()
_files_lock = Lock()


def _remembered(path: Path) -> ThinnedRecords:
    """The cached reader of the file, as long as it is among the latest requested."""
    with _files_lock:
        records = _files.pop(path, None) or ThinnedRecords(path)
        _files[path] = records
        while len(_files) > MAX_FILES:
            _files.popitem(last=False)
        return records


def _first_of_each(lines: list[_Line], width: int) -> list[_Line]:
    """The first line of each stretch of `width` steps."""
    return [line for at, line in enumerate(lines) if at == 0 or line.step // width != lines[at - 1].step // width]


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines from here on, with their ends; an unterminated last one is left for the next time."""
    rest = b""
    while block := file.read(BLOCK_BYTES):
        block = rest + block
        end = block.rfind(b"\n") + 1
        rest = block[end:]
        yield from (line + b"\n" for line in block[: max(0, end - 1)].split(b"\n") if end)


def _valid(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that are records; a number that is not finite, which JSON doesn't know, becomes null."""
    for line in lines:
        if (record := parse_record(line, gaps=True)) is not None:
            yield json.dumps(record, separators=(",", ":")).encode()


def _before(file: BinaryIO, offset: int) -> bytes:
    """The last bytes before `offset`."""
    start = max(0, offset - TAIL_BYTES)
    file.seek(start)
    return file.read(offset - start)


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino
