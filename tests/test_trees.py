"""The trees in the documents are the tree of the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import tree


@pytest.mark.parametrize("document", tree.TREES, ids=lambda path: path.name)
def test_the_tree_in_a_document_is_the_tree(document: Path) -> None:
    assert document.read_text(encoding="utf-8") == tree.renewed(document), "python tools/tree.py renews it"


def test_every_folder_at_the_top_is_in_the_tree() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=tree.ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("this is no checkout")
    folders = {path.split("/")[0] for path in tracked.stdout.splitlines() if "/" in path and path[0] != "."}
    assert folders == {*tree.PACKAGES, *(name.rstrip("/") for name in tree.OTHERS if name.endswith("/"))}
