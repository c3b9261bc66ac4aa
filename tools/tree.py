"""The trees in README.md and docs/architecture.md, made from the docstrings. Run it to renew them."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("halfmoon", "vae_core", "pages")
OTHERS = {
    "app.py": "the web application, an ASGI app over halfmoon/main.py: streamlit run app.py",
    "weights/": "the shipped runs, judges/, studies/, and the scripts that make them",
    "examples/": "notebooks that a test runs",
    "benchmarks/": "where the figures above come from",
    "tests/": "core/, app/ (Streamlit's AppTest) and browser/ (real Chromium)",
    "tools/": "scripts for the repository itself: these trees, the pictures in docs/, a server for tests",
    "docs/": "architecture, the run folder, the measures, serving, what is known of Streamlit; pictures",
}
"""What stands at the top besides the packages."""
WIDTH = 24  # of the column with the names
LINE = 120


def rooms() -> str:
    """The tree of README.md: every room, what is in it, and the names of its modules."""
    lines = [line for name in PACKAGES for line in _room(ROOT / name)]
    lines += [_line(name, said) for name, said in OTHERS.items()]
    return "\n".join(["```", *lines, "```"])


def modules() -> str:
    """The tree of docs/architecture.md: every module with the first sentence of its docstring."""
    lines = [line for name in PACKAGES for line in _modules(ROOT / name)]
    return "\n".join(["```", *lines, "```"])


TREES = {ROOT / "README.md": rooms, ROOT / "docs" / "architecture.md": modules}


def renewed(document: Path) -> str:
    """The document with its tree, between its marks, as it is now."""
    before, rest = document.read_text(encoding="utf-8").split("<!-- tree -->")
    after = rest.split("<!-- end of tree -->")[1]
    return f"{before}<!-- tree -->\n\n{TREES[document]()}\n\n<!-- end of tree -->{after}"


def _room(folder: Path, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    yield _line(f"{indent}{folder.name}/", _summary(folder))
    names = [path.stem for path in _python(folder)]
    names += [path.name for path in sorted(folder.glob("*.js"))]
    for line in textwrap.wrap(", ".join(names), LINE - WIDTH, break_on_hyphens=False):
        yield " " * WIDTH + line
    for inner in _inner(folder):
        yield from _room(inner, depth + 1)


def _modules(folder: Path, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    yield _line(f"{indent}{folder.name}/", _summary(folder))
    for path in _python(folder):
        yield _line(f"{indent}  {path.name}", _summary(path))
    if scripts := sorted(folder.glob("*.js")):
        yield _line(f"{indent}  *.js", ", ".join(path.stem for path in scripts))
    for inner in _inner(folder):
        yield from _modules(inner, depth + 1)


def _python(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def _inner(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if any(path.glob("*.py")) or any(path.glob("*.js")))


def _line(name: str, summary: str) -> str:
    return f"{name:<{WIDTH - 1}} {summary}".rstrip()


def _summary(path: Path) -> str:
    """The first sentence of the docstring of a module or a package, without its full stop."""
    file = path / "__init__.py" if path.is_dir() else path
    if not file.exists():
        return {"pages": "A file a page", "shared": "JavaScript that several components share"}.get(path.name, "")
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).split(". ")[0].removesuffix(".")


if __name__ == "__main__":
    for document in TREES:
        document.write_text(renewed(document), encoding="utf-8")
