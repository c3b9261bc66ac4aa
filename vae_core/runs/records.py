"""The records of a run: a file of whole lines, read from an offset on or from its end."""

from __future__ import annotations

import errno
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_core.errors import BrokenError
from vae_core.files import open_to_read, parse_json, read_error, write_atomically, write_error
from vae_core.runs.schemas import is_record

TAIL_BYTES = 4096  # every record is shorter
LOSSES_BYTES = 65_536  # at the end, among which losses are looked for

Record = dict[str, Any]

_step = re.compile(rb'"step": (\d{1,10})\b').search
_split = re.compile(rb'"split": "(training|validation)"').search


@dataclass(frozen=True)
class RecordFile:
    """A `records.jsonl`, appended to by one process and read by others."""

    path: Path

    def read(self, offset: int = 0) -> tuple[list[Record], int]:
        """The records from byte `offset` on, and the offset to read from next time.

        An unterminated last line is left for the next time; a file shorter than `offset` is read from its start.
        Raises RunError if a line is no record, or the file can't be read; so does `last`.
        """
        try:
            with open_to_read(self.path) as file:
                if file.seek(0, os.SEEK_END) < offset:
                    offset = 0
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            return [], 0
        except OSError as error:
            raise read_error(self.path, error) from error
        whole = content[: content.rfind(b"\n") + 1]
        return [self._parse(line) for line in whole.split(b"\n")[:-1]], offset + len(whole)

    def all(self) -> list[Record]:
        """All records. Raises RunError as `read` does."""
        return self.read()[0]

    def append(self, record: Record) -> None:
        """Appends one whole line in one write; a line that the disk takes only in part is removed again."""
        line, length = _line(record), self.length()
        try:
            with self.path.open("ab", buffering=0) as file:
                if file.write(line) != len(line):
                    file.truncate(length)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise write_error(self.path, error) from error

    def last(self) -> Record | None:
        """The newest record, read from the end of a file that may be long."""
        lines = self._end(TAIL_BYTES)
        return self._parse(lines[-1]) if lines else None

    def last_losses(self) -> Record | None:
        """The newest record of losses on validation images, else on a training batch; None without any.

        It is looked for near the end of a file that may be long: validation is recorded every epoch. Raises RunError as
        `last` does.
        """
        lines = self._end(LOSSES_BYTES)
        for split in (b"validation", b"training"):
            for line in reversed(lines):
                if (found := _split(line)) and found[1] == split:
                    return self._parse(line)
        return None

    def length(self) -> int:
        """The length in bytes."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise read_error(self.path, error) from error

    def cut(self, length: int) -> None:
        """Removes everything after the first `length` bytes."""
        if self.length() > length:
            try:
                os.truncate(self.path, length)
            except OSError as error:
                raise write_error(self.path, error) from error

    def normalise(self) -> None:
        """Rewrites every line in the format of `append`. Raises RunError as `read` does."""
        lines = list(map(_line, self.all()))
        if any(len(line) > TAIL_BYTES for line in lines):
            raise BrokenError(f"{self.path} has a line that is no record: it is too long.")
        if lines:
            write_atomically(self.path, b"".join(lines))

    def _end(self, size: int) -> list[bytes]:
        """The whole lines among the last `size` bytes, without their line breaks. Raises RunError as `last` does."""
        try:
            with open_to_read(self.path) as file:
                start = max(0, file.seek(0, os.SEEK_END) - size)
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise read_error(self.path, error) from error
        # What follows the last line break is unterminated; what precedes the first may have begun before `start`.
        whole = lines[:-1] if start == 0 else lines[1:-1]
        if not whole and start:
            raise BrokenError(f"{self.path} ends with a line that is no record: it is too long.")
        return whole

    def _parse(self, line: bytes) -> Record:
        if (record := parse_record(line)) is None:
            raise BrokenError(f"{self.path} has a line that is no record: {line[:40]!r}.")
        return record


def step_and_split(line: bytes) -> tuple[int, str | None]:
    """The step and the split of a line written by `append`, without parsing it, as files have many."""
    step, split = _step(line), _split(line)
    return int(step[1]) if step else 0, split[1].decode() if split else None


def parse_record(line: bytes, gaps: bool = False) -> Record | None:
    """The record in a line; None if it is none. With `gaps`, None may stand for a number that is not finite."""
    if len(line) >= TAIL_BYTES:
        return None
    try:
        record = parse_json(line, gaps)
    except ValueError:
        return None
    without_gaps = record
    if gaps and isinstance(record, dict):
        without_gaps = {name: 0.0 if value is None else value for name, value in record.items()}
    return record if is_record(without_gaps) else None


def _line(record: Record) -> bytes:
    return (json.dumps(record) + "\n").encode()
