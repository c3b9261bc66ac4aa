"""The half-moon experiment: a walk along a one-dimensional code from the new moon to the full moon.

Positions are the article's: the new moon is at 1, the full moon at 10, and codes lie in proportion between theirs.

    ends = find_ends(codes, phases)
    seen = look(decode(ends.codes(np.linspace(1, 10, 91))), settings)
    print(seen.verdicts())
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr

from vae_core.errors import RunError
from vae_core.moons import drawing
from vae_core.moons.drawing import PhaseName, true_moons
from vae_core.moons.moons_config import MoonsConfig

NEW, FULL = 1.0, 10.0  # their positions
MIDDLE = (NEW + FULL) / 2
END_SHARE = 0.01  # of the training images: so many of the lowest phases are the new moon, of the highest the full one

Verdict = PhaseName | Literal["dissolve"]


class Ends(NamedTuple):
    """The codes of the new moon and of the full moon; either may be the larger."""

    new: float
    full: float

    def codes(self, positions: np.ndarray) -> np.ndarray:
        """The codes (N, 1) at positions (N,)."""
        return (self.new + (positions - NEW) / (FULL - NEW) * (self.full - self.new))[:, None]

    def positions(self, codes: np.ndarray) -> np.ndarray:
        """The positions (N,) of codes (N, 1)."""
        return NEW + (codes[:, 0] - self.new) / (self.full - self.new) * (FULL - NEW)

    def lengths(self, sigmas: np.ndarray) -> np.ndarray:
        """Standard deviations (N, 1) of codes in units of positions, (N,)."""
        return sigmas[:, 0] / abs(self.full - self.new) * (FULL - NEW)


def find_ends(codes: np.ndarray, phases: np.ndarray) -> Ends:
    """The mean codes (N, 1) of the images with the lowest and the highest phases (N,), END_SHARE of them each.

    Raises RunError where the two are the same: such a code says nothing about the phase.
    """
    count = max(1, round(END_SHARE * len(phases)))
    order = np.argsort(phases, kind="stable")
    ends = Ends(*(float(codes[part].mean(dtype=np.float64)) for part in (order[:count], order[-count:])))
    if ends.new == ends.full:
        raise RunError("New and full moons have the same code, so there is no way from one to the other.")
    return ends


def shares(edges: np.ndarray, places: np.ndarray, sigmas: np.ndarray | None) -> np.ndarray:
    """The share (B,) of the mass of codes at places (N,) between consecutive edges (B + 1,), ascending.

    Where codes have standard deviations (N,), each is a Gaussian: of a VAE's posteriors that is the aggregated one.
    """
    if sigmas is None:
        return np.histogram(places, edges)[0] / len(places)
    return np.diff(ndtr((edges[:, None] - places) / sigmas).mean(1))


class Seen(NamedTuple):
    """The nearest true moon and the nearest cross-dissolve of new and full of each image.

    `phases`, `moon_distances`, `weights` (the full moon's, in [0, 1]) and `dissolve_distances` are (N,), `moons` and
    `dissolves`, the images themselves, (N, 1, H, W). Distances as in `moon_fitting`.
    """

    phases: np.ndarray
    moon_distances: np.ndarray
    moons: np.ndarray
    weights: np.ndarray
    dissolve_distances: np.ndarray
    dissolves: np.ndarray

    def verdicts(self) -> list[Verdict]:
        """The verdict on each image: its nearest moon, or a dissolve if one is nearer.

        A dissolve that is as good as all new or all full is a new or a full moon, and not held against the image.
        """
        of_phase, of_weight = _phase_names(self.phases), _phase_names(self.weights)
        blended: list[Verdict] = [name if name in ("new", "full") else "dissolve" for name in of_weight]
        nearer = self.moon_distances < self.dissolve_distances
        return [moon if near else blend for near, moon, blend in zip(nearer, of_phase, blended, strict=True)]


def look(images: np.ndarray, settings: MoonsConfig) -> Seen:
    """The judgement of images (N, 1, H, W) in [0, 1]. Raises ValueError as `moon_fitting.fit_phase` does."""
    import torch

    from vae_core.moons.fitting import fit_dissolve, fit_phase

    given = torch.from_numpy(images)
    new, full = true_moons(np.array([0.0, 1.0]), settings)
    moon = fit_phase(given, settings)
    dissolve = fit_dissolve(given, torch.from_numpy(new), torch.from_numpy(full))
    weights = dissolve.weights.numpy()
    blend = weights.astype(np.float32)[:, None, None, None]
    return Seen(
        phases=moon.phases.numpy(),
        moon_distances=moon.distances.numpy(),
        moons=true_moons(moon.phases.numpy(), settings),
        weights=weights,
        dissolve_distances=dissolve.distances.numpy(),
        dissolves=(1 - blend) * new + blend * full,
    )


def _phase_names(phases: np.ndarray) -> list[Verdict]:
    return [drawing.PHASE_NAMES[at] for at in drawing.phase_class(phases)]
