"""Reads pictures of any format as images like those of a data set; every reader of pictures uses it.

A picture is turned as its EXIF data say, transparent parts are laid on a ground that shows the rest, numbers of any
depth are taken by the range that is used, and what is drawn is told from its ground, dark or light, and fitted in with
its proportions kept (`vae_core.ink`).
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

from vae_core.data import ink
from vae_core.errors import DataError, needed

MAX_PIXELS = 2**26  # of a picture, once it is unpacked
WORKING_SIDE = 1024  # pixels along the longer side: more are of no use for images this small
OPAQUE = 250  # of 255
SCALES = (1, 255, 1023, 4095, 16383, 65535)  # the highest number of 1, 8, 10, 12, 14, 16 bits
ORIENTATION = 0x0112  # in EXIF data
REASONS = {
    "heic": "is HEIC, which can't be read here: save it as JPEG or PNG",
    "broken": "is not a picture that can be read: remove it, or save it again",
    "large": "has too many pixels: save it smaller",
    "plain": "is of one colour all over: nothing is to be seen on it",
    "empty": "has nothing on it that stands out from its ground: take one with more contrast",
    "numbers": "holds numbers that are not finite: save it again",
    "colours": "has 16-bit colours of which only the darkest are used: save it in grey, or with 8 bits",
}
# EPS is a program, which Ghostscript would run; of the others Pillow knows little more than the names.
NOT_READ = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG", "IPTC", "MCIDAS"}
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
MIN_CUT_OFF = 64  # of 255: of what is darker too few levels are left
STILLS = {"MPO", "PSD"}  # with more than one picture, but not one after the other: previews, layers


_one_at_a_time = threading.Lock()  # unpacked, a picture is large; and what warnings do is the whole process's


class PictureError(DataError):
    """A picture is unusable; `reason` is one of REASONS."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {REASONS[reason]}.")
        self.reason = reason


@dataclass(frozen=True)
class Done:
    """The conversions applied to a picture."""

    turned: bool = False
    laid: bool = False
    """its transparent parts, on a ground"""
    inverted: bool = False
    evened: bool = False
    """the light on its ground"""
    fitted: bool = False
    """it was not as the data set's images are, and has been scaled or moved"""
    resized: bool = False
    """as it is, whatever its proportions"""
    bits: int | None = None
    """used of more than eight"""
    frames: int = 1
    """of which the first was taken"""


@dataclass(frozen=True, eq=False)
class Picture:
    """An image made of a picture: uint8 (channels, height, width)."""

    pixels: np.ndarray
    done: Done


@cache
def formats() -> tuple[str, ...]:
    """The formats that Pillow reads on its own."""
    Image.init()
    return tuple(name for name in Image.OPEN if name not in NOT_READ)


@cache
def suffixes() -> frozenset[str]:
    """The lower-case suffixes of readable pictures, and of HEIC, which gets an error of its own."""
    known = {suffix for suffix, name in Image.registered_extensions().items() if name in formats()}
    return frozenset({*known, ".heic", ".heif"})


