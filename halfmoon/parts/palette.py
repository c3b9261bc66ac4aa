"""The colours of classes and of kinds of model, distinct to colour-blind eyes too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from colorsys import hls_to_rgb

from halfmoon.components.latent_plane import PointClass
from halfmoon.parts.titles import class_names
from vae_core.configs import DataConfig, ModelConfig
from vae_core.kinds import KINDS

# M. A. Petroff, "Accessible Color Sequences for Data Visualization", 2021 (arXiv:2107.02270), the ten-colour sequence.
# Its light colours are faint on light ground and its dark ones on dark: so whatever wears one has a thin outline in the
# colour of the text.
CLASS_COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

GOLDEN = (math.sqrt(5) - 1) / 2  # of the circle of hues, from one further class to the next: no two come near
LIGHTNESSES, SATURATION = (0.35, 0.6, 0.8), 0.65

# Of the AE, of the VAE, and of kinds registered later: as far from every class as these are from each other, for every
# kind of eye, and each clear on both grounds. `--hm-ae` and `--hm-vae` in assets/style.css are the first two.
KIND_COLOURS = ("#d24ea2", "#5a5cf4", "#d8421e")

DISSOLVE_COLOUR = "#1f9a50"  # of what no model draws: no class and no kind has it


def run_colours(models: Sequence[ModelConfig]) -> list[str]:
    """The colours of runs shown together: their kind's, and for a second run of the same kind one that no kind has."""
    order, colours = list(KINDS), list[str]()
    for model in models:
        usual = KIND_COLOURS[order.index(model.kind) % len(KIND_COLOURS)]
        further = [colour for colour in KIND_COLOURS[len(order) :] if colour not in colours]
        colours.append(next(iter(further), usual) if usual in colours else usual)
    return colours


def class_colour(label: int) -> str:
    """The colour of a class, #rrggbb: the sequence's for the first ten, further ones as distinct as possible."""
    if label < len(CLASS_COLOURS):
        return CLASS_COLOURS[label]
    further = label - len(CLASS_COLOURS)
    channels = hls_to_rgb(further * GOLDEN % 1, LIGHTNESSES[further % len(LIGHTNESSES)], SATURATION)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


def point_classes(data: DataConfig) -> list[PointClass]:
    """The names and colours of the points of its classes."""
    return [PointClass(name, class_colour(label)) for label, name in enumerate(class_names(data))]
