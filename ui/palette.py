"""The colours of classes, told apart by colour-blind eyes too, on light and on dark."""

from __future__ import annotations

# M. A. Petroff, "Accessible Color Sequences for Data Visualization", 2021 (arXiv:2107.02270), the ten-colour sequence;
# its purple, brown, dark red and grey are lightened a little, so that they stand out from a night-blue ground as well.
CLASS_COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#cf3a1c",
    "#94a4a2",
    "#9a4bcb",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717c8c",
    "#5fc6cf",
)
