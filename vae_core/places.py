"""The folders of shipped files, in a checkout or an installed package, and those of the user.

What is shipped lies at the top of a checkout; a wheel holds the same files in the same order in `halfmoon/shipped`.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[1]
"""The folder that `vae_core` and `halfmoon` are imported from."""

_OF_A_WHEEL = PACKAGES / "halfmoon" / "shipped"
IS_INSTALLED = _OF_A_WHEEL.is_dir()
"""Whether this is an installed wheel, and no checkout."""
ROOT = _OF_A_WHEEL if IS_INSTALLED else PACKAGES

APP = ROOT / "app.py"  # Streamlit's settings are in `.streamlit` beside it
PAGES = ROOT / "pages"
SHIPPED = ROOT / "weights"
JUDGES = SHIPPED / "judges"  # no run is taken for one: its folder has no config.json, and a judge has no codes
STUDIES = SHIPPED / "studies"

PROGRAM = "halfmoon" if IS_INSTALLED else "python -m vae_core"
"""How the command line is called, in what a user is told to type."""


def runs_folder() -> Path:
    """The folder of a user's runs: VAE_RUNS_DIR, `runs/` by default."""
    return Path(os.environ.get("VAE_RUNS_DIR") or "runs").expanduser()


def data_folder() -> Path:
    """The folder where data sets lie or are downloaded to: VAE_DATA_DIR, `data/` by default."""
    return Path(os.environ.get("VAE_DATA_DIR") or "data").expanduser()
