"""What is ours and what is not: names are claimed, and nothing that we have not made is ever removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vae_core import workshop
from vae_core.configs import ModelConfig, NetworkConfig, RunConfig, TrainingConfig
from vae_core.errors import RunError
from vae_core.places import SHIPPED
from vae_core.runs import contents, names
from vae_core.runs.names import claim, claim_existing, claim_free, is_claimed, left_claims, numbered
from vae_core.runs.run import Run
from vae_core.runs.shelf import delete_run

SMALL = NetworkConfig(widths=(4,))
CONFIG = RunConfig(
    model=ModelConfig(encoder=SMALL, decoder=SMALL, image_shape=(1, 4, 4)), training=TrainingConfig(steps=1)
)
HOLDER = """
import sys
from pathlib import Path
from vae_core import workshop
from vae_core.runs import names
parent = Path(sys.argv[1])
claim = names.claim(parent / "theirs")
claim.write(owner="they")
with workshop.workspace(parent) as work:
    (work / "half").write_text("half an import")
    print(work.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run.create(tmp_path / "one", CONFIG)
    made.records.append({"step": 1, "event": "finished"})
    return made


def files(folder: Path) -> dict[str, bytes]:
    """All that lies in a folder, but for our own."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(workshop.FOLDER)}


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("somebody's own")


# Clearing


def test_what_a_killed_process_left_is_cleared_and_what_a_live_one_works_on_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        work = tmp_path / workshop.FOLDER / holder.stdout.readline().strip()
        workshop.clear(tmp_path)
        assert (work / "half").exists()
        assert left_claims(tmp_path) == []
        assert is_claimed(tmp_path / "theirs")
    finally:
        holder.kill()
        holder.communicate()
    workshop.clear(tmp_path)
    assert {path.name for path in (tmp_path / workshop.FOLDER).iterdir()} == {workshop.MARK, names.CLAIMS}
    (left,) = left_claims(tmp_path)
    assert (left.folder, left.note) == (tmp_path / "theirs", {"owner": "they"})
    left.release()
    assert left_claims(tmp_path) == []


def test_in_our_own_folder_too_only_what_has_a_name_of_ours_is_cleared(tmp_path: Path) -> None:
    own = workshop.own_folder(tmp_path)
    write(own, "photos/a.png", f"{'0' * 32}/half", "0" * 31)
    workshop.clear(tmp_path)
    assert {path.name for path in own.iterdir()} == {workshop.MARK, "photos", "0" * 31}


@pytest.mark.parametrize("kind", ["folder", "file", "link", "link to ours", "another mark"])
def test_where_our_folder_is_somebody_elses_nothing_is_touched_and_a_sentence_says_so(
    kind: str, run: Run, tmp_path: Path
) -> None:
    own, elsewhere = tmp_path / workshop.FOLDER, tmp_path / "elsewhere"
    if kind == "file":
        own.write_text("somebody's own")
    elif kind == "folder":
        write(own, f"{'0' * 32}/a.png", "names/a")
    elif kind == "another mark":
        write(own, f"{'0' * 32}/a.png", workshop.MARK)
    else:
        elsewhere.mkdir()
        if kind == "link to ours":
            shutil.copytree(workshop.own_folder(elsewhere), elsewhere, dirs_exist_ok=True)
        write(elsewhere, f"{'0' * 32}/a.png")
        own.symlink_to(elsewhere)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    workshop.clear(tmp_path)
    assert left_claims(tmp_path) == []
    for act in (lambda: delete_run(run), lambda: claim(tmp_path / "two"), lambda: workshop.own_folder(tmp_path)):
        with pytest.raises(RunError, match=r"Halfmoon has not made it: rename it\.$"):
            act()
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    after.pop(run.folder / "state" / "lock", None)
    assert after == before


def test_a_mark_that_a_kill_cut_short_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / workshop.FOLDER).mkdir()
    (tmp_path / workshop.FOLDER / workshop.MARK).touch()
    assert workshop.is_ours(workshop.own_folder(tmp_path))


# Deleting


def test_deleting_a_run_removes_nothing_beside_it(run: Run, tmp_path: Path) -> None:
    write(tmp_path, ".photos.deleted/a.png", ".one.deleted/a.png", f".{'0' * 32}.partial/b.png", "notes/log.txt")
    before = files(tmp_path)
    ours = {name for name in before if name.startswith("one/")}
    delete_run(run)
    assert files(tmp_path) == {name: content for name, content in before.items() if name not in ours}


@pytest.mark.parametrize("name", ["notes.txt", "snapshots/photo.png", "state/2024/a", "inner/config.json", ".git/HEAD"])
def test_a_run_with_somebodys_own_files_in_it_is_not_deleted(name: str, run: Run) -> None:
    write(run.folder, name)
    before = files(run.folder)
    with pytest.raises(RunError, match="which is not of a run: move it elsewhere first"):
        delete_run(run)
    assert {found: content for found, content in files(run.folder).items() if found != "state/lock"} == before


def test_all_that_a_run_holds_and_what_file_managers_leave_is_its_own(run: Run) -> None:
    ours = ("about.json", "log.txt", "snapshots/000000012.npz", "snapshots/.000000012.npz.12-34.partial", ".DS_Store")
    write(run.folder, *ours, "state/.state.safetensors.5-6.partial", "codes.npz", "snapshots/.DS_Store")
    delete_run(run)
    assert not run.folder.exists()


def test_a_link_to_a_run_in_training_is_not_deleted_and_has_a_name_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(run.folder)
    link = Run.open(tmp_path / "link")
    assert link.name == "link"
    with run.exclusively("held"):
        (run.records.path).unlink()
        with pytest.raises(RunError, match="is being trained"):
            delete_run(link)
    assert link.folder.is_symlink()


def test_only_half_written_files_of_a_run_are_removed_from_it(run: Run) -> None:
    write(run.folder, ".codes.npz.1-2.partial", "snapshots/.000000001.npz.1-2.partial")
    others = (".photo.partial", "deep/.codes.npz.1-2.partial", ".photo.1-2.partial", "snapshots/.b.1-2.partial")
    write(run.folder, *others)
    before = files(run.folder)
    contents.remove_half_written(run.folder)
    assert {*before} - {*files(run.folder)} == {".codes.npz.1-2.partial", "snapshots/.000000001.npz.1-2.partial"}


@pytest.mark.parametrize(
    "name", ["a.png", "model.safetensors", "snapshots/000000003.npz", "deep/log.txt", "records.jsonl"]
)
def test_a_folder_that_holds_anything_of_somebodys_is_not_trained_into(name: str, tmp_path: Path) -> None:
    write(tmp_path / "mine", name)
    with pytest.raises(RunError, match="choose a folder that is new or empty"):
        Run.create(tmp_path / "mine", CONFIG)
    contents.remove_unbegun(tmp_path / "mine")
    assert files(tmp_path / "mine") == {name: b"somebody's own"}


def test_what_a_run_left_before_it_had_settings_is_removed_whole(tmp_path: Path) -> None:
    left = ("about.json", "control.json", "log.txt", "snapshots/000000000.npz", ".about.json.1-2.partial")
    write(tmp_path / "begun", *left)
    Run.planned(tmp_path / "begun")  # a server leaves as much there, a stop that is asked for at once too
    contents.remove_unbegun(tmp_path / "begun")
    assert not (tmp_path / "begun").exists()


# Names


def test_a_free_name_is_neither_there_nor_claimed_nor_that_of_a_shipped_run(tmp_path: Path) -> None:
    def free(stem: str) -> str:
        (found,) = claim_free(tmp_path, numbered(stem))
        found.release()
        return found.folder.name

    (tmp_path / "mine-2").symlink_to(tmp_path / "nowhere")
    kept = [claim_free(tmp_path, numbered("mine")) for _ in range(2)]
    assert [claims[0].folder.name for claims in kept] == ["mine", "mine-3"]
    assert free("mnist-vae-2d") == "mnist-vae-2d-2"
    for (claimed,) in kept:
        claimed.release()
    assert free("mine") == "mine"
    assert (SHIPPED / "mnist-vae-2d").exists()


def test_of_several_names_all_are_free_or_none_is_taken(tmp_path: Path) -> None:
    (tmp_path / "vae-1").mkdir()
    both = claim_free(tmp_path, ([f"ae-{number}", f"vae-{number}"] for number in (1, 2)))
    assert [each.folder.name for each in both] == ["ae-2", "vae-2"]
    assert not is_claimed(tmp_path / "ae-1")
    assert is_claimed(tmp_path / "ae-2")
    for claimed in both:
        claimed.release()


def test_a_claim_is_held_by_a_process_that_it_was_handed_to(tmp_path: Path) -> None:
    claimed = claim(tmp_path / "one")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], stdin=claimed)
    try:
        claimed.leave()
        assert is_claimed(tmp_path / "one")
        assert claim(tmp_path / "one") is None
        claimed.release()  # the one who knows of it may: the run is there now
        assert not is_claimed(tmp_path / "one")
        again = claim_existing(tmp_path / "one")
        claimed.release()  # once more takes nothing from the next
        assert again is not None
        assert is_claimed(tmp_path / "one")
        again.release()
    finally:
        child.kill()
        child.wait()


def test_a_name_of_which_there_is_still_something_to_tell_is_not_taken(tmp_path: Path) -> None:
    first = claim(tmp_path / "one")
    first.write(owner="somebody")
    first.leave()
    assert not is_claimed(tmp_path / "one")
    assert claim(tmp_path / "one") is None
    (left,) = left_claims(tmp_path)
    assert left.note == {"owner": "somebody"}
    left.release()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_claims_and_work_leave_no_descriptor_open(tmp_path: Path) -> None:
    def once() -> int:
        made = claim(tmp_path / "one")
        assert claim(tmp_path / "one") is None
        assert is_claimed(tmp_path / "one")
        made.release()
        with workshop.workspace(tmp_path):
            pass
        return len(os.listdir("/proc/self/fd"))

    before = once()
    assert [once() for _ in range(5)] == [before] * 5
