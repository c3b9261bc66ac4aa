"""What all tests share: the published data where it is at hand, and which of them run in one process."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

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


class BrowserTogether(LoadScopeScheduling):
    """Of several processes one runs all browser tests, for one browser and one server; others take file by file.

    So are mishaps, which kill servers of their own.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/browser" if file.startswith("tests/browser/") and "mishaps" not in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BrowserTogether:
    """Who runs what under `pytest --numprocesses`."""
    return BrowserTogether(config, log)
