"""Terms as people give them to a function: numbers of several types, to fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.errors import Problem, shown
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Mapping

Number = int | float | Decimal | Fraction
_DIGITS = 18  # a decimal with more before its point could ask for any amount of memory
_PLACES = 400
_MOST_BITS = 4_096  # of a denominator


def finite_terms(given: Mapping[str, Number]) -> tuple[dict[str, Fraction], list[Problem]]:
    """Give the terms that are finite numbers as fractions, and a problem for each that is not."""
    terms: dict[str, Fraction] = {}
    problems = []
    for name, number in given.items():
        try:
            if _is_large(number):
                problems.append(Problem(name, f"{shown(number)} is not below 1e{_DIGITS}"))
            else:
                terms[name] = exact(number)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            problems.append(Problem(name, f"{shown(number)} is not a finite number"))
    return terms, problems


def _is_large(number: Number) -> bool:
    """Tell whether a number is beyond any price, count or ratio, or has too many digits to work with."""
    if isinstance(number, Decimal):
        places = number.as_tuple().exponent
        return number.is_finite() and (number.adjusted() >= _DIGITS or (isinstance(places, int) and places < -_PLACES))
    if isinstance(number, Fraction):
        return number.denominator.bit_length() > _MOST_BITS or abs(number.numerator) >= number.denominator * 10**_DIGITS
    return abs(number) >= 10**_DIGITS and abs(number) != float("inf")
