"""Torch, imported once and off the way of the first paint."""

from __future__ import annotations

import gc
from threading import Lock, Thread

_lock = Lock()
_is_warm = False


def start() -> None:
    """Begin to import torch beside the server's start: the first page needs it only for its first image."""
    Thread(target=ensure, name="warm-up", daemon=True).start()


def ensure() -> None:
    """Torch is imported when this returns. One thread imports, the others wait for it."""
    global _is_warm
    with _lock:
        if _is_warm:
            return
        import vae_core.datasets
        import vae_core.models
        import vae_core.weights  # noqa: F401 - with models and datasets, all that a page's first image needs

        freeze()
        _is_warm = True


def freeze() -> None:
    """What has been imported is not looked through again: to be called after every large import.

    Streamlit collects garbage after every run; with torch's objects among what is looked through that takes 150 ms,
    and none of them is ever garbage.
    """
    gc.collect()
    gc.freeze()
