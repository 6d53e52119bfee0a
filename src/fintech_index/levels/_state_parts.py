"""What a state is made of, and what it may be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError, first_line
from fintech_index.market import MOST_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from fractions import Fraction

    from fintech_index.events import HeldShares, PaidRecord

_END = 10**30  # no divisor and no ratio reaches this
_MOST_BITS = 14_000  # of a numerator or a denominator: 4,214 digits, which Python still writes


@dataclass(frozen=True, slots=True)
class StateParts:
    """An index at a close. One that no index could be in is a `CalculationError`.

    Attributes
    ----------
    index : str
        The name of the methodology.
    methodology : str
        The hash of its rules (SHA-256).
    date : date
        The session at whose close this is the state.
    closes : dict of str to Fraction
        The close of that session of each constituent, in trading currency: what the state rests on.
    rates : dict of str to Fraction
        The exchange rate of that session of each currency that is not the index's own.
    divisors : dict of str to Decimal
        By return variant.
    share_decimals : int
    constituents : tuple of HeldShares
        By security.
    paid : PaidRecord
        What dividends of the last year were paid on, for corrections to come.
    reserve : tuple of str
        Securities that stand ready for those who leave.
    bands : dict of str to Fraction
        The free-float ratios that count, where they are bands.
    """

    index: str
    methodology: str
    date: dt.date
    closes: dict[str, Fraction]
    rates: dict[str, Fraction]
    divisors: dict[str, Decimal]
    share_decimals: int
    constituents: tuple[HeldShares, ...]
    paid: PaidRecord
    reserve: tuple[str, ...] = ()
    bands: dict[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            possible = _is_state(self)
        except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
            raise CalculationError(f"this is not the state of an index: {first_line(error)}") from error
        if not possible:
            raise CalculationError(
                "this is not the state of an index: impossible divisors, constituents, closes, shares, ratios or dates"
            )


def _is_state(state: StateParts) -> bool:
    """Tell whether an index could be in this state."""
    codes = [each.security for each in state.constituents]
    day = dt.date
    return (
        type(state.date) is day
        and 0 <= state.share_decimals <= MOST_DECIMALS
        and 0 < len(codes) == len(set(codes))
        and set(state.closes) == set(codes)
        and all(0 <= close < _END for close in state.closes.values())
        and all(0 < rate < _END for rate in state.rates.values())
        and set(state.divisors) == {"price", "gross", "net"}
        and all(divisor.is_finite() and 0 < divisor < _END for divisor in state.divisors.values())
        and all(_is_possible(each) and each.counted <= state.date for each in state.constituents)
        and state.paid.begun <= state.paid.since <= state.date
        and all(0 <= shares < _END for shares in state.paid.shares.values())
        and all(state.paid.since <= date <= state.date for _, date in state.paid.shares)
        and all(0 <= band <= 1 for band in state.bands.values())
        and all(map(_is_short, _fractions_of(state)))
    )


def _is_possible(held: HeldShares) -> bool:
    factor = held.capping_factor
    return (
        0 <= held.index_shares < HEADROOM
        and -1 <= held.free_float < HEADROOM
        and 0 < held.ratio < _END
        and 0 < held.float_ratio < _END
        and (held.total is None or 0 <= held.total < HEADROOM)
        and 0 <= held.leaving < HEADROOM
        and (factor is None or (factor.is_finite() and 0 < factor < _END))
    )


def _fractions_of(state: StateParts) -> Iterator[Fraction | int | Decimal]:
    for each in state.constituents:
        yield from (each.ratio, each.float_ratio, each.leaving)
    yield from (*state.closes.values(), *state.rates.values(), *state.paid.shares.values(), *state.bands.values())


def _is_short(number: Fraction | int | Decimal) -> bool:
    """Tell whether a number can be written in full: the ratio of a hundred years of actions can."""
    numerator, denominator = number.as_integer_ratio()
    return max(numerator.bit_length(), denominator.bit_length()) <= _MOST_BITS
