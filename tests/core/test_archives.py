"""Runs as zips: what was packed comes back, and what was made to do harm is refused and leaves nothing behind."""

import io
import json
import pickle
import shutil
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import small
from tests.core.small import MODEL
from vae_core import workshop
from vae_core.configs import DataConfig, NetworkConfig
from vae_core.data import datasets
from vae_core.errors import ConfigError, RunError
from vae_core.models import auto_encoders, weight_files
from vae_core.places import SHIPPED
from vae_core.runs import archives, checking, snapshots
from vae_core.runs.archives import pack_run, unpack_run
from vae_core.runs.cards import Card, Measure
from vae_core.runs.records import step_and_split
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
from vae_core.training import recorder, recording

TRAINING = small.TRAINING.replace(steps=40)


@pytest.fixture(scope="module")
def run(digits, tmp_path_factory) -> Run:
    run = recording.create_run(tmp_path_factory.mktemp("runs") / "packed", MODEL, TRAINING, digits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "WATCHED_SHARE", 1)
        list(recording.record(run, digits))
    run.write_about(title="Nachts am Meer – 夜", owner="secret")
    run.write_card(Card({"kl": Measure(1.0, n=5, unit="nats")}))
    run.write_control({"pause": True})
    return run


@pytest.fixture(scope="module")
def packed(run) -> bytes:
    return pack_run(run)


