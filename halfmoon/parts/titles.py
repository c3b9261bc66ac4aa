"""The runs that can be looked at, in pairs: an AE and a VAE that differ in nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import get_args

from halfmoon.components.latent_plane import PointClass
from halfmoon.parts.errors import told
from halfmoon.parts.palette import CLASS_COLOURS
from halfmoon.texts import literal, text
from vae_core.configs import DataConfig, DataName
from vae_core.data.datasets import about
from vae_core.errors import RunError, UserError
from vae_core.runs import weighing
from vae_core.runs.run import SHIPPED, Run, runs_folder
from vae_core.runs.shelf import find_run, list_runs


@dataclass(frozen=True)
class Pair:
    """One or two runs that are shown side by side, the AE first; a run without a twin stands alone."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The name of the run to begin with, the last: with two that is the VAE."""
        return self.runs[-1].name

    def run(self, name: str) -> Run | None:
        """The run of that name, if it is in this pair."""
        return next((run for run in self.runs if run.name == name), None)


def find_pairs() -> list[Pair]:
    """All there is to look at, shipped runs and the user's own, in the order of the data sets: whole and not too large.

    Of two runs with the same name the shipped one counts: the URL tells runs apart by their names.
    """
    by_name: dict[str, Run] = {}
    for run in list_runs(SHIPPED, runs_folder()):
        if run.is_trained:
            with suppress(RunError):  # deleted since it was listed
                if damage(run) is None:
                    by_name.setdefault(run.name, remembered(run))
    order = get_args(DataName)
    return sorted(
        in_pairs(by_name.values()),
        key=lambda pair: (order.index(pair.runs[-1].config.training.data.name), len(pair.runs) == 1),
    )


def pair_titles(pairs: Iterable[Pair], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """What each pair is called where one is chosen, by its name: no two alike, for a choice is told by its title.

    A run's name stands in a title as `name_as` writes it: `literal`, where the title is shown as Markdown.
    """
    return _told_apart({pair.name: _networks_title(pair.runs[-1]) for pair in pairs}, name_as)


def run_titles(pairs: Iterable[Pair]) -> dict[str, str]:
    """What each run is called where one is chosen, by its name: no two alike."""
    return _told_apart({run.name: f"{_networks_title(run)} · {kind_title(run)}" for pair in pairs for run in pair.runs})


def titles_beside(pair: Pair) -> list[str]:
    """What each run is called beside the other: its kind, and of runs that are no twins its own title as well."""
    kinds = [kind_title(run) for run in pair.runs]
    if are_twins(pair):
        return kinds
    return [f"{kind} · {run.read_title()}" for kind, run in zip(kinds, pair.runs, strict=True)]


def are_twins(pair: Pair) -> bool:
    """Whether the runs differ in nothing but their kind; one alone does."""
    return len({_twin_key(run) for run in pair.runs}) == 1 and len(set(map(kind_title, pair.runs))) == len(pair.runs)


def kind_title(run: Run) -> str:
    """AE or VAE, for people."""
    return text(f"kind.{run.config.model.kind}")


def pair_of(run_name: str | None, pairs: Iterable[Pair]) -> Pair | None:
    """The pair that this run is in."""
    return next((pair for pair in pairs if run_name and pair.run(run_name)), None)


def names_in(pairs: Iterable[Pair]) -> list[str]:
    """The names of all their runs."""
    return [run.name for pair in pairs for run in pair.runs]


def in_pairs(runs: Iterable[Run]) -> list[Pair]:
    """Runs paired with their twins: the first of each kind, the second of each, and so on."""
    twins: dict[tuple, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        twins[_twin_key(run)][run.config.model.kind].append(run)
    rows = (row for kinds in twins.values() for row in zip_longest(*(kinds[kind] for kind in sorted(kinds))))
    return [Pair(tuple(run for run in row if run)) for row in rows]


def data_title(data: DataConfig) -> str:
    """The name of the data set, for people, and of the phases of moons that are but a part of it."""
    title = text(f"data.{data.name}.title")
    return title if data.phases == "all" else f"{title} · {text(f'train.phases.{data.phases}')}"


def class_names(data: DataConfig) -> list[str]:
    """The names of its classes, for people."""
    return [text(f"data.{data.name}.classes.{label}") for label in range(len(about(data).class_names))]


def point_classes(data: DataConfig) -> list[PointClass]:
    """How the points of its classes are called and coloured."""
    return [PointClass(name, colour) for name, colour in zip(class_names(data), CLASS_COLOURS, strict=False)]


def identity(run: Run) -> tuple[Path, str]:
    """What tells this run, in its present state, from all others. Raises RunError where it has gone."""
    try:
        states = [(run.folder / name).stat() for name in ("config.json", "codes.npz", "model.safetensors")]
    except OSError as error:
        raise RunError(f"The run {run.name} can't be read any more ({error.strerror}).") from error
    return run.folder, "-".join(f"{state.st_mtime_ns:x}-{state.st_size:x}" for state in states)


def remembered(run: Run) -> Run:
    """The same run, whose codes are read once, whoever asks. Raises RunError where it has gone or is too large."""
    return _remembered(*identity(run))


def not_shown(name: str, instead: str) -> str:
    """Why the run that a link asks for is not shown, and what is instead: it is not here, or can't be looked at."""
    run = find_run(name)
    if run is not None and run.is_trained and (why := damage(run)) is not None:
        return text("plane.refused_run", reason=literal(why), instead=literal(instead))
    return text("plane.unknown_run", run=literal(name), instead=literal(instead))


def damage(run: Run) -> str | None:
    """Why a trained run can't be looked at, in a sentence; None where it can, or has gone."""
    try:
        run.read_about()
        return _damage(*identity(run))
    except RunError as error:
        return told(error) if run.is_trained else None


def _networks_title(run: Run) -> str:
    return text("plane.pair", data=data_title(run.config.training.data), dims=run.config.model.latent_dim)


def _told_apart(titles: dict[str, str], name_as: Callable[[str], str] = str) -> dict[str, str]:
    """The same titles by name, with the name after those that are not the only one."""
    count = Counter(titles.values())
    return {name: title if count[title] == 1 else f"{title} · {name_as(name)}" for name, title in titles.items()}


def _twin_key(run: Run) -> tuple[str, str]:
    """What twins have in common: all but kind, factors of the loss, where they trained, and steps of a time budget."""
    model, training = run.config.model, run.config.training
    own = {"beta", "beta_warmup_steps", "prior_match", "threads", "precision", "device"}
    own |= {"steps"} if training.seconds else set()
    return model.model_dump_json(exclude={"kind"}), training.model_dump_json(exclude=own)


@lru_cache(maxsize=1024)
def _damage(folder: Path, stamp: str) -> str | None:
    """Of the run as it was at `stamp`."""
    run = Run.open(folder)
    try:
        weighing.check(run)
        run.check_results()
    except UserError as error:
        return told(error)
    return None


@lru_cache(maxsize=64)
def _remembered(folder: Path, stamp: str) -> Run:
    """The run as it was at `stamp`."""
    run = Run.open(folder)
    weighing.check(run)
    return run
