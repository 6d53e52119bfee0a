"""Divisors: published decimals, moved only by recorded causes so that the level does not move."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError
from fintech_index.events import BASKET, Stage
from fintech_index.levels._points import as_points
from fintech_index.rounding import exact, exact_decimal, published_amount, round_half_up, round_significant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from numpy.typing import NDArray

    from fintech_index.events import Holdings, Positions
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

VARIANTS = ("price", "gross", "net")


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `divisor_changes`: what moved the opening value of a variant, by how much, in index currency."""

    session: int
    security: int
    cause: str
    variant: str
    amount: Fraction
    stage: Stage = Stage.COMPOSITION


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


def changes_of(
    method: Methodology,
    market: MarketData,
    positions: Positions,
    holdings: Holdings,
    valuation: Valuation,
) -> list[Change]:
    """List every change of an opening value: each review's, and each action's, in the order of a session's open.

    An amount that is no finite decimal is rounded half up to 18 places, and the divisor follows from the rounded one.
    """
    found = []
    for basket in range(1, len(positions.effective)):
        session = int(positions.effective[basket])
        if session <= valuation.first:
            continue
        opening = _opening_of(method, market, positions, holdings, basket)
        amount = opening - valuation.exact(session - 1) + holdings.review_revaluation.get(session, 0)
        found += [Change(session, BASKET, "review", variant, published_amount(amount)) for variant in VARIANTS]
    changes = (
        as_points(holdings.changes, found, valuation) if method.returns.dividends == "points" else holdings.changes
    )
    for change in changes:
        for variant in VARIANTS:
            amount = published_amount(getattr(change, variant))
            if amount:
                found.append(Change(change.session, change.security, change.cause, variant, amount, change.stage))
    if method.chaining.on == "published":
        later = range(valuation.first + 1, valuation.first + valuation.counts.shape[1])
        found += [
            Change(session, BASKET, "published_level", each, Fraction(0)) for session in later for each in VARIANTS
        ]
    return sorted(found, key=lambda change: (change.session, change.security, change.cause))


def _opening_of(
    method: Methodology, market: MarketData, positions: Positions, holdings: Holdings, basket: int
) -> Fraction:
    """Value a new basket at the closes and rates of the session before it takes effect."""
    start, stop = np.searchsorted(positions.basket, [basket, basket + 1])
    session = int(positions.effective[basket]) - 1
    also = [(security, shares) for of_basket, security, shares in holdings.also_opening if of_basket == basket]
    securities = np.append(positions.security[start:stop], [security for security, _ in also]).astype(np.int64)
    counts = np.append(holdings.opening_shares[start:stop], [shares for _, shares in also]).astype(np.int64)
    own = np.array([market.securities.currency[who] for who in securities])
    total = Fraction(0)
    for each in sorted(set(own.tolist())):
        rate = market.fx.rate(each, method.currency, market.sessions[session])
        total += _cum_value(market, securities[own == each], counts[own == each], session) * rate
    opening: Fraction = total / 10**holdings.share_decimals
    return opening


def _cum_value(market: MarketData, securities: NDArray[np.int64], shares: NDArray[np.int64], session: int) -> Fraction:
    """Give closes x shares of one currency."""
    panel = market.panel
    if panel.decimals is None:
        return sum(
            (panel.price(int(who), session) * int(n) for who, n in zip(securities, shares, strict=True)), Fraction(0)
        )
    # Python's integers: who has left by the effective date is counted here, and in no headroom.
    counts = panel.values[securities, session].astype(object) * shares.astype(object)
    return Fraction(int(counts.sum()), 10**panel.decimals)


def chain(
    method: Methodology,
    market: MarketData,
    valuation: Valuation,
    changes: list[Change],
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
    first, digits = valuation.first, method.rounding.divisor_digits
    value = valuation.exact(first)
    if value <= 0:
        raise CalculationError(
            f"{method.name}: the basket of {market.sessions[first]} has no market value: its shares or prices are all 0"
        )
    if start is None:
        base = round_significant(value / exact(method.base.value), digits)
        start = dict.fromkeys(VARIANTS, base)
    sessions = {variant: [first] for variant in VARIANTS}
    values = {variant: [start[variant]] for variant in VARIANTS}
    amounts, revalued = _amounts(changes), _amounts(change for change in changes if change.stage is Stage.REVALUATION)
    published = method.chaining.on == "published"
    steps = range(first + 1, first + valuation.counts.shape[1]) if published else sorted(amounts)
    for session in steps:
        closing = valuation.exact(session - 1)
        for variant in VARIANTS:
            moved = amounts.get(session, {}).get(variant, Fraction(0))
            performed = revalued.get(session, {}).get(variant, Fraction(0))
            if not (moved or performed or published):
                continue
            opening, counted = closing + moved, closing + performed
            if counted <= 0 or opening <= 0:
                raise CalculationError(_not_positive(method, market, session, variant, changes, opening))
            divisor = Fraction(values[variant][-1])
            if published:
                places = method.rounding.level_decimals
                level = round_half_up(closing / divisor, places)
                if level == 0:
                    raise CalculationError(
                        f"{method.name}: the published {variant} level is 0 before {market.sessions[session]}"
                    )
                divisor = closing * 10**places / level
            sessions[variant].append(session)
            values[variant].append(round_significant(divisor * opening / counted, digits))
    return Divisors(sessions, values)


def _amounts(changes: Iterable[Change]) -> dict[int, dict[str, Fraction]]:
    totals: dict[int, dict[str, Fraction]] = {}
    for change in changes:
        of_session = totals.setdefault(change.session, {})
        of_session[change.variant] = of_session.get(change.variant, Fraction(0)) + change.amount
    return totals


def _not_positive(
    method: Methodology, market: MarketData, session: int, variant: str, changes: list[Change], opening: Fraction
) -> str:
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
