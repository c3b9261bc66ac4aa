"""`encode`: data sets, pictures and arrays, what it says it did to them, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from tests.core.drawn import like_mnist, saved
from vae_core.__main__ import main
from vae_core.codes.encoding import encode_images
from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.data.image_arrays import read_image_arrays
from vae_core.data.pictures import ORIENTATION
from vae_core.files import read_arrays
from vae_core.measures.likeness import are_strange, shortfalls, strange_ones
from vae_core.places import SHIPPED
from vae_core.runs.cards import Card
from vae_core.runs.run import Run

DIGITS, MNIST = (Run.open(SHIPPED / name) for name in ("digits-vae-2d", "mnist-vae-2d"))
SHAPE = (1, 8, 8)


def encode(run: Run, source: object, out: Path, *more: str):
    return CliRunner().invoke(main, ["encode", str(run.folder), str(source), "--out", str(out), *more])


def encoded(run: Run, source: object, out: Path, *more: str) -> tuple[dict[str, np.ndarray], str]:
    """What it wrote, and what it said."""
    result = encode(run, source, out, *more)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return read_arrays(out, ()), result.stderr


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Test images of the digits, uint8 (N, 8, 8)."""
    return datasets.load(DataConfig(name="digits")).split("test")[0][:, 0].numpy()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "written" / "codes.npz"


def test_a_data_set_is_encoded_with_its_labels_and_nothing_is_said(out: Path) -> None:
    arrays, said = encoded(DIGITS, "digits", out)
    np.testing.assert_allclose(arrays["mu"], DIGITS.codes.mu, atol=1e-5)
    np.testing.assert_array_equal(arrays["indices"], DIGITS.codes.indices)
    np.testing.assert_array_equal(arrays["labels"], DIGITS.codes.labels)
    assert said == ""
    assert len(encoded(DIGITS, "digits", out, "--split", "validation")[0]["mu"]) == 180


# Pictures


def fill(folder: Path, images: np.ndarray) -> Path:
    """A folder with some pictures, and with much that a folder of pictures may hold besides."""
    folder.mkdir()
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    for name, form, image in [
        ("a.png", "PNG", images[0]),
        ("b.PNG", "PNG", 255 - images[1]),
        ("c.tif", "TIFF", images[2]),
    ]:
        (folder / name).write_bytes(saved(Image.fromarray(image), form))
    (folder / "d.png").write_bytes(saved(Image.fromarray(images[3]).transpose(Image.Transpose.ROTATE_180), exif=exif))
    (folder / "._a.png").write_bytes(b"\0\5\x16\7")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf")
    return folder


def test_a_folder_is_read_and_one_line_says_what_was_done(tmp_path: Path, images: np.ndarray, out: Path) -> None:
    arrays, said = encoded(DIGITS, fill(tmp_path / "mine", images), out)
    assert arrays["names"].tolist() == ["a.png", "b.PNG", "c.tif", "d.png"]
    np.testing.assert_allclose(arrays["mu"], DIGITS.codes.mu[:4], atol=1e-5)
    assert said == "Read 4 pictures: inverted 1, turned 1.\n"


def test_what_is_no_use_in_a_folder_is_left_out_and_named(tmp_path: Path, images: np.ndarray, out: Path) -> None:
    folder = fill(tmp_path / "mine", images)
    (folder / "torn.png").write_bytes(saved(Image.fromarray(images[0]))[:-30])
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "notes.txt").write_text("notes")
    (folder / "more").mkdir()
    (tmp_path / "outside.png").write_bytes(saved(Image.fromarray(images[0])))
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "round.png").symlink_to(folder / "round.png")
    os.mkfifo(folder / "pipe.png")
    arrays, said = encoded(DIGITS, folder, out)
    assert arrays["names"].tolist() == ["a.png", "b.PNG", "c.tif", "d.png"]
    assert "Left out 7:" in said
    for name, why in [
        ("torn.png", "is not a picture that can be read"),
        ("phone.heic", "is HEIC, which can't be read here: save it as JPEG or PNG"),
        ("notes.txt", "is no picture by its name"),
        ("more", "is a folder of its own"),
        ("link.png", "is a link out of the folder"),
        ("round.png", "is no ordinary file"),
        ("pipe.png", "is no ordinary file"),
    ]:
        assert f"{name} {why}" in said
    assert said.count("\n") == 1
    assert "Thumbs" not in said and "._a" not in said


