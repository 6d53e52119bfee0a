"""The market as an index sees it: the days on which it has a level, carried prices, carried exchange rates."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import ReviewError, did_you_mean
from fintech_index.reviews._universe import universe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def as_seen_by(method: Methodology, market: MarketData, held: Sequence[str] | None = None) -> MarketData:
    """Give the market as an index sees it: on the sessions of its `calendar` rule, its basis of terms, its rates.

    Its markets are the exchanges of the securities `held`, or of its universe. A session of a market is a day on which
    something there has a price; exchanges of one country with common holidays are one market.

    Raises
    ------
    ReviewError
        There is no session that all of the markets share, or `calendar.home` is not among the exchanges of the data.
    """
    market = market.on_basis(method.actions.basis)  # with every close, those of days without a level among them
    rule = method.calendar
    if rule.sessions != "any":
        kept = _sessions(method, market, held)
        if len(kept) < len(market.sessions):
            market = market.on_sessions(kept)
    return market.carrying_rates(method.fx.carry_sessions) if method.fx.carry_sessions else market


def _sessions(method: Methodology, market: MarketData, held: Sequence[str] | None) -> np.ndarray:
    known = market.securities
    if method.calendar.sessions == "home":
        home = next(
            (name for place, name in zip(known.exchange, known.calendar, strict=True) if place == method.calendar.home),
            method.calendar.home,
        )
        if home not in market.open_on:
            raise ReviewError(
                f"{method.name}: calendar.home is {method.calendar.home!r}, and the data has no prices of that "
                f"exchange: {did_you_mean(method.calendar.home, set(known.exchange))}"
            )
        return market.open_on[home]
    return common_sessions(method, market, held)


def common_sessions(method: Methodology, market: MarketData, held: Sequence[str] | None = None) -> np.ndarray:
    """Give the sessions on which all markets of an index traded: of what it holds, or of its universe."""
    known = market.securities
    numbers = (
        universe(method, market).tolist()
        if held is None
        else [known.index[code] for code in held if code in known.index]
    )
    markets = sorted({known.calendar[who] for who in numbers} & market.open_on.keys())
    every = [market.open_on[name] for name in markets]
    kept = reduce(np.intersect1d, every) if every else np.arange(len(market.sessions))
    if len(kept) == 0:
        raise ReviewError(f"{method.name}: there is no day on which all of its markets ({', '.join(markets)}) traded")
    return kept
