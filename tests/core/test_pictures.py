"""Every picture of a digit, however it is saved or lit, is the image that MNIST would have of it, or a sentence."""

from __future__ import annotations

import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from tests.core.drawn import like_mnist, saved, seven
from vae_core.codes.encoding import encode_images
from vae_core.configs import DataConfig
from vae_core.data import datasets, ink
from vae_core.data.pictures import ORIENTATION, PictureError, formats, read_picture, suffixes
from vae_core.data.sources import SOURCES
from vae_core.errors import DataError
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

SHAPE, BOX = (1, 28, 28), 20
DIGIT = like_mnist()
LARGE = Image.fromarray(DIGIT).resize((280, 280), Image.Resampling.BICUBIC)
TURNED = {  # how a camera that is held so stores what is upright: the inverse of what the orientation asks for
    1: (),
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_90,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_270,),
}


@pytest.fixture(scope="module")
def model():
    return Run.open(SHIPPED / "mnist-vae-2d").load_model()


@pytest.fixture(scope="module")
def is_the_digit(model):
    """Whether an image is where DIGIT is on the plane of a shipped model, within 0.25 in each dimension."""

    def code(pixels: np.ndarray) -> np.ndarray:
        return encode_images(model, torch.from_numpy(np.ascontiguousarray(pixels)[None])).mu[0].numpy()

    expected = code(DIGIT[None])
    return lambda pixels: bool((np.abs(code(pixels) - expected) < 0.25).all())


def read(content: bytes, box: int | None = BOX):
    return read_picture(content, SHAPE, box, name="it")


def reason(content: bytes) -> str:
    with pytest.raises(PictureError, match=r"^it .*\.$") as raised:
        read(content)
    return raised.value.reason


# As they are


