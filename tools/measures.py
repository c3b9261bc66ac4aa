"""Writes docs/measures.md from the catalogue: `python tools/measures.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vae_core.measures.catalogue import groups
from vae_core.measures.definition import Definition, Group

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "measures.md"

HEAD = """\
# Measures

Made from `vae_core/measures/catalogue.py` by `python tools/measures.py`.

Sums over pixels and latent dimensions, means over images, in nats where a likelihood is meant. Codes are in standard
coordinates, in which the prior is N(0, I). A value that is a mean over images, codes or paths has a 95 % interval.
`evaluate` takes the measures of a run, and its `card.json` keeps them."""

TITLES: dict[Group, str] = {
    "fit": "How well images are kept",
    "codes": "What codes tell",
    "gaps": "Whether codes lie where the prior expects them",
    "samples": "What is decoded at prior samples",
    "smoothness": "How evenly one image becomes another",
    "factors": "Whether a dimension stands for one known factor",
}


def as_markdown() -> str:
    """The whole document."""
    return "\n".join([HEAD, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    for group, definitions in groups().items():
        yield f"\n## {TITLES[group]}\n"
        yield "| measure | unit | better | meaning | needs | figures beside it | source |"
        yield "|---|---|---|---|---|---|---|"
        yield from map(_line, definitions)


def _line(one: Definition) -> str:
    context = ", ".join(f"`{name}`" for name in one.context)
    cells = (f"`{one.name}`", one.unit, one.better or "–", one.meaning, ", ".join(one.needs), context, one.source)
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


if __name__ == "__main__":
    DOCUMENT.write_text(as_markdown(), encoding="utf-8")
