"""The colours of classes stay apart for every kind of eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from halfmoon.parts.palette import CLASS_COLOURS

MIN_DIFFERENCE = 17  # CIE 1976, in Lab; about 2 can just be seen

# Linear RGB as each eye sees it: Machado, Oliveira and Fernandes 2009, severity 1.
EYES = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # of linear sRGB


def linear_rgb(colour: str) -> np.ndarray:
    """A colour like #3f90da in linear RGB, (3,) in [0, 1]."""
    value = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB (3,) in CIE Lab, the white of sRGB."""
    relative = XYZ @ rgb.clip(0, 1) / XYZ.sum(1)
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
def test_no_two_classes_look_alike(eye: str) -> None:
    seen = [lab(np.asarray(EYES[eye]) @ linear_rgb(colour)) for colour in CLASS_COLOURS]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > MIN_DIFFERENCE
