"""`data check`: what contradicts itself, or should be looked at, in a folder that keeps the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import CorporateActionError, MarketDataError, Problem
from fintech_index.market._data import MarketData
from fintech_index.market._folder import conforming, existing_folder, read_folder
from fintech_index.market._securities import Securities
from fintech_index.market._terms import ACTING_KINDS
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray


CONTRADICTION, DOUBT = "contradiction", "doubt"
_LONG = 60  # sessions


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: how grave, which table, on what date and security, what, and its size (a fraction) if it has one."""

    gravity: str
    table: str
    date: str
    security: str
    what: str
    size: float = 0.0

    def __str__(self) -> str:
        where = " ".join(part for part in (self.date, self.security) if part)
        return f"{self.gravity}: {self.table}{f' {where}' if where else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class Check:
    """What a check has found.

    Attributes
    ----------
    broken : list of Problem
        Breaches of the contract; where there are any, nothing else is looked at.
    findings : list of Finding
        Contradictions first; differences of reference prices by size, the largest first.
    reference_prices : int
        How many computed reference prices were compared with the exchange's.
    """

    broken: list[Problem]
    findings: list[Finding]
    reference_prices: int = 0

    @property
    def contradictions(self) -> int:
        """How many findings are contradictions."""
        return sum(finding.gravity == CONTRADICTION for finding in self.findings)


def check_folder(folder: str | Path) -> Check:
    """Look for all that is wrong with a folder: breaches of the contract, and, where there are none, findings.

    Raises
    ------
    MarketDataError
        There is no such folder.
    """
    folder = existing_folder(folder)
    raw, problems = read_folder(folder)
    tables, aliases, doubts = conforming(raw, problems)
    if problems:
        return Check(problems, [])
    try:
        market = MarketData(tables, "XSHG", Securities.from_table(tables["securities"], aliases))
    except MarketDataError as error:
        return Check(list(error.problems) or [Problem(str(folder), error.summary)], [])
    given = _given(tables["prices"], market)
    compared = list(_reference_prices(given, market))
    found = [
        *_calendars(tables["prices"], market),
        *_counts(tables["shares"]),
        *_late_counts(market),
        *(finding for finding in compared if finding is not None),
        *_unexplained(given, market),
        *_after_removals(tables["prices"], market),
        *_no_longer_traded(market),
        *(Finding(DOUBT, "actions", "", "", notice) for notice in market.notices),
        *(Finding(DOUBT, text.partition(": ")[0], "", "", text.partition(": ")[2]) for text in doubts),
        *_empty_securities(tables, market),
    ]
    ordered = sorted(found, key=lambda each: (each.gravity, each.table, -each.size, each.date, each.security))
    return Check([], ordered, len(compared))


def _calendars(prices: pa.Table, market: MarketData) -> Iterator[Finding]:
    """Compare the sessions of each exchange's securities with its calendar, as far as that one reaches."""
    exchange = np.array(market.securities.calendar)
    security = pc.index_in(prices.column("security"), pa.array(market.securities.codes)).to_numpy()
    dates = prices.column("date").to_numpy().astype("datetime64[D]")
    for name in np.unique(exchange):
        yield from _calendar(str(name), np.unique(dates[exchange[security] == name]))


def _calendar(exchange: str, sessions: NDArray[np.datetime64]) -> Iterator[Finding]:
    import exchange_calendars

    if len(sessions) == 0:
        return
    first, last = str(sessions[0]), str(sessions[-1])
    try:
        calendar = exchange_calendars.get_calendar(exchange, start=first)
        end = min(last, str(calendar.last_session.date()))
        official = calendar.sessions_in_range(first, end).to_numpy().astype("datetime64[D]")
    except (exchange_calendars.errors.CalendarError, ValueError) as error:
        yield Finding(
            DOUBT, "prices", "", "", f"the sessions of {exchange} cannot be compared with its calendar: {error}"
        )
        return
    within = sessions[sessions <= np.datetime64(end)]
    for date in np.setdiff1d(within, official):
        yield Finding(CONTRADICTION, "prices", str(date), "", f"prices on a day that is no session of {exchange}")
    for date in np.setdiff1d(official, within):
        yield Finding(CONTRADICTION, "prices", str(date), "", f"no prices on a session of {exchange}")
    if end < last:
        yield Finding(
            DOUBT, "prices", end, "", f"the calendar of {exchange} ends here; later sessions are not compared"
        )


def _counts(shares: pa.Table) -> Iterator[Finding]:
    for more, less in (("free_float", "float"), ("float", "total")):
        rows = shares.filter(pc.greater(shares.column(more), shares.column(less))).select(
            ["effective", "security", more, less]
        )
        for row in rows.to_pylist():
            what = f"{more} {row[more]} is more than {less} {row[less]}"
            yield Finding(DOUBT, "shares", str(row["effective"]), row["security"], what)


