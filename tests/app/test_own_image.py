"""The route that a picture is posted to: the image that the command line would make of it, or one sentence."""

from __future__ import annotations

import base64
import json
from itertools import repeat

import numpy as np
import pytest
from PIL import Image

from halfmoon.components.own_image.reading import MAX_BYTES, picture_path, remarks
from halfmoon.texts import catalogue
from halfmoon.texts.language import speaking
from tests.app.asking import ask, assert_refused
from tests.core.drawn import like_mnist, saved, seven
from vae_core.data.pictures import Done, read_picture
from vae_core.runs.shelf import find_run


def path_of(name: str, language: str = "en") -> str:
    with speaking(language):
        return picture_path(find_run(name))


def told(content: bytes, name: str = "small-mnist-vae", language: str = "en") -> tuple[np.ndarray | None, str]:
    """The image, bytes, and the words."""
    answer = ask(path_of(name, language), "POST", [content[:100], content[100:]])
    assert answer.status == 200
    given = json.loads(answer.body)
    pixels = given["pixels"]
    return None if pixels is None else np.frombuffer(base64.b64decode(pixels), np.uint8), given["words"]


@pytest.mark.parametrize("name, box", [("small-mnist-vae", 20), ("small-digits-vae", 8), ("small-line-vae", None)])
def test_a_picture_is_read_as_the_command_line_reads_it(name: str, box: int | None) -> None:
    shape = find_run(name).config.model.image_shape
    for content in (
        saved(seven("black", Image.new("L", (90, 120), 250)), "JPEG"),
        saved(Image.fromarray(like_mnist())),
    ):
        pixels, _ = told(content, name)
        np.testing.assert_array_equal(pixels, read_picture(content, shape, box).pixels.ravel())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_done_and_what_is_wrong_is_said_in_the_page_s_language(language: str) -> None:
    texts = catalogue(language)
    inverted = saved(Image.fromarray(255 - like_mnist()))
    assert told(inverted, language=language)[1] == texts["own_picture.done.inverted"]
    assert told(saved(Image.fromarray(like_mnist())), language=language)[1] == ""
    for content, reason in [
        (b"no picture", "broken"),
        (inverted[:-30], "broken"),
        (b"", "broken"),
        (saved(Image.new("RGB", (50, 50), "white")), "plain"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
    ]:
        assert told(content, language=language) == (None, texts[f"own_picture.{reason}"])


def test_all_that_was_done_is_said_and_nothing_else() -> None:
    with speaking("en"):
        assert list(remarks(Done(fitted=True))) == []
        said = "".join(remarks(Done(True, True, True, True, True, bits=12, frames=3)))
    assert said.count(";") == 6
    assert "12-bit" in said and "the first of 3 pictures" in said


def test_of_a_file_that_is_too_large_no_more_is_read_than_shows_it() -> None:
    read = []
    pieces = (read.append(1) or piece for piece in repeat(bytes(2**20)))
    assert_refused(ask(path_of("small-mnist-vae"), "POST", pieces), 413, f"{MAX_BYTES} bytes at most")
    assert len(read) == 21


def test_only_a_run_that_is_there_has_pictures_posted() -> None:
    assert ask("picture/none?lang=en", "POST", [b"x"]).status == 404
    assert ask(path_of("small-mnist-vae")).status == 405
