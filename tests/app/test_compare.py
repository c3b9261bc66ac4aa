"""The choice of what Compare shows, in its boxes and in the URL, and its maps and figures of codes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from halfmoon import address
from halfmoon.compare import choice, code_figures
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import titles_beside
from halfmoon.plane.view import View
from halfmoon.texts import catalogue
from halfmoon.texts.language import LANGUAGES
from tests.app.standins import ODD_NAME, make_run
from tests.app.test_address import Query
from tests.app.test_pages import open_app
from vae_core.comparison import Pair, pair_of
from vae_core.runs.run import Run

PAGE = "pages/compare.py"


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_the_density_of_codes_is_the_share_in_each_bin_over_its_width(user_runs: Path, kind: str) -> None:
    run = Run.open(user_runs / f"small-digits-{kind}")
    everything = np.array([-1e6, 0, 1e6])
    density = code_figures.marginal_density(run, 0, everything)
    assert density @ np.diff(everything) == pytest.approx(1)
    if kind == "ae":
        below = (run.codes.standardise(run.codes.mu)[:, 0] < 0).mean()
        assert density[0] * 1e6 == pytest.approx(below)


@pytest.mark.parametrize(
    ("query", "shown", "sentences"),
    [
        ({"run": "small-digits-vae"}, ("small-digits-ae", "small-digits-vae"), 0),
        ({"run": "small-ten-vae"}, ("small-ten-vae",), 0),
        ({"run": "small-digits-vae", "with": "small-line-ae"}, ("small-digits-vae", "small-line-ae"), 0),
        ({"run": "small-digits-ae", "with": "small-ten-vae"}, ("small-digits-ae", "small-ten-vae"), 0),
        ({"run": "small-digits-vae", "with": "gone"}, ("small-digits-ae", "small-digits-vae"), 1),
        ({"run": "small-digits-vae", "with": "small-digits-vae"}, ("small-digits-ae", "small-digits-vae"), 1),
    ],
)
def test_any_two_runs_are_compared_and_a_twin_where_the_url_names_one(
    query: dict[str, str], shown: tuple[str, ...], sentences: int
) -> None:
    pair, warning = choice.asked_for(tuple(query.values()), find_pairs())
    assert tuple(run.name for run in pair.runs) == shown
    assert (warning is not None) == bool(sentences)
    app = open_app(PAGE, **query)
    assert not app.exception and not app.error
    assert [warning.value for warning in app.warning] == [warning] * sentences
    assert [app.selectbox(key=key).value for key in choice.KEYS] == [*shown, None][:2]


def test_a_link_to_a_run_that_is_not_here_opens_with_one_sentence() -> None:
    app = open_app(PAGE, run="gone")
    assert not app.exception and not app.error
    assert len(app.warning) == 1 and "gone" in app.warning[0].value


def shown_in(app: AppTest) -> tuple[list[str | None], str, str | None]:
    """What stands in the two boxes, and the runs that the URL names."""
    assert not app.exception and not app.warning and not app.error
    boxes = [app.selectbox(key=key).value for key in choice.KEYS]
    return boxes, app.query_params["run"], app.query_params.get("with")


def test_the_boxes_keep_what_is_chosen_and_twins_come_in_pairs() -> None:
    app = open_app(PAGE, run="small-digits-vae")
    for box, chosen, shown, run, beside in (
        (0, "small-digits-vae", ["small-digits-vae", "small-digits-ae"], "small-digits-vae", "small-digits-ae"),
        (0, "small-line-vae", ["small-line-vae", "small-line-ae"], "small-line-vae", "small-line-ae"),  # its own twin
        (0, "small-line-ae", ["small-line-ae", "small-line-vae"], "small-line-ae", None),
        (1, "small-ten-vae", ["small-line-ae", "small-ten-vae"], "small-line-ae", "small-ten-vae"),
        (0, "small-digits-ae", ["small-digits-ae", "small-ten-vae"], "small-digits-ae", "small-ten-vae"),
        (0, "small-ten-vae", ["small-ten-vae", "small-digits-ae"], "small-ten-vae", "small-digits-ae"),
        (0, "small-line-vae", ["small-line-vae", "small-digits-ae"], "small-line-vae", "small-digits-ae"),
        (1, "small-line-ae", ["small-line-vae", "small-line-ae"], "small-line-vae", "small-line-ae"),
        (0, "small-ten-vae", ["small-ten-vae", None], "small-ten-vae", None),  # it has no twin
    ):
        app.selectbox(key=choice.KEYS[box]).select(chosen).run()
        assert shown_in(app) == (shown, run, beside)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"run": "small-digits-vae"}, None),
        ({"run": "small-mnist-vae"}, None),
        ({"run": "small-digits-vae", "with": "small-digits-ae"}, None),
        ({"run": "small-digits-ae", "with": ODD_NAME}, None),
        ({"run": "small-ten-vae"}, "dims"),
        ({"run": "small-digits-ae", "with": "small-ten-vae"}, "dims"),
        ({"run": "small-digits-ae", "with": "small-mnist-vae"}, "apart"),
        ({"run": "small-digits-ae", "with": "small-line-ae"}, "apart"),
    ],
)
def test_gaps_of_any_two_runs_of_one_plane_are_mapped_and_else_it_is_said_why_not(
    query: dict[str, str], why: str | None
) -> None:
    app = open_app(PAGE, **query)
    assert not app.exception and not app.error and not app.warning
    english, shown = catalogue("en"), [caption.value for caption in app.caption]
    said = {name for name in ("gaps_note", "unmapped.dims", "unmapped.apart") if english[f"compare.{name}"] in shown}
    assert said == {f"unmapped.{why}" if why else "gaps_note"}
    labels = [link.proto.label for link in app.get("page_link") if link.proto.label.startswith("The planes of")]
    assert len(labels) == sum("gaps" in label or "10-D" in label for label in labels) > 0
    assert not any("gaps" in label for label in labels if "10-D" in label)


@pytest.mark.parametrize("beside", [{}, {"with": ODD_NAME}])
@pytest.mark.parametrize("place", [{"z": "1"}, {"z": "a,b"}, {"point": "60"}, {"point": "x"}, {"pins": "1,2;x"}])
def test_a_link_to_a_place_that_is_not_there_shows_the_map_with_one_sentence(
    place: dict[str, str], beside: dict[str, str]
) -> None:
    app = open_app(PAGE, run="small-digits-ae", **beside, **place)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["plane.broken_place"]]


@pytest.mark.parametrize(
    ("names", "place", "seen"),
    [
        (("small-digits-ae", "small-digits-vae"), 0, {"run": "small-digits-ae"}),
        (("small-digits-ae", "small-digits-vae"), 1, {"run": "small-digits-vae"}),
        (("small-digits-vae", "small-digits-ae"), 0, {"run": "small-digits-vae", "with": "small-digits-ae"}),
        (
            ("small-digits-vae", "small-digits-ae"),
            1,
            {"run": "small-digits-vae", "with": "small-digits-ae", "on": "small-digits-ae"},
        ),
        (("small-digits-ae", ODD_NAME), 1, {"run": "small-digits-ae", "with": ODD_NAME, "on": ODD_NAME}),
    ],
)
def test_a_place_of_either_run_is_in_the_url_and_the_runs_stay_who_they_are(
    names: tuple[str, ...], place: int, seen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = find_pairs()
    pair = Pair(tuple(pair_of(name, pairs).run(name) for name in names))
    view = View(names[place], (0.5, -1.0), layers=("rings",))
    query = Query(choice.choice_of(names, pairs).query())
    monkeypatch.setattr(address, "st", SimpleNamespace(query_params=query))
    address.write(view)
    assert query == view.query() | seen
    assert choice.asked_for(address.names(), pairs) == (pair, None)
    assert View.from_query(address.query(), pair.runs[place]) == view


def test_a_coordinate_that_only_one_run_has_is_drawn_of_that_one(user_runs: Path) -> None:
    pair = Pair(tuple(Run.open(user_runs / name) for name in ("small-digits-vae", "small-ten-vae")))
    assert code_figures.dims_of(pair) == code_figures.MAX_DIMS
    lines = [[line.name for line in code_figures.figure(pair, dim).data] for dim in (1, 2)]
    assert lines == [["N(0, 1)", *titles_beside(pair)], ["N(0, 1)", titles_beside(pair)[1]]]


@pytest.mark.parametrize(
    ("run", "shown", "dims"), [("small-digits-vae", 2, 2), ("small-line-vae", 1, 1), ("small-ten-vae", 4, 10)]
)
def test_it_is_said_how_many_coordinates_are_drawn_where_it_is_not_all(run: str, shown: int, dims: int) -> None:
    app = open_app(PAGE, run=run)
    some = catalogue("en")["compare.codes_some"].format(shown=shown, dims=dims)
    assert any(caption.value.endswith(some) for caption in app.caption) == (shown < dims)
    assert len(app.get("plotly_chart")) >= shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_further_term_of_a_loss_is_told(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_RUNS_DIR", str(tmp_path))
    for kind in ("ae", "vae"):  # an AE lacks the term whatever its factor is
        make_run(tmp_path, f"matched-{kind}", kind, prior_match=60)
    app = open_app(PAGE, run="matched-vae", lang=language)
    assert not app.exception
    told = catalogue(language)["compare.matched"].format(run="` matched-vae `", factor="60")
    assert [caption.value for caption in app.caption].count(told) == 1
    assert not any("` matched-ae `" in caption.value for caption in app.caption)
