"""Imports torchvision, also beside a build of torch that it wasn't built for; no other module imports it."""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType

_LOCK = threading.Lock()  # two pages may ask at once, and the second mustn't see the repair half done


def import_torchvision() -> ModuleType:
    """The package torchvision, with its `datasets` and `utils`."""
    with _LOCK:
        try:
            return importlib.import_module("torchvision")
        except RuntimeError as error:
            if "torchvision::" not in str(error):
                raise
        _declare_operators()
        return importlib.import_module("torchvision")


def _declare_operators() -> None:
    """Declares the two operators without which torchvision's import fails.

    A torchvision built for CUDA can't load its compiled part beside a torch for the CPU alone, and the import then ends
    with "operator torchvision::nms does not exist": it describes two operators that only the compiled part declares.
    Nothing here calls them (they are for object detection), so their signatures are all that is needed.
    """
    import torch

    for operator in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operator):
            torch.library.define(
                f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
    # The failed import leaves some of its modules behind; a second one must not build on them.
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