def changed(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """The same zip but for the files in `changes`; what is None is left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | changes
    return zipped({name: data for name, data in files.items() if data is not None})


def zipped(files: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def arrays_of(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def repeated(codes: dict[str, np.ndarray], times: int) -> dict[str, np.ndarray]:
    """The same codes again and again: more of them than the data set has images."""
    many = ("mu", "log_var", "labels", "indices")
    return codes | {name: np.concatenate([codes[name]] * times) for name in many}


def refused(content: bytes, into: Path) -> str:
    """The sentence with which a zip is refused; nothing is left of it."""
    into.mkdir(exist_ok=True)
    (into / "here-before").touch()
    with pytest.raises(RunError) as caught:
        unpack_run(content, into)
    own = into / workshop.FOLDER
    assert {*into.parent.rglob("*")} - {own, own / workshop.MARK} == {into, into / "here-before"}
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert ".partial" not in sentence
    return sentence


def test_a_run_comes_back_as_it_was_packed_without_state_control_and_owner(run, packed, tmp_path):
    back = unpack_run(packed, tmp_path / "new")
    assert back.folder == tmp_path / "new" / "digits-vae-2d-2"  # a shipped run has the usual name
    assert {path.name for path in back.folder.iterdir()} == {
        path.name for path in run.folder.iterdir() if path.name not in ("state", "control.json")
    }
    assert back.config == run.config
    assert back.records.all() == run.records.all()
    assert back.read_card() == run.read_card()
    assert back.read_about() == run.read_about().replace(owner=None)
    assert back.model_file.read_bytes() == run.model_file.read_bytes()
    np.testing.assert_array_equal(back.codes.mu, run.codes.mu)
    assert snapshots.steps(back.snapshots_folder) == snapshots.steps(run.snapshots_folder)
    assert (back.read_status(), back.can_be_resumed()) == ("finished", False)
    assert pack_run(back) == packed
    assert b"secret" not in packed


@pytest.mark.parametrize(
    ("name", "folder"), [("mine", "mine"), ("../../etc", "etc"), ("夜", "digits-vae-2d-2"), (".a/b\\c ", "a-b-c")]
)
def test_a_free_and_harmless_name_is_found(packed, tmp_path, name, folder):
    assert unpack_run(packed, tmp_path, name).folder == tmp_path / folder
    again = unpack_run(packed, tmp_path, name).name
    assert again != folder
    assert len(list(list_runs(tmp_path))) == 2


def test_a_run_in_training_is_packed_as_one_that_was_interrupted(run, tmp_path):
    digits = datasets.load(DataConfig(name="digits"))
    going = recording.create_run(tmp_path / "going", MODEL, TRAINING, digits)
    training = recording.record(going, digits)
    while next(training).get("step") < 20:
        pass
    with pytest.raises(RunError, match="no codes to look at yet"):
        pack_run(going)
    training.close()
    recording.make_ready(going, digits)
    with going.records.path.open("a") as file:
        file.write('{"step": 2')
    back = unpack_run(pack_run(going), tmp_path)
    assert (back.read_status(), back.can_be_resumed(), back.records.last()["step"]) == ("interrupted", False, 20)
    with pytest.raises(RunError, match="no state to go on from"):
        next(recording.record(back, digits))


def test_snapshots_are_left_out_evenly_where_a_run_is_too_large_to_come_back(run, packed, tmp_path, monkeypatch):
    whole = sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(packed)).infolist())
    monkeypatch.setattr(archives, "MOST_BYTES", int(0.7 * whole))
    back = unpack_run(pack_run(run), tmp_path)
    assert snapshots.steps(back.snapshots_folder) == snapshots.steps(run.snapshots_folder)[::2]
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    with pytest.raises(RunError, match="too large to be packed"):
        pack_run(run)


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "../outside.json", "snapshots/../../outside.npz", "C:\\outside.json", "..\\outside.json"),
        *("snapshots/1.npz", "snapshots/٠٠٠٠٠٠٠٠١.npz", "config.json\0.png", "notes.txt", "a/b/c", "state/a/b"),
        *("other/config.json", "other/log.txt"),
    ],
)
def test_a_name_that_is_no_file_of_a_run_is_refused(packed, tmp_path, name):
    info = zipfile.ZipInfo("placeholder")
    info.filename = info.orig_filename = name  # the constructor would tidy it up
    assert "which is not a file of a run" in refused(changed(packed, {info: b"{}"}), tmp_path / "into")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_is_refused(packed, tmp_path, kind):
    link = zipfile.ZipInfo("card.json")
    link.external_attr = (kind | 0o777) << 16
    assert "as a link or the like" in refused(
        changed(packed, {"card.json": None, link: b"/etc/passwd"}), tmp_path / "i"
    )


def test_what_is_no_zip_or_only_a_part_of_one_is_refused(packed, tmp_path):
    for content in (b"", b"no zip", packed[:300], b"PK\x05\x06" + bytes(17)):
        assert "not a whole zip file" in refused(content, tmp_path / "into")
    assert "lacks codes.npz, config.json" in refused(zipped({}), tmp_path / "into")
    middle = packed.index(b"safetensors") + 2000
    assert "can't be read" in refused(packed[:middle] + bytes(99) + packed[middle + 99 :], tmp_path / "into")


def test_an_encrypted_zip_is_refused(packed, tmp_path):
    content = bytearray(packed)
    content[6] |= 1  # in the head of the first file, and in the list
    content[zipfile.ZipFile(io.BytesIO(packed)).start_dir + 8] |= 1
    assert "encrypted" in refused(bytes(content), tmp_path / "into")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(tmp_path, method):
    assert "unusual way" in refused(zipped({"config.json": b"{}"}, method), tmp_path / "into")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_comes_twice_is_refused(packed, tmp_path):
    second = zipfile.ZipInfo("config.json")
    assert "a file twice" in refused(changed(packed, {second: b"{}"}), tmp_path / "into")


def test_too_many_files_are_refused_before_their_list_is_read(packed, tmp_path):
    many = {f"snapshots/{number:09d}.npz": b"" for number in range(301)}
    assert "too many files" in refused(changed(packed, many), tmp_path / "into")
    assert "too many files" in refused(b"PK\x01\x02" * 4000, tmp_path / "into")


def test_a_zip_that_unpacks_to_too_much_is_refused(packed, tmp_path, monkeypatch):
    assert "packed too well" in refused(changed(packed, {"preview.npz": bytes(30_000_000)}), tmp_path / "into")
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    assert "too large" in refused(changed(packed, {"preview.npz": np.random.bytes(200_000)}), tmp_path / "into")


def test_a_zip_that_lies_about_its_sizes_is_refused_without_taking_memory(packed, tmp_path):
    content = bytearray(changed(packed, {"card.json": bytes(50_000_000)}))
    for signature, at, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        start = content.index(b"card.json", content.index(signature)) - name
        while content[start : start + 4] != signature:
            start = content.index(b"card.json", start + name + 1) - name
        content[start + at : start + at + 4] = struct.pack("<I", 1000)
    assert "can't be read" in refused(bytes(content), tmp_path / "into")


def test_arrays_that_unpack_to_too_much_are_refused(run, packed, tmp_path):
    bomb = arrays_of(**run.codes.arrays() | {"more": np.zeros(210_000_000, np.uint8)})
    assert len(bomb) < 1_000_000
    assert "does not fit" in refused(changed(packed, {"codes.npz": bomb}), tmp_path / "into")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)})
    promising = zipped({"mu.npy": header.getvalue() + bytes(100)})
    assert "not a whole .npz file" in refused(changed(packed, {"codes.npz": promising}), tmp_path / "into")


class Harm:
    def __reduce__(self):
        return (pytest.fail, ("something was unpickled",))


def test_nothing_is_unpickled(run, packed, tmp_path):
    objects = np.empty(1, dtype=object)
    objects[0] = Harm()
    pickled = io.BytesIO()
    torch.save({"weight": torch.zeros(1)}, pickled)
    buffer = io.BytesIO()
    np.savez(buffer, **run.codes.arrays() | {"labels": objects})
    for name in ("codes.npz", "preview.npz"):
        for content in (buffer.getvalue(), pickle.dumps(Harm()), zipped({"mu.npy": pickle.dumps(Harm())})):
            refused(changed(packed, {name: content}), tmp_path / "into")
    for content in (pickle.dumps(Harm()), pickled.getvalue()):
        sentence = refused(changed(packed, {"model.safetensors": content}), tmp_path / "into")
        assert "model.safetensors is not a whole safetensors file" in sentence


def test_records_that_another_program_has_written_come_as_they_are_written_here(run, packed, tmp_path):
    compact = b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in run.records.all())
    back = unpack_run(changed(packed, {"records.jsonl": compact}), tmp_path / "into")
    assert back.records.path.read_bytes() == run.records.path.read_bytes()
    assert [step_and_split(line)[0] for line in back.records.path.read_bytes().splitlines()] == [
        one["step"] for one in run.records.all()
    ]


def test_a_run_with_a_torn_or_foreign_file_is_refused(run, packed, tmp_path):
    model, codes, config = run.model_file.read_bytes(), run.codes.arrays(), json.loads(run.config.to_json())
    wider = config | {"model": config["model"] | {"decoder": {"network": "mlp", "widths": [1024]}}}
    other = config | {"model": config["model"] | {"image_shape": [1, 9, 9]}}
    preview, weights_file = (path.name for path in snapshots.files(run.snapshots_folder, 1))
    record = {"step": 1, "seconds": 1.0, "event": "paused"}
    measure = {"value": None, "unit": "nats", "split": "test", "n": 5}
    whole = measure | {"value": 1.0}
    into = tmp_path / "into"
    for name, content, words in [
        ("model.safetensors", model[:-10], "not a whole safetensors file"),
        ("model.safetensors", None, "lacks model.safetensors"),
        ("config.json", b"{", "not valid JSON"),
        ("config.json", b"[" * 100_000, "not a run's settings"),
        ("config.json", json.dumps(config | {"more": 1}).encode(), "no setting more"),
        ("config.json", json.dumps(wider).encode(), "weights of another model"),
        ("config.json", json.dumps(other).encode(), "its data set of (1, 8, 8)"),
        ("codes.npz", arrays_of(mu=codes["mu"]), "no array labels"),
        ("codes.npz", arrays_of(**codes | {"mu": codes["mu"][:5]}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"mu": codes["mu"] * np.nan}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"labels": codes["labels"] + 10}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"indices": codes["indices"] + 5000}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"code_whitening": np.zeros((2, 2))}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"mu": codes["mu"].astype(np.longdouble)}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"mu": codes["mu"].astype(">f4")}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"mu": codes["mu"] * 1e30}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"indices": codes["indices"].astype(np.uint8)}), "does not fit"),
        ("codes.npz", arrays_of(**codes | {"../x": codes["mu"]}), "does not fit"),
        ("codes.npz", arrays_of(**repeated(codes, 6)), "does not fit"),
        ("codes.npz", arrays_of(**{key: codes[key] for key in codes if key != "log_var"}), "no array log_var"),
        ("preview.npz", arrays_of(step=np.array(1)), "preview.npz has no array codes"),
        ("preview.npz", b"torn", "preview.npz is not a whole .npz file"),
        (f"snapshots/{weights_file}", b"torn", "not a whole safetensors file"),
        (f"snapshots/{preview}", None, "snapshots are not whole"),
        ("records.jsonl", b'{"step": 1, "seconds": 1, "event": "paused"}', "middle of a line"),
        ("records.jsonl", b"[]\n", "no record"),
        ("records.jsonl", b"[" * 3000 + b"\n", "no record"),
        ("records.jsonl", json.dumps(record | {"step": -1}).encode() + b"\n", "no record"),
        ("records.jsonl", json.dumps(record | {"seconds": float("nan")}).encode() + b"\n", "no record"),
        ("records.jsonl", json.dumps(record | {"seconds": 10**400}).encode() + b"\n", "no record"),
        ("records.jsonl", json.dumps(record | {"split": "training"}).encode() + b"\n", "no record"),
        ("records.jsonl", json.dumps(record | {"message": "x" * 5000}).encode() + b"\n", "too long"),
        ("card.json", b"[]", "not a JSON object"),
        ("card.json", json.dumps({"measures": {"kl": measure}}).encode(), "not a card"),
        ("card.json", json.dumps({"measures": {"kl": whole | {"value": 10**400}}}).encode(), "not valid JSON"),
        ("card.json", json.dumps({"measures": {"kl": whole | {"n": -(10**4000)}}}).encode(), "not valid JSON"),
        ("card.json", json.dumps({"measures": {"kl": whole | {"beside": "x"}}}).encode(), "not a card"),
        ("card.json", json.dumps({"measures": {"kl": whole | {"beside": {"floor": "x"}}}}).encode(), "not a card"),
        ("about.json", json.dumps({"title": "x" * 500}).encode(), "about.json can't be understood"),
        ("about.json", json.dumps({"title": 5}).encode(), "about.json can't be understood"),
    ]:
        sentence = refused(changed(packed, {name: content}), into)
        assert words in sentence, sentence


BAD_INTERVALS = [[1], [2, 1], [1, 2, 3], ["1", "2"], [float("nan"), 1], [0, float("inf")], 5, {}, None]


@pytest.mark.parametrize(
    "torn",
    [
        *({"interval": ends} for ends in BAD_INTERVALS),
        {"floor": "low"},
        {"floor": None},
        {"beside": [1]},
        {"beside": {"real_images": "0.9"}},
    ],
    ids=str,
)
def test_a_card_whose_figures_are_no_figures_is_refused(packed, tmp_path, torn):
    measure = {"value": 1.5, "unit": "nats", "split": "test", "n": 5, "interval": [1, 1], "floor": 0.5}
    measure |= {"beside": {"real_images": 0.9}}
    whole, broken = (json.dumps({"measures": {"kl": card}}).encode() for card in (measure, measure | torn))
    assert "card.json is not" in refused(changed(packed, {"card.json": broken}), tmp_path / "into")
    back = unpack_run(changed(packed, {"card.json": whole}), tmp_path / "into")
    assert back.read_card().to_json() == {"measures": {"kl": measure}}


def test_a_folder_that_cannot_be_written_is_met_with_a_sentence(packed, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="can't be written"):
        unpack_run(packed, tmp_path / "file")


def test_a_run_with_all_the_snapshots_that_are_kept_comes_back(run, tmp_path):
    full = Run(tmp_path / "full")
    shutil.copytree(run.folder, full.folder)
    step = snapshots.steps(run.snapshots_folder)[-1]
    for number in range(snapshots.MOST):
        for path, copy in zip(
            *(snapshots.files(full.snapshots_folder, at) for at in (step, 100 + number)), strict=True
        ):
            shutil.copy(path, copy)
    back = unpack_run(pack_run(full), tmp_path / "back")
    assert snapshots.steps(back.snapshots_folder) == snapshots.steps(full.snapshots_folder)


def in_a_folder(content: bytes, folder: str, separator: str = "/", more: tuple[str, ...] = ()) -> bytes:
    """The same zip as a file manager packs it: the run within its folder, beside files of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {
            f"{folder}{separator}{name.replace('/', separator)}": archive.read(name) for name in archive.namelist()
        }
    plain = {}
    for name, data in (files | dict.fromkeys(more, b"junk")).items():
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = name
        plain[info] = data
    return zipped(plain)


FINDER = ("mine/", "mine/.DS_Store", "__MACOSX/mine/._config.json", "__MACOSX/._mine", "mine/snapshots/")
EXPLORER = ("mine\\Thumbs.db", "mine\\snapshots\\desktop.ini")
WHOLE_FOLDER = ("mine/state/state.safetensors", "mine/state/lock", "mine/control.json", "mine/log.txt")


@pytest.mark.parametrize(
    ("separator", "more"),
    [("/", FINDER), ("\\", EXPLORER), ("/", WHOLE_FOLDER)],
    ids=("Finder", "Explorer", "own"),
)
def test_a_folder_packed_by_a_file_manager_becomes_the_run_of_its_name(run, packed, tmp_path, separator, more):
    back = unpack_run(in_a_folder(packed, "mine", separator, more), tmp_path)
    assert back.folder == tmp_path / "mine"
    assert pack_run(back) == packed
    assert not (back.folder / "state").exists()
    assert unpack_run(in_a_folder(packed, "mine", separator, more), tmp_path, "other").name == "other"


def test_a_zip_written_as_a_stream_is_taken(packed, tmp_path):
    class Stream(io.RawIOBase):
        """A file without a way back, so that sizes follow the data."""

        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.content += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name))
    assert stream.content[6] & 8
    assert pack_run(unpack_run(stream.content, tmp_path)) == packed


