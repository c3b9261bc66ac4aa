"""The catalogue of measures: each has what takes it, and the document says what the catalogue says."""

from __future__ import annotations

from tools import measures as document
from vae_core.measures.catalogue import MEASURES, groups
from vae_core.measures.evaluation import TAKERS


def test_every_measure_has_what_takes_it() -> None:
    assert MEASURES.keys() == TAKERS.keys()
    assert [one.name for definitions in groups().values() for one in definitions] == list(MEASURES)


def test_the_document_of_the_measures_is_current() -> None:
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.as_markdown()
