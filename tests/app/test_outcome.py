"""What came of a training, in a sentence computed from its records."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from halfmoon.train import outcome
from vae_core.places import SHIPPED
from vae_core.runs.run import Run


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, Run]:
    """An AE and a VAE without records or a card."""
    made = {}
    for kind in ("ae", "vae"):
        folder = shutil.copytree(SHIPPED / f"digits-{kind}-2d", tmp_path / kind)
        for name in ("records.jsonl", "card.json"):
            (folder / name).unlink(missing_ok=True)
        made[kind] = Run.open(folder)
    return made


def record(run: Run, total: float, split: str = "validation", **terms: float) -> None:
    run.records.append({"step": 10, "seconds": 75.0, "split": split, "total": total, "beta": 1.0, **terms})


def test_without_a_record_nothing_is_said(runs: dict[str, Run]) -> None:
    assert outcome.sentence(list(runs.values())) == ""


def test_the_loss_is_that_of_validation_with_its_kl_and_the_better_reconstruction_is_named(
    runs: dict[str, Run],
) -> None:
    record(runs["ae"], 133, reconstruction=133, kl=0)
    record(runs["vae"], 148.2, reconstruction=142, kl=6.15)
    record(runs["vae"], 90, "training", reconstruction=90, kl=0)
    assert outcome.sentence(list(runs.values())) == (
        "After 1:15 the loss in nats per image is 133 (AE) and 148 (VAE, of which 6.15 KL). "
        "AE reconstructs better, by 9.00 nats."
    )


def test_a_code_that_has_collapsed_is_said_to_tell_nothing(runs: dict[str, Run]) -> None:
    record(runs["vae"], 206, "training", reconstruction=206, kl=1e-6)
    assert outcome.sentence([runs["vae"]]) == (
        "After 1:15 the loss in nats per image is 206 (VAE, of which ≈\u00a00 KL). "
        "The code of VAE tells nothing about the image."
    )
