"""Run folders that are damaged: by one of many kinds of damage, or by bytes that nobody would think of."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

ODD_VALUES = (
    *("null", "true", "-1", "0.5", "1e308", "1e999", "NaN", "-Infinity", "9" * 30, "9" * 400, "9" * 5000),
    *('""', '"self"', '"\\ud800"', '"x\\u0000y"', '"a\\nb"', f'"{"x" * 5000}"', "[]", "[1, [2]]", "{}", '{"self": 1}'),
    *("[" * 100 + "]" * 100, '{"a":' * 20_000 + "1" + "}" * 20_000),
)
"""What may stand where a JSON file has another value."""

ODD_ARRAYS = (
    *(np.array(1), np.zeros(0), np.zeros((3, 3)), np.zeros((0, 2), np.float32), np.full((4, 2), np.nan, np.float32)),
    *(np.zeros((4, 2), np.longdouble), np.zeros((4, 2), complex), np.array(["2026"], "M8[Y]"), np.array(["a", "b"])),
    *(
        np.zeros(4, np.uint8),
        np.full(4, -1),
        np.full(4, 2**63, np.uint64),
        np.zeros(4, [("a", "f4")]),
        np.zeros(4, bool),
    ),
    *(np.zeros((4, 2), ">f4"), np.full((4, 2), 1e300)),
)

_value = re.compile(rb'-?\d[\d.eE+-]*|"(?:[^"\\]|\\.)*"|true|false|null')


def with_odd_value(content: bytes, at: int, odd: str) -> bytes:
    """The JSON text with the value, or the name, at this place (counted round and round) replaced."""
    found = list(_value.finditer(content))
    if not found:
        return odd.encode()
    one = found[at % len(found)]
    return content[: one.start()] + odd.encode() + content[one.end() :]


@st.composite
def torn(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with a few bytes flipped, cut out, put in or cut off."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        how = draw(st.sampled_from(("flip", "cut out", "put in", "cut off")))
        if how == "flip" and content:
            content = content[:at] + bytes([content[at] ^ (1 << draw(st.integers(0, 7)))]) + content[at + 1 :]
        elif how == "cut out":
            content = content[:at] + content[at + draw(st.integers(1, 40)) :]
        elif how == "put in":
            content = content[:at] + draw(st.binary(min_size=1, max_size=8)) + content[at:]
        else:
            content = content[:at]
    return content


@st.composite
def odd_json(draw: st.DrawFn, content: bytes) -> bytes:
    """The JSON text with values that no such file has."""
    for _ in range(draw(st.integers(1, 2))):
        content = with_odd_value(content, draw(st.integers(0, 10_000)), draw(st.sampled_from(ODD_VALUES)))
    return content


@st.composite
def odd_arrays(draw: st.DrawFn, content: bytes) -> bytes:
    """The .npz, a whole zip, with an array replaced, left out, renamed or torn in its header."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    how = draw(st.sampled_from(("replaced", "left out", "renamed", "torn")))
    if how == "replaced":
        members[name] = _npy(draw(st.sampled_from(ODD_ARRAYS)))
    elif how == "torn":
        members[name] = draw(torn(members[name][:128])) + members[name][128:]
    else:
        member = members.pop(name)
        members |= {"../mu.npy": member} if how == "renamed" else {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return buffer.getvalue()


@st.composite
def odd_tensors(draw: st.DrawFn, content: bytes) -> bytes:
    """The safetensors file with a header that says other things, of a length that is right."""
    length = int.from_bytes(content[:8], "little")
    header = draw(odd_json(content[8 : 8 + length]))
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def damaged(content: bytes, name: str) -> st.SearchStrategy[bytes]:
    """A run's file of that name, damaged in the ways that are told of its kind."""
    odd = {".json": odd_json, ".jsonl": odd_json, ".npz": odd_arrays, ".safetensors": odd_tensors}[Path(name).suffix]
    return st.one_of(odd(content), torn(content))


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _file(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes() if path.exists() else b""))

    return damage


def _arrays(name: str, **odd: np.ndarray | None) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with np.load(folder / name) as archive:
            arrays = dict(archive) | odd
        np.savez(folder / name, **{name: array for name, array in arrays.items() if array is not None})

    return damage


