"""Data sets by name: fixed splits, the published files in every state they may lie in, no network and no real cache."""

from __future__ import annotations

import gzip
import hashlib
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import vae_core.data.published
from vae_core import places, workshop
from vae_core.configs import DataConfig, MoonsConfig
from vae_core.data import datasets
from vae_core.data._torchvision import import_torchvision
from vae_core.data.datasets import ImageSet, load
from vae_core.data.published import File
from vae_core.errors import DataError
from vae_core.moons import drawing

MNIST = DataConfig(name="mnist")
Change = Callable[[bytes], bytes]
SHAPES = {
    "train-images-idx3-ubyte": (48, 3, 2),
    "train-labels-idx1-ubyte": (48,),
    "t10k-images-idx3-ubyte": (6, 3, 2),
    "t10k-labels-idx1-ubyte": (6,),
}


def idx(name: str) -> bytes:
    """The content of a tiny published file."""
    shape = SHAPES[name]
    values = np.random.default_rng(len(name)).integers(0, 10, shape, dtype=np.uint8)
    return struct.pack(f">I{len(shape)}I", 0x800 + len(shape), *shape) + values.tobytes()


def damaged(content: bytes) -> bytes:
    """The same but for one bit of the last pixel or label: header and length are right."""
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "halfmoon" / "MNIST"


