"""Divisors: published decimals, moved only by recorded causes so that the level does not move."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError
from fintech_index.events import BASKET, Stage
from fintech_index.levels._changes import VARIANTS, all_changes
from fintech_index.levels._reviews import Opened
from fintech_index.rounding import decimal_of, exact, exact_decimal, round_half_up, round_significant, significant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from fintech_index.levels._changes import Change
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Divisors:
    """The divisor of each variant from each session on at which it was set.

    Attributes
    ----------
    sessions : dict of str to list of int
    values : dict of str to list of Decimal
    """

    sessions: dict[str, list[int]]
    values: dict[str, list[Decimal]]

    def at(self, variant: str, session: int) -> Decimal:
        """Give the divisor of a session."""
        return self.values[variant][int(np.searchsorted(self.sessions[variant], session, side="right")) - 1]

    def series(self, variant: str, first: int, last: int) -> NDArray[np.object_]:
        """Give the divisors of the sessions from `first` up to `last`, as Decimals."""
        values = np.empty(len(self.values[variant]), object)
        values[:] = self.values[variant]
        repeated: NDArray[np.object_] = np.repeat(values, self._sessions_each(variant, first, last))
        return repeated

    def floats(self, variant: str, first: int, last: int) -> NDArray[np.float64]:
        """Give the same as the nearest floats."""
        values = np.array([float(value) for value in self.values[variant]])
        return np.repeat(values, self._sessions_each(variant, first, last))

    def _sessions_each(self, variant: str, first: int, last: int) -> NDArray[np.int64]:
        return np.diff(np.clip([*self.sessions[variant], last], first, last))


def chain(
    method: Methodology,
    market: MarketData,
    valuation: Valuation,
    reviews: Reviews,
    of_actions: Sequence[Change],
    start: dict[str, Decimal] | None,
) -> Divisors:
    """Carry divisors from session to session: ``D_t = round(D_{t-1} * O_t / (C_{t-1} + R_t))``.

    O_t is the closing value before with all changes of the session, R_t what removal prices revalue it by: that part
    is performance. `start` are the divisors of the first session, where a calculation goes on; without them, the level
    has its base value there.

    Raises
    ------
    CalculationError
        An opening or closing value that is not positive.
    """
    if start is None:
        start = dict.fromkeys(VARIANTS, _base(method, market, valuation))
    divisors = Divisors({}, {})
    openings: dict[str, dict[int, Opened]] = {}
    for variant in VARIANTS:
        openings[variant] = own = _openings(valuation, reviews, of_actions, variant)
        alike = [each for each in divisors.values if openings[each] == own and start[each] == start[variant]]
        if alike:
            divisors.sessions[variant], divisors.values[variant] = (
                divisors.sessions[alike[0]],
                divisors.values[alike[0]],
            )
            continue
        for session in sorted(session for session, opened in own.items() if min(opened) <= 0):
            changes = all_changes(method, reviews, of_actions, valuation)
            raise CalculationError(_not_positive(method, market, valuation, session, variant, changes))
        divisors.sessions[variant], divisors.values[variant] = (
            _on_published_levels(method, market, valuation, own, start[variant])
            if method.chaining.on == "published"
            else _on_full_levels(method, valuation, own, start[variant])
        )
    return divisors


def _on_full_levels(
    method: Methodology, valuation: Valuation, openings: dict[int, Opened], start: Decimal
) -> tuple[list[int], list[Decimal]]:
    """Move a divisor at the sessions at whose open anything does."""
    sessions, values = [valuation.first], [start]
    above, below = start.as_integer_ratio()
    for session, opened in sorted(openings.items()):
        count, exponent = significant(above * opened.opening, below * opened.counted, method.rounding.divisor_digits)
        sessions.append(session)
        values.append(decimal_of(count, exponent))
        above, below = (count * 10**exponent, 1) if exponent > 0 else (count, 10**-exponent)
    return sessions, values


def _on_published_levels(
    method: Methodology, market: MarketData, valuation: Valuation, openings: dict[int, Opened], start: Decimal
) -> tuple[list[int], list[Decimal]]:
    """Set a divisor anew at every open, so that the close before has exactly its published level."""
    sessions, values, places = [valuation.first], [start], method.rounding.level_decimals
    for session in range(valuation.first + 1, valuation.first + valuation.counts.shape[1]):
        closing = valuation.exact(session - 1)
        level = round_half_up(closing / Fraction(values[-1]), places)
        if level == 0:
            raise CalculationError(f"{method.name}: the published level is 0 before {market.sessions[session]}")
        above, below = (closing * 10**places / level).as_integer_ratio()
        opened = openings.get(session, _UNMOVED)
        sessions.append(session)
        values.append(
            decimal_of(*significant(above * opened.opening, below * opened.counted, method.rounding.divisor_digits))
        )
    return sessions, values


_UNMOVED = Opened(1, 1)


def _base(method: Methodology, market: MarketData, valuation: Valuation) -> Decimal:
    value = valuation.exact(valuation.first)
    if value <= 0:
        raise CalculationError(
            f"{method.name}: the basket of {market.sessions[valuation.first]} has no market value: its shares or "
            "prices are all 0"
        )
    return round_significant(value / exact(method.base.value), method.rounding.divisor_digits)


def _openings(valuation: Valuation, reviews: Reviews, of_actions: Sequence[Change], variant: str) -> dict[int, Opened]:
    """Give what the divisor of a variant is multiplied by, at each session at whose open anything moves it."""
    moved: dict[int, Fraction] = dict(reviews.others)
    performed: dict[int, Fraction] = {}
    for change in of_actions:
        if change.variant == variant:
            if change.session not in moved and change.session in reviews.whole:
                moved[change.session] = reviews.amounts[change.session]
            moved[change.session] = moved.get(change.session, Fraction(0)) + change.amount
            if change.stage is Stage.REVALUATION:
                performed[change.session] = performed.get(change.session, Fraction(0)) + change.amount
    openings = {session: each for session, each in reviews.whole.items() if each.opening != each.counted}
    for session, amount in moved.items():
        revalued = performed.get(session, Fraction(0))
        if amount or revalued:
            closing, unit = valuation.ratio(session - 1)
            openings[session] = _over_one_unit(closing, unit, amount, revalued)
        else:
            openings.pop(session, None)
    return openings


def _over_one_unit(closing: int, unit: int, amount: Fraction, revalued: Fraction) -> Opened:
    common = lcm(unit, amount.denominator, revalued.denominator)
    value = closing * (common // unit)
    return Opened(
        value + amount.numerator * (common // amount.denominator),
        value + revalued.numerator * (common // revalued.denominator),
    )


def _not_positive(
    method: Methodology, market: MarketData, valuation: Valuation, session: int, variant: str, changes: list[Change]
) -> str:
    own = (change.amount for change in changes if (change.session, change.variant) == (session, variant))
    opening = valuation.exact(session - 1) + sum(own)
    causes = [
        change.cause + ("" if change.security == BASKET else f" of {market.securities.codes[change.security]}")
        for change in changes
        if change.session == session and change.variant == variant
    ]
    leaves = {change.cause for change in changes if change.session == session} & {"delisting", "merger", "revaluation"}
    if leaves and opening <= 0:
        return (
            f"{method.name}: nothing of value is left in the index at the open of {market.sessions[session]}, after "
            f"{', '.join(causes)}: end the index before, or give baskets that hold something else by then"
        )
    return (
        f"{method.name}: the {variant} opening value of {market.sessions[session]} is {exact_decimal(opening):f}, "
        f"which is not positive, after {', '.join(causes)}: check these terms"
    )
