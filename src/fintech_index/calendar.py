"""Review dates and calendar months, on a market's own sessions."""

from __future__ import annotations

import calendar as _month_lengths
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import RequestError, ReviewError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class ReviewDates:
    """The dates of one review, as sessions: prices and shares of `price_date` make the basket of `effective`."""

    cutoff: int
    price_date: int
    effective: int


def add_months(date: dt.date, months: int) -> dt.date:
    """Give the day so many calendar months later, clipped to the month's end: 31 August and 6 months is 28 February."""
    month = date.year * 12 + date.month - 1 + months
    year, month = month // 12, month % 12 + 1
    if year > dt.MAXYEAR:
        return dt.date.max
    return date.replace(year=year, month=month, day=min(date.day, _month_lengths.monthrange(year, month)[1]))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> dt.date:
    """Give the nth such weekday (Monday is 0) of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def sessions_to_come(market: MarketData, exchange: str, until: dt.date) -> NDArray[np.datetime64]:
    """Give the sessions after a market's last one up to a date: those its `sessions` table has, or an exchange's own.

    Raises
    ------
    RequestError
        The exchange's calendar is not known, or does not reach that far.
    """
    last = market.sessions[-1]
    if len(market.announced):
        return market.announced[market.announced <= np.datetime64(until)]
    import exchange_calendars

    try:
        calendar = exchange_calendars.get_calendar(exchange, start=str(last))
        ends: dt.date = calendar.last_session.date()
        if until > ends:
            raise RequestError(
                f"the calendar of {exchange} ends on {ends}, before {until}: give a `sessions` table, or an earlier end"
            )
        days = calendar.sessions_in_range(str(last), str(until)).to_numpy().astype("datetime64[D]")
    except (exchange_calendars.errors.CalendarError, ValueError) as error:
        raise RequestError(f"the sessions of {exchange} up to {until} are not known: {error}") from error
    coming: NDArray[np.datetime64] = days[days > last]
    return coming


def review_dates(method: Methodology, sessions: NDArray[np.datetime64], base: int) -> Iterator[ReviewDates]:
    """Give the dates of every review that takes effect after the base session and within the sessions.

    Raises
    ------
    ReviewError
        The sessions do not reach back to a review's cut-off or price date.
    """
    rule = method.review
    first, last = sessions[base].item(), sessions[-1].item()
    for year in range(first.year, last.year + 1):
        for month in rule.months:
            anchor = nth_weekday(year, month, rule.effective_after.weekday.number, rule.effective_after.nth)
            effective = int(np.searchsorted(sessions, np.datetime64(anchor), side="right"))
            if base < effective < len(sessions):
                yield ReviewDates(
                    cutoff=_cutoff(
                        method.name, sessions, dt.date(year, month, 1), rule.cutoff_months_before, sessions[effective]
                    ),
                    price_date=_price_date(method.name, sessions, effective, rule.price_date_sessions_before),
                    effective=effective,
                )


def _cutoff(
    index: str, sessions: NDArray[np.datetime64], month: dt.date, months_before: int, effective: np.datetime64
) -> int:
    start, stop = (np.datetime64(add_months(month, shift)) for shift in (-months_before, 1 - months_before))
    session = int(np.searchsorted(sessions, stop)) - 1
    if session < 0 or sessions[session] < start:
        raise ReviewError(
            f"{index}: the review effective {effective} has its cut-off on the last session of {str(start)[:7]}, of "
            f"which the market data (from {sessions[0]}) has none: give earlier data, or a base date after this review"
        )
    return session


def _price_date(index: str, sessions: NDArray[np.datetime64], effective: int, sessions_before: int) -> int:
    if effective < sessions_before:
        raise ReviewError(
            f"{index}: the review effective {sessions[effective]} has its price date {sessions_before} sessions "
            f"before, and the market data begins on {sessions[0]}: give earlier data, or a base date after this review"
        )
    return effective - sessions_before
