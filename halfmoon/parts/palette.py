"""The colours of classes, told apart by colour-blind eyes too."""

from __future__ import annotations

from halfmoon.components.latent_plane import PointClass
from halfmoon.parts.titles import class_names
from vae_core.configs import DataConfig

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


def point_classes(data: DataConfig) -> list[PointClass]:
    """How the points of its classes are called and coloured."""
    return [PointClass(name, colour) for name, colour in zip(class_names(data), CLASS_COLOURS, strict=False)]
