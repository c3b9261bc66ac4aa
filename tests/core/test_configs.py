"""Settings: what is out of range or unknown is met with one sentence, and JSON brings back what was saved."""

import re

import click
import pytest
from click.testing import CliRunner

from vae_core.commands.options import as_options, setting_options, settings
from vae_core.configs import DataConfig, ModelConfig, MoonsConfig, NetworkConfig, RunConfig, TrainingConfig
from vae_core.errors import ConfigError


def test_json_brings_back_the_same_settings():
    config = RunConfig(
        model=ModelConfig(kind="ae", encoder=NetworkConfig(network="conv", widths=(8, 16)), latent_dim=3),
        training=TrainingConfig(data=DataConfig(name="moons", phases="new-and-full"), seconds=3.5, beta=0),
        versions={"torch": "1"},
    )
    assert RunConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ModelConfig(latent_dim=0), "latent_dim can't be 0"),
        (lambda: ModelConfig(kind="gan"), "kind can't be 'gan'"),
        (lambda: ModelConfig(latent_dims=2), "no setting latent_dims"),
        (lambda: ModelConfig(image_shape=(2, 28, 28)), "1 or 3 channels"),
        (lambda: ModelConfig(output="identity"), "sigmoid where reconstruction is bce"),
        (lambda: NetworkConfig(widths=(0,)), "widths.0 can't be 0"),
        (lambda: TrainingConfig(learning_rate=float("nan")), "learning_rate can't be nan"),
        (lambda: TrainingConfig(learning_rate=1), "learning_rate can't be 1"),
        (lambda: DataConfig(name="mnist", phases="new-and-full"), "settings of the moons"),
        (lambda: MoonsConfig(radius=(12, 9)), "lower end first"),
        (lambda: MoonsConfig(radius=(10, 14)), "inside the image"),
        (lambda: RunConfig.from_json('{"model": {}}'), "training is missing"),
        (lambda: RunConfig.from_json('{"model": '), "not valid JSON"),
        (lambda: RunConfig.from_json('{"model": {"latent_dim": 0}, "training": {}}'), "latent_dim can't be 0"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(make, words):
    with pytest.raises(ConfigError) as caught:
        make()
    assert words in str(caught.value)
    assert re.fullmatch(r"[A-Z][^\n]*\.", str(caught.value))


def test_settings_cannot_be_changed_in_place_and_replace_validates():
    config = ModelConfig()
    with pytest.raises(ConfigError):
        config.replace(latent_dim=0)
    assert config.replace(latent_dim=5).latent_dim == 5
    assert config.latent_dim == 2


def test_moons_with_the_phase_alone_stay_so_when_one_setting_is_given():
    moons = DataConfig(name="moons-phase", moons={"earthshine": 0.2}).moons
    assert moons.earthshine == 0.2
    assert moons.tilt == (0, 0)
    assert moons.radius[0] == moons.radius[1]


def parse(*arguments: str) -> tuple[ModelConfig, TrainingConfig]:
    parsed = []

    @click.command()
    @setting_options
    def command(**given):
        parsed.append(settings(given, "moons"))

    result = CliRunner().invoke(command, arguments)
    assert not result.output, result.output
    if isinstance(result.exception, ConfigError):
        raise result.exception
    return parsed[0]


def test_options_are_the_settings():
    model, training = parse(
        *("--kind", "ae", "--encoder-widths", "32,16", "--latent-dim", "1", "--phases", "all-but-half"),
        *("--moons-size", "20", "--moons-radius", "8,8", "--beta", "2"),
    )
    assert model == ModelConfig(kind="ae", encoder=NetworkConfig(widths=(32, 16)), latent_dim=1)
    moons = MoonsConfig(size=20, radius=(8, 8))
    assert training == TrainingConfig(data=DataConfig(name="moons", phases="all-but-half", moons=moons), beta=2)


@pytest.mark.parametrize(
    "model, training",
    [
        (ModelConfig(), TrainingConfig(data=DataConfig(name="moons"))),
        (ModelConfig(kind="ae", encoder=NetworkConfig(widths=()), reconstruction="mse"), TrainingConfig(
            data=DataConfig(name="moons", phases="two-images", training_count=2, moons=MoonsConfig(offset=(-1.5, 1))),
            seconds=12.5, beta=0, warmup_steps=0, threads=1, learning_rate=1e-5,
        )),
    ],
)  # fmt: skip
def test_settings_come_back_from_their_options(model, training):
    assert parse(*as_options(model.model_dump() | training.model_dump())) == (model, training)


def test_what_is_not_given_is_no_option():
    assert as_options({"beta": 4.0, "threads": None, "data": {"name": "moons", "moons": {"tilt": (0.0, 90.0)}}}) == [
        "--beta=4.0",
        "--moons-tilt=0.0,90.0",
    ]


def test_no_option_means_the_defaults():
    assert parse() == (ModelConfig(), TrainingConfig(data=DataConfig(name="moons")))


def test_an_option_out_of_range_is_a_sentence():
    with pytest.raises(ConfigError, match="latent_dim can't be 0"):
        parse("--latent-dim", "0")
