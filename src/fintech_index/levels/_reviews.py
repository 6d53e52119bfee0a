"""What new baskets are worth at the closes before they take effect."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.rounding import published_amount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.events import BasketTable, Holdings
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


class Opened(NamedTuple):
    """What a divisor is multiplied by at an open: `opening` over `counted`, both in units of ``1 / unit``."""

    opening: int
    counted: int
    unit: int


@dataclass(frozen=True)
class Reviews:
    """The reviews after the base session, by the session that they take effect on.

    Attributes
    ----------
    whole : dict of int to Opened
        Opening value and closing value before.
    others : dict of int to Fraction
        How much reviews change the opening value that are no such counts: of several currencies, of float prices, or
        with removal prices. In index currency, as published.
    """

    whole: dict[int, Opened]
    others: dict[int, Fraction]

    @cached_property
    def amounts(self) -> dict[int, Fraction]:
        """How much each review changes the opening value, in index currency, by session."""
        exact = {at: Fraction(each.opening - each.counted, each.unit) for at, each in self.whole.items()}
        return dict(sorted({**exact, **self.others}.items()))


def reviews_of(
    method: Methodology, market: MarketData, table: BasketTable, holdings: Holdings, valuation: Valuation
) -> Reviews:
    """Value every basket at the closes and rates of the session before it takes effect, and the one that it follows."""
    effective = table.effective
    later = np.flatnonzero(effective > valuation.first)
    apart = {basket for basket, *_ in holdings.also_opening}
    apart |= {int(at) for at in later if int(effective[at]) in holdings.review_revaluation}
    counts = _counts(market, table, holdings) if valuation.whole else None
    whole: dict[int, Opened] = {}
    others: dict[int, Fraction] = {}
    for basket in later.tolist():
        session = int(effective[basket])
        if counts is None or basket in apart:
            opening = _opening_of(method, market, table, holdings, basket)
            amount = opening - valuation.exact(session - 1) + holdings.review_revaluation.get(session, 0)
            others[session] = published_amount(amount)
        else:
            whole[session] = Opened(counts[basket], *valuation.ratio(session - 1))
    return Reviews(whole, others)


def _counts(market: MarketData, table: BasketTable, holdings: Holdings) -> list[int] | None:
    """Give closes before the effective date x shares of each basket; None where 64 bits may not hold them."""
    securities, shares = table.security, holdings.opening_shares
    begins = np.searchsorted(table.basket, np.arange(len(table.effective)))
    if np.add.reduceat(market.panel.highest[securities] * shares, begins).max() >= HEADROOM:
        return None
    before = np.maximum(table.effective - 1, 0)[table.basket]
    sums: list[int] = np.add.reduceat(market.panel.values[securities, before] * shares, begins).tolist()
    return sums


def _opening_of(
    method: Methodology, market: MarketData, table: BasketTable, holdings: Holdings, basket: int
) -> Fraction:
    """Value a new basket at the closes and rates of the session before it takes effect."""
    start, stop = np.searchsorted(table.basket, [basket, basket + 1])
    session = int(table.effective[basket]) - 1
    also = [(security, shares) for of_basket, security, shares in holdings.also_opening if of_basket == basket]
    securities = np.append(table.security[start:stop], [security for security, _ in also]).astype(np.int64)
    counts = np.append(holdings.opening_shares[start:stop], [shares for _, shares in also]).astype(np.int64)
    own = np.array([market.securities.currency[number] for number in securities])
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
            (panel.price(int(security), session) * int(n) for security, n in zip(securities, shares, strict=True)),
            Fraction(0),
        )
    # Python's integers: who has left by the effective date is counted here, and in no headroom.
    counts = panel.values[securities, session].astype(object) * shares.astype(object)
    return Fraction(int(counts.sum()), 10**panel.decimals)
