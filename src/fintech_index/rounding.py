"""Exact decimals: shortest forms in, half-up rounding out.

Everything here is integers and fractions. Every rounding of an index is half up, and goes through this module.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_MOST_PLACES = 9_999
_LONG_EXPONENT = re.compile(r"[eE][+-]?[0-9_]{5,}")


def exact(value: float | Decimal | Fraction | str) -> Fraction:
    """Give the fraction that a number is written as: 0.1 is one tenth.

    A float stands for its shortest decimal form, which is what a file or a person meant by it.

    Raises
    ------
    OverflowError
        A decimal of more than 9,999 places before or after the point: a few characters that would take all memory.
    """
    if isinstance(value, float):
        value = repr(float(value))  # float(): numpy's own repr is not a number's form
    elif hasattr(value, "dtype"):  # numpy's other numbers, a float32 among them
        value = str(value)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and abs(exponent) > _MOST_PLACES:
            raise OverflowError("a decimal has too many places")
    elif isinstance(value, str) and _LONG_EXPONENT.search(value):
        raise OverflowError("a decimal has too many places")
    return Fraction(value)


def round_half_up(value: Fraction, decimals: int = 0) -> int:
    """Round a non-negative number half up; the result counts units of ``10**-decimals``."""
    numerator, denominator = value.numerator * 10**decimals, value.denominator
    rounded: int = (2 * numerator + denominator) // (2 * denominator)
    return rounded


def round_to_tick(price: Fraction, tick: Fraction) -> Fraction:
    """Round a price half up to a multiple of the tick, as the exchanges do."""
    return round_half_up(price / tick) * tick


def round_significant(value: Fraction, digits: int) -> Decimal:
    """Round a positive number half up to so many significant digits."""
    return decimal_of(*significant(value.numerator, value.denominator, digits))


def significant(numerator: int, denominator: int, digits: int) -> tuple[int, int]:
    """Round a positive ratio of integers half up to so many significant digits; give ``count * 10**exponent``."""
    if numerator <= 0:
        message = f"only a positive number has significant digits to round to, not {numerator}/{denominator}"
        raise ValueError(message)
    exponent = len(str(numerator)) - len(str(denominator)) - digits
    while True:
        above, below = (
            (numerator * 10**-exponent, denominator) if exponent < 0 else (numerator, denominator * 10**exponent)
        )
        count = (2 * above + below) // (2 * below)
        if count < 10**digits:
            return count, exponent
        if above < below * 10**digits:  # rounded up to the next power of ten
            return count // 10, exponent + 1
        exponent += 1


def decimal_of(count: int, exponent: int) -> Decimal:
    """Give ``count * 10**exponent`` with all its digits, whatever the caller's decimal context."""
    return Decimal(f"{count}E{exponent}")


def exact_decimal(value: Fraction) -> Decimal:
    """Write a fraction whose denominator has no prime factors but 2 and 5 as a decimal, losing nothing."""
    places = finite_places(value)
    if places is None:
        message = f"{value} has no finite decimal form"
        raise ValueError(message)
    return decimal_of(value.numerator * 10**places // value.denominator, -places)


def finite_places(value: Fraction) -> int | None:
    """Give the decimals that a fraction takes in full; None where its denominator has other primes than 2 and 5."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


AMOUNT_DECIMALS = 18


def published_amount(amount: Fraction) -> Fraction:
    """Give a change of an opening value as it is published: a finite decimal as it is, else to 18 places, half up."""
    if finite_places(amount) is not None:
        return amount
    return Fraction(round_half_up(amount, AMOUNT_DECIMALS), 10**AMOUNT_DECIMALS)


def plain(value: Decimal) -> str:
    """Write a decimal without an exponent."""
    return format(value, "f")
