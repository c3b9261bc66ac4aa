"""Runs are measured beside the server, one at a time: their cards fill, and what goes wrong is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from halfmoon.jobs import worker
from halfmoon.jobs.measurements import Measurements
from tests.app.standins import make_run
from tests.waiting import until
from vae_core.data import datasets
from vae_core.errors import DataError, NotAllowedError, RunError
from vae_core.measures import catalogue, evaluation
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from vae_core.runs.status import Status

ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def measurements() -> Iterator[Measurements]:
    """Those of a server, which ends with the test."""
    measurements = Measurements()
    yield measurements
    measurements.end()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An untrained run of the digits without a card."""
    return make_run(tmp_path, "unmeasured", "ae")


@pytest.mark.slow
def test_a_run_is_measured_as_on_the_command_line(measurements: Measurements, run: Run) -> None:
    measurements.start(run, ME)
    assert measurements.is_on(run)
    until(lambda: run.read_card().measures)
    assert catalogue.missing(run)  # the first numbers are there before the last
    until(lambda: not measurements.is_on(run))
    assert measurements.failure(run) is None
    assert catalogue.missing(run) == []
    expected = evaluation.evaluate(run.load_model(), datasets.load(run.config.training.data)).measures
    for name in ("psnr", "knn_accuracy", "prior_hole_share"):
        assert run.read_card().measures[name].value == pytest.approx(expected[name].value, rel=1e-4)


def test_one_is_measured_at_a_time_and_the_end_leaves_none(
    measurements: Measurements, run: Run, tmp_path: Path
) -> None:
    second = make_run(tmp_path, "second", "vae")
    for one in (run, second, run):  # asking twice is asking once
        measurements.start(one, ME)
    until(lambda: run.read_card().measures)
    assert measurements.is_on(second) and not second.read_card().measures
    measurements.end()
    assert not measurements.is_on(run) and not measurements.is_on(second)
    assert measurements.failure(run) is None
    assert not second.read_card().measures
    measurements.start(second, ME)  # of a server that is about to end
    assert not measurements.is_on(second)


def test_what_can_not_be_measured_is_refused(measurements: Measurements, run: Run, tmp_path: Path) -> None:
    run.write_about(owner=OTHER)
    with pytest.raises(NotAllowedError):
        measurements.start(run, ME)
    with pytest.raises(NotAllowedError):
        measurements.start(Run.open(SHIPPED / "digits-vae-2d"), ME)
    with pytest.raises(DataError, match="fetch it first"):
        measurements.start(make_run(tmp_path, "of-mnist", "vae", "mnist"), ME)


def test_a_run_in_training_is_refused(measurements: Measurements, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "read_status", lambda _: Status.TRAINING)
    with pytest.raises(RunError, match="is being trained"):
        measurements.start(run, ME)


def test_a_measurement_that_fails_says_why(measurements: Measurements, run: Run) -> None:
    run.model_file.write_bytes(b"torn")
    measurements.start(run, ME)
    until(lambda: not measurements.is_on(run))
    sentence = str(measurements.failure(run))
    assert run.model_file.name in sentence and "\n" not in sentence
    assert not run.read_card().measures


def test_a_measurement_that_is_killed_says_so(
    measurements: Measurements, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, begun = worker.begin, []
    monkeypatch.setattr(worker, "begin", lambda *given: begun.append(begin(*given)) or begun[0])
    measurements.start(run, ME)
    until(lambda: begun)
    begun[0].kill()
    until(lambda: not measurements.is_on(run))
    assert "ended unexpectedly" in str(measurements.failure(run))
