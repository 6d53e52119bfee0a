"""Review dates and calendar months, on a market's own sessions."""

from __future__ import annotations

import calendar as _month_lengths
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from fintech_index.errors import RequestError, ReviewError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import DateRule, Methodology, Review


@dataclass(frozen=True, slots=True)
class ReviewDates:
    """The dates of one review, as sessions: prices and shares of `price_date` make the basket of `effective`.

    `announcement` is None where the methodology does not say it.
    """

    cutoff: int
    price_date: int
    effective: int
    announcement: int | None = None


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
    if len(market.future_sessions):
        return market.future_sessions[market.future_sessions <= np.datetime64(until)]
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


def review_dates(
    method: Methodology, sessions: NDArray[np.datetime64], base: int, common: NDArray[np.int64] | None = None
) -> Iterator[ReviewDates]:
    """Give the dates of every review that takes effect after the base session and within the sessions.

    `common` are the sessions that dates may fall on, where these are not all.

    Raises
    ------
    ReviewError
        The sessions do not reach back to a date of a review, or its dates are in no order.
    """
    rule = method.review
    places = np.arange(len(sessions)) if common is None else common
    days = _Days(method.name, sessions[places])
    first, last = sessions[base].item(), sessions[-1].item()
    for year in range(first.year, last.year + 1):
        for month in rule.months:
            begin = dt.date(year, month, 1)
            effective = days.effective(rule, begin)
            if effective is None or not base < places[effective] < len(sessions):
                continue
            days.effective_date = days.dates[effective]
            at = {
                name: int(places[days.place(name, getattr(rule, name), begin, effective)])
                for name in ("cutoff", "price_date", "announcement")
                if getattr(rule, name) is not None
            }
            dates = ReviewDates(effective=int(places[effective]), **at)
            _require_order(method.name, sessions, dates)
            yield dates


def _require_order(index: str, sessions: NDArray[np.datetime64], dates: ReviewDates) -> None:
    late = [
        f"{name} {sessions[at]}"
        for name, at in (("cut-off", dates.cutoff), ("price date", dates.price_date))
        if at >= dates.effective
    ]
    where = f"{index}: the review effective {sessions[dates.effective]} has its"
    if late:
        raise ReviewError(f"{where} {late[0]} not before it")
    if dates.announcement is not None and not dates.cutoff <= dates.announcement <= dates.effective:
        raise ReviewError(
            f"{where} announcement on {sessions[dates.announcement]}, which is not from its cut-off "
            f"{sessions[dates.cutoff]} on and up to it"
        )


class _Days:
    """The sessions that review dates fall on."""

    def __init__(self, index: str, dates: NDArray[np.datetime64]) -> None:
        self.index, self.dates = index, dates
        self.effective_date = dates[-1]

    def effective(self, rule: Review, month: dt.date) -> int | None:
        """Give the effective session of the review of a month; None where the data does not reach it."""
        if rule.effective_on is None:
            anchor = nth_weekday(month.year, month.month, rule.effective_after.weekday.number, rule.effective_after.nth)
            return self._after(anchor)
        begin, end = _month(month, rule.effective_on.months_before)
        start, stop = (int(np.searchsorted(self.dates, day)) for day in (begin, end))
        to_come = int(np.busday_count(self.dates[-1] + 1, end)) if end > self.dates[-1] else 0
        if start == stop or ((rule.effective_on.session or 0) < 0 and to_come):
            return None
        place = self._in_month("effective date", rule.effective_on, month)
        return place if place < len(self.dates) else None

    def place(self, name: str, rule: DateRule, month: dt.date, effective: int) -> int:
        """Give a date of the review of a month."""
        date_name = {"cutoff": "cut-off", "price_date": "price date"}.get(name, name)
        if rule.sessions_before is None:
            place = self._in_month(date_name, rule, month)
            if not 0 <= place < len(self.dates):
                self._refuse(date_name, f"outside the market data ({self.dates[0]} to {self.dates[-1]})")
            return place
        if effective < rule.sessions_before:
            self._refuse(
                date_name, f"{rule.sessions_before} sessions before, and the market data begins on {self.dates[0]}"
            )
        return effective - rule.sessions_before

    def _in_month(self, date_name: str, rule: DateRule, month: dt.date) -> int:
        begin, end = _month(month, rule.months_before)
        start, stop = (int(np.searchsorted(self.dates, day)) for day in (begin, end))
        if start == stop:
            which = "on the last session of" if rule.session == -1 else "in"
            self._refuse(
                date_name, f"{which} {str(begin)[:7]}, of which the market data (from {self.dates[0]}) has none"
            )
        if rule.weekday is not None and rule.nth is not None:
            month = add_months(month, -rule.months_before)
            anchor = np.datetime64(nth_weekday(month.year, month.month, rule.weekday.number, rule.nth))
            place = int(np.searchsorted(self.dates, anchor, side="right" if rule.holiday == "previous" else "left"))
            place -= rule.holiday == "previous"
        else:
            nth = rule.session or 0
            place = start + nth - 1 if nth > 0 else stop + nth
            if not start <= place < stop:
                raise ReviewError(
                    f"{self.index}: the {date_name} of a review is session {nth} of {str(begin)[:7]}, "
                    f"which has {stop - start}"
                )
        return place + rule.move

    def _after(self, day: dt.date) -> int | None:
        place = int(np.searchsorted(self.dates, np.datetime64(day), side="right"))
        return place if place < len(self.dates) else None

    def _refuse(self, date_name: str, why: str) -> NoReturn:
        raise ReviewError(
            f"{self.index}: the review effective {self.effective_date} has its {date_name} {why}: give earlier "
            "data, or a base date after this review"
        )


def _month(month: dt.date, months_before: int) -> tuple[np.datetime64, np.datetime64]:
    """Give the first day of a month so many months before, and that of the next one."""
    begin, end = (np.datetime64(add_months(month, shift)) for shift in (-months_before, 1 - months_before))
    return begin, end
