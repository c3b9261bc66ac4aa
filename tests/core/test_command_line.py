"""The command line: what it writes, and that every mistake is one sentence on stderr with a non-zero exit code."""

import itertools
import json
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from rich.console import Console

from tests.waiting import SECONDS, running, until
from vae_core.__main__ import main
from vae_core.commands import ending, measures
from vae_core.files import read_arrays
from vae_core.locks import is_locked
from vae_core.measures import catalogue, evaluation
from vae_core.places import SHIPPED
from vae_core.runs.cards import Measure
from vae_core.runs.run import Run

TINY = ["--encoder-widths", "8", "--decoder-widths", "8", "--threads", "1", "--steps", "30"]


def invoke(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture(scope="module", params=["vae", "ae"])
def run(request, tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / request.param
    result = invoke("train", "digits", "--kind", request.param, *TINY, "--run", folder)
    assert result.exit_code == 0, result.output
    assert "Best validation loss" in result.stdout
    return Run.open(folder)


def test_evaluate_prints_a_table_or_json_and_writes_the_card(run):
    table = invoke("evaluate", run.folder)
    assert table.exit_code == 0, table.output
    assert "reconstruction_at_mean" in table.stdout
    printed = json.loads(invoke("evaluate", run.folder, "--json", "--no-save").stdout)
    assert printed == run.read_card().to_json()
    assert (printed["measures"]["kl"]["value"] is None) == (run.config.model.kind == "ae")


def test_a_saved_card_keeps_the_slow_measures_of_the_same_weights(run):
    slow = {"iwae_5000", "exact_nll"}
    card = run.read_card()
    measures = card.measures | {name: Measure(1.5, unit="nats", n=3) for name in slow}
    run.write_card(replace(card, measures=measures))
    assert invoke("evaluate", run.folder).exit_code == 0
    assert all(run.read_card().measures[name] == measures[name] for name in slow)
    run.write_card(replace(run.read_card(), weights="another"))
    assert invoke("evaluate", run.folder).exit_code == 0
    assert all(run.read_card().measures[name].value is None for name in slow)


def test_a_card_grows_with_each_measure_and_an_interrupted_measurement_loses_nothing(run, tmp_path, monkeypatch):
    whole, taken = run.read_card().measures, 3
    take = evaluation.measures

    def interrupted(*given):
        yield from itertools.islice(take(*given), taken)
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation, "measures", interrupted)
    assert invoke("evaluate", run.folder).exit_code != 0
    assert run.read_card().measures == whole
    assert catalogue.missing(run) == []
    fresh = Run.open(shutil.copytree(run.folder, tmp_path / "fresh", ignore=shutil.ignore_patterns("card.json")))
    assert catalogue.missing(fresh) == list(evaluation.MEASURES)
    assert invoke("evaluate", fresh.folder).exit_code != 0
    assert fresh.read_card().measures == {name: whole[name] for name in list(evaluation.MEASURES)[:taken]}
    assert catalogue.missing(fresh) == list(evaluation.MEASURES)[taken:]


def test_sample_writes_a_sheet_that_a_seed_repeats(run, tmp_path):
    for name, seed in (("a.png", 1), ("b.png", 1), ("c.png", 2)):
        assert invoke("sample", run.folder, "--count", 9, "--seed", seed, "--out", tmp_path / name).exit_code == 0
    first, same, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == same != other
    assert pixels_of(tmp_path / "a.png").shape == (3 * 10 + 2, 3 * 10 + 2)


def test_decode_writes_what_the_model_decodes(run, tmp_path):
    with torch.inference_mode():
        expected = run.load_model().decode(torch.tensor([[0.5, -1.0], [2.0, 3.0]])).numpy()
    assert invoke("decode", run.folder, "--z", "0.5,-1", "--out", tmp_path / "one.png").exit_code == 0
    pixels = pixels_of(tmp_path / "one.png") / 255
    np.testing.assert_allclose(pixels, expected[0, 0], atol=0.5 / 255 + 1e-6)
    np.savez(tmp_path / "codes.npz", z=np.array([[0.5, -1.0], [2.0, 3.0]]))
    assert invoke("decode", run.folder, "--codes", tmp_path / "codes.npz", "--out", tmp_path / "i.npz").exit_code == 0
    np.testing.assert_allclose(read_arrays(tmp_path / "i.npz", ("images",))["images"], expected, atol=1e-6)
    np.savez(tmp_path / "encoded.npz", mu=np.array([[0.5, -1.0]]), log_var=np.zeros((1, 2)), labels=np.zeros(1))
    assert invoke("decode", run.folder, "--codes", tmp_path / "encoded.npz", "--out", tmp_path / "i.npz").exit_code == 0
    np.testing.assert_allclose(read_arrays(tmp_path / "i.npz", ("images",))["images"], expected[:1], atol=1e-6)


def test_runs_lists_shipped_and_own_runs(run, monkeypatch):
    monkeypatch.chdir(run.folder.parent.parent)
    monkeypatch.setenv("VAE_RUNS_DIR", run.folder.parent.name)
    result = invoke("runs")
    assert result.exit_code == 0
    assert f"{run.folder.parent.name}/{run.name}" in result.stdout
    assert "30 steps" in result.stdout


@pytest.mark.parametrize("width", [30, 80, 120, None])
def test_runs_shows_whole_names_however_wide_the_terminal_is(run, monkeypatch, tmp_path, width):
    long = "a-name-of-sixty-characters-which-is-the-longest-that-we-give"
    shutil.copytree(run.folder, tmp_path / long)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAE_RUNS_DIR", ".")
    if width:
        monkeypatch.setattr(measures, "console", Console(width=width))
    result = invoke("runs")
    assert result.exit_code == 0
    if width != 30:  # there a name goes on in the next line
        assert long in result.stdout
    assert "…" not in result.stdout
    assert ("PSNR" in result.stdout) == (width is None)
    assert ("no room for" in result.stderr) == (width is not None)
    assert all(len(line) <= (width or 10_000) for line in result.stdout.splitlines())


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "gbk"])
@pytest.mark.parametrize(
    "arguments", [("runs",), ("train", "--help"), ("evaluate", "RUN", "--no-save"), ("watch", "夜/Ω🌒")]
)
def test_what_the_output_cannot_encode_is_written_in_plain_words(run, monkeypatch, tmp_path, encoding, arguments):
    odd = shutil.copytree(run.folder, tmp_path / "夜-Ω-🌒", ignore=shutil.ignore_patterns("card.json"))
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    taken = [("kl", evaluation.Measure(None, reason="σ² − β …")), ("psnr", evaluation.Measure(1.5, beside={"σ": 2.0}))]
    monkeypatch.setattr(evaluation, "measures", lambda *_: iter(taken))
    given = [str(odd) if argument == "RUN" else argument for argument in arguments]
    result = CliRunner(charset=encoding).invoke(main, given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    said = result.output_bytes.decode(encoding)
    if arguments == ("runs",):
        assert "-ELBO" in said or encoding == "gbk"
        assert "mnist-vae-2d" in said
    if arguments == ("evaluate", "RUN", "--no-save") and encoding == "latin-1":
        assert "sigma² - beta ..." in said


def test_one_broken_run_does_not_hide_the_others(run, monkeypatch, tmp_path):
    shutil.copytree(run.folder, tmp_path / "broken")
    (tmp_path / "broken" / "card.json").write_text("[1]")
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    result = invoke("runs")
    assert result.exit_code == 0
    assert f"{tmp_path / 'broken'} is broken: " in result.stderr
    assert "not a JSON object" in result.stderr
    assert "digits-vae-2d" in result.stdout


def test_every_mistake_is_one_sentence(run, tmp_path):
    foreign = tmp_path / "images.npz"
    np.savez(foreign, images=np.zeros((2, 1, 5, 5)))
    np.save(tmp_path / "codes.npy", np.zeros((1, 2)))
    np.savez(tmp_path / "none.npz", z=np.zeros((0, 2)))
    out = ("--out", tmp_path / "out.npz")
    for arguments, words in [
        (("train",), "Name the data set"),
        (("train", "digits", "--latent-dim", "0"), "latent_dim can't be 0"),
        (("train", "digits", "--encoder-widths", "8,x"), "encoder.widths.1 can't be 'x'"),
        (("train", "digits", "--run", run.folder), "has a run already"),
        (("train", "digits", "--training-count", "5000"), "1,257 training images"),
        (("train", "--resume", tmp_path), "There is no run in"),
        (("train", "--resume", run.folder, "--beta", "2"), "keeps its folder and its settings"),
        (("train", "--resume", run.folder, "--more-steps", 5, "--beta", "2"), "keeps its folder and its settings"),
        (("train", "--resume", run.folder, "--learning-rate", "1e-3"), "keeps its folder and its settings"),
        (("train", "digits", "--more-steps", 5), "--more-steps needs --resume"),
        (("train", "digits", "--branch", run.folder, "--at", 1), "Name the data set"),
        (("train", "--branch", run.folder), "--branch needs the step"),
        (("train", "--branch", run.folder, "--at", 2, "--latent-dim", 3), "A branch keeps its model"),
        (("train", "--branch", run.folder, "--at", 31, "--run", tmp_path / "b"), "There is no snapshot of step 31"),
        (("train", "--branch", run.folder, "--at", 1, "--run", run.folder), "has a run already"),
        (("watch", tmp_path), "There is no run in"),
        (("ready", tmp_path), "There is no run in"),
        (("evaluate", tmp_path), "There is no run in"),
        (("decode", run.folder, *out), "Give one code with --z"),
        (("decode", run.folder, "--z", "1", *out), "codes of 2 finite numbers"),
        (("decode", run.folder, "--z", "a,b", *out), "numbers with commas"),
        (("decode", run.folder, "--codes", foreign, *out), "no array z or mu; it holds images"),
        (("decode", run.folder, "--codes", tmp_path / "codes.npy", *out), "not a whole .npz file"),
        (("decode", run.folder, "--codes", tmp_path / "none.npz", *out), "one at least"),
        (("decode", run.folder, "--z", "1,2", "--out", tmp_path / "image.jpg"), "must end in .png or .npz"),
        (("sample", run.folder, *out), "must end in .png"),
        (("sample", run.folder, "--temperature", "nan", "--out", tmp_path / "sheet.png"), "a number from 0 to 10"),
    ]:
        result = invoke(*arguments)
        assert result.exit_code == 1, arguments
        assert words in result.stderr, result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
        assert result.stdout == ""


@contextmanager
def training(run: Run, *more: str) -> Iterator[subprocess.Popen]:
    """A process that trains without end, and has written a record; it is gone when the block ends."""
    arguments = ["train", "digits", *TINY, "--steps", "1000000", "--run", str(run.folder), *more]
    with running([sys.executable, "-m", "vae_core", *arguments], stdout=subprocess.PIPE, text=True) as process:
        until(lambda: run.records.last() or process.poll() is not None)
        assert process.poll() is None
        yield process


@pytest.mark.slow
def test_ctrl_c_ends_a_run_so_that_it_can_be_resumed(tmp_path):
    run = Run(tmp_path / "run")
    with training(run) as process:
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "--resume" in stdout
    assert run.records.last()["event"] == "interrupted"
    assert run.state_file.exists()


@pytest.mark.slow
def test_a_run_goes_on_when_its_terminal_is_closed(tmp_path):
    run = Run(tmp_path / "run")
    with training(run) as process:
        process.send_signal(signal.SIGHUP)
        step = run.records.last()["step"]
        until(lambda: run.records.last()["step"] > step + 50)
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert run.records.last()["event"] == "interrupted"


def test_a_worker_is_given_less_than_two_seconds_after_its_parent():
    assert ending.POLL_SECONDS + ending.SECONDS_FOR_THE_END < 2


@pytest.mark.slow
def test_a_worker_ends_with_the_parent_it_was_told_of(tmp_path):
    run = Run(tmp_path / "run")
    arguments = ["train", "digits", *TINY, "--steps", "1000000", "--run", str(run.folder), "--parent-pid"]
    start = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-m", "vae_core", *{arguments!r}, str(os.getpid())])
sys.stdin.read()
"""
    with running([sys.executable, "-c", start], stdin=subprocess.PIPE) as parent:
        until(run.records.last)
        step = run.records.last()["step"]
        until(lambda: run.records.last()["step"] > step)  # it lives as long as its parent does
        parent.kill()
        until(lambda: not is_locked(run.folder / "state" / "lock"))
    assert (run.read_status(), run.can_be_resumed()) == ("interrupted", True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "busy",
    [
        "data.datasets.load",
        "training.recording.create_run",
        "training.recorder.preview",
        "codes.encoding.compute_codes",
    ],
)
def test_a_worker_that_is_busy_when_its_parent_dies_ends_all_the_same(tmp_path, busy):
    module, _, name = busy.rpartition(".")
    worker = f"""
import sys, threading
import vae_core.{module}
from vae_core.__main__ import main
def never(*arguments):
    print("busy", flush=True)
    threading.Event().wait()
vae_core.{module}.{name} = never
main(sys.argv[1:])
"""
    arguments = ["train", "digits", *TINY, "--run", str(tmp_path / "run"), "--parent-pid"]
    start = f"""
import os, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", {worker!r}, *{arguments!r}, str(os.getpid())])
print(worker.pid, flush=True)
sys.stdin.read()
"""
    with running([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert parent.stdout.readline() == "busy\n"
        parent.kill()
        until(lambda: not _is_running(pid))


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", ["--x", "two words", "it's"])
def test_a_command_that_is_printed_can_be_typed_as_it_is(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    told = invoke("train", "digits", *TINY, "--run", f"./{name}").stdout.splitlines()[-1].partition("Measure it: ")[2]
    *command, folder = shlex.split(told)
    assert command == ["python", "-m", "vae_core", "evaluate"]
    assert invoke("decode", folder, "--z", "0,0", "--out", "new/image.png").exit_code == 0
    assert pixels_of(tmp_path / "new" / "image.png").shape == (8, 8)


def test_a_branch_and_more_steps_from_the_command_line(run, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(run.folder, source)
    branch = invoke("train", "--branch", source, "--at", 30, "--beta", 2, "--steps", 20, "--run", tmp_path / "branch")
    assert branch.exit_code == 0, branch.output
    made = Run.open(tmp_path / "branch")
    assert (made.config.branched_from.run, made.config.branched_from.step) == ("source", 30)
    assert (made.config.training.beta, made.config.training.steps, made.read_status()) == (2.0, 20, "finished")
    more = invoke("train", "--resume", source, "--more-steps", 10, "--learning-rate", "2e-4")
    assert more.exit_code == 0, more.output
    assert (Run.open(source).records.last()["step"], Run.open(source).read_status()) == (40, "finished")
    assert Run.open(source).config.training.extensions[0].learning_rate == 2e-4


WATCHER = """
import sys
from vae_core.__main__ import main
from vae_core.commands import watching

follow = watching._follow
def says_so(run):
    print("it watches", flush=True)
    return follow(run)

watching._follow = says_so
main(["watch", sys.argv[1]])
"""


@pytest.mark.slow
def test_watch_follows_a_run_to_its_end_and_leaves_it_alone(tmp_path):
    run = Run(tmp_path / "run")
    watch, pipe = [sys.executable, "-m", "vae_core", "watch", str(run.folder)], subprocess.PIPE
    with training(run) as process, running(watch, stdout=pipe, stderr=pipe, text=True) as watching:
        with running([sys.executable, "-c", WATCHER, str(run.folder)], stdout=pipe, text=True) as other:
            assert other.stdout.readline() == "it watches\n"
            other.send_signal(signal.SIGINT)
            assert "Watching ended" in other.communicate(timeout=SECONDS)[0]
        assert other.returncode == 0
        assert run.read_status() == "training"
        assert watching.poll() is None
        run.write_control({"stop": True})
        stdout, stderr = watching.communicate(timeout=SECONDS)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "run is stopped, at step" in stdout
    assert "validation" in stderr
    again = invoke("watch", run.folder)
    assert (again.exit_code, "run is stopped" in again.stdout) == (0, True)


@pytest.mark.slow
def test_a_run_that_was_killed_is_made_ready(tmp_path):
    run = Run(tmp_path / "run")
    with training(run) as process:
        until(run.model_file.exists)
        process.kill()
        process.communicate(timeout=SECONDS)
    assert (run.read_status(), run.is_trained) == ("interrupted", False)
    assert invoke("ready", run.folder).exit_code == 0
    assert run.is_trained


def test_a_shipped_run_decodes(tmp_path):
    result = invoke("decode", SHIPPED / "mnist-vae-2d", "--z", "0.5,-1", "--out", tmp_path / "image.png")
    assert result.exit_code == 0, result.output
    assert pixels_of(tmp_path / "image.png").shape == (28, 28)


@pytest.mark.parametrize("folder", ["", ".", "..", "runs/", "runs/a/", "runs/.hidden", "a/..", "runs/mnist-vae-2d"])
def test_a_new_run_has_a_name_by_which_it_is_found_or_there_is_none(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VAE_RUNS_DIR", raising=False)
    result = invoke("train", "digits", *TINY, "--run", folder)
    assert result.exit_code != 0
    assert "--run" in result.stderr
    assert result.stderr.strip().count("\n") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_new_run_is_not_trained_into_a_folder_of_somebody_s(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "model.safetensors").write_text("mine")
    result = invoke("train", "digits", *TINY, "--run", tmp_path / "thesis")
    assert "holds model.safetensors, which is not of a run: choose a folder that is new or empty" in result.stderr
    assert [path.read_text() for path in (tmp_path / "thesis").iterdir()] == ["mine"]
