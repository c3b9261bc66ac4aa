"""What all tests share: the published data where it is at hand."""

from __future__ import annotations

import os

import pytest

from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet
from vae_core.errors import DataError


@pytest.fixture(scope="session")
def mnist() -> ImageSet:
    """MNIST from VAE_DATA_DIR; the test is skipped where it isn't there, and fails where CI should have had it."""
    try:
        return datasets.load(DataConfig(name="mnist"), download=False)
    except DataError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the published data. {error}")
        pytest.skip(str(error))
