"""Whether the files of a folder that came from elsewhere hold what a run's do: every value is looked at.

Their headers have been compared by `layouts` before, so that types and shapes are right; nothing is unpickled.
"""

from __future__ import annotations

from vae_core import snapshots, weights
from vae_core.errors import RunError
from vae_core.runs import Run
from vae_core.weighing import MOST_EVENTS, MOST_RECORDS


def check_run(run: Run) -> None:
    """All values in the run's folder are such as a run has. Raises RunError or ConfigError where not."""
    run.check()
    weights.read_weights(run.config.model, run.model_file)
    if run.preview_file.exists():
        snapshots.read_preview(run.config, run.preview_file)
    files = {
        path for step in snapshots.steps(run.snapshots_folder) for path in snapshots.files(run.snapshots_folder, step)
    }
    if files != set(run.snapshots_folder.glob("*")):
        raise RunError("The snapshots are not whole: each needs its weights and its preview.")
    for path in sorted(files):
        if path.suffix == ".npz":
            snapshots.read_preview(run.config, path)
        else:
            weights.read_weights(run.config.model, path)
    _check_records(run)


def _check_records(run: Run) -> None:
    """There are not too many, and the last is whole."""
    records, length = run.records()
    if length != run.records_length():
        raise RunError("records.jsonl ends in the middle of a line.")
    for count, most, what in (
        (len(records), MOST_RECORDS, "lines"),
        (sum("event" in record for record in records), MOST_EVENTS, "events"),
    ):
        if count > most:
            raise RunError(f"records.jsonl has {count:,} {what}: {most:,} is the most that is opened here.")
