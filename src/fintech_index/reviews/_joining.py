"""From the outcomes of reviews to baskets, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.reviews._basket_rows import BasketRows
from fintech_index.reviews._baskets import Baskets
from fintech_index.reviews._monthly import months

if TYPE_CHECKING:
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews._outcome import Outcome


@dataclass(frozen=True, slots=True)
class Chain:
    """Reviews that follow one another, and what is to be said of those that made no basket."""

    outcomes: tuple[Outcome, ...]
    kept: tuple[str, ...]

    def since(self, date: np.datetime64) -> tuple[Outcome, ...]:
        """Give the outcomes effective on a date or later."""
        return tuple(each for each in self.outcomes if np.datetime64(each.effective) >= date)


def to_baskets(method: Methodology, market: MarketData, chain: Chain, since: np.datetime64) -> Baskets:
    """Lay out the baskets effective on a date or later, with those of the months between reviews."""
    rows: list[BasketRows] = []
    for number, outcome in enumerate(chain.outcomes):
        later = chain.outcomes[number + 1 :][:1]
        until = later[0].dates.effective if later else len(market.sessions)
        rows += [rows_of(outcome), *months_of(method, market, outcome, until)]
    rows = [basket for basket in rows if market.sessions[basket.effective] >= since]
    codes, sessions = market.securities.codes, market.sessions
    sizes = [len(basket.securities) for basket in rows]
    return Baskets(
        effective=np.repeat([sessions[basket.effective] for basket in rows], sizes),
        price_date=np.repeat([sessions[basket.price_date] for basket in rows], sizes),
        security=tuple(codes[security] for basket in rows for security in basket.securities),
        index_shares=np.array([count for basket in rows for count in basket.index_shares], np.int64),
        free_float=np.array([count for basket in rows for count in basket.free_float], np.int64),
        capping_factor=tuple(factor for basket in rows for factor in basket.factors),
        share_decimals=method.rounding.share_decimals,
        reserve={
            sessions[basket.effective]: tuple(codes[security] for security in basket.reserve)
            for basket in rows
            if basket.reserve
        },
        outcomes=chain.since(since),
        notices=tuple(
            dict.fromkeys([*(notice for each in chain.since(since) for notice in each.notices), *chain.kept])
        ),
    )


def months_of(method: Methodology, market: MarketData, outcome: Outcome, until: int) -> list[BasketRows]:
    """Give the baskets between a review and a session, where status counts between reviews as well."""
    if method.eligibility.status.when != "monthly":
        return []
    return months(method, market, outcome, rows_of(outcome), until)


def rows_of(outcome: Outcome) -> BasketRows:
    """Give the basket of an outcome."""
    weighted = outcome.weighted
    return BasketRows(
        outcome.dates.effective,
        outcome.shares_date,
        outcome.securities,
        weighted.index_shares,
        weighted.free_float,
        weighted.factors,
        outcome.after.reserve,
    )
