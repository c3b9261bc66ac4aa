"""Checks every value in the files of an untrusted run folder.

Their headers have been compared by `header_checks`, so that none takes more memory than a run's; nothing is unpickled.
"""

from __future__ import annotations

from vae_core.errors import BrokenError, RunError
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.run import Run
from vae_core.runs.weighing import MAX_EVENTS, MAX_RECORDS


def check_run(run: Run) -> None:
    """Checks that every file of the run can be read and fits the others. Raises RunError or ConfigError if not."""
    _check_number_of_records(run)
    run.check()
    weight_files.read_weights(run.config.model, run.model_file)
    if run.preview_file.exists():
        snapshots.read_preview(run.config, run.preview_file)
    files = {
        path for step in snapshots.steps(run.snapshots_folder) for path in snapshots.files(run.snapshots_folder, step)
    }
    if files != set(run.snapshots_folder.glob("*")):
        raise BrokenError("The snapshots are not whole: each needs its weights and its preview.")
    for path in sorted(files):
        if path.suffix == ".npz":
            snapshots.read_preview(run.config, path)
        else:
            weight_files.read_weights(run.config.model, path)
    if run.records.read()[1] != run.records.length():
        raise BrokenError("records.jsonl ends in the middle of a line.")


def _check_number_of_records(run: Run) -> None:
    """Checks the number of records before any is parsed."""
    lines = run.records.path.read_bytes().splitlines() if run.records.path.exists() else []
    events = sum(b'"event"' in line for line in lines)
    for count, most, what in ((len(lines), MAX_RECORDS, "lines"), (events, MAX_EVENTS, "events")):
        if count > most:
            raise RunError(f"records.jsonl has {count:,} {what}: {most:,} is the most that is opened here.")
