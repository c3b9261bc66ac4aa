"""Numbers as text: as many digits as are known, a true minus, no exponent. Twin: components/shared/numbers.js."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

NEAR_ZERO = "≈\u00a00"
LEAST = 1e-5  # what is smaller is next to nothing, where no interval says otherwise
LONG_DIGITS = (1, 2)  # an uncertainty that begins with one of these has two digits, any other has one


class Rounded(NamedTuple):
    """A value and its interval, all with as many decimals as the interval's width lets one know.

    `half` is "± 1.4" where the interval is symmetric, as far as is shown; else, and without an interval, it is empty,
    as are the ends of an interval of no width.
    """

    value: str
    low: str = ""
    high: str = ""
    half: str = ""


def significant(value: float, digits: int = 3) -> str:
    """A measured number with so many significant digits, the last zeros too; a whole number as it is."""
    if value == 0 or isinstance(value, int):
        return plain(value, 15)
    return NEAR_ZERO if abs(value) < LEAST else _written(f"{value:#.{digits}g}")


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals; it has no sign if they are all 0."""
    return _written(f"{round(value, decimals) + 0.0:.{decimals}f}")


def plain(value: float, digits: int = 6) -> str:
    """A number that somebody has set, or that is to be set again: without zeros at its end."""
    return _written(f"{value + 0:.{digits}g}")


def code_text(code: Sequence[float], digits: int = 3) -> str:
    """A code as people write it: (0.51, −1.20), or a number alone; at most three numbers of a long one.

    All have the decimals that the largest has with so many digits; whole numbers have none.
    """
    largest, is_whole = max(map(abs, code)), all(float(value).is_integer() for value in code)
    decimals = 0 if is_whole else max(0, digits - 1 - int(f"{largest:.{digits - 1}e}".split("e")[1]))
    numbers = [fixed(float(value), decimals) for value in code[:3]]
    if len(code) == 1:
        return numbers[0]
    return f"({', '.join(numbers)}{', …' if len(code) > 3 else ''})"


def to_interval(value: float, low: float, high: float, decimals: int | None = None) -> Rounded:
    """A value with its interval, with the decimals of `known_decimals` or with so many."""
    if low == high:
        return Rounded(NEAR_ZERO if abs(value) < LEAST else significant(value))
    shown = known_decimals(value, low, high) if decimals is None else decimals
    below, above = (fixed(side, shown) for side in (value - low, high - value))
    half = f"±\u00a0{above}" if below == above and float(above) else ""
    return Rounded(near_zero(value, shown), fixed(low, shown), fixed(high, shown), half)


def known_decimals(value: float, low: float, high: float) -> int:
    """The decimals that leave one or two digits of the interval's half-width, of one without a width those of 1 %.

    There are more of them where an interval without 0 would look as if it had it.
    """
    half = max(high - value, value - low) or abs(value) / 100 or 1.0
    exponent = math.floor(math.log10(half))
    is_long = int(half / 10.0**exponent) in LONG_DIGITS
    decimals = max(0, int(is_long) - exponent)
    while low * high > 0 and round(abs(value), decimals) <= round(half, decimals):
        decimals += 1
    return decimals


def near_zero(value: float, decimals: int) -> str:
    """A number with so many decimals, "≈ 0" if they are all 0."""
    return NEAR_ZERO if round(value, decimals) == 0 else fixed(value, decimals)


def _written(number: str) -> str:
    return f"{Decimal(number):f}".replace("-", "−")
