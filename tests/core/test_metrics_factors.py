"""Disentanglement: codes that are the factors, codes that mix them, and codes that know nothing of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from sklearn.metrics import mutual_info_score
from torch import Tensor

from tests.core.subjects import random_images, small_model, subject
from vae_core.configs import DataConfig, ModelConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet
from vae_core.measures import evaluation, factors
from vae_core.models.auto_encoders import build

COUNT = 2_000
TWO = ("phase", "radius")
NAMES = ("mig", "sap", "dci_disentanglement", "dci_completeness", "dci_informativeness")


def numbers(columns: int = 2, count: int = COUNT, seed: int = 0) -> Tensor:
    """Independent factors, each uniform on [0, 1]."""
    return torch.rand(count, columns, generator=torch.Generator().manual_seed(seed))


def scores(codes: Tensor, known: list[factors.Factor]) -> dict[str, float]:
    """All five measures of codes (N, D)."""
    gaps = factors.mutual_information_gap(codes, known), factors.attribute_predictability(codes, known)
    return dict(zip(NAMES, [*map(float, gaps), *factors.dci(codes, known, seed=1).tolist()], strict=True))


def turned(codes: Tensor) -> Tensor:
    """The plane turned by 45 degrees."""
    half = math.sqrt(0.5)
    return codes @ torch.tensor([[half, half], [-half, half]])


def test_codes_that_are_the_factors_have_the_highest_scores():
    values = scores(numbers(), factors.named(TWO, numbers()))
    assert all(value > 0.9 for value in values.values()), values


def test_a_turned_plane_knows_as_much_but_disentangles_less():
    known = factors.named(TWO, numbers())
    straight, mixed = scores(numbers(), known), scores(turned(numbers()), known)
    assert mixed["dci_informativeness"] > 0.9
    assert all(mixed[name] < straight[name] - 0.4 for name in NAMES if name != "dci_informativeness"), mixed


def test_shuffled_codes_know_nothing():
    known = factors.named(TWO, numbers())
    values = scores(numbers()[torch.randperm(COUNT, generator=torch.Generator().manual_seed(3))], known)
    assert values["mig"] < 0.05 and values["sap"] < 0.01 and values["dci_informativeness"] < 0.1


def test_scores_ignore_scale_order_and_sign_of_dimensions():
    known = factors.named(TWO, numbers())
    changed = numbers().flip(1) * torch.tensor([-30.0, 0.01])
    for name, value in scores(numbers(), known).items():
        assert scores(changed, known)[name] == pytest.approx(value, abs=0.02), name


def test_a_factor_told_twice_has_no_gap():
    known = factors.named(("phase",), numbers(1))
    codes = numbers(1).expand(-1, 2)
    assert factors.mutual_information_gap(codes, known).item() == pytest.approx(0, abs=1e-9)
    assert factors.attribute_predictability(codes, known).item() == pytest.approx(0, abs=1e-9)


def test_the_gap_of_information_is_that_of_scikit_learn_over_the_entropy():
    codes = numbers() @ torch.tensor([[1.0, 0.2], [0.1, 1.0]])
    levels = {side: (columns.double().argsort(0).argsort(0) * 20 // COUNT).numpy() for side, columns in
              (("codes", codes), ("factors", numbers()))}  # fmt: skip
    gaps = []
    for factor in range(2):
        shared = sorted(mutual_info_score(levels["codes"][:, one], levels["factors"][:, factor]) for one in range(2))
        gaps.append((shared[1] - shared[0]) / math.log(20))
    value = factors.mutual_information_gap(codes, factors.named(TWO, numbers())).item()
    assert value == pytest.approx(sum(gaps) / 2, abs=0.005)


def test_the_gap_of_predictability_is_that_of_squared_correlations():
    codes = numbers() @ torch.tensor([[1.0, 0.3], [0.0, 1.0]])
    correlations = torch.corrcoef(torch.cat([codes, numbers()], dim=1).T.double())[:2, 2:].square()
    expected = (correlations.amax(0) - correlations.amin(0)).mean().item()
    value = factors.attribute_predictability(codes, factors.named(TWO, numbers())).item()
    assert value == pytest.approx(expected, abs=1e-6)


def test_a_dimension_that_never_varies_tells_nothing():
    codes = torch.cat([numbers(1), torch.zeros(COUNT, 1)], dim=1)
    known = factors.named(("phase",), numbers(1))
    assert factors.mutual_information_gap(codes, known).item() == pytest.approx(1, abs=1e-9)
    assert factors.attribute_predictability(codes, known).item() == pytest.approx(1, abs=1e-9)


def test_tilt_is_one_factor_of_two_columns_without_a_seam():
    (tilt,) = factors.named(("tilt",), torch.tensor([[1.0], [359.0], [180.0]]))
    assert tilt.columns.shape == (3, 2)
    assert (tilt.columns[0] - tilt.columns[1]).norm() < 0.05 < 1.9 < (tilt.columns[0] - tilt.columns[2]).norm()


def test_a_circle_of_codes_tells_the_tilt_and_shares_it_between_two_dimensions():
    angles = 360 * numbers(1)
    radians = torch.deg2rad(angles[:, 0])
    codes = torch.stack([radians.cos(), radians.sin()], dim=1)
    known = factors.named(("tilt",), angles)
    assert factors.attribute_predictability(codes, known).item() == pytest.approx(0, abs=0.05)
    _, completeness, informativeness = factors.dci(
        codes, factors.named(("tilt", "phase"), torch.cat([angles, angles], 1)), 1
    )
    assert completeness < 0.2 and informativeness > 0.95


def test_a_dimension_of_noise_weighs_little_in_the_disentanglement():
    """A forest divides some importance between factors in vain, at any dimension; the row's weight says how little."""
    codes = torch.cat([numbers(), numbers(1, seed=7)], dim=1)
    disentanglement = factors.dci(codes, factors.named(TWO, numbers()), 1)[0]
    assert disentanglement > 0.9


