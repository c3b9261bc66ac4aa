"""The verdict on two runs in three sentences: what each is better in, and what of it holds over more trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halfmoon.compare.study_tables import Differences, Studies
from halfmoon.parts.html import Html, joined, marked_up, tag
from halfmoon.parts.titles import data_title, titles_beside
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.measures.definition import Group
from vae_core.studies import are_studied
from vae_core.verdicts import Verdict

FEW = 4  # measures that are named one by one; of more their groups are

Found = Mapping[Group, Sequence[Verdict]]


def sentences(pair: Pair, found: Found, known: Studies) -> Html:
    """Three sentences, the second run's advantages first; empty if there is nothing that one could be better in."""
    judged = [row for rows in found.values() for row in rows if row.compares]
    if not judged:
        return Html()
    lines = [*(_won(pair, at, judged) for at in (1, 0)), _reach(pair, judged, known)]
    return tag("div", *(tag("p", line) for line in lines), class_="hm-verdict")


def _won(pair: Pair, at: int, judged: Sequence[Verdict]) -> Html:
    """What one of the runs is better in; after the last of them, in how much neither is."""
    won = [row for row in judged if row.winner == at]
    key = f"compare.verdict.{'better' if won else 'never'}"
    said = marked_up(key, run=titles_beside(pair)[at], wins=str(len(won)), count=str(len(judged)), names=_names(won))
    undecided = sum(row.winner is None for row in judged)
    if at or not undecided:
        return said
    return joined([said, marked_up("compare.verdict.open", count=str(undecided))])


def _reach(pair: Pair, judged: Sequence[Verdict], known: Studies) -> Html:
    """Over what all this is so: one training each, or over the seeds of the study as well."""
    differences = _differences(pair, known)
    if differences is None:
        return marked_up("compare.verdict.once")
    holds, turned = list[Verdict](), list[Verdict]()
    for row in judged:
        usual = _usual_winner(row, differences)
        if row.winner is not None and usual is not None:
            (holds if usual == pair.runs[row.winner].config.model.kind else turned).append(row)
    data = data_title(pair.runs[0].config.training.data)
    return marked_up("compare.verdict.seeds", data=data, holds=_titles(holds), turned=_titles(turned))


def _usual_winner(row: Verdict, differences: Differences) -> str | None:
    """The kind that is better at the measure over the seeds, if one is."""
    found, better = differences.get(row.name), row.definition.better
    return found.winner(better) if found and better else None


def _differences(pair: Pair, known: Studies) -> Differences | None:
    """Those of the study of such a pair, if there is one."""
    configs = [run.config for run in pair.runs]
    return known.differences.get(configs[0].training.data.name) if are_studied(configs) else None


def _names(rows: Sequence[Verdict]) -> str:
    if len(rows) <= FEW:
        return _titles(rows)
    groups = dict.fromkeys(row.definition.group for row in rows)
    return text("compare.list").join(_within(text(f"compare.groups.{group}")) for group in groups)


def _within(title: str) -> str:
    """A title within a sentence: without its capital, unless it begins with an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _titles(rows: Sequence[Verdict]) -> str:
    titles = [_within(text(f"compare.measures.{row.name}.title")) for row in rows]
    return text("compare.list").join(titles) or text("compare.nothing")
