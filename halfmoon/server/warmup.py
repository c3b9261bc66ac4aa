"""The import of torch, once and off the critical path of the first paint."""

from __future__ import annotations

import gc
import time
from threading import Lock, Timer

PATIENCE = 10.0  # seconds from the server's start until torch is imported, if nobody has needed it by then
GIVEN_WAY = 1.2  # seconds that the import holds back for what a browser is about to fetch

_lock = Lock()
_is_warm = False
_not_before = 0.0


def start() -> None:
    """Imports torch soon after the server's start, though not during the first page, which it would delay."""
    timer = Timer(PATIENCE, ensure)
    timer.daemon = True
    timer.start()


def give_way() -> None:
    """Postpones the import while a browser's first paint needs this process but not torch."""
    global _not_before
    _not_before = time.monotonic() + GIVEN_WAY


def ensure() -> None:
    """Returns once torch is imported. One thread imports, the others wait for it."""
    global _is_warm
    with _lock:
        while not _is_warm and (wait := _not_before - time.monotonic()) > 0:
            time.sleep(wait)
        if _is_warm:
            return
        import torch

        import vae_core.data.datasets
        import vae_core.models.auto_encoders
        import vae_core.models.weight_files  # noqa: F401 - with models and datasets, all that a page's first image needs

        # A page decodes a few images at a time. A second thread gains nothing on so few, and where another process has
        # its core (a training), the first one waits for it: on two busy cores an answer took 60 ms instead of 18.
        torch.set_num_threads(1)
        freeze()
        _is_warm = True


def freeze() -> None:
    """Exempts all imported objects from garbage collection: to be called after every large import.

    Streamlit collects garbage after every run; with torch's objects among what is looked through that takes 150 ms,
    and none of them is ever garbage.
    """
    gc.collect()
    gc.freeze()