def test_forests_repeat_with_their_seed():
    known = factors.named(TWO, numbers())
    assert torch.equal(factors.dci(turned(numbers()), known, 1), factors.dci(turned(numbers()), known, 1))


# On moons


@pytest.fixture(scope="module")
def moons() -> ImageSet:
    return datasets.load(DataConfig(name="moons"))


def of_moons(data: ImageSet, latent_dim: int = 2) -> evaluation.Subject:
    return evaluation.Subject(build(ModelConfig(kind="ae", latent_dim=latent_dim, image_shape=(1, 28, 28))), data)


def test_moons_have_all_five_measures(moons):
    data = of_moons(moons)
    assert data.factor_names == ("phase", "tilt", "radius", "x", "y")
    for name in NAMES:
        assert evaluation.MEASURES[name].why_not(data, False) is None
        result = evaluation.TAKERS[name](data)
        assert result.n == 2_000 and result.interval[0] < result.value < result.interval[1]


def test_where_no_two_factors_or_no_two_dimensions_are_the_reason_is_said(moons):
    only_phase = replace(moons, factors=moons.factors * torch.tensor([1.0, 0, 0, 0, 0]))
    for data in (of_moons(only_phase), of_moons(moons, latent_dim=1), subject(small_model(), random_images(20))):
        assert all("factors" in evaluation.MEASURES[name].why_not(data, False) for name in NAMES)


def test_a_collapsed_model_disentangles_nothing(moons):
    data = of_moons(moons)
    with torch.no_grad():
        data.model.encoder[-1].weight.zero_()
    values = {name: evaluation.TAKERS[name](data).value for name in NAMES}
    assert values["mig"] == values["sap"] == values["dci_disentanglement"] == values["dci_completeness"] == 0
    assert values["dci_informativeness"] < 0.01
