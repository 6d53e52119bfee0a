"""Terms as people give them to a function: numbers of several types, to fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.errors import Problem
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Mapping

Number = int | float | Decimal | Fraction
_DIGITS = 18  # a decimal with more before its point could ask for any amount of memory


def finite_terms(given: Mapping[str, Number]) -> tuple[dict[str, Fraction], list[Problem]]:
    """Give the terms that are finite numbers as fractions, and a problem for each that is not."""
    terms: dict[str, Fraction] = {}
    problems = []
    for name, number in given.items():
        if isinstance(number, Decimal) and number.is_finite() and number.adjusted() >= _DIGITS:
            problems.append(Problem(name, f"{number} is not below 1e{_DIGITS}"))
            continue
        try:
            terms[name] = exact(number)
        except (TypeError, ValueError, OverflowError):
            problems.append(Problem(name, f"{number!r} is not a finite number"))
    return terms, problems
