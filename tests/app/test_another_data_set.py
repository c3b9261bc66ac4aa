"""A data set that no module knows of: in colour, with twelve classes, entered in the registry and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from halfmoon.parts.palette import class_colour, point_classes
from halfmoon.plane.routes import answer_path, codes_path, decoder_path
from tests.app.asking import ask
from tests.app.test_pages import asked_for, open_app
from tests.core.small import MODEL, TRAINING
from vae_core.__main__ import main
from vae_core.configs import DataConfig, RunConfig
from vae_core.data import datasets
from vae_core.data.data_source import Arrays, DataSource, Shape, held_out
from vae_core.data.sources import SOURCES
from vae_core.errors import DataError
from vae_core.measures.evaluation import evaluate
from vae_core.runs.checking import check_run
from vae_core.runs.run import Run
from vae_core.training import recording

NAMES = tuple(f"hue {label}" for label in range(12))


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Tiles(DataSource):
    """Tiles of one colour each, with some noise: a class is a colour."""

    names: tuple[str, ...] = NAMES
    count: int = 240

    def image_shape(self, config: DataConfig) -> Shape:
        return (3, 6, 8)

    def class_names(self, config: DataConfig) -> tuple[str, ...]:
        return self.names

    def image_count(self, config: DataConfig) -> int:
        return self.count

    def read(self, config: DataConfig, folder: Path, download: bool) -> Arrays:
        labels = np.arange(self.count) % len(self.names)
        noise = np.random.default_rng(0).integers(0, 30, (self.count, 3, 6, 8), np.uint8)
        colours = [bytes.fromhex(class_colour(label)[1:]) for label in labels]
        images = np.frombuffer(b"".join(colours), np.uint8).reshape(-1, 3, 1, 1) // 2 + noise
        return Arrays(images, labels, held_out(self.count, validation=24, test=48))


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> DataConfig:
    monkeypatch.setitem(SOURCES, "tiles", Tiles(name="tiles", title="Coloured tiles"))
    return DataConfig(name="tiles")


@pytest.fixture
def run(tiles: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Trained on them, the only run of the user."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    data = datasets.load(tiles)
    made = recording.create_run(tmp_path / "tiles-vae", MODEL, TRAINING.replace(data=tiles), data)
    assert list(recording.record(made, data))[-1]["event"] == "finished"
    return Run.open(made.folder)


def test_it_is_trained_on_recorded_checked_encoded_and_measured(run: Run, tiles: DataConfig, tmp_path: Path) -> None:
    check_run(run)
    assert RunConfig.from_json(run.config.to_json()) == run.config
    assert run.config.model.image_shape == (3, 6, 8)
    assert set(run.codes.labels) == set(range(12))

    out = tmp_path / "codes.npz"
    result = CliRunner().invoke(main, ["encode", str(run.folder), "tiles", "--out", str(out)])
    assert result.exit_code == 0, result.output
    np.testing.assert_allclose(np.load(out)["mu"], run.codes.mu, atol=1e-4)

    measures = evaluate(run.load_model(), datasets.load(tiles)).measures
    assert measures["psnr"].value > 10
    assert measures["path_distance"].reason


def test_its_plane_is_drawn_with_a_colour_for_every_class(run: Run) -> None:
    app = open_app(run=run.name)
    assert not app.exception and not app.error and not app.warning
    assert any("Coloured tiles" in option for box in app.selectbox for option in box.options)
    shown = point_classes(run.config.training.data)
    assert [one.name for one in shown] == list(NAMES)
    assert len({one.colour for one in shown}) == 12
    assert ask(codes_path(run)).status == 200
    assert b'"image_shape":"3,6,8"' in ask(decoder_path(run)).body
    answer = ask(f"{answer_path(run)}&point=0&wait=1")
    assert answer.status == 200
    assert b">original</figcaption>" in answer.body


def test_the_form_of_a_training_offers_it(tiles: DataConfig) -> None:
    app: AppTest = open_app("pages/train.py")
    box = app.selectbox(key="train-data")
    assert "Coloured tiles" in box.options
    box.set_value("tiles").run()
    assert not app.exception
    assert {(one.training.data, one.model.image_shape) for one in asked_for(app)} == {(tiles, (3, 6, 8))}
    assert not any(other.key in ("train-phases", "train-factors") for other in [*app.selectbox, *app.pills])


def test_more_classes_than_a_byte_has_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    many = Tiles(name="many", title="Many", names=tuple(map(str, range(257))), count=300)
    monkeypatch.setitem(SOURCES, "many", many)
    with pytest.raises(DataError, match="Many has 257 classes, and 256 is the most"):
        datasets.load(DataConfig(name="many"))


def test_every_class_has_a_colour_of_its_own() -> None:
    assert len({class_colour(label) for label in range(datasets.MAX_CLASSES)}) == datasets.MAX_CLASSES
