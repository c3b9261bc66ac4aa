"""The notebooks in examples/: every cell runs in an empty folder, and they are notebooks as Jupyter reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vae_core.places import PACKAGES

NOTEBOOKS = sorted((PACKAGES / "examples").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(path: Path, tmp_path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], {cell["cell_type"] for cell in notebook["cells"]}) == (4, {"code", "markdown"})
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    environment = os.environ | {"PYTHONPATH": str(PACKAGES), "OMP_NUM_THREADS": "1"}
    environment.pop("VAE_RUNS_DIR", None)
    command = [sys.executable, "-W", "error", "-c", "\n".join(cells)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_package_offers_its_names_and_waits_for_torch_until_one_needs_it() -> None:
    program = """
import sys, vae_core
assert set(vae_core.__all__) <= set(dir(vae_core))
assert all(getattr(vae_core, name).__doc__ for name in vae_core.__all__)
assert vae_core.open_run("mnist-vae-2d").codes.mu.shape == (10_000, 2)
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PACKAGES, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
