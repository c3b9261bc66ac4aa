"""Renews the tree in docs/architecture.md, each module with the first sentence of its docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- tree -->", "<!-- end of tree -->"
PACKAGES = ("vae_core", "halfmoon", "pages")
WIDTH = 30  # of the column with the names


def tree() -> str:
    """A code block: each folder with its Python modules and the names of its JavaScript modules."""
    lines = [line for name in PACKAGES for line in _lines(ROOT / name)]
    return "\n".join(["```", *lines, "```"])


def renewed(text: str) -> str:
    """The document with the present tree between its marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tree()}\n\n{END}{rest.split(END)[1]}"


def _lines(folder: Path, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    yield _line(f"{indent}{folder.name}/", _summary(folder / "__init__.py"))
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            yield _line(f"{indent}  {path.name}", _summary(path))
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"):
        if any(inner.rglob("*.py")):
            yield from _lines(inner, depth + 1)
        elif scripts := sorted(inner.glob("*.js")):
            yield _line(f"{indent}  {inner.name}/", ", ".join(path.stem for path in scripts) + " (JavaScript)")


def _line(name: str, summary: str) -> str:
    return f"{name:<{WIDTH}}{summary}".rstrip()


def _summary(path: Path) -> str:
    """The first sentence of a module's docstring, without its full stop; empty if there is no module."""
    if not path.exists():
        return ""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).split(". ")[0].removesuffix(".")


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
