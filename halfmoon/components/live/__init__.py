"""The live view of a training: one run or two side by side, with a slider over the snapshots.

The browser asks the server itself for what is new (`live/NAME/...`), so that an update runs no page; the page is told
only of what it alone can do: a new run that branches off, a run that goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field

from halfmoon.components import mounting
from halfmoon.components.latent_plane import PointClass
from halfmoon.components.mounting import Component
from vae_core.configs import Beta, Config, LearningRate, Seconds, Seed

_component = Component("live")


@dataclass(frozen=True)
class LiveRun:
    """A run in view, training or not: the facts that don't change while it trains.

    `title` and `kind_title` are for people; `terms` are those of its loss that are drawn, with their titles. `steps`
    is the length it has been given, `beta`, `learning_rate` and `seed` what it began with; `extensions` are steps from
    which on another learning rate was in force, with that rate. Where `may_control` is false one only watches; with
    `is_over` it has ended, and can't be resumed.
    """

    name: str
    title: str
    kind_title: str
    colour: str
    has_posterior: bool
    terms: Mapping[str, str]
    latent_dim: int
    steps: int
    beta: float
    learning_rate: float
    extensions: Sequence[tuple[int, float]]
    seed: int
    classes: Sequence[PointClass]
    may_control: bool
    is_over: bool


class Changes(Config):
    """The settings of a branch that differ from its source's; None means unchanged."""

    beta: Beta | None = None
    learning_rate: LearningRate | None = None
    seconds: Seconds | None = None
    seed: Seed | None = None


RunName = Annotated[str, Field(max_length=255)]


class Branch(Config):
    """A request for a new run that starts from a snapshot of a run."""

    run: RunName
    step: int = Field(ge=0, le=10**9)
    changes: Changes = Changes()


class Request(Config):
    """A request of the browser to the page: a branch, or the resumption of these runs, by their names.

    `ended` asks for nothing: all runs have ended, which the page has to say too.
    """

    branch: Branch | None = None
    resume: tuple[RunName, ...] = Field(default=(), max_length=2)
    ended: bool = False


def mount(
    key: str,
    *,
    runs: Sequence[LiveRun],
    language: str,
    texts: dict[str, str],
    on_ask: Callable[[], None],
    turn: int = 0,
) -> None:
    """Mounts the runs, one or two side by side, updated until each has ended.

    Another `turn` looks again at a run that had ended, because it goes on. What the user asks of the page calls
    `on_ask`, with `requested(key)` then saying what.
    """
    data = {
        "runs": [asdict(run) for run in runs],
        "language": language,
        "texts": texts,
        "turn": turn,
    }
    _component.mount(key, data, on_ask)


def requested(key: str) -> Request:
    """The user's latest request. Raises ConfigError if the browser sends an unknown one."""
    return Request(**(mounting.reported(key) or {}))