@pytest.mark.parametrize("form", ["PNG", "TIFF", "GIF", "BMP", "PPM", "TGA", "PCX", "JPEG2000"])
def test_an_image_like_those_of_the_data_set_is_itself_to_the_pixel(form: str) -> None:
    picture = read(saved(Image.fromarray(DIGIT), form))
    np.testing.assert_array_equal(picture.pixels[0], DIGIT)
    assert not picture.done.fitted
    inverted = read(saved(Image.fromarray(255 - DIGIT), form))
    np.testing.assert_array_equal(inverted.pixels[0], DIGIT)
    assert inverted.done.inverted and not picture.done.inverted


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "digits", "moons"])
def test_images_of_a_data_set_come_back_as_they_are_from_dark_and_light_paper(name: str, request) -> None:
    if name in ("mnist", "fashion-mnist"):
        request.getfixturevalue("mnist")  # skipped where published data are not at hand
    data = datasets.load(DataConfig(name=name))
    box = SOURCES[name].ink_box
    for image in data.images[:: len(data.images) // 150].numpy():
        for stored in (image[0], 255 - image[0]):
            picture = read_picture(saved(Image.fromarray(stored)), data.image_shape, box)
            np.testing.assert_array_equal(picture.pixels, image)
            assert not picture.done.fitted


# Turned


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_picture_is_turned_as_its_exif_data_say(form: str, orientation: int, is_the_digit) -> None:
    stored = LARGE
    for turn in TURNED[orientation]:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = read(saved(stored, form, exif=exif))
    assert is_the_digit(picture.pixels)
    assert picture.done.turned == (orientation > 1)


# Colours and depths


def in_mode(mode: str) -> Image.Image:
    if mode == "LAB":
        srgb, lab = (ImageCms.createProfile(space) for space in ("sRGB", "LAB"))
        return ImageCms.profileToProfile(LARGE.convert("RGB"), srgb, lab, outputMode="LAB")
    if mode == "F":
        return Image.fromarray(np.asarray(LARGE, np.float32) / 255)
    if mode.startswith("I"):
        return Image.fromarray(np.asarray(LARGE).astype(np.int32 if mode == "I" else np.uint16) * 257)
    return LARGE.convert("RGBA").convert(mode) if mode == "PA" else LARGE.convert(mode)


@pytest.mark.parametrize(
    "mode, form",
    [
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *((mode, "TIFF") for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB")),
        *((mode, "TIFF") for mode in ("I", "I;16", "F")),
        *((mode, "JPEG") for mode in ("L", "RGB", "CMYK", "YCbCr")),
        *((mode, "WEBP") for mode in ("RGB", "RGBA")),
        *((mode, "AVIF") for mode in ("RGB", "RGBA")),
        *((mode, "JPEG2000") for mode in ("L", "LA", "RGB", "RGBA", "YCbCr", "I;16")),
    ],
)
def test_a_digit_is_the_same_in_every_mode(mode: str, form: str, is_the_digit) -> None:
    assert is_the_digit(read(saved(in_mode(mode), form)).pixels)


@pytest.mark.parametrize("bits", [1, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_the_bits_that_are_used_of_sixteen_are_found_and_said(bits: int, form: str) -> None:
    highest = 2**bits - 1
    numbers = np.rint(DIGIT.astype(float) * highest / 255).astype(np.uint16)
    picture = read(saved(Image.fromarray(numbers), form))
    assert picture.done.bits == bits
    expected = np.rint(numbers * (255 / highest))
    np.testing.assert_allclose(picture.pixels[0], expected, atol=0.5)


@pytest.mark.parametrize("numbers", [DIGIT / 255, DIGIT.astype(float), DIGIT / 255 * 2 - 1, DIGIT.astype(float) * 257])
def test_fractions_are_taken_by_their_range(numbers: np.ndarray) -> None:
    picture = read(saved(Image.fromarray(numbers.astype(np.float32)), "TIFF"))
    np.testing.assert_array_equal(picture.pixels[0], DIGIT)


def test_numbers_that_are_not_finite_and_colours_that_are_cut_off_are_sentences() -> None:
    numbers = DIGIT.astype(np.float32)
    numbers[0, 0] = np.nan
    assert reason(saved(Image.fromarray(numbers), "TIFF")) == "numbers"
    assert reason(deep_colour_png(DIGIT.astype(np.uint16))) == "colours"
    np.testing.assert_array_equal(read(deep_colour_png(DIGIT.astype(np.uint16) * 257)).pixels[0], DIGIT)


def deep_colour_png(grey: np.ndarray) -> bytes:
    """A PNG of 16-bit colours, which Pillow does not write."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    height, width = grey.shape
    rows = np.repeat(grey[..., None], 3, 2).astype(">u2")
    content = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*each) for each in [(b"IHDR", header), (b"IDAT", zlib.compress(content)), (b"IEND", b"")]
    )


# Transparent parts


@pytest.mark.parametrize("level", [0, 60, 200, 255])
@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_ink_of_any_brightness_on_nothing_is_seen(level: int, form: str, is_the_digit) -> None:
    stored = Image.merge("LA", [Image.new("L", (28, 28), level), Image.fromarray(DIGIT)]).convert("RGBA")
    picture = read(saved(stored, form, **({"lossless": True, "exact": True} if form == "WEBP" else {})))
    assert picture.done.laid
    assert picture.done.inverted == (level < 128)
    assert is_the_digit(picture.pixels)
    assert level in (60, 200) or np.array_equal(picture.pixels[0], DIGIT)


def test_paper_with_transparent_corners_is_paper(is_the_digit) -> None:
    paper = ImageOps.invert(LARGE).convert("RGBA")
    for x in (0, 260):
        for y in (0, 260):
            paper.paste((0, 0, 0, 0), (x, y, x + 20, y + 20))
    assert is_the_digit(read(saved(paper)).pixels)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_colour_of_a_palette_may_be_transparent(form: str, is_the_digit) -> None:
    palette = LARGE.point(lambda level: 255 * (level > 127)).convert("P")
    palette.putpalette([0, 0, 0] * 255 + [20, 20, 20])
    assert is_the_digit(read(saved(palette, form, transparency=0)).pixels)


# Places, sizes, light


@pytest.mark.parametrize("width, height, x, y, zoom", [
    (280, 280, 240, 5, 1), (56, 28, 20, 0, 1), (28, 56, 0, 28, 1), (112, 112, 0, 0, 4), (900, 300, 600, 20, 9),
])  # fmt: skip
@pytest.mark.parametrize("is_dark", [False, True])
def test_it_does_not_matter_where_and_how_large_a_digit_is(
    width: int, height: int, x: int, y: int, zoom: int, is_dark: bool, is_the_digit
) -> None:
    sheet = Image.new("L", (width, height))
    sheet.paste(Image.fromarray(DIGIT).resize((28 * zoom, 28 * zoom), Image.Resampling.NEAREST), (x, y))
    assert is_the_digit(read(saved(ImageOps.invert(sheet) if is_dark else sheet)).pixels)


def test_a_digit_without_a_margin_is_given_one(is_the_digit) -> None:
    cut = Image.fromarray(DIGIT).crop(Image.fromarray(DIGIT).getbbox())
    for stored in (cut, ImageOps.invert(cut), cut.resize((120, 200))):
        assert is_the_digit(read(saved(stored)).pixels)


def photograph(fall: float, kind: str, contrast: float = 0.75, seed: int = 0) -> Image.Image:
    """The digit on paper that is lit unevenly by `fall` of 255, with the grain of a camera."""
    height, width = 600, 800
    y, x = np.mgrid[0:1:600j, 0:1:800j]
    light = {
        "across": x,
        "down": 1 - y,
        "slanting": (x + y) / 2,
        "lamp": np.hypot(x - 0.3, y - 0.4),
        "corners": 2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2),
        "hand": (x + 0.3 * y > 0.75) * 1.0,
        "shadow": 1 / (1 + np.exp(-40 * (x + 0.4 * y - 0.95))),
    }[kind]
    paper = 215 - fall * light
    stroke = np.zeros((height, width))
    stroke[160:440, 260:540] = np.asarray(LARGE) / 255
    noise = np.random.default_rng(seed).normal(0, 2, (height, width))
    return Image.fromarray(np.rint(paper * (1 - contrast * stroke) + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("kind", ["across", "down", "slanting", "lamp", "corners", "hand", "shadow"])
@pytest.mark.parametrize("fall", [0, 20, 40, 60])
def test_light_that_falls_over_the_paper_takes_no_ink_away(kind: str, fall: int, is_the_digit) -> None:
    for form in ("PNG", "JPEG"):
        picture = read(saved(photograph(fall, kind), form))
        assert is_the_digit(picture.pixels), form
        assert picture.done.inverted


@pytest.mark.parametrize("fall", [0, 30, 60])
def test_paper_without_ink_is_no_digit_however_it_is_lit(fall: int) -> None:
    assert reason(saved(photograph(fall, "across", contrast=0))) == "empty"
    assert reason(saved(Image.new("RGB", (50, 50), "white"))) == "plain"


def test_dust_is_no_ink(is_the_digit) -> None:
    dusty = np.asarray(ImageOps.invert(LARGE)).copy()
    dusty[10:12, 250:252] = 90
    dusty[270, 5] = 0
    assert is_the_digit(read(saved(Image.fromarray(dusty))).pixels)


def test_what_is_no_digit_is_fitted_in_as_a_whole_with_its_proportions() -> None:
    wide = np.zeros((28, 56), np.uint8)
    wide[4:24, 8:48] = np.arange(100, 140)
    picture = read(saved(Image.fromarray(255 - wide)), box=None)
    assert picture.done.inverted and picture.done.fitted
    assert not picture.pixels[0, :7].any() and not picture.pixels[0, 21:].any()
    expected = Image.fromarray(wide).resize((28, 14), Image.Resampling.BOX)
    np.testing.assert_allclose(picture.pixels[0, 7:21].astype(int), expected, atol=1)


def test_colours_stay_colours_where_a_model_has_some() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    picture = read_picture(saved(Image.fromarray(pixels)), (3, 4, 4), None)
    np.testing.assert_array_equal(picture.pixels, pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("form", ["GIF", "PNG", "TIFF", "WEBP", "AVIF"])
def test_of_several_frames_it_is_the_first_and_that_is_said(form: str, is_the_digit) -> None:
    others = [ImageOps.mirror(LARGE), ImageOps.flip(LARGE)]
    picture = read(saved(LARGE, form, save_all=True, append_images=others))
    assert picture.done.frames == 3
    assert is_the_digit(picture.pixels)


def test_a_picture_as_it_is_is_neither_turned_nor_inverted() -> None:
    dark = 255 - DIGIT
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    picture = read_picture(saved(Image.fromarray(dark), exif=exif), SHAPE, BOX, as_is=True)
    np.testing.assert_array_equal(picture.pixels[0], dark)
    assert read_picture(saved(LARGE), SHAPE, BOX, as_is=True).done.resized
    assert read_picture(saved(in_mode("LAB"), "TIFF"), SHAPE, BOX, as_is=True).done.resized


# Of no use


def test_files_that_are_no_pictures_are_one_sentence_with_their_name() -> None:
    whole = saved(Image.fromarray(DIGIT))
    assert reason(b"") == "broken"
    assert reason(b"no picture") == "broken"
    assert reason(whole[:-30]) == "broken"
    assert reason(whole[:33] + bytes(len(whole) - 33)) == "broken"
    assert reason(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "heic"
    assert reason(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n") == "broken"


def test_a_picture_that_is_too_large_to_be_unpacked_is_a_sentence() -> None:
    def header(width: int, height: int) -> bytes:
        return (
            b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, *[0] * 6)
        )

    assert reason(header(60_000, 60_000)) == "large"  # more than Pillow opens
    assert reason(header(9_000, 9_000)) == "large"


FILES = [
    saved(LARGE.resize((40, 40)).convert(mode), form)
    for mode, form in [("L", "PNG"), ("RGB", "JPEG"), ("P", "GIF"), ("RGB", "TIFF"), ("RGBA", "WEBP"), ("L", "PPM")]
]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=4),
       st.floats(0, 1))  # fmt: skip
def test_a_damaged_file_is_an_image_or_a_sentence_and_never_a_warning(whole, damage, rest) -> None:
    content = bytearray(whole)
    for where, other in damage:
        at = int(where * len(content))
        content[at : at + len(other)] = other
    content = bytes(content[: max(1, int(len(content) * max(rest, 0.2)))])
    with warnings.catch_warnings(action="error"):
        try:
            picture = read(content)
        except PictureError as error:
            assert str(error).startswith("it ") and "\n" not in str(error)
        else:
            assert picture.pixels.shape == SHAPE and picture.pixels.any()


def test_a_file_that_is_not_there_or_may_not_be_read_is_a_sentence(tmp_path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_picture(tmp_path / "none.png", SHAPE, BOX)


def test_what_pillow_reads_by_itself_is_read_by_its_name_and_nothing_that_it_gives_to_other_programs() -> None:
    assert {".png", ".jfif", ".pgm", ".tif", ".jp2", ".avif", ".heic", ".webp", ".qoi"} <= suffixes()
    assert not {".eps", ".ps", ".wmf"} & suffixes()
    assert "EPS" not in formats()


# The box


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.floats(0.01, 1))
@settings(deadline=None, max_examples=80)
def test_ink_lies_in_the_box_with_its_mass_in_the_middle(height: int, width: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    levels = np.where(rng.random((height, width)) < share, 255, 0).astype(np.uint8)
    levels[0, 0] = 255
    image = ink.in_box(levels, 28, 20)
    rows, columns = np.nonzero(image)
    assert len(rows)
    assert max(np.ptp(rows), np.ptp(columns)) < 20
    assert np.abs(ink.centre_of_mass(image) - 14.5).max() <= 0.6  # grey levels are rounded


def test_a_picture_of_bytes_and_one_of_a_file_are_the_same(tmp_path) -> None:
    content = saved(seven("black", Image.new("L", (100, 120), 255)))
    (tmp_path / "a.png").write_bytes(content)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png", SHAPE, BOX).pixels, read(content).pixels)
