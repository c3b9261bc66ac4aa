"""Weight files: tensors only, nothing is ever unpickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from vae_core.configs import ModelConfig
from vae_core.errors import BrokenError
from vae_core.files import make_folder, parse_json, reading_tensors, write_atomically
from vae_core.models.auto_encoders import AutoEncoder, build

FLOATS = (torch.float16, torch.bfloat16, torch.float32)


def save_model(model: AutoEncoder, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """Writes the model's weights to `path`, in `dtype`."""
    tensors = {name: tensor.to("cpu", dtype).contiguous() for name, tensor in model.state_dict().items()}
    write_atomically(path, save(tensors))


def load_model(config: ModelConfig, path: Path) -> AutoEncoder:
    """The model of `config` with the weights in `path`, float32, in evaluation mode and without gradients.

    Raises RunError where the file is missing, truncated, another model's or not finite.
    """
    tensors = read_weights(config, path)
    model = build(config)
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return model.eval().requires_grad_(False)


def read_weights(config: ModelConfig, path: Path) -> dict[str, Tensor]:
    """The weights in `path`, checked to fit a model of `config`; raises RunError as `load_model` does.

    No memory is taken for what the settings promise and the file doesn't hold.
    """
    tensors = read_tensors(path)
    with torch.device("meta"):
        expected = {name: tensor.shape for name, tensor in build(config).state_dict().items()}
    if {name: tensor.shape for name, tensor in tensors.items()} != expected:
        raise BrokenError(f"{path} holds the weights of another model than its config.json describes.")
    if not all(tensor.dtype in FLOATS and tensor.isfinite().all() for tensor in tensors.values()):
        raise BrokenError(f"{path} holds weights that are not finite: restore it, or train again.")
    return tensors


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises RunError if it is missing or broken."""
    with reading_tensors(path):
        return load_file(path)


def save_state(tensors: dict[str, Tensor], numbers: dict[str, Any], path: Path) -> None:
    """Writes tensors to `path`, with `numbers` as JSON in the header: neither is saved without the other."""
    make_folder(path.parent, and_above=False)
    write_atomically(path, save(tensors, {"numbers": json.dumps(numbers)}))


def load_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and numbers that `save_state` saved. Raises RunError if the file is missing or broken."""
    tensors = read_tensors(path)
    with reading_tensors(path), safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    try:
        numbers = parse_json(metadata["numbers"].encode())
    except (KeyError, ValueError):
        numbers = None
    if not isinstance(numbers, dict):
        raise BrokenError(f"{path} is not the state of a run.")
    return tensors, numbers
