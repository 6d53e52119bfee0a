"""Baskets between reviews: a constituent that becomes ST leaves in the following month, and comes back after it.

On the session after the second Friday of a month leaves who had an excluded status at the end of the month before, and
comes back who no longer had one (CNI, ChiNext Composite, maintenance from 2025-07-25). The basket is the last review's
without the leavers, on the same price date, so that corporate actions since then reach it. A count that is a number is
made up from the reserve list; who has been replaced does not come back before the next review.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import nth_weekday
from fintech_index.errors import ReviewError
from fintech_index.reviews._eligibility import screen
from fintech_index.reviews._membership import next_reserve
from fintech_index.reviews._weighting import weight_basket

if TYPE_CHECKING:
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews._basket_rows import BasketRows
    from fintech_index.reviews._outcome import Outcome

_FRIDAY, _SECOND = 4, 2


def months(
    method: Methodology, market: MarketData, outcome: Outcome, basket: BasketRows, until: int
) -> list[BasketRows]:
    """Give the baskets of the months after a review, before a session, in which a status makes a difference."""
    found: list[BasketRows] = []
    could_be_in = _could_be_in(method, market, outcome, basket)
    members, left, places = set(basket.securities), set[int](), len(basket.securities)
    for session, month_end in _monthly_sessions(market, basket.effective, until):
        gone = {security for security in members if market.actions.removals.get(security, session + 1) <= session}
        places -= len(gone)  # what the market leaves empty stays so
        members -= gone
        held = _held(method, market, could_be_in, session, month_end, members, left, places)
        if not held:
            raise ReviewError(
                f"{method.name}: by its monthly status rule no constituent is left on {market.sessions[session]}"
            )
        left |= members - held
        if held != members:
            members = held
            found.append(_of(could_be_in, sorted(members), session))
    return found


def _monthly_sessions(market: MarketData, after: int, until: int) -> list[tuple[int, dt.date]]:
    """Give the sessions after second Fridays between two reviews, each with the last day of the month before."""
    first, last = market.sessions[after].item(), market.sessions[-1].item()
    found = []
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        friday = nth_weekday(month // 12, month % 12 + 1, _FRIDAY, _SECOND)
        session = int(np.searchsorted(market.sessions, np.datetime64(friday), side="right"))
        if after < session < until:
            found.append((session, dt.date(month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)))
    return found


def _could_be_in(method: Methodology, market: MarketData, outcome: Outcome, basket: BasketRows) -> BasketRows:
    """Give a basket with those that only their status kept out, uncapped, and with the reserve."""
    more = list(basket.reserve)
    if method.selection.count == "all":  # those that only their status kept out: they pass the rules after it as well
        without = screen(method, market, outcome.dates, (*outcome.screening.waived, "status")).eligible
        more = np.intersect1d(without, outcome.screening.failing("status")).tolist()
    more = [security for security in more if market.panel.first_session[security] <= outcome.dates.price_date]
    if not more:
        return basket
    uncapped = method.model_copy(update={"weighting": method.weighting.model_copy(update=_NO_CAPS)})
    weighted = weight_basket(uncapped, market, more, outcome.dates, outcome.after.bands)
    every = [*basket.securities, *more]
    order = sorted(range(len(every)), key=lambda at: every[at])
    shares = [*basket.index_shares, *weighted.index_shares]
    floats = [*basket.free_float, *weighted.free_float]
    factors = [*basket.factors, *weighted.factors]
    return replace(
        basket,
        securities=[every[at] for at in order],
        index_shares=[shares[at] for at in order],
        free_float=[floats[at] for at in order],
        factors=[factors[at] for at in order],
    )


_NO_CAPS: dict[str, object] = {
    "single_cap": None,
    "single_caps": {},
    "group_cap": None,
    "group_caps": {},
    "top": None,
    "large": None,
    "minimum_weight": None,
    "nasdaq_100": None,
}


def _held(
    method: Methodology,
    market: MarketData,
    could_be_in: BasketRows,
    session: int,
    month_end: dt.date,
    members: set[int],
    left: set[int],
    places: int,
) -> set[int]:
    """Give who is in from a monthly session on; `left` are those who have left since the review by their status."""
    codes, kinds = market.securities.codes, method.eligibility.status.exclude
    gone = {security for security, removed in market.actions.removals.items() if removed <= session}
    out = {
        security
        for security in could_be_in.securities
        if market.statuses.on(codes[security], month_end, kinds) is not None
    }
    if method.selection.count == "all":
        return set(could_be_in.securities) - out - gone
    held = members - out
    while len(held) < places:
        newcomer = next_reserve(method, market, could_be_in.reserve, held | out | left, session)
        if newcomer is None:
            break
        held.add(newcomer)
    return held


def _of(rows: BasketRows, members: list[int], session: int) -> BasketRows:
    at = [list(rows.securities).index(security) for security in members]
    return replace(
        rows,
        effective=session,
        securities=members,
        index_shares=[rows.index_shares[each] for each in at],
        free_float=[rows.free_float[each] for each in at],
        factors=[rows.factors[each] for each in at],
    )