def _json(name: str, path: str, value: object) -> Callable[[Path], None]:
    """`path` has dots between the names of objects in each other; the value is JSON as `json.dumps` writes it."""

    def damage(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        *parents, last = path.split(".")
        branch = content
        for parent in parents:
            branch = branch[parent]
        branch[last] = value
        (folder / name).write_text(json.dumps(content))

    return damage


def _instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """What is no file bears its name."""

    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return damage


def _cut_header(folder: Path) -> None:
    """The header of the first array ends in the middle of its shape, which numpy's parser of headers dies of."""
    with zipfile.ZipFile(folder / "codes.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "codes.npz", "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member.replace(b"), }", b"    ") if name == "mu.npy" else member)


def _line(text: str) -> Callable[[bytes], bytes]:
    return lambda content: content + text.encode() + b"\n"


_EVENT = '{{"step": {step}, "seconds": {seconds}, "event": {event}}}'
_DEEP = "[" * 5000 + "]" * 5000

DAMAGES: dict[str, Callable[[Path], None]] = {
    "config-empty": _file("config.json", lambda _: b""),
    "config-cut": _file("config.json", lambda content: content[:100]),
    "config-no-object": _file("config.json", lambda _: b"[1]"),
    "config-bytes": _file("config.json", lambda _: b"\xff\xfe\x00"),
    "config-deep": _file("config.json", lambda _: _DEEP.encode()),
    "config-digits": _json("config.json", "model.latent_dim", 10**4000),
    "config-foreign": _json("config.json", "self", 1),
    "config-other-data": _json("config.json", "training.data.name", "mnist"),
    "config-other-shape": _json("config.json", "model.image_shape", [1, 9, 9]),
    "config-other-kind": _json("config.json", "model.kind", "ae"),
    "config-no-steps": _json("config.json", "training.steps", None),
    "config-folder": _instead("config.json", Path.mkdir),
    "config-pipe": _instead("config.json", os.mkfifo),
    "about-list": _file("about.json", lambda _: b"[]"),
    "about-surrogate": _file("about.json", lambda _: b'{"title": "\\ud800"}'),
    "about-number": _json("about.json", "title", 5),
    "about-folder": _instead("about.json", Path.mkdir),
    "card-list": _file("card.json", lambda _: b'{"measures": [1]}'),
    "card-no-measures": _file("card.json", lambda _: b"{}"),
    "card-flat": _file("card.json", lambda _: b'{"measures": {"psnr": 5}}'),
    "card-text": _json("card.json", "measures.psnr.value", "good"),
    "card-several": _json("card.json", "measures.psnr.value", [1.0, 2.0]),
    "card-digits": _json("card.json", "measures.psnr.value", 10**400),
    "card-nan": _json("card.json", "measures.psnr.interval", [float("nan"), 1.0]),
    "card-deep": _file("card.json", lambda _: b'{"measures": {}, "a": ' + _DEEP.encode() + b"}"),
    "control-list": _file("control.json", lambda _: b"[1]"),
    "control-foreign": _file("control.json", lambda _: b'{"self": 1}'),
    "records-garbage": _file("records.jsonl", _line("garbage")),
    "records-list": _file("records.jsonl", _line("[1]")),
    "records-digits": _file("records.jsonl", _line(_EVENT.format(step="9" * 5000, seconds=1, event='"resumed"'))),
    "records-huge": _file("records.jsonl", _line(_EVENT.format(step="9" * 400, seconds=1, event='"resumed"'))),
    "records-nan": _file("records.jsonl", _line(_EVENT.format(step=1, seconds=1, event='{"a": NaN}'))),
    "records-no-control": _file("records.jsonl", _line(_EVENT.format(step=1, seconds=1, event='"control"'))),
    "records-zeros": _file("records.jsonl", lambda content: content + bytes(5000) + b"\n"),
    "records-folder": _instead("records.jsonl", Path.mkdir),
    "codes-empty": _file("codes.npz", lambda _: b""),
    "codes-cut": _file("codes.npz", lambda content: content[:-60]),
    "codes-cut-header": _cut_header,
    "codes-longdouble": _arrays("codes.npz", mu=np.zeros((60, 2), np.longdouble)),
    "codes-few-labels": _arrays("codes.npz", labels=np.zeros(5, np.uint8)),
    "codes-other-labels": _arrays("codes.npz", labels=np.full(60, 99, np.uint8)),
    "codes-negative-labels": _arrays("codes.npz", labels=np.full(60, -1)),
    "codes-far-indices": _arrays("codes.npz", indices=np.full(60, 10**9)),
    "codes-float-indices": _arrays("codes.npz", indices=np.zeros(60)),
    "codes-nan": _arrays("codes.npz", mu=np.full((60, 2), np.nan, np.float32)),
    "codes-flat-map": _arrays("codes.npz", code_whitening=np.zeros((2, 2), np.float32)),
    "codes-other-dims": _arrays("codes.npz", mu=np.zeros((60, 5), np.float32)),
    "codes-no-variances": _arrays("codes.npz", log_var=None),
    "codes-folder": _instead("codes.npz", Path.mkdir),
    "model-cut": _file("model.safetensors", lambda content: content[:-5]),
    "model-header": _file("model.safetensors", lambda content: b"\xff" * 8 + content[8:]),
    "model-foreign": _file("model.safetensors", lambda content: content.replace(b"decoder.0", b"decoder.9")),
    "model-nan": _file("model.safetensors", lambda content: content[:-4] + b"\x00\x00\xc0\x7f"),
    "model-folder": _instead("model.safetensors", Path.mkdir),
    "preview-garbage": _file("preview.npz", lambda _: b"garbage"),
    "snapshots-file": _instead("snapshots", Path.touch),
    "state-garbage": lambda folder: (
        (folder / "state").mkdir(),
        (folder / "state" / "state.safetensors").write_bytes(b"{"),
    ),
}
"""Kinds of damage by name, each done to a copy of a whole run; `about.json` and `card.json` are there."""


def damage_copies(source: Path, into: Path) -> list[str]:
    """Copies of a run in `into`, each damaged in its way and named after that; one has a name that is no text."""
    for name, damage in DAMAGES.items():
        damage(Path(shutil.copytree(source, into / name)))
    shutil.copytree(source, into / os.fsdecode(b"name-\xff"))
    return list(DAMAGES)
