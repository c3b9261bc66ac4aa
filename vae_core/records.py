"""The records of a run: a file of whole lines, read from where the last read ended, and from its end."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_core.errors import RunError
from vae_core.files import could_not_write

TAIL_BYTES = 4096  # more than the longest record

Record = dict[str, Any]


@dataclass(frozen=True)
class RecordFile:
    """A `records.jsonl`, which one process appends to while others read."""

    path: Path

    def read(self, offset: int = 0) -> tuple[list[Record], int]:
        """The records from byte `offset` on, and the offset to read from next time.

        An unterminated last line is left for the next time; a file shorter than `offset` is read from its start.
        """
        try:
            with self.path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < offset:
                    offset = 0
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            return [], 0
        whole = content[: content.rfind(b"\n") + 1]
        return [self._parse(line) for line in whole.splitlines()], offset + len(whole)

    def append(self, record: Record) -> None:
        """One whole line, in one write; where the disk takes only a part of it, that part is taken back."""
        line, length = (json.dumps(record) + "\n").encode(), self.length()
        try:
            with self.path.open("ab", buffering=0) as file:
                if file.write(line) != len(line):
                    file.truncate(length)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise could_not_write(self.path, error) from error

    def last(self) -> Record | None:
        """The newest record, read from the end of a file that may be long."""
        try:
            with self.path.open("rb") as file:
                start = max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES)
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return None
        # What follows the last line break is unterminated; what precedes the first may have begun before `start`.
        return self._parse(lines[-2]) if len(lines) > 2 - (start == 0) else None

    def length(self) -> int:
        """Bytes written so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def cut(self, length: int) -> None:
        """Forgets all but the first `length` bytes."""
        if self.length() > length:
            try:
                os.truncate(self.path, length)
            except OSError as error:
                raise could_not_write(self.path, error) from error

    def _parse(self, line: bytes) -> Record:
        try:
            record = json.loads(line)
        except ValueError as error:
            raise RunError(f"{self.path} has a line that is no record: {line[:40]!r}.") from error
        return record
