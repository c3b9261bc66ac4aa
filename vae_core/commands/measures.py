"""What is known of runs: `evaluate` measures one, `runs` lists them all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from vae_core.commands.ending import last_as_long_as
from vae_core.commands.shared import PARENT, RUN, console, errors, load_data
from vae_core.errors import UserError
from vae_core.runs import SHIPPED, Run, list_runs, runs_folder


@click.command()
@RUN
@click.option("--json", "as_json", is_flag=True, help="print the card as JSON instead of a table")
@click.option("--record", is_flag=True, help="take the slow measures too: iwae_5000 and exact_nll")
@click.option("--save/--no-save", default=True, help="write the measures into the run's card.json  [save]")
@PARENT
def evaluate(run_folder: Path, as_json: bool, record: bool, save: bool, parent_pid: int | None) -> None:
    """Measure RUN on its data set's test images.

    The card holds each measure as soon as it is taken. Without --record, slow measures that were taken of the same
    weights before stay in it.
    """
    from vae_core import metrics
    from vae_core.cards import card_of

    run = Run.open(run_folder)
    results = {}
    with last_as_long_as(parent_pid), errors.status("measuring") as status:
        for name, result in metrics.measures(metrics.Subject(run.load_model(), load_data(run)), record):
            results[name] = result
            card = card_of(run, results)
            if save:
                run.write_card(card)
            status.update(f"measured {name}")
    if as_json:
        click.echo(json.dumps(card, indent=2))
    else:
        console.print(_card_table(run, card))


def _card_table(run: Run, card: dict[str, Any]) -> Table:
    table = Table("measure", "value", "unit", "split", "n", title=run.name)
    for name, measure in card["measures"].items():
        table.add_row(name, _shown(measure), measure["unit"], measure["split"], f"{measure['n']:,}")
    return table


def _shown(measure: dict[str, Any]) -> str:
    value = measure["value"]
    if value is None:
        return f"– {measure['reason']}"
    beside = [f"{name.replace('_', ' ')} {_rounded(number)}" for name, number in measure.get("beside", {}).items()]
    numbers = ", ".join(map(_rounded, value if isinstance(value, list) else [value]))
    return f"{numbers} ({', '.join(beside)})" if beside else numbers


def _rounded(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 1 else f"{number:.2f}"


@click.command()
def runs() -> None:
    """List the shipped runs and your own, in VAE_RUNS_DIR."""
    table = Table("run", "kind", "data", "code", "network", "training", "−ELBO", "reconstruction", "PSNR")
    broken = []
    for run in list_runs(SHIPPED, runs_folder()):
        try:
            table.add_row(*_run_cells(run))
        except UserError as error:
            broken.append(error)
    console.print(table)
    for error in broken:
        click.echo(f"Left out: {error}", err=True)


def _run_cells(run: Run) -> list[str]:
    model, measures = run.config.model, (run.card or {}).get("measures", {})
    figures = [measures.get(name, {}).get("value") for name in ("negative_elbo", "reconstruction_at_mean", "psnr")]
    return [
        escape(_from_here(run.folder)),
        model.kind,
        run.config.training.data.name,
        f"{model.latent_dim}-D",
        f"{model.encoder.network}/{model.decoder.network}",
        _progress_in_words(run),
        *("" if figure is None else f"{figure:.2f}" for figure in figures),
    ]


def _progress_in_words(run: Run) -> str:
    last, steps = run.last_record() or {"step": 0}, run.config.training.steps
    done = last["step"]
    return f"{done:,} steps" if run.status == "finished" else f"{run.status} {done:,}/{steps:,}"


def _from_here(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)
