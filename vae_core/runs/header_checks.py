"""Checks the files of a run against its settings by their headers alone.

Nothing of a file that claims more than it should is ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO

from vae_core.configs import RunConfig
from vae_core.errors import BrokenError
from vae_core.runs.headers import Header, array_headers, tensor_headers
from vae_core.runs.layouts import PREVIEW_ARRAYS, code_arrays, fit
from vae_core.runs.weighing import weight_shapes

WEIGHTS = ("F16", "BF16", "F32")


def check_headers(config: RunConfig, sizes: Mapping[str, int], open_file: Callable[[str], IO[bytes]]) -> None:
    """Every file of arrays or weights in `sizes`, by name, is one of such a run. Raises RunError where one is not.

    `open_file` gives a file by its name, and `sizes` its bytes.
    """
    for name, size in sizes.items():
        if name.endswith((".npz", ".safetensors")):
            with open_file(name) as file:
                if name.endswith(".safetensors"):
                    _check_weights(config, tensor_headers(file, size, name), name)
                else:
                    _check_arrays(config, array_headers(file, name), name)


def _check_weights(config: RunConfig, found: dict[str, Header], name: str) -> None:
    if {key: header.shape for key, header in found.items()} != weight_shapes(config.model):
        raise BrokenError(f"{name} holds the weights of another model than its config.json describes.")
    if not all(header.dtype in WEIGHTS for header in found.values()):
        raise BrokenError(f"{name} holds weights of an unusual type: half or single precision is what is opened.")


def _check_arrays(config: RunConfig, found: dict[str, Header], name: str) -> None:
    is_codes = name == "codes.npz"
    layouts = code_arrays(config) if is_codes else PREVIEW_ARRAYS
    if missing := [key for key in layouts if key not in found]:
        raise BrokenError(f"{name} has no array {missing[0]}.")
    if not fit(found, layouts, config):
        raise BrokenError(f"{name} does not fit the model{' and its data set' if is_codes else ''}.")