def _late_counts(market: MarketData) -> Iterator[Finding]:
    """Find counts that a bonus has not moved: they stand on another basis than the price beside them."""
    for security, day in market.actions:
        if not day.bonus or day.session == 0:
            continue
        number = np.array([security])
        before = int(market.shares.free_float(number, market.sessions[day.session - 1])[0])
        now = int(market.shares.free_float(number, market.sessions[day.session])[0])
        if before == now and before > 0:
            what = f"free_float {now} has not moved on the ex-date of a bonus of {float(day.bonus)}"
            yield Finding(CONTRADICTION, "shares", str(day.date), day.security, what)


@dataclass(frozen=True, slots=True)
class _Given:
    """The exchange's reference prices of sessions after a security's first, one entry a row."""

    security: NDArray[np.int64]
    session: NDArray[np.int64]
    pre_close: NDArray[np.float64]
    at_ex_date: NDArray[np.bool_]


def _given(prices: pa.Table, market: MarketData) -> _Given:
    given = prices.filter(prices.column("pre_close").is_valid())
    security = pc.index_in(given.column("security"), pa.array(market.securities.codes, pa.string())).to_numpy()
    session = np.searchsorted(market.sessions, given.column("date").to_numpy().astype("datetime64[D]"))
    later = session > market.panel.first_session[security]
    security, session = security[later].astype(np.int64), session[later]
    width = len(market.sessions)
    ex_dates = np.isin(security * width + session, market.actions.security * width + market.actions.session)
    return _Given(security, session, given.column("pre_close").to_numpy()[later], ex_dates)


def _unexplained(given: _Given, market: MarketData) -> Iterator[Finding]:
    """Find reference prices of the exchange that are not the close before, on days without terms."""
    before = market.panel.values[given.security, given.session - 1] / market.panel.unit
    for at in np.flatnonzero((given.pre_close != before) & ~given.at_ex_date):
        code, date = market.securities.codes[given.security[at]], str(market.sessions[given.session[at]])
        what = f"reference price {given.pre_close[at]} of the exchange after a close of {before[at]}, without terms"
        yield Finding(DOUBT, "prices", date, code, what, abs(given.pre_close[at] / before[at] - 1))


def _reference_prices(given: _Given, market: MarketData) -> Iterator[Finding | None]:
    """Compare the exchange's reference prices with what the terms make of the close before; None where they agree."""
    for at in np.flatnonzero(given.at_ex_date):
        yield from _reference_price(
            market, int(given.security[at]), int(given.session[at]), exact(float(given.pre_close[at]))
        )


def _reference_price(market: MarketData, security: int, session: int, exchange: Fraction) -> Iterator[Finding | None]:
    price, tick = market.panel.price(security, session - 1), market.securities.tick[security]
    code, date = market.securities.codes[security], str(market.sessions[session])
    days = market.actions.on(security, session)
    unpriced = any(action.price is None for day in days for action in day.of_kinds(("spin_off",)))
    if tick is None or unpriced or not any(day.of_kinds(ACTING_KINDS) for day in days):
        return
    try:
        for day in days:
            price = day.ticked_reference_price(price, tick)
    except CorporateActionError as error:
        yield Finding(DOUBT, "actions", date, code, error.summary)
        return
    if price == exchange:
        yield None
        return
    size = abs(float(price / exchange) - 1)
    apart = float(abs(price - exchange))
    what = f"the terms give a reference price of {float(price)}, the exchange has {float(exchange)} ({apart} off)"
    yield Finding(DOUBT, "actions", date, code, what, size)


def _after_removals(prices: pa.Table, market: MarketData) -> Iterator[Finding]:
    """Find prices of securities that have left, and those that have left without an action that says so."""
    for security, session in sorted(market.actions.removals.items()):
        code, date = market.securities.codes[security], market.sessions[session]
        later = pc.and_(pc.equal(prices.column("security"), code), pc.greater_equal(prices.column("date"), date.item()))
        count = pc.sum(later).as_py() or 0
        if count:
            what = f"{count} prices after the security has left on {date}"
            yield Finding(CONTRADICTION, "prices", str(date), code, what)
    for security, code in enumerate(market.securities.codes):
        delisted = market.securities.delisted[security]
        within = delisted is not None and market.sessions[0] < np.datetime64(delisted) <= market.sessions[-1]
        if within and security not in market.actions.removals:
            what = "delisted, and no `delisting` in `actions`: an index that holds it would carry its last price on"
            yield Finding(DOUBT, "securities", str(delisted), code, what)


def _no_longer_traded(market: MarketData) -> Iterator[Finding]:
    """Find securities that have not traded for long, and that nothing says have left."""
    end = len(market.sessions) - 1
    for security, code in enumerate(market.securities.codes):
        last = market.panel.last_close(security)
        if (
            0 <= last <= end - _LONG
            and security not in market.actions.removals
            and not market.securities.delisted[security]
        ):
            what = f"no price since, for {end - last} sessions: an index that holds it carries this one on"
            yield Finding(DOUBT, "prices", str(market.sessions[last]), code, what)


def _empty_securities(tables: dict[str, pa.Table], market: MarketData) -> Iterator[Finding]:
    for table in ("prices", "shares"):
        seen = set(tables[table].column("security").unique().to_pylist())
        for code in market.securities.codes:
            if code not in seen:
                yield Finding(DOUBT, table, "", code, f"a security of `securities` without a row in `{table}`")
