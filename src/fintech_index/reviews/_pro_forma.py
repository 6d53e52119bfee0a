"""The market up to a review that is still to take effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import sessions_to_come

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def reaching(method: Methodology, market: MarketData, date: dt.date) -> MarketData:
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
