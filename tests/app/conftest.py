"""Stand-in runs in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager

from halfmoon.jobs import jobs
from halfmoon.jobs.jobs import Jobs
from tests.app.small_jobs import IdleWorker
from tests.app.standins import make_runs


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in runs; a test reads them and never writes there."""
    return make_runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session", autouse=True)
def no_installed_components() -> Iterator[None]:
    """Each AppTest reads the metadata of every installed package in search of components; none here brings any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BidiComponentManager, "discover_and_register_components", lambda *_, **__: None)
        yield


@pytest.fixture(autouse=True)
def user_runs(stand_ins: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-ins are the user's runs, and no published data is at hand."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(stand_ins))
    monkeypatch.setenv("VAE_DATA_DIR", str(stand_ins / "no-data"))
    monkeypatch.setattr("halfmoon.server.owners.owner", lambda: "this browser")  # AppTest has no cookies
    st.set_option("client.showErrorDetails", "full")  # a test that fails says why
    return stand_ins


@pytest.fixture
def nothing_read() -> Iterator[None]:
    """No images are in memory: for a test that changes which are at hand."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def empty_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of runs that is empty, where one job runs at a time."""
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("VAE_MAX_JOBS", "1")
    return tmp_path / "runs"


@pytest.fixture
def server(empty_runs: Path) -> Iterator[Jobs]:
    """The jobs of a server, which ends with the test."""
    yield jobs.shared()
    jobs.end()


@pytest.fixture
def idle_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs begin no processes."""
    monkeypatch.setattr(jobs, "Worker", IdleWorker)
