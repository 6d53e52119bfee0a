"""The market as one index sees it: its universe, its sessions, its carried prices and rates, and sessions to come."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import sessions_to_come
from fintech_index.errors import Problem, ReviewError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def for_index(method: Methodology, market: MarketData, held: Sequence[str] | None = None) -> MarketData:
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


def _sessions(method: Methodology, market: MarketData, held: Sequence[str] | None) -> NDArray[np.int64]:
    known = market.securities
    if method.calendar.sessions == "home":
        home = next(
            (name for place, name in zip(known.exchange, known.calendar, strict=True) if place == method.calendar.home),
            method.calendar.home,
        )
        if home not in market.sessions_by_calendar:
            raise ReviewError(
                f"{method.name}: calendar.home is {method.calendar.home!r}, and the data has no prices of that "
                f"exchange: {did_you_mean(method.calendar.home, set(known.exchange))}"
            )
        return market.sessions_by_calendar[home]
    return common_sessions(method, market, held)


def common_sessions(method: Methodology, market: MarketData, held: Sequence[str] | None = None) -> NDArray[np.int64]:
    """Give the sessions on which all markets of an index traded: of what it holds, or of its universe."""
    known = market.securities
    numbers = (
        universe(method, market).tolist()
        if held is None
        else [number for code in held if (number := known.find(code)) >= 0]
    )
    markets = sorted({known.calendar[security] for security in numbers} & market.sessions_by_calendar.keys())
    every = [market.sessions_by_calendar[name] for name in markets]
    kept = reduce(np.intersect1d, every) if every else np.arange(len(market.sessions))
    if len(kept) == 0:
        raise ReviewError(f"{method.name}: there is no day on which all of its markets ({', '.join(markets)}) traded")
    return kept


def universe(method: Methodology, market: MarketData) -> NDArray[np.int64]:
    """Give the numbers of the securities that the methodology looks at, ascending.

    Raises
    ------
    ReviewError
        A security of `universe.securities` is not in the market data.
    """
    named = method.universe.securities
    if named is None:
        return np.arange(len(market.securities))
    index = market.securities.index
    permanent = [market.securities.permanent(code, dt.date.max) for code in named]
    unknown = [code for code in dict.fromkeys(permanent) if code not in index]
    if unknown:
        raise ReviewError(
            f"{method.name}: {len(unknown)} of the securities in universe.securities are not in the market data",
            [
                Problem("universe.securities", f"unknown security {code!r}", did_you_mean(code, index))
                for code in unknown
            ],
        )
    return np.array(sorted({index[code] for code in permanent}), np.int64)


def with_future_sessions(method: Methodology, market: MarketData, date: dt.date) -> MarketData:
    """Give the market with the sessions to come up to a date, on which nothing trades; as it is where it reaches it.

    Raises
    ------
    RequestError
        The sessions up to the date are not known.
    """
    if market.sessions[-1] >= np.datetime64(date, "D"):
        return market
    dates = sessions_to_come(market, method.calendar.home, date)
    return market.with_sessions_to_come(dates) if len(dates) else market