def test_several_runs_in_one_zip_are_refused(packed, tmp_path):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        config = archive.read("config.json")
    assert "2 runs" in refused(zipped({"a/config.json": config, "b/config.json": config}), tmp_path / "into")


@pytest.mark.parametrize("name", [run.name for run in list_runs(SHIPPED)])
def test_every_shipped_run_comes_back(name, tmp_path):
    content = pack_run(Run.open(SHIPPED / name))
    assert pack_run(unpack_run(content, tmp_path)) == content


def test_a_run_too_large_to_be_looked_at_is_refused_before_anything_is_unpacked(run, packed, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_extract", None)
    config = json.loads(run.config.to_json())
    for network, words in (
        ({"network": "mlp", "widths": [4096, 4096]}, "weights, and 10,000,000 is the most"),
        ({"network": "conv", "widths": [2048]}, "million multiplications an image"),
    ):
        heavy = config | {"model": config["model"] | {"decoder": network, "image_shape": [1, 28, 28]}}
        heavy |= {"training": config["training"] | {"data": {"name": "mnist"}}}
        sentence = refused(changed(packed, {"config.json": json.dumps(heavy).encode()}), tmp_path / "into")
        assert words in sentence, sentence


def test_headers_decide_before_anything_is_unpacked(run, packed, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_extract", None)
    other = auto_encoders.build(MODEL.replace(image_shape=(1, 8, 8), decoder=NetworkConfig(widths=(17,)).model_dump()))
    weight_files.save_model(other, tmp_path / "other")
    weights_file, preview_file = (f"snapshots/{path.name}" for path in snapshots.files(run.snapshots_folder, 1)[::-1])
    foreign = (tmp_path / "other").read_bytes()
    (tmp_path / "other").unlink()
    for name, content in (
        ("model.safetensors", foreign),
        (weights_file, foreign),
        (preview_file, arrays_of(**run.codes.arrays())),
        ("codes.npz", arrays_of(**repeated(run.codes.arrays(), 6))),
    ):
        assert name in refused(changed(packed, {name: content}), tmp_path / "into")


def test_more_records_than_are_read_are_refused_and_never_packed(run, packed, tmp_path, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        lines = archive.read("records.jsonl").count(b"\n")
    monkeypatch.setattr(checking, "MOST_EVENTS", 0)
    assert "1 events" in refused(packed, tmp_path / "into")
    monkeypatch.setattr(checking, "MOST_EVENTS", 1)
    monkeypatch.setattr(checking, "MOST_RECORDS", lines - 1)
    assert f"{lines} lines" in refused(packed, tmp_path / "into")
    monkeypatch.setattr(archives, "MOST_RECORDS", lines - 1)
    back = unpack_run(pack_run(run), tmp_path / "back")
    assert len(back.records.all()) == (lines + 1) // 2
    assert back.records.last() == run.records.last()


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, list[tuple[float, bytes]]]:
    """A file of the run, or the zip itself, and what is written over it at which share of its length."""
    name = draw(
        st.sampled_from(["", "list", "config.json", "codes.npz", "model.safetensors", "records.jsonl", "card.json"])
    )
    piece = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"9" * 400, b"\xff" * 8, b"[" * 60, b"NaN"]))
    return name, draw(st.lists(st.tuples(st.floats(0, 1), piece), min_size=1, max_size=3))


