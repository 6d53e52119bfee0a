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
from fintech_index.rounding import exact, round_to_tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray


CONTRADICTION, DOUBT = "contradiction", "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: how grave, which table, on what date and security, and what."""

    gravity: str
    table: str
    date: str
    security: str
    what: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.date, self.security) if part)
        return f"{self.gravity}: {self.table}{f' {where}' if where else ''}: {self.what}"


def check_folder(folder: str | Path) -> tuple[list[Problem], list[Finding]]:
    """Give all that is wrong with a folder: breaches of the contract, and, where there are none, findings.

    Raises
    ------
    MarketDataError
        There is no such folder.
    """
    folder = existing_folder(folder)
    raw, problems = read_folder(folder)
    tables, aliases = conforming(raw, problems)
    if problems:
        return problems, []
    try:
        market = MarketData(tables, "XSHG", aliases)
    except MarketDataError as error:
        return list(error.problems) or [Problem(str(folder), error.summary)], []
    return [], findings(tables, market)


def findings(tables: dict[str, pa.Table], market: MarketData) -> list[Finding]:
    """Give all findings, contradictions first."""
    found = [
        *_calendars(tables["prices"], market),
        *_counts(tables["shares"]),
        *_late_counts(market),
        *_reference_prices(tables["prices"], market),
        *(Finding(DOUBT, "actions", "", "", notice) for notice in market.notices),
        *_empty_securities(tables, market),
    ]
    return sorted(found, key=lambda each: (each.gravity, each.table, each.date, each.security))


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
        who = np.array([security])
        before = int(market.shares.free_float(who, market.sessions[day.session - 1])[0])
        now = int(market.shares.free_float(who, market.sessions[day.session])[0])
        if before == now and before > 0:
            what = f"free_float {now} has not moved on the ex-date of a bonus of {float(day.bonus)}"
            yield Finding(CONTRADICTION, "shares", str(day.date), day.security, what)


def _reference_prices(prices: pa.Table, market: MarketData) -> Iterator[Finding]:
    """Compare the exchange's reference price with the close before and the terms."""
    given = prices.filter(prices.column("pre_close").is_valid())
    if len(given) == 0:
        return
    index = market.securities.index
    security = np.array([index[code] for code in given.column("security").to_pylist()])
    session = np.searchsorted(market.sessions, given.column("date").to_numpy().astype("datetime64[D]"))
    pre_close = given.column("pre_close").to_numpy()
    later = session > market.panel.first[security]
    security, session, pre_close = security[later], session[later], pre_close[later]
    before = market.panel.values[security, session - 1] / market.panel.unit
    ex_dates = set(zip(market.actions.security.tolist(), market.actions.session.tolist(), strict=True))
    for at in np.flatnonzero(pre_close != before):
        who, when = int(security[at]), int(session[at])
        if (who, when) not in ex_dates:
            what = f"reference price {pre_close[at]} of the exchange after a close of {before[at]}, without terms"
            yield Finding(DOUBT, "prices", str(market.sessions[when]), market.securities.codes[who], what)
    for who, when, exchange in zip(security.tolist(), session.tolist(), pre_close.tolist(), strict=True):
        if (who, when) in ex_dates:
            yield from _reference_price(market, who, when, exact(exchange))


def _reference_price(market: MarketData, security: int, session: int, exchange: Fraction) -> Iterator[Finding]:
    price, tick = market.panel.price(security, session - 1), market.securities.tick[security]
    code, date = market.securities.codes[security], str(market.sessions[session])
    days = market.actions.on(security, session)
    if tick is None or any(action.price is None for day in days for action in day.of_kinds(("spin_off",))):
        return
    try:
        for day in days:
            price = round_to_tick(day.reference_price(price), tick)
    except CorporateActionError as error:
        yield Finding(DOUBT, "actions", date, code, error.summary)
        return
    if price != exchange:
        what = f"the terms give a reference price of {float(price)}, the exchange has {float(exchange)}"
        yield Finding(DOUBT, "actions", date, code, what)


def _empty_securities(tables: dict[str, pa.Table], market: MarketData) -> Iterator[Finding]:
    for table in ("prices", "shares"):
        seen = set(tables[table].column("security").unique().to_pylist())
        for code in market.securities.codes:
            if code not in seen:
                yield Finding(DOUBT, table, "", code, f"a security of `securities` without a row in `{table}`")
