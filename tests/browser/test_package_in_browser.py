"""The wheel, installed where nothing else is: its command opens the app from any folder, with all that is shipped."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import new_context, watched_page
from tools.serving import ROOT, Server

MAX_BYTES = 40_000_000
SHIPPED = (".streamlit", "pages", "weights")


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "--no-build-isolation", "--wheel-dir", folder)
    (built,) = folder.glob("halfmoon-*.whl")
    return built


@pytest.fixture(scope="module")
def target(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which only the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", wheel, "--no-index", "--target", folder)
    return folder


@pytest.fixture
def server(target: Path, tmp_path: Path) -> Iterator[Server]:
    """The command, which has been started in an empty folder."""
    server = Server(PYTHONPATH=str(target), VAE_RUNS_DIR="")
    server.command = [sys.executable, str(target / "bin" / "halfmoon"), "--no-browser", f"--port={server.port}"]
    server.folder = tmp_path
    server.start()
    yield server
    server.end()


def files_in(folder: Path) -> Iterator[Path]:
    """What is below the folder, by its path from the top of the checkout."""
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT)


def test_the_wheel_is_the_packages_and_what_is_shipped_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    packages = {path.as_posix() for package in ("halfmoon", "vae_core") for path in files_in(ROOT / package)}
    shipped = {path for folder in SHIPPED for path in files_in(ROOT / folder)} | {Path("app.py")}
    assert held == packages | {f"halfmoon/shipped/{path.as_posix()}" for path in shipped}
    assert wheel.stat().st_size < MAX_BYTES


def test_the_installed_command_opens_the_planes_from_an_empty_folder(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    with watched_page(new_context(browser, server.address)) as page:
        page.goto(server.address)
        expect(page.locator(".latent-plane-plane[data-ready]")).to_have_count(2, timeout=60_000)
        page.get_by_role("link", name="Runs").click()
        expect(page.get_by_text("Shipped runs")).to_be_visible(timeout=60_000)
    assert list(tmp_path.iterdir()) == []


def test_what_the_installed_commands_tell_to_type_is_there(target: Path, tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        command = [sys.executable, str(target / "bin" / "halfmoon"), *arguments]
        environment = os.environ | {"PYTHONPATH": str(target)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    assert "halfmoon train --resume" in told("train", "--help")
    told("decode", "mnist-vae-2d", "--z", "0,1", "--out", "image.png")
    assert (tmp_path / "image.png").exists()