def test_one_picture_may_be_the_source_and_as_is_changes_nothing(tmp_path: Path, out: Path) -> None:
    Image.fromarray(255 - like_mnist()).save(tmp_path / "seven.png")
    expected = encode_images(
        MNIST.load_model(), torch.from_numpy(np.stack([like_mnist(), 255 - like_mnist()])[:, None])
    )
    arrays, said = encoded(MNIST, tmp_path / "seven.png", out)
    np.testing.assert_allclose(arrays["mu"][0], expected.mu[0], atol=1e-4)
    assert said == "Read 1 picture: inverted 1.\n"
    arrays, said = encoded(MNIST, tmp_path / "seven.png", out, "--as-is")
    np.testing.assert_allclose(arrays["mu"][0], expected.mu[1], atol=1e-2)
    assert said.startswith("Read 1 picture as it is.")
    assert "mnist-vae-2d redraws these images" in said


# Arrays


def test_images_lie_in_a_file_under_the_usual_names_and_bring_their_labels(
    tmp_path: Path, images: np.ndarray, out: Path
) -> None:
    few, labels = images[:3], np.array([5, 1, 4])
    for name, arrays in {
        "ours": {"images": few[:, None] / 255, "labels": labels},
        "keras": {"x_train": images[9:], "y_train": np.arange(len(images[9:])), "x_test": few, "y_test": labels},
        "plain": {"arr_0": few[..., None], "arr_1": labels[:, None]},
        "flat": {"data": few.reshape(3, 64) / np.float32(255), "target": labels},
        "sixteenths": {"X": np.rint(few / (255 / 16)), "y": labels},
    }.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)
        written, said = encoded(DIGITS, tmp_path / f"{name}.npz", out)
        np.testing.assert_allclose(written["mu"], DIGITS.codes.mu[:3], atol=1e-5, err_msg=name)
        np.testing.assert_array_equal(written["labels"], labels, err_msg=name)
        assert said.startswith("Read 3 images from ") and "and their labels.\n" in said
    written, _ = encoded(DIGITS, tmp_path / "keras.npz", out, "--split", "training")
    np.testing.assert_allclose(written["mu"], DIGITS.codes.mu[9:], atol=1e-5)
    np.save(tmp_path / "images.npy", few)
    np.testing.assert_allclose(encoded(DIGITS, tmp_path / "images.npy", out)[0]["mu"], DIGITS.codes.mu[:3], atol=1e-5)
    np.save(tmp_path / "one.npy", few[0])
    np.testing.assert_allclose(encoded(DIGITS, tmp_path / "one.npy", out)[0]["mu"], DIGITS.codes.mu[:1], atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 4, 5, 3)])
