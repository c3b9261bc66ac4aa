"""The titles of runs, pairs, data sets and classes, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from halfmoon.texts import text, text_or
from vae_core.comparison import Pair, are_twins
from vae_core.configs import DataConfig, ModelConfig
from vae_core.runs.run import Run


def pair_titles(pairs: Iterable[Pair], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """The title of each pair in a selection box, by its name: all different.

    A run's name stands in a title as `name_as` writes it: `literal`, where the title is shown as Markdown.
    """
    return _told_apart({pair.name: _networks_title(pair.runs[-1]) for pair in pairs}, name_as)


def run_titles(pairs: Iterable[Pair]) -> dict[str, str]:
    """The title of each run in a selection box, by its name: all different."""
    runs = [run for pair in pairs for run in pair.runs]
    return _told_apart({run.name: f"{_networks_title(run)} · {kind_title(run.config.model)}" for run in runs})


def titles_beside(pair: Pair) -> list[str]:
    """The title of each run in a comparison: its kind, with its own title if the runs are no twins."""
    kinds = [kind_title(run.config.model) for run in pair.runs]
    if are_twins(pair):
        return kinds
    return [f"{kind} · {run.read_title()}" for kind, run in zip(kinds, pair.runs, strict=True)]


def kind_title(model: ModelConfig) -> str:
    """AE or VAE, for people."""
    return text_or(f"kind.{model.kind}", model.kind)


def long_kind_title(model: ModelConfig) -> str:
    """The same in full words."""
    return text_or(f"kind.{model.kind}_long", model.kind)


def data_title(data: DataConfig) -> str:
    """The name of the data set, for people, with the phases of moons if they are only some."""
    title = text_or(f"data.{data.name}.title", data.source.title)
    return title if data.phases == "all" else f"{title} · {text(f'train.phases.{data.phases}')}"


def class_names(data: DataConfig) -> list[str]:
    """The names of its classes, for people."""
    return [text_or(f"data.{data.name}.classes.{label}", name) for label, name in enumerate(data.class_names)]


def _networks_title(run: Run) -> str:
    return text("plane.pair", data=data_title(run.config.training.data), dims=run.config.model.latent_dim)


def _told_apart(titles: dict[str, str], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """The same titles by name, with the name appended to equal ones."""
    count = Counter(titles.values())
    return {name: title if count[title] == 1 else f"{title} · {name_as(name)}" for name, title in titles.items()}
