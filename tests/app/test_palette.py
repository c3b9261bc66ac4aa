"""The colours of classes and of kinds of model stay apart for every kind of eye."""

from __future__ import annotations

import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from halfmoon.parts.palette import CLASS_COLOURS, KIND_COLOURS

ROOT = Path(__file__).resolve().parents[2]
MIN_DIFFERENCE = 0.06  # in OKLab; about 0.02 can just be seen
MIN_CONTRAST = 3  # of what is drawn, by WCAG
GROUNDS = ("#fbfaf7", "#f0eee8", "#10131f", "#1a1f30")  # of the light theme and the dark one

# Linear RGB as each eye sees it: Machado, Oliveira and Fernandes 2009, severity 1.
EYES = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}

# OKLab: Ottosson 2020, from linear sRGB to cone responses, and from their cube roots.
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]
BRIGHTNESS = [0.2126, 0.7152, 0.0722]  # of linear sRGB


def linear_rgb(colour: str) -> np.ndarray:
    """A colour like #3f90da in linear RGB, (3,) in [0, 1]."""
    value = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def seen(colour: str, eye: str) -> np.ndarray:
    """The colour (3,) in OKLab as such an eye sees it."""
    rgb = np.asarray(EYES[eye]) @ linear_rgb(colour)
    return np.asarray(OKLAB) @ np.cbrt(np.asarray(CONES) @ rgb.clip(0, 1))


def contrast(one: str, other: str) -> float:
    dark, bright = sorted(float(linear_rgb(colour) @ BRIGHTNESS) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("eye", EYES)
def test_no_two_classes_or_kinds_look_alike(eye: str) -> None:
    all_seen = [seen(colour, eye) for colour in CLASS_COLOURS + KIND_COLOURS]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(all_seen, 2)) > MIN_DIFFERENCE
    ae, vae = (seen(colour, eye) for colour in KIND_COLOURS[:2])
    assert np.linalg.norm(ae - vae) > 2 * MIN_DIFFERENCE  # they stand in one figure


def test_the_colours_of_kinds_are_clear_on_both_grounds() -> None:
    assert min(contrast(*both) for both in product(KIND_COLOURS, GROUNDS)) >= MIN_CONTRAST


def test_the_style_has_the_same_colours_of_kinds() -> None:
    style = (ROOT / "halfmoon" / "assets" / "style.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"--hm-v?ae: (#\w{6});", style)) == KIND_COLOURS[:2]
