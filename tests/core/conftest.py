"""What the tests of the core share: scikit-learn's digits, read once."""

from __future__ import annotations

import pytest

from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet


@pytest.fixture(scope="session")
def digits() -> ImageSet:
    return datasets.load(DataConfig(name="digits"))
