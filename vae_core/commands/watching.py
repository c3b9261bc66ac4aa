"""The command `watch`: follows a run that another process trains."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from vae_core.commands.shared import RUN, progress_bar
from vae_core.runs.run import Run
from vae_core.runs.status import ENDS

POLL_SECONDS = 0.25


@click.command()
@RUN
def watch(run_folder: Path) -> None:
    """Follow RUN, which trains elsewhere or waits for its turn, until it ends. Ctrl-C ends the watching only."""
    run = Run.open(run_folder)
    try:
        last = _follow(run)
    except KeyboardInterrupt:
        click.echo(f"Watching ended; {run.name} is left as it is.")
        return
    step, steps = last.get("step", 0), run.config.training.steps
    how = last["event"] if last.get("event") in ENDS else "not trained by anybody any more"
    click.echo(f"{run.name} is {how}, at step {step:,}" + (f" of {steps:,}." if steps else "."))


def _follow(run: Run) -> dict[str, Any]:
    """Prints records until the run has ended; returns the last record."""
    offset, last, losses = 0, {}, {}
    with progress_bar() as progress:
        bar = progress.add_task("waiting", total=run.config.training.steps, loss="")
        while True:
            status = run.read_status()  # before the records: what was written until then has been read when it ends
            records, offset = run.records.read(offset)
            for last in records:
                if "split" in last:
                    losses[last["split"]] = f"{last['split']} {last['total']:.1f} nats"
            if last:
                description = status if status.is_live else "ended"
                loss = ", ".join(losses.values())
                progress.update(bar, completed=last["step"], description=description, loss=loss)
            if status.has_ended:
                return last
            time.sleep(POLL_SECONDS)