def read_picture(
    source: Path | bytes, shape: tuple[int, int, int], box: int | None, as_is: bool = False, name: str = ""
) -> Picture:
    """The picture in a file, or in these bytes, as an image of `shape` (channels, height, width).

    With a `box`, ink is scaled into it and centred by its mass, as MNIST's was; without one the whole picture is fitted
    in. `as_is` only makes it grey where the model is, and resizes it whatever its proportions. Raises PictureError with
    `name`, the file's where none is given, where it is of no use.
    """
    name = name or str(source)
    with _told(name), io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        if _is_heic(file.read(32)):
            raise PictureError(name, "heic")
        file.seek(0)
        with Image.open(file, formats=formats()) as opened:
            if as_is:
                return _squeezed(opened, shape, name)
            flat, done = _flattened(opened, shape[0] == 3, name)
    if shape[0] == 3:
        return _whole_in_colour(flat, shape, done)
    return _fitted(np.array(flat), shape, box, done, name)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turns any exception of Pillow on a broken picture into one sentence; its warnings are not printed."""
    try:
        with _one_at_a_time, warnings.catch_warnings(action="ignore"):
            yield
    except PictureError:
        raise
    except FileNotFoundError:
        raise DataError(f"There is no file {name}.") from None
    except PermissionError:
        raise DataError(f"{name} may not be read by you: change its permissions, or copy it.") from None
    except Image.DecompressionBombError as error:
        raise PictureError(name, "large") from error
    except Exception as error:  # each of Pillow's forty formats has errors of its own
        raise PictureError(name, "broken") from error


def _is_heic(start: bytes) -> bool:
    return start[4:8] == b"ftyp" and any(brand in start[8:] for brand in HEIC_BRANDS) and b"avif" not in start


def _squeezed(opened: Image.Image, shape: tuple[int, int, int], name: str) -> Picture:
    channels, height, width = shape
    _check_size(opened, name)
    if opened.mode.startswith("I"):  # which convert would cut off at 255
        opened = Image.fromarray((np.asarray(opened) / 257).clip(0, 255).round().astype(np.uint8))
    picture = _in_srgb(opened).convert("RGB" if channels == 3 else "L")
    resized = picture.size != (width, height)
    if resized:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return Picture(np.array(picture).reshape(height, width, channels).transpose(2, 0, 1), Done(resized=resized))


def _check_size(opened: Image.Image, name: str) -> None:
    if opened.width * opened.height > MAX_PIXELS:
        raise PictureError(name, "large")


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in sRGB if it is L*a*b*, else unchanged."""
    if picture.mode != "LAB":
        return picture
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return needed(ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB"))


def _flattened(opened: ImageFile.ImageFile, in_colour: bool, name: str) -> tuple[Image.Image, Done]:
    """The first frame, upright and opaque, grey or RGB, at most WORKING_SIDE wide or high, with its conversions."""
    is_cut_off = _is_cut_off(opened)  # which nothing tells once it is loaded
    frames = 1 if opened.format in STILLS else getattr(opened, "n_frames", 1)
    turned = opened.getexif().get(ORIENTATION) in range(2, 9)
    opened.draft(opened.mode, (WORKING_SIDE, WORKING_SIDE))
    _check_size(opened, name)
    opened.load()
    picture, bits = ImageOps.exif_transpose(opened), None
    if is_cut_off and np.asarray(picture.convert("RGB")).max() < MIN_CUT_OFF:
        raise PictureError(name, "colours")
    if picture.mode[0] in "IF":
        picture, bits = _in_eight_bits(np.asarray(picture), name)
    opaque, laid = _opaque(picture)
    flat = opaque.convert("RGB" if in_colour else "L")
    flat.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return flat, Done(turned=turned, laid=laid, bits=bits, frames=frames)


def _is_cut_off(opened: ImageFile.ImageFile) -> bool:
    """Whether it has 16-bit colours, of which Pillow keeps the upper eight bits."""
    rawmodes = (needed(tile[3]) if isinstance(tile[3], str) else needed(tile[3])[0] for tile in opened.tile)
    return opened.mode[0] != "I" and any(";16" in str(rawmode) for rawmode in rawmodes)


def _in_eight_bits(numbers: np.ndarray, name: str) -> tuple[Image.Image, int | None]:
    """Integers or fractions of any range as grey levels, and the number of bits of integers."""
    if not np.isfinite(numbers).all():
        raise PictureError(name, "numbers")
    low, high = min(0, numbers.min()), numbers.max()
    scale = next((scale for scale in SCALES if high <= scale), high) if low == 0 else high - low
    levels = (numbers - np.float32(low)) * np.float32(255 / scale)
    bits = int(scale).bit_length() if low == 0 and np.issubdtype(numbers.dtype, np.integer) else None
    return Image.fromarray(np.rint(levels).astype(np.uint8)), bits


def _opaque(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The picture without transparent parts, and whether it had any."""
    if not picture.has_transparency_data:
        return (picture if picture.mode in ("1", "L", "P") else _in_srgb(picture).convert("RGB")), False
    clear = picture.convert("RGBA")
    clear.thumbnail((WORKING_SIDE, WORKING_SIDE))
    alpha, grey = np.asarray(clear.getchannel("A")), np.asarray(clear.convert("L"))
    is_opaque = alpha >= OPAQUE
    if is_opaque.mean() > 0.5:  # paper with transparent corners
        ground = int(np.median(grey[is_opaque]))
    else:
        ground = 255 if np.average(grey, weights=alpha + 1e-9) < 128 else 0
    paper = Image.new("RGBA", clear.size, (ground, ground, ground, 255))
    return Image.alpha_composite(paper, clear).convert("RGB"), not is_opaque.all()


def _whole_in_colour(picture: Image.Image, shape: tuple[int, int, int], done: Done) -> Picture:
    _, height, width = shape
    bands = [ink.whole(np.asarray(band), height, width) for band in picture.split()]
    return Picture(np.stack(bands), replace(done, fitted=picture.size != (width, height)))


def _fitted(grey: np.ndarray, shape: tuple[int, int, int], box: int | None, done: Done, name: str) -> Picture:
    _, height, width = shape
    if np.ptp(grey) == 0:
        raise PictureError(name, "plain")
    is_own_size = grey.shape == (height, width)
    if box is None:
        drawn = ink.subject_of(grey, is_own_size)
        pixels, is_fitted = ink.whole(drawn.levels, height, width), not is_own_size
    else:
        drawn = ink.own_image(grey, height, box) or ink.ink_of(grey, is_own_size)
        if not drawn.levels.any():
            raise PictureError(name, "empty")
        is_fitted = not (is_own_size and ink.is_in_place(drawn.levels, box))
        pixels = ink.in_box(drawn.levels, height, box) if is_fitted else drawn.levels
    return Picture(pixels[None], replace(done, inverted=drawn.is_dark, evened=drawn.is_evened, fitted=is_fitted))
