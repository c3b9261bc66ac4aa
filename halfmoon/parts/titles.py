"""The titles of runs, pairs, data sets and classes, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from halfmoon.texts import text, text_or
from vae_core.comparison import Pair, are_twins
from vae_core.configs import DataConfig, ModelConfig
from vae_core.places import SHIPPED
from vae_core.runs.run import Run


def pair_titles(pairs: Iterable[Pair], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """The title of each pair in a selection box, by its name: all different.

    A run's name, and a title that a user gave it, stand in it as `name_as` writes them: `literal`, for Markdown.
    """
    by_name = {pair.name: pair for pair in pairs}
    own = [name for name, pair in by_name.items() if is_own(pair)]
    titles = {name: pair_title(pair) for name, pair in by_name.items()}
    return _distinct(titles | {name: name_as(titles[name]) for name in own}, own, name_as)


def run_titles(pairs: Iterable[Pair]) -> dict[str, str]:
    """The title of each run in a selection box, by its name: all different."""
    runs = {run.name: run for pair in pairs for run in pair.runs}
    titles = {name: run_title(run) for name, run in runs.items()}
    return _distinct(titles, [name for name, run in runs.items() if is_own(Pair((run,)))])


def pair_title(pair: Pair) -> str:
    """What a pair is called: by the title that the user gave it, or by its images and networks.

    Two runs that are no twins are called by both.
    """
    if not are_twins(pair):
        return mixed_title(pair, {run.name: run_title(run) for run in pair.runs})
    given = [title for run in reversed(pair.runs) if (title := run.read_about().title)]
    return given[0] if given else _networks_title(pair.runs[-1])


def mixed_title(pair: Pair, titles: Mapping[str, str]) -> str:
    """What two runs beside each other are called, by the `titles` of runs."""
    first, second = (titles[run.name] for run in pair.runs)
    return text("plane.mixed", first=first, second=second)


def run_title(run: Run) -> str:
    """What a run is called: by its own title, or by its images and networks; and its kind."""
    title = run.read_about().title or _networks_title(run)
    return text("plane.run", title=title, kind=kind_title(run.config.model))


def titles_beside(pair: Pair) -> list[str]:
    """The title of each run in a comparison: its kind, with what tells it apart if the runs are no twins."""
    if are_twins(pair):
        return [kind_title(run.config.model) for run in pair.runs]
    titles = [run_title(run) for run in pair.runs]
    if len(set(titles)) < len(titles):
        return [f"{title} · {run.name}" for title, run in zip(titles, pair.runs, strict=True)]
    return titles


def is_own(pair: Pair) -> bool:
    """Whether it is the user's, not one of those that came with the app."""
    return pair.runs[-1].folder.parent != SHIPPED


def kind_title(model: ModelConfig) -> str:
    """AE or VAE, for people."""
    return text_or(f"kind.{model.kind}", model.kind)


def long_kind_title(model: ModelConfig) -> str:
    """The same in full words."""
    return text_or(f"kind.{model.kind}_long", model.kind)


def data_title(data: DataConfig) -> str:
    """The name of the data set, for people, with the phases of moons if they are only some."""
    title = text_or(f"data.{data.name}.title", data.source.title)
    if data.phases == "all":
        return title
    return text(f"data.phases.{data.phases}", title=text_or(f"data.{data.name}.some", title))


def class_names(data: DataConfig) -> list[str]:
    """The names of its classes, for people."""
    return [text_or(f"data.{data.name}.classes.{label}", name) for label, name in enumerate(data.class_names)]


def _networks_title(run: Run) -> str:
    model, data = run.config.model, data_title(run.config.training.data)
    return text(f"plane.pair.{model.decoder.network}", data=data, dims=model.latent_dim)


def _distinct(titles: dict[str, str], own: Iterable[str], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """The same titles by name, with the name appended to equal ones; one that came with the app keeps its own before
    those of the user's `own`."""
    own = set(own)
    count, shipped = (Counter(titles[name] for name in names) for names in (titles, titles.keys() - own))
    return {
        name: f"{title} · {name_as(name)}" if (count if name in own else shipped)[title] > 1 else title
        for name, title in titles.items()
    }
