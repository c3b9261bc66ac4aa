"""Trains and ships the judges in `judges/`, a few minutes each on one core: `python weights/make_judges.py mnist`."""

from __future__ import annotations

import sys
import time
from typing import Any

import torch

from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.measures.judge import SEED, Judge, accuracy, calibration_error, file_of, train
from vae_core.models import weight_files


def make(name: str) -> dict[str, Any]:
    """Trains and ships the judge of a data set, in half precision; returns the header of its file."""
    begun = time.perf_counter()
    data = datasets.load(DataConfig(name=name))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        judge = Judge(data.image_shape, len(data.class_names))
    for epoch in train(judge, data):
        print(f"{name}: epoch {epoch.epoch}, validation accuracy {epoch.validation_accuracy:.4f}", flush=True)
    tensors = {key: _in_half_precision(tensor) for key, tensor in judge.state_dict().items()}
    judge.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})  # as everybody else gets it
    test = data.split("test")
    facts = {
        "image_shape": data.image_shape,
        "classes": len(data.class_names),
        "accuracy": accuracy(judge, *test),
        "calibration_error": calibration_error(judge, *test),
        "temperature": float(judge.temperature),
        "command": f"python weights/make_judges.py {name}",
        "seconds": round(time.perf_counter() - begun),
        "threads": torch.get_num_threads(),
    }
    weight_files.save_state(tensors, facts, file_of(name))
    return facts


def _in_half_precision(tensor: torch.Tensor) -> torch.Tensor:
    return (tensor.half() if tensor.is_floating_point() else tensor).contiguous()


if __name__ == "__main__":
    for chosen in sys.argv[1:]:
        print(make(chosen))