def test_colours_may_come_first_or_last(tmp_path: Path, shape: tuple[int, ...]) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5), np.uint8)
    np.save(tmp_path / "images.npy", colours if shape[1] == 3 else colours.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(read_image_arrays(tmp_path / "images.npy", (3, 4, 5)).images, colours)


# Refused


def test_what_can_not_be_encoded_is_one_sentence(tmp_path: Path, images: np.ndarray, out: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    few = images[:2]
    for name, array in {
        "foreign": np.zeros((2, 1, 5, 5)),
        "signed": few / 127.5 - 1,
        "large": few * 257.0,
        "nan": np.full((1, 8, 8), np.nan),
        "none": np.zeros((0, 8, 8)),
        "words": np.full((2, 8, 8), "a"),
    }.items():
        np.savez(f"{name}.npz", images=array)
    np.savez("odd.npz", pictures=few)
    np.savez("labels.npz", images=few, labels=np.zeros(3))
    np.save("foreign.npy", np.zeros((28, 28)))
    Path("broken.npy").write_bytes(b"no array")
    Path("empty").mkdir()
    Path("broken").mkdir()
    Path("broken/a.png").write_bytes(b"no picture")
    Path("digits").mkdir()
    os.mkfifo("pipe")
    for source, more, words in [
        ("moons", (), "images of (1, 28, 28)"),
        ("foreign.npz", (), "images in foreign.npz must be of shape (N, 1, 8, 8) or (N, 8, 8), and is (2, 1, 5, 5)"),
        ("foreign.npy", (), "must be of shape (N, 1, 8, 8) or (N, 8, 8), and is (28, 28)"),
        ("broken.npy", (), "not a whole .npy file"),
        ("signed.npz", (), "from 0 to 1, or to 255, and go from -1 to"),
        ("large.npz", (), "from 0 to 1, or to 255, and go from 0 to 65535"),
        ("nan.npz", (), "must be finite numbers"),
        ("none.npz", (), "one image at least"),
        ("words.npz", (), "must be numbers"),
        ("odd.npz", (), "no array images_test or"),
        ("odd.npz", (), "it holds pictures (2, 8, 8)"),
        ("labels.npz", (), "labels in labels.npz must be of shape (2,), a label for each image, and is (3,)"),
        ("nothing.npz", (), "There is no file"),
        ("nothing.png", (), "There is no file"),
        ("pipe", (), "neither a file nor a folder"),
        ("empty", (), "There is no picture in empty that can be read. It is empty"),
        ("broken", (), "There is no picture in broken that can be read. a.png is not a picture"),
        ("broken/a.png", (), "broken/a.png is not a picture that can be read"),
        ("digits", (), "write ./digits, or add --split for the data set"),
        ("broken", ("--split", "test"), "--split is for data sets"),
        ("foreign.npy", ("--split", "test"), "--split is for data sets"),
        ("foreign.npz", ("--as-is",), "--as-is is for pictures"),
    ]:
        result = encode(DIGITS, source, out, *more)
        assert result.exit_code == 1, source
        assert words in result.stderr, result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
    assert not out.exists()
    assert len(encoded(DIGITS, "digits", out, "--split", "test")[0]["mu"]) == 360


# Unlike what was trained on


def test_images_unlike_those_trained_on_are_told_from_those_that_are_like_them(images: np.ndarray) -> None:
    model = DIGITS.load_model()

    def worse(pixels: np.ndarray) -> np.ndarray:
        given = torch.from_numpy(np.ascontiguousarray(pixels)[:, None])
        return shortfalls(DIGITS.read_card(), model, given, encode_images(model, given).mu)

    own = worse(images)
    assert abs(own.mean()) < 0.1  # the card's figure is theirs
    assert not any(are_strange(own[at : at + count]) for count in (1, 5, 50) for at in range(0, len(own), count))
    assert not len(strange_ones(own))
    for odd in (255 - images, np.random.default_rng(0).integers(0, 256, images.shape, np.uint8)):
        assert all(are_strange(worse(odd)[at : at + 1]) for at in range(100))
    assert are_strange(worse(images[:10].transpose(0, 2, 1)))
    mixed = worse(np.concatenate([images[:50], 255 - images[:1]]))
    assert not are_strange(mixed)
    assert strange_ones(mixed).tolist() == [50]
    assert not are_strange(shortfalls(Card(), model, torch.zeros(1, 1, 8, 8), torch.zeros(1, 2)))


def test_encode_says_which_images_are_unlike_those_trained_on(tmp_path: Path, images: np.ndarray, out: Path) -> None:
    np.save(tmp_path / "inverted.npy", 255 - images[:3])
    assert "redraws these images 12." in encoded(DIGITS, tmp_path / "inverted.npy", out)[1]
    np.save(tmp_path / "mixed.npy", np.concatenate([images[:40], 255 - images[:1]]))
    assert (
        "some of these images much worse than its test images (image 40)"
        in encoded(DIGITS, tmp_path / "mixed.npy", out)[1]
    )
    np.save(tmp_path / "own.npy", images[:40])
    assert "redraws" not in encoded(DIGITS, tmp_path / "own.npy", out)[1]
