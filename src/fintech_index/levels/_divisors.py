"""Divisors: published decimals, moved only by recorded causes so that the level does not move."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from fintech_index.errors import CalculationError
from fintech_index.events import BASKET, Stage
from fintech_index.levels._divisor_changes import VARIANTS, all_changes
from fintech_index.levels._divisor_series import Divisors, DivisorSteps
from fintech_index.levels._reviews import Opened
from fintech_index.rounding import exact, exact_decimal, round_half_up, round_significant, significant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from fintech_index.events import ActionAmounts, Holdings
    from fintech_index.levels._divisor_changes import Change
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

    OpeningValues = dict[int, tuple[int, int, int]]
    """By session, opening value, closing value before, and the unit of both: as in `Opened`."""


def chain(
    method: Methodology,
    market: MarketData,
    holdings: Holdings,
    valuation: Valuation,
    reviews: Reviews,
    by_actions: Sequence[Change],
    start: dict[str, Decimal] | None,
    variants: Sequence[str] = VARIANTS,
) -> Divisors:
    """Carry divisors from session to session: ``D_t = round(D_{t-1} * O_t / (C_{t-1} + R_t))``.

    Opening values of all variants have to be positive; divisors are made of those in `variants`.

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
    steps: dict[str, DivisorSteps] = {}
    openings: dict[str, OpeningValues] = {}
    for variant in VARIANTS:
        openings[variant] = own = _openings(valuation, reviews, by_actions, variant)
        _add_amounts(holdings.amounts, own, valuation, variant)
        alike = [each for each in steps if openings[each] == own and start[each] == start[variant]]
        if alike:
            steps[variant] = steps[alike[0]]
            continue
        for session in sorted(at for at, (opening, counted, _) in own.items() if opening <= 0 or counted <= 0):
            changes = all_changes(method, holdings, reviews, by_actions, valuation)
            raise CalculationError(_not_positive(method, market, valuation, session, variant, changes))
        if variant not in variants:
            continue
        steps[variant] = (
            _on_published_levels(method, market, valuation, own, start[variant])
            if method.chaining.on == "published"
            else _on_full_levels(method, valuation, own, start[variant])
        )
    return Divisors(steps)


def _on_full_levels(method: Methodology, valuation: Valuation, openings: OpeningValues, start: Decimal) -> DivisorSteps:
    """Multiply a divisor by ``opening / counted`` at the sessions at whose open anything moves it."""
    digits = method.rounding.divisor_digits
    least, most = 10 ** (digits - 1), 10**digits
    steps = DivisorSteps.begin(valuation.first, start)
    significand, exponent = steps.significands[0], steps.exponents[0]
    for session, (opening, counted, _) in sorted(openings.items()):
        above = significand * opening
        rounded = (2 * above + counted) // (2 * counted)
        if least < rounded < most:  # as nearly always: it keeps its exponent
            significand = rounded
        else:
            significand, shift = significant(above, counted, digits)
            exponent += shift
        steps.add(session, significand, exponent)
    return steps


def _on_published_levels(
    method: Methodology, market: MarketData, valuation: Valuation, openings: OpeningValues, start: Decimal
) -> DivisorSteps:
    """Set a divisor anew at every open, so that the close before has exactly its published level."""
    steps, places = DivisorSteps.begin(valuation.first, start), method.rounding.level_decimals
    for session in range(valuation.first + 1, valuation.first + valuation.counts.shape[1]):
        closing = valuation.exact(session - 1)
        level = round_half_up(closing / Fraction(*steps.ratio(len(steps) - 1)), places)
        if level == 0:
            raise CalculationError(f"{method.name}: the published level is 0 before {market.sessions[session]}")
        above, below = (closing * 10**places / level).as_integer_ratio()
        opening, counted, _ = openings.get(session, _UNMOVED)
        rounded = significant(above * opening, below * counted, method.rounding.divisor_digits)
        steps.add(session, *rounded)
    return steps


_UNMOVED = Opened(1, 1, 1)


def _base(method: Methodology, market: MarketData, valuation: Valuation) -> Decimal:
    value = valuation.exact(valuation.first)
    if value <= 0:
        raise CalculationError(
            f"{method.name}: the basket of {market.sessions[valuation.first]} has no market value: its shares or "
            "prices are all 0"
        )
    return round_significant(value / exact(method.base.value), method.rounding.divisor_digits)


def _openings(valuation: Valuation, reviews: Reviews, by_actions: Sequence[Change], variant: str) -> OpeningValues:
    """Give what the divisor of a variant is multiplied by, at each session at whose open anything moves it."""
    moved: dict[int, Fraction] = dict(reviews.others)
    performed: dict[int, Fraction] = {}
    for change in by_actions:
        if change.variant == variant:
            if change.session not in moved and change.session in reviews.whole:
                moved[change.session] = reviews.amounts[change.session]
            moved[change.session] = moved.get(change.session, Fraction(0)) + change.amount
            if change.stage is Stage.REVALUATION:
                performed[change.session] = performed.get(change.session, Fraction(0)) + change.amount
    openings: OpeningValues = {session: each for session, each in reviews.whole.items() if each.opening != each.counted}
    for session, amount in moved.items():
        revalued = performed.get(session, Fraction(0))
        if amount or revalued:
            closing, unit = valuation.ratio(session - 1)
            openings[session] = _over_one_unit(closing, unit, amount, revalued)
        else:
            openings.pop(session, None)
    return openings


def _add_amounts(amounts: ActionAmounts, openings: OpeningValues, valuation: Valuation, variant: str) -> None:
    """Add what is the same amount for every share to the opening values of a variant."""
    finer: dict[int, tuple[int, int, int]] = {}  # by unit, the common one and how many of it each of the two is
    for session, amount in amounts.by_session(variant).items():
        moved = openings.get(session)
        if moved is None:
            counted, unit = valuation.ratio(session - 1)
            opening = counted
        else:
            opening, counted, unit = moved
        if unit not in finer:
            common = lcm(unit, amounts.scale)
            finer[unit] = common, common // unit, common // amounts.scale
        common, of_value, of_amount = finer[unit]
        openings[session] = opening * of_value + amount * of_amount, counted * of_value, common


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
