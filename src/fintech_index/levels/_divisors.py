"""Divisors: published decimals, moved only by recorded causes so that the level does not move."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

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

    from fintech_index.events import ActionAmounts, Holdings
    from fintech_index.levels._changes import Change
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


class Setting(NamedTuple):
    """A divisor, ``significand * 10**exponent``, from a session on."""

    session: int
    significand: int
    exponent: int

    @classmethod
    def of(cls, session: int, divisor: Decimal) -> Setting:
        """Take a divisor as it is published."""
        _, digits, exponent = divisor.as_tuple()
        return cls(session, int("".join(map(str, digits))), int(exponent))

    @property
    def value(self) -> Decimal:
        """The divisor as it is published."""
        return decimal_of(self.significand, self.exponent)

    @property
    def ratio(self) -> tuple[int, int]:
        """Numerator and denominator."""
        if self.exponent > 0:
            return self.significand * 10**self.exponent, 1
        return self.significand, 10**-self.exponent


@dataclass(frozen=True, slots=True)
class Divisors:
    """The divisor of each variant from each session on at which it was set.

    Attributes
    ----------
    settings : dict of str to list of Setting
        Ordered by session; variants that have the same divisors share one list.
    """

    settings: dict[str, list[Setting]]

    def at(self, variant: str, session: int) -> Decimal:
        """Give the divisor of a session."""
        settings = self.settings[variant]
        return settings[bisect_right(settings, session, key=lambda each: each.session) - 1].value

    def series(self, variant: str, first: int, last: int) -> NDArray[np.object_]:
        """Give the divisors of the sessions from `first` up to `last`, as Decimals."""
        values = np.empty(len(self.settings[variant]), object)
        values[:] = [each.value for each in self.settings[variant]]
        repeated: NDArray[np.object_] = np.repeat(values, self._sessions_each(variant, first, last))
        return repeated

    def floats(self, variant: str, first: int, last: int) -> NDArray[np.float64]:
        """Give the same as the nearest floats."""
        return np.repeat(self.floats_set(variant), self._sessions_each(variant, first, last))

    def floats_set(self, variant: str) -> NDArray[np.float64]:
        """Give each divisor that was set, as the nearest float."""
        ratios = (each.ratio for each in self.settings[variant])
        return np.array([above / below for above, below in ratios])

    def _sessions_each(self, variant: str, first: int, last: int) -> NDArray[np.int64]:
        starts = [each.session for each in self.settings[variant]]
        return np.diff(np.clip([*starts, last], first, last))


def chain(
    method: Methodology,
    market: MarketData,
    holdings: Holdings,
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
    settings: dict[str, list[Setting]] = {}
    openings: dict[str, dict[int, Opened]] = {}
    for variant in VARIANTS:
        openings[variant] = own = _openings(valuation, reviews, of_actions, variant)
        _add_amounts(holdings.amounts, own, valuation, variant)
        alike = [each for each in settings if openings[each] == own and start[each] == start[variant]]
        if alike:
            settings[variant] = settings[alike[0]]
            continue
        for session in sorted(session for session, opened in own.items() if opened.opening <= 0 or opened.counted <= 0):
            changes = all_changes(method, holdings, reviews, of_actions, valuation)
            raise CalculationError(_not_positive(method, market, valuation, session, variant, changes))
        settings[variant] = (
            _on_published_levels(method, market, valuation, own, start[variant])
            if method.chaining.on == "published"
            else _on_full_levels(method, valuation, own, start[variant])
        )
    return Divisors(settings)


def _on_full_levels(
    method: Methodology, valuation: Valuation, openings: dict[int, Opened], start: Decimal
) -> list[Setting]:
    """Move a divisor at the sessions at whose open anything does."""
    digits = method.rounding.divisor_digits
    settings = [Setting.of(valuation.first, start)]
    for session, opened in sorted(openings.items()):
        settings.append(_moved(settings[-1], session, opened, digits))
    return settings


def _moved(before: Setting, session: int, opened: Opened, digits: int) -> Setting:
    """Multiply a divisor by ``opening / counted``."""
    above, below = before.significand * opened.opening, opened.counted
    rounded = (2 * above + below) // (2 * below)
    if 10 ** (digits - 1) < rounded < 10**digits:  # as nearly always: it keeps its exponent
        return Setting(session, rounded, before.exponent)
    rounded, shift = significant(above, below, digits)
    return Setting(session, rounded, before.exponent + shift)


def _on_published_levels(
    method: Methodology, market: MarketData, valuation: Valuation, openings: dict[int, Opened], start: Decimal
) -> list[Setting]:
    """Set a divisor anew at every open, so that the close before has exactly its published level."""
    settings, places = [Setting.of(valuation.first, start)], method.rounding.level_decimals
    for session in range(valuation.first + 1, valuation.first + valuation.counts.shape[1]):
        closing = valuation.exact(session - 1)
        level = round_half_up(closing / Fraction(*settings[-1].ratio), places)
        if level == 0:
            raise CalculationError(f"{method.name}: the published level is 0 before {market.sessions[session]}")
        above, below = (closing * 10**places / level).as_integer_ratio()
        opened = openings.get(session, _UNMOVED)
        rounded = significant(above * opened.opening, below * opened.counted, method.rounding.divisor_digits)
        settings.append(Setting(session, *rounded))
    return settings


_UNMOVED = Opened(1, 1, 1)


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


def _add_amounts(amounts: ActionAmounts, openings: dict[int, Opened], valuation: Valuation, variant: str) -> None:
    """Add what is the same amount for every share to the opening values of a variant."""
    finer: dict[int, tuple[int, int, int]] = {}  # by unit, the common one and how many of it each of the two is
    for session, amount in amounts.by_session(variant).items():
        if session in openings:
            opening, counted, unit = openings[session]
        else:
            counted, unit = valuation.ratio(session - 1)
            opening = counted
        if unit not in finer:
            common = lcm(unit, amounts.scale)
            finer[unit] = common, common // unit, common // amounts.scale
        common, of_value, of_amount = finer[unit]
        openings[session] = Opened(opening * of_value + amount * of_amount, counted * of_value, common)


def _over_one_unit(closing: int, unit: int, amount: Fraction, revalued: Fraction) -> Opened:
    common = lcm(unit, amount.denominator, revalued.denominator)
    value = closing * (common // unit)
    return Opened(
        value + amount.numerator * (common // amount.denominator),
        value + revalued.numerator * (common // revalued.denominator),
        common,
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
