"""How a run stands: its status, its place in the queue, and what it waits for."""

from __future__ import annotations

from typing import NamedTuple

from vae_core.runs.status import Status


class InTheWay(NamedTuple):
    """The run that must end, or give up its place, before a waiting one may begin."""

    name: str
    is_paused: bool


class Standing(NamedTuple):
    """The status of a run, its place in the queue, and what it waits for.

    `message` says why, where there is something to say.
    """

    status: Status
    place: int | None = None
    """In the queue of this server, from 1; None where it waits in that of another."""
    message: str | None = None
    waits_for: InTheWay | None = None
    minutes: int | None = None
    """After so many of a pause in which nothing is asked of it, others who wait may begin."""