@pytest.fixture(scope="module")
def light(run, packed) -> bytes:
    """The zip without snapshots, quickly read."""
    return changed(packed, {f"snapshots/{path.name}": None for path in run.snapshots_folder.iterdir()})


@settings(max_examples=100, deadline=None, derandomize=True)
@given(mutation=mutations())
def test_a_mutated_zip_is_a_run_or_refused_and_leaves_nothing_behind(light, tmp_path_factory, mutation):
    name, pieces = mutation
    with zipfile.ZipFile(io.BytesIO(light)) as archive:
        is_zip, first = name in ("", "list"), archive.start_dir if name == "list" else 0
        content = bytearray(light if is_zip else archive.read(name))
    for share, piece in pieces:
        at = first + int(share * (len(content) - first))
        content[at : at + len(piece)] = piece
    into = tmp_path_factory.mktemp("into")
    try:
        back = unpack_run(bytes(content) if is_zip else changed(light, {name: bytes(content)}), into)
    except (RunError, ConfigError):
        assert _left(into) == set()
    else:
        assert _left(into) == {back.folder}
        pack_run(back)


def _left(into):
    """What lies there besides our own folder, which holds nothing but its mark and claims of names."""
    own = into / workshop.FOLDER
    assert {path.name for path in own.iterdir()} <= {workshop.MARK, "names"}
    return set(into.iterdir()) - {own}