@pytest.fixture
def published(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a tiny "MNIST", gzipped, whose checksums are made the published ones."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in SHAPES:
        (raw / f"{name}.gz").write_bytes(gzip.compress(idx(name), mtime=0))
    files = {name: File(shape, {"MNIST": hashlib.sha256(idx(name)).hexdigest()}) for name, shape in SHAPES.items()}
    monkeypatch.setattr("vae_core.data.published.PUBLISHED", files)
    forbid_network(monkeypatch)
    return tmp_path / "data"


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Error downloading train-images:\nTried a mirror, got:\n<urlopen error no network>\n")

    monkeypatch.setattr(import_torchvision().datasets.MNIST, "download", fail)


def assert_splits_fit(images: ImageSet) -> None:
    """The splits are disjoint and together hold every image."""
    together = torch.cat(list(images.splits.values()))
    assert torch.equal(together.sort().values, torch.arange(len(images.images)))
    assert images.images.dtype == torch.uint8 and images.images.shape[1:] == images.image_shape
    assert images.labels.dtype == torch.int64 and len(images.labels) == len(images.images)
    assert images.labels.min() >= 0 and images.labels.max() < len(images.class_names)


def counts(images: ImageSet) -> dict[str, int]:
    return {name: len(indices) for name, indices in images.splits.items()}


def test_import_brings_neither_torch_nor_torchvision_nor_sklearn() -> None:
    code = "import sys, vae_core.data.datasets; print({'torch', 'torchvision', 'sklearn'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.slow
def test_torchvision_imports_whole_after_a_failed_import() -> None:
    code = (
        "import warnings; warnings.simplefilter('error')\n"
        "try:\n    import torchvision\nexcept RuntimeError:\n    pass\n"
        "from vae_core.data._torchvision import import_torchvision\n"
        "first = import_torchvision()\nassert first is import_torchvision()\n"
        "import torch, torchvision.utils\n"
        "print(torchvision.utils.make_grid(torch.zeros(2, 1, 3, 3)).shape[0], first.datasets.MNIST.__name__)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "3 MNIST"


def test_mnist_is_split_55000_5000_10000(mnist: ImageSet) -> None:
    assert_splits_fit(mnist)
    assert counts(mnist) == {"training": 55_000, "validation": 5_000, "test": 10_000}
    assert torch.equal(mnist.splits["test"], torch.arange(60_000, 70_000))
    assert mnist.labels[:5].tolist() == [5, 0, 4, 1, 9] and mnist.labels[60_000:60_003].tolist() == [7, 2, 1]
    assert mnist.splits["training"][:4].tolist() == [25536, 13669, 14933, 51245]  # the same in every version
    assert datasets.to_floats(mnist.split("test")[0]).mean().item() == pytest.approx(0.1325, abs=1e-4)


def test_fashion_mnist_has_files_of_its_own(mnist: ImageSet) -> None:
    fashion = load(DataConfig(name="fashion-mnist"), download=False)
    assert_splits_fit(fashion)
    assert counts(fashion) == counts(mnist) and not torch.equal(fashion.images, mnist.images)
    assert fashion.labels[:5].tolist() == [9, 0, 0, 3, 0] and fashion.labels[60_000:60_003].tolist() == [9, 2, 1]


def test_gzipped_folder_is_unpacked_into_the_cache_and_not_beside(published: Path, cache: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in published.rglob("*")}
    for path in before:
        path.chmod(0o555 if path.is_dir() else 0o444)
    images = load(MNIST, published)
    for path in before:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert {path: path.stat().st_mtime_ns for path in published.rglob("*")} == before
    assert {path.name for path in cache.iterdir()} == set(SHAPES)
    assert_splits_fit(images)
    assert counts(images) == {"training": 44, "validation": 4, "test": 6}
    assert images.images[:48].numpy().tobytes() == idx("train-images-idx3-ubyte")[16:]
    assert images.labels[48:].tolist() == list(idx("t10k-labels-idx1-ubyte")[8:])


def test_a_second_load_reads_the_cache(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(MNIST, published)
    monkeypatch.setattr(gzip, "decompress", lambda _: pytest.fail("unpacked again"))
    assert torch.equal(load(MNIST, published).images, first.images)


@pytest.mark.parametrize("damage", [damaged, lambda _: b"", lambda content: content[:-1]])
def test_a_damaged_cache_is_made_again(published: Path, cache: Path, damage: Change) -> None:
    first = load(MNIST, published)
    whole = idx("train-images-idx3-ubyte")
    (cache / "train-images-idx3-ubyte").write_bytes(damage(whole))
    assert torch.equal(load(MNIST, published).images, first.images)
    assert (cache / "train-images-idx3-ubyte").read_bytes() == whole


def test_a_damaged_cache_of_a_damaged_file_is_not_used(published: Path, cache: Path) -> None:
    load(MNIST, published)
    packed = published / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
    packed.write_bytes(gzip.compress(damaged(idx(packed.stem))))
    (cache / packed.stem).write_bytes(damaged(idx(packed.stem)))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is broken .*delete it"):
        load(MNIST, published)


def test_the_checksum_of_the_content_decides_and_needs_no_torchvision(
    published: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither how a file was gzipped nor a header and a length that fit: a content is published or it is not."""
    monkeypatch.setattr("vae_core.data.published.import_torchvision", lambda: pytest.fail("torchvision was imported"))
    packed = published / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    packed.write_bytes(gzip.compress(idx(packed.stem), compresslevel=1, mtime=1))
    assert load(MNIST, published).labels[48:].tolist() == list(idx(packed.stem)[8:])
    other = hashlib.sha256(damaged(idx(packed.stem))).hexdigest()
    monkeypatch.setitem(vae_core.data.published.PUBLISHED, packed.stem, File(SHAPES[packed.stem], {"MNIST": other}))
    with pytest.raises(DataError, match=r"\.gz is broken \(its content is not the published one\)"):
        load(MNIST, published)
    packed.with_suffix("").write_bytes(damaged(idx(packed.stem)))
    assert load(MNIST, published).labels[48:].tolist() == list(damaged(idx(packed.stem))[8:])


def test_a_cache_that_cannot_be_written_is_done_without(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (published / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(published / "file"))
    assert counts(load(MNIST, published))["test"] == 6


def test_unpacked_files_are_read_where_they_lie(published: Path, cache: Path) -> None:
    raw = published / "MNIST" / "raw"
    for name in SHAPES:
        (raw / f"{name}.gz").unlink()
        (raw / name).write_bytes(idx(name))
    assert_splits_fit(load(MNIST, published))
    assert not cache.exists()


@pytest.mark.parametrize(
    "damage",
    [
        damaged,
        lambda b: b[:-1],
        lambda b: b + b"0",
        lambda b: b"\x01" + b[1:],
        lambda b: b[:12] + b"??" + b[14:],
        lambda _: b"",
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_broken_file_is_named_with_what_to_do(published: Path, damage: Change, ending: str) -> None:
    path = published / "MNIST" / "raw" / f"t10k-images-idx3-ubyte{ending}"
    path.write_bytes(damage(path.read_bytes() if ending else idx("t10k-images-idx3-ubyte")))
    with pytest.raises(DataError) as caught:
        load(MNIST, published)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} is broken (") and "delete it and let it be downloaded again" in sentence


@pytest.mark.parametrize("download", [True, False])
def test_missing_files_are_named_with_what_works_without(published: Path, download: bool) -> None:
    raw = published / "MNIST" / "raw"
    missing = ("MNIST is missing: t10k-labels-idx1-ubyte", str(raw), "no download was asked for")
    parts = ("MNIST could not be downloaded: there is no network",) if download else missing
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    before = sorted(published.rglob("*"))
    with pytest.raises(DataError) as caught:
        load(MNIST, published, download)
    for part in (*parts, "the digits and the moons work without"):
        assert part in str(caught.value)
    own = published / workshop.FOLDER
    left = [path for path in sorted(published.rglob("*")) if path not in (own, own / workshop.MARK)]
    assert "\n" not in str(caught.value) and left == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, published: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"MNIST is missing: its files .*can't be written there"):
        load(MNIST, tmp_path / "file" / "data")


def test_download_leaves_whole_files_only(tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was left by a download that was cut off is neither used nor kept."""
    folder = tmp_path / "fresh"
    left = workshop.own_folder(folder) / ("0" * 32) / "MNIST" / "raw"
    left.mkdir(parents=True)
    (left / "train-images-idx3-ubyte").write_bytes(b"half of i")

    def fetch(dataset: object) -> None:
        Path(dataset.raw_folder).mkdir(parents=True)
        for name in SHAPES:
            Path(dataset.raw_folder, name).write_bytes(idx(name))

    monkeypatch.setattr(import_torchvision().datasets.MNIST, "download", fetch)
    fetched = load(MNIST, folder)
    assert torch.equal(fetched.images, load(MNIST, published, download=False).images)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        f"{workshop.FOLDER}/{workshop.MARK}",
        *(f"MNIST/raw/{name}" for name in SHAPES),
    }


def test_folder_is_the_environments_where_none_is_given(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_DATA_DIR", str(published))
    assert counts(load(MNIST))["test"] == 6


def test_a_tilde_in_the_environments_folder_is_the_home(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(published.parent))
    monkeypatch.setenv("VAE_DATA_DIR", f"~/{published.name}")
    assert places.data_folder() == published


def test_floats_are_made_of_bytes_and_overwrite_nothing() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    assert datasets.to_floats(levels).dtype == torch.float32
    assert torch.equal(datasets.to_floats(levels), torch.linspace(0, 255, 256) / 255)
    for images in (levels, levels.float()):
        before = images.clone()
        datasets.to_floats(images)
        assert torch.equal(images, before)


def test_digits_are_scaled_and_split() -> None:
    digits = load(DataConfig(name="digits"))
    assert_splits_fit(digits)
    assert counts(digits) == {"training": 1257, "validation": 180, "test": 360}
    assert digits.image_shape == (1, 8, 8) and digits.images.max() == 255 and digits.factors is None
    assert digits.images[0, 0, 0].tolist() == [0, 0, 80, 207, 143, 16, 0, 0]  # round(v·255/16) of 0 0 5 13 9 1 0 0
    assert digits.splits["test"][:4].tolist() == [322, 160, 702, 1091]


@pytest.mark.parametrize("name", ["moons", "moons-phase"])
def test_moons_are_labelled_by_their_phase(name: str) -> None:
    images = load(DataConfig(name=name))
    assert_splits_fit(images)
    assert counts(images) == {"training": 10_000, "validation": 1_000, "test": 2_000}
    assert images.factors.dtype == torch.float32 and images.factors.shape == (13_000, len(images.factor_names))
    labels = drawing.phase_class(images.factors[:, 0].double().numpy())
    assert (labels == images.labels.numpy()).mean() > 0.999  # but for phases that float32 rounds over an edge
    varies = (images.factors.std(dim=0) > 0).tolist()
    assert varies == ([True] * 5 if name == "moons" else [True, False, False, False, False])
    assert torch.equal(images.images, load(DataConfig(name=name)).images)


def test_phases_restrict_training_and_validation_but_not_test() -> None:
    sets = {p: load(DataConfig(name="moons", phases=p)) for p in ("all", "all-but-half", "new-and-full", "two-images")}
    for phases, classes in {"all-but-half": {0, 1, 3, 4}, "new-and-full": {0, 4}, "two-images": {0, 4}}.items():
        for split in ("training", "validation"):
            assert set(sets[phases].split(split)[1].tolist()) == classes
        assert torch.equal(sets[phases].split("test")[0], sets["all"].split("test")[0])
    pair = sets["two-images"]
    assert counts(pair) == {"training": 2, "validation": 2, "test": 2_000}
    assert torch.equal(pair.split("training")[0], pair.split("validation")[0])
    assert pair.factors[:2, 0].tolist() == [0, 1]


def test_training_count_keeps_the_first_of_the_training_split() -> None:
    few, every = load(DataConfig(name="digits", training_count=100)), load(DataConfig(name="digits"))
    assert torch.equal(few.splits["training"], every.splits["training"][:100])
    assert torch.equal(few.splits["test"], every.splits["test"])
    with pytest.raises(DataError, match="Digits has 1,257 training images, fewer than the 2,000 asked for"):
        load(DataConfig(name="digits", training_count=2_000))


def test_a_source_says_what_load_gives() -> None:
    for config in (
        DataConfig(name="digits"),
        DataConfig(name="moons-phase", phases="two-images"),
        DataConfig(name="moons", phases="two-images", moons=MoonsConfig(size=40)),
    ):
        images = load(config)
        assert (config.image_shape, config.class_names, config.source.factor_names) == (
            images.image_shape,
            images.class_names,
            images.factor_names,
        )
    assert DataConfig(name="fashion-mnist").class_names[9] == "Ankle boot"


@pytest.mark.parametrize("config", ["digits", "moons", "two-images", "mnist"])
def test_the_number_of_images_is_known_without_loading_them(config, mnist):
    data = DataConfig(name="moons", phases=config) if config == "two-images" else DataConfig(name=config)
    images = mnist if config == "mnist" else load(data)
    assert data.image_count == len(images.images)
