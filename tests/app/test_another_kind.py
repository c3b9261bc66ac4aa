"""A kind of model that is registered here alone goes all the way: trained, read, checked, encoded, listed and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import final

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import Tensor

from halfmoon.parts.palette import run_colours
from halfmoon.runs import facts
from halfmoon.train import following
from vae_core.comparison import in_pairs
from vae_core.configs import ModelConfig, NetworkConfig, TrainingConfig
from vae_core.data import datasets
from vae_core.kinds import KINDS, TOTAL, Kind
from vae_core.models import weight_files
from vae_core.models.auto_encoders import AutoEncoder, Terms, Weights
from vae_core.runs.archives import pack_run, unpack_run
from vae_core.runs.run import Run
from vae_core.training import recording

ROOT = Path(__file__).resolve().parents[2]
NETWORK = NetworkConfig(widths=(16,))
TRAINING = TrainingConfig(data={"name": "digits"}, steps=40, warmup_steps=5, threads=1, seed=4)
TOY = Kind(
    name="toy",
    model=f"{__name__}:Toy",
    has_posterior=False,
    terms={"reconstruction": None, "spread": "beta"},
    criterion="reconstruction",
)


@final
class Toy(AutoEncoder):
    """Codes are points that are kept together; of its two optimisers the decoder's is the slower."""

    kind = TOY

    def terms(self, images: Tensor, weights: Weights, generator: torch.Generator | None = None) -> Terms:
        codes = self.encode(images).mu
        return {"reconstruction": self.reconstruction(images, codes), "spread": codes.square().sum(1).mean()}

    def optimisers(self, learning_rate: float) -> dict[str, torch.optim.Optimizer]:
        parts = {"encoder": self.encoder, "decoder": self.decoder}
        return {name: torch.optim.SGD(part.parameters(), lr=learning_rate) for name, part in parts.items()}

    def set_learning_rate(self, optimisers: dict[str, torch.optim.Optimizer], learning_rate: float) -> None:
        super().set_learning_rate({"encoder": optimisers["encoder"]}, learning_rate)
        super().set_learning_rate({"decoder": optimisers["decoder"]}, learning_rate / 2)

    def training_step(
        self,
        images: Tensor,
        optimisers: dict[str, torch.optim.Optimizer],
        weights: Weights,
        generator: torch.Generator | None = None,
    ) -> Terms:
        terms = self.loss(images, weights, generator)
        self.zero_grad()
        terms[TOTAL].backward()
        for optimiser in optimisers.values():
            optimiser.step()
        return {name: term.detach() for name, term in terms.items()}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """A trained run of the toy kind, the only one of the user's."""
    monkeypatch.setitem(KINDS, TOY.name, TOY)
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    model = ModelConfig(kind="toy", encoder=NETWORK, decoder=NETWORK, image_shape=(1, 8, 8))
    data = datasets.load(TRAINING.data)
    trained = recording.create_run(tmp_path / "toy", model, TRAINING, data)
    assert list(recording.record(trained, data))[-1]["event"] == "finished"
    return trained


def test_another_kind_is_trained_recorded_read_checked_and_encoded(run: Run, tmp_path: Path) -> None:
    records = [record for record in run.records.all() if "split" in record]
    for record in records:
        assert record["total"] == pytest.approx(record["reconstruction"] + record["spread"], rel=1e-5)
        assert record["kl"] == record["mismatch"] == 0
    validated = [record["reconstruction"] for record in records if record["split"] == "validation"]
    tensors, numbers = weight_files.load_state(run.state_file)
    assert numbers["best"] == pytest.approx(min(validated))
    assert not any(name.startswith("optimiser.main") for name in tensors)
    run.check_results()
    assert isinstance(run.load_model(), Toy)
    with torch.inference_mode():
        images = datasets.to_floats(datasets.load(TRAINING.data).split("test")[0])
        np.testing.assert_allclose(run.codes.mu, run.load_model().encode(images).mu, atol=1e-4)
    assert run.codes.log_var is None
    assert not run.codes.space.is_identity
    back = unpack_run(pack_run(run), tmp_path / "elsewhere")
    assert back.config == run.config
    np.testing.assert_array_equal(back.codes.mu, run.codes.mu)


def test_another_kind_is_listed_with_its_terms_and_drawn_under_its_own_name(run: Run) -> None:
    model, training = run.config.model, run.config.training
    listed = following._Shown(run.name, "Toy", model, training, may_control=False, is_over=True)
    shown = following._live_run(listed, *run_colours([model]), KINDS[model.kind].curves(training))
    assert list(shown.terms.values()) == ["total", "reconstruction", "spread"]
    assert facts.of_shipped(run).kind == "toy"
    assert [pair.runs for pair in in_pairs([run])] == [(run,)]
    for page in ("plane", "sample", "compare", "runs"):
        app = AppTest.from_file(str(ROOT / "halfmoon" / "main.py"), default_timeout=60)
        app.query_params["run"] = run.name
        app.run()
        app = app if page == "plane" else app.switch_page(f"../pages/{page}.py").run()
        assert not app.exception
        assert not app.error
