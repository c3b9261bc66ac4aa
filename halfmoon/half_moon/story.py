"""The story of the half moon as it is shown: both walks live, the sentence on them, and who draws a half moon."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from halfmoon.components import half_moon
from halfmoon.half_moon import walk
from halfmoon.half_moon.walk import HALF_WAY, Walk
from halfmoon.parts import html
from halfmoon.parts.downloads import file_name
from halfmoon.parts.numbers import fixed, plain
from halfmoon.parts.palette import DISSOLVE_COLOUR, point_classes, run_colours
from halfmoon.parts.titles import data_title, kind_title
from halfmoon.plane.routes import decoder_path
from halfmoon.texts import paragraph, table, text
from halfmoon.texts.sentences import told
from vae_core.comparison import Pair
from vae_core.errors import RunError
from vae_core.moons.walk import FULL, NEW
from vae_core.runs.run import Run

WALK_KEY, RESULTS_KEY = "half-moon-walk", "half-moon-results"


def show(walks: Sequence[Walk], position: float, on_position: Callable[[], None]) -> None:
    """Mounts both walks with their slider; `position()` is where it has come to rest."""
    data = walks[-1].run.config.training.data
    half_moon.mount(
        WALK_KEY,
        models=[_model(one, colour) for one, colour in zip(walks, _colours([w.run for w in walks]), strict=True)],
        positions=half_moon.Positions(walk.MIN_POSITION, walk.MAX_POSITION, walk.STEP, NEW, FULL),
        classes=point_classes(data),
        dissolve_colour=DISSOLVE_COLOUR,
        name=file_name(data.name, "walk", data.phases),
        title=text("half_moon.poster", data=data_title(data)),
        at=position,
        texts=table("half_moon_live"),
        on_position=on_position,
    )


def position() -> float:
    """Where the slider has just come to rest."""
    return float(half_moon.reported(WALK_KEY))


def middle(walks: Sequence[Walk]) -> str:
    """Which models draw a half moon halfway, as Markdown: a sentence for each run."""
    return paragraph(
        text(
            "half_moon.middle",
            kind=one.kind,
            verdict=text(f"half_moon.half_way.{one.verdict()}"),
            moon=fixed(one.fit.moon_distances[HALF_WAY], 2),
            dissolve=fixed(one.fit.dissolve_distances[HALF_WAY], 2),
        )
        for one in walks
    )


def units(walks: Sequence[Walk]) -> str:
    """The ends of the walk in each model's own units: a sentence for each run."""
    ends = ((one.kind, plain(one.ends.new, 3), plain(one.ends.full, 3)) for one in walks)
    return paragraph(text("half_moon.units", kind=kind, new=new, full=full) for kind, new, full in ends)


def show_results(pairs: Sequence[Pair], shown: Pair, on_run: Callable[[], None]) -> None:
    """Mounts what every model draws halfway, to choose from; `chosen_run()` is the one that was clicked."""
    titles = walk.titles(pairs, str)
    rows = [half_moon.Row(titles[pair.name], pair.name == shown.name, _cells(pair)) for pair in pairs]
    half_moon.mount_results(RESULTS_KEY, rows, text("half_moon.results"), on_run)


def chosen_run() -> str:
    """The run whose result was just clicked."""
    return str(half_moon.reported(RESULTS_KEY))


def _model(one: Walk, colour: str) -> half_moon.Model:
    fit = one.fit
    return half_moon.Model(
        run=one.run.name,
        kind=one.run.config.model.kind,
        title=one.kind,
        colour=colour,
        decoder=decoder_path(one.run) if one.run.config.model.decoder.network == "mlp" else None,
        codes=(one.ends.new, one.ends.full),
        images=_column(one.images),
        moons=_column(fit.moons),
        dissolves=_column(fit.dissolves),
        said=[text(f"half_moon.verdicts.{verdict}") for verdict in fit.verdicts()],
        phases=_rounded(fit.phases),
        weights=_rounded(fit.weights),
        moon_distances=_rounded(fit.moon_distances),
        dissolve_distances=_rounded(fit.dissolve_distances),
        mass=[_rounded(mass, 5) for mass in one.mass],
    )


def _cells(pair: Pair) -> list[half_moon.Cell]:
    return [_cell(run, colour) for run, colour in zip(pair.runs, _colours(pair.runs), strict=True)]


def _cell(run: Run, colour: str) -> half_moon.Cell:
    kind = kind_title(run.config.model)
    try:
        one = walk.walk_of(run)
    except RunError as error:
        return half_moon.Cell(run.name, kind, colour, None, told(error), "")
    verdict, fit = one.verdict(), one.fit
    moon, dissolve = fit.moon_distances[HALF_WAY], fit.dissolve_distances[HALF_WAY]
    said = text(f"half_moon.verdicts.{verdict}")
    if verdict != "dissolve":
        said = text("half_moon.lit", verdict=said, phase=fixed(fit.phases[HALF_WAY], 2))
    distances = text("half_moon.distances", moon=fixed(moon, 2), dissolve=fixed(dissolve, 2))
    return half_moon.Cell(run.name, kind, colour, html.png_address(one.images[HALF_WAY]), said, distances)


def _colours(runs: Sequence[Run]) -> list[str]:
    return run_colours([run.config.model for run in runs])


def _column(images: np.ndarray) -> str:
    """The address of images (N, C, H, W) as one picture, one below the other."""
    return html.png_address(np.concatenate(list(images), axis=1))


def _rounded(values: np.ndarray, digits: int = 3) -> list[float]:
    found: list[float] = np.round(values.astype(np.float64), digits).tolist()
    return found
