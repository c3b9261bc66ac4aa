"""The commands `evaluate`, which measures a run, and `runs`, which lists all runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Column, Table

from vae_core.commands.ending import last_as_long_as
from vae_core.commands.shared import PARENT, PIPED_WIDTH, RUN, console, errors, load_data
from vae_core.errors import UserError
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run
from vae_core.runs.shelf import look_through
from vae_core.runs.status import Status

COLUMNS = ("run", "training", "kind", "data", "code", "network", "−ELBO", "reconstruction", "PSNR")
"""Of the list of runs, the most telling first."""


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
    from vae_core.measures import evaluation

    run = Run.open(run_folder)
    results = {}
    with last_as_long_as(parent_pid), errors.status("measuring") as status:
        for name, result in evaluation.measures(evaluation.Subject(run.load_model(), load_data(run)), record):
            results[name] = result
            card = evaluation.card_of(run, results)
            if save:
                run.write_card(card)
            status.update(f"measured {name}")
    if as_json:
        click.echo(card.to_text(), nl=False)
    else:
        console.print(_card_table(run, card))


def _card_table(run: Run, card: Card) -> Table:
    table = Table("measure", "value", "unit", "split", "n", title=escape(run.name))
    for name, measure in card.measures.items():
        said = (name, _shown(measure), measure.unit, measure.split, f"{measure.n:,}")
        table.add_row(*map(escape, said))
    return table


def _shown(measure: Measure) -> str:
    if measure.value is None:
        return f"– {measure.reason}"
    beside = [f"{name.replace('_', ' ')} {_rounded(number)}" for name, number in (measure.beside or {}).items()]
    return f"{_value(measure)} ({', '.join(beside)})" if beside else _value(measure)


def _value(measure: Measure) -> str:
    return ", ".join(map(_rounded, measure.values))


def _rounded(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 1 else f"{number:.2f}"


@click.command()
def runs() -> None:
    """List the shipped runs and your own, in VAE_RUNS_DIR."""
    rows, broken = [], []
    for found in look_through(SHIPPED, runs_folder()):
        try:
            found.check()
            rows.append(_run_cells(found))
        except UserError as error:
            broken.append(f"{_from_here(found.folder)} is broken: {error}")
    table, left_out = _as_wide_as_there_is_room(rows)
    console.print(table)
    if left_out:
        errors.print(f"There is no room for {', '.join(left_out)}: a wider terminal has them, and so has a file.")
    for sentence in broken:
        click.echo(sentence, err=True)


def _as_wide_as_there_is_room(rows: list[list[str]]) -> tuple[Table, Sequence[str]]:
    """A table of as many whole COLUMNS as the console has room for, and the names of the others."""
    for count in range(len(COLUMNS), 0, -1):
        table = Table(*(Column(name, no_wrap=count > 1, overflow="fold") for name in COLUMNS[:count]))
        for row in rows:
            table.add_row(*row[:count])
        if console.measure(table, options=console.options.update(width=PIPED_WIDTH)).maximum <= console.width:
            break
    return table, COLUMNS[count:]


def _run_cells(run: Run) -> list[str]:
    """The cells of a run's row, by the names in COLUMNS."""
    model, measures = run.config.model, run.read_card().measures
    figures = [measures.get(name) for name in ("negative_elbo", "reconstruction_at_mean", "psnr")]
    return [
        escape(_from_here(run.folder)),
        _progress_in_words(run),
        model.kind,
        run.config.training.data.name,
        f"{model.latent_dim}-D",
        f"{model.encoder.network}/{model.decoder.network}",
        *(_value(figure) if figure else "" for figure in figures),
    ]


def _progress_in_words(run: Run) -> str:
    last, steps, status = run.records.last() or {"step": 0}, run.config.training.steps, run.read_status()
    done = last["step"]
    if status is Status.FINISHED:
        return f"{done:,} steps"
    return f"{status} {done:,}" if steps is None else f"{status} {done:,}/{steps:,}"


def _from_here(folder: Path) -> str:
    """The argument that finds the run from the working folder: its path, or its name if it is shipped elsewhere."""
    if folder.is_relative_to(Path.cwd()):
        return str(folder.relative_to(Path.cwd()))
    return folder.name if folder.parent == SHIPPED else str(folder)
