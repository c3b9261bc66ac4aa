"""The sketches on the cards of the Train page: what becomes of the codes in each story, as small pictures."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence

from halfmoon.parts.palette import KIND_COLOURS

AE, VAE = KIND_COLOURS[:2]
GREY = "#8a8fa3"  # clear on both grounds
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
WIDTH, HEIGHT = 112, 64
LEFT, MIDDLE, RIGHT = (25.0, 32.0), (56.0, 32.0), (83.0, 32.0)

Place = tuple[float, float]


def sketch(preset: str) -> str:
    """The data URL of the preset's sketch, an SVG image."""
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(_SKETCHES[preset]())}</svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def _pair() -> Iterable[str]:
    return [*_arms(LEFT), *_cloud(RIGHT)]


def _no_kl() -> Iterable[str]:
    """Round clouds that become points."""
    places = [(14, 40), (26, 20), (40, 44)]
    for at, (x, y) in enumerate(places):
        yield _disc((x, y), 11, VAE, 0.35)
        yield _disc((x + 62, y), 2.4, VAE)
        if at == 1:
            yield f'<path d="M52 32h10m-4-4 4 4-4 4" fill="none" stroke="{GREY}" stroke-width="1.5"/>'


def _collapse() -> Iterable[str]:
    """All codes in one place, under the whole prior."""
    yield from (_ring(MIDDLE, radius) for radius in (10, 19, 28))
    yield from (_disc(place, 1.7, VAE) for place in _spiral(MIDDLE, 12, 1.1))


def _moons() -> Iterable[str]:
    """A new and a full moon, and between them a way that nobody has seen."""
    yield f'<path d="M26 14a18 18 0 1 0 0 36a22 22 0 0 1 0-36z" fill="{GREY}"/>'
    yield _disc((90, 32), 18, GREY)
    yield f'<path d="M34 32h34" stroke="{GREY}" stroke-width="1.8" stroke-dasharray="1 5" stroke-linecap="round"/>'


def _arms(centre: Place) -> Iterable[str]:
    """Codes in arms of their own, with gaps between."""
    x, y = centre
    for angle, length in ((0.3, 26), (1.5, 17), (2.5, 30), (3.9, 22), (5.2, 28)):
        for at in range(9):
            radius, side = 4 + (length - 4) * at / 8, 2.2 * (-1) ** at * (1 - at / 12)
            across = radius * math.cos(angle) - side * math.sin(angle)
            down = radius * math.sin(angle) + side * math.cos(angle)
            yield _disc((x + across, y + down), 1.7, AE)


def _cloud(centre: Place) -> Iterable[str]:
    """Codes that fill the prior."""
    yield _ring(centre, 28)
    yield from (_disc(one, 1.7, VAE) for one in _spiral(centre, 44, 4))


def _spiral(centre: Place, count: int, width: float) -> Sequence[Place]:
    """Places that are evenly spread over a disc."""
    x, y = centre
    turns = [(width * math.sqrt(at + 0.5), at * GOLDEN_ANGLE) for at in range(count)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for radius, angle in turns]


def _disc(centre: Place, radius: float, colour: str, opacity: float = 1) -> str:
    x, y = centre
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" fill-opacity="{opacity}"/>'


def _ring(centre: Place, radius: float) -> str:
    x, y = centre
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{GREY}" stroke-dasharray="2 3"/>'


_SKETCHES = {
    "pair": _pair,
    "ae": lambda: _arms(MIDDLE),
    "vae": lambda: _cloud(MIDDLE),
    "no_kl": _no_kl,
    "collapse": _collapse,
    "new_and_full": _moons,
}
