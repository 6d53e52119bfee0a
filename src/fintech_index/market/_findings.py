"""`data check`: what contradicts itself, or should be looked at, in a folder that keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import CorporateActionError, MarketDataError, Problem
from fintech_index.market._finding import CONTRADICTION, DOUBT, Check, Finding
from fintech_index.market._folder import conforming, existing_folder, read_folder
from fintech_index.market._market import Market
from fintech_index.market._official import official_sessions
from fintech_index.market._price_findings import of_prices
from fintech_index.market._securities import Securities
from fintech_index.market._terms import ACTING_KINDS
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray


_LONG = 60  # sessions


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
        market = Market(tables, "XSHG", Securities.from_table(tables["securities"], aliases))
    except MarketDataError as error:
        return Check(list(error.problems) or [Problem(str(folder), error.summary)], [])
    return _ordered(market, [*_counts(tables["shares"]), *_empty_securities(tables, market)], doubts)


def check_market(market: Market) -> Check:
    """Look for all that can be said against a market in memory, which keeps the contract."""
    return _ordered(market, [], ())


def terms_in_doubt(market: Market) -> list[Finding]:
    """Give the ex-dates whose terms do not lead to the exchange's reference price, with both prices."""
    return [finding for finding in _reference_prices(market) if finding is not None]


def _ordered(market: Market, of_tables: list[Finding], doubts: tuple[str, ...]) -> Check:
    """Give what is found in a market, with what was found in its tables, in order."""
    compared = list(_reference_prices(market))
    notices = [notice for notice in market.notices if notice not in doubts]
    found = [
        *of_tables,
        *_calendars(market),
        *of_prices(market),
        *_late_counts(market),
        *(finding for finding in compared if finding is not None),
        *_after_removals(market),
        *_no_longer_traded(market),
        *(Finding(DOUBT, "actions", "", "", notice) for notice in notices),
        *(Finding(DOUBT, text.partition(": ")[0], "", "", text.partition(": ")[2]) for text in doubts),
    ]
    ordered = sorted(found, key=lambda each: (each.gravity, each.table, -each.size, each.date, each.security))
    return Check([], ordered, len(compared))


def _calendars(market: Market) -> Iterator[Finding]:
    """Compare the sessions of each exchange's securities with its calendar, unless a `sessions` table says them."""
    if market.sessions_are_given:
        return
    for name, sessions in market.sessions_by_calendar.items():
        yield from _calendar(name, market.sessions[sessions])


def _calendar(exchange: str, sessions: NDArray[np.datetime64]) -> Iterator[Finding]:
    if len(sessions) == 0:
        return
    try:
        official, until = official_sessions(exchange, sessions[0], sessions[-1])
    except ValueError as error:
        yield Finding(
            DOUBT, "prices", "", "", f"the sessions of {exchange} cannot be compared with its calendar: {error}"
        )
        return
    last, end = str(sessions[-1]), str(until)
    within = sessions[sessions <= until]
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


def _late_counts(market: Market) -> Iterator[Finding]:
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


def _reference_prices(market: Market) -> Iterator[Finding | None]:
    """Compare the exchange's reference prices with what the terms make of the close before; None where they agree."""
    if not len(market.actions):
        return
    security, session = market.actions.security, market.actions.session
    pre_close = market.quotes.pre_close[security, session]
    compared = np.isfinite(pre_close) & (session > market.panel.first_session[security])
    pairs = zip(security[compared].tolist(), session[compared].tolist(), pre_close[compared].tolist(), strict=True)
    for each in sorted(set(pairs)):
        yield from _reference_price(market, each[0], each[1], exact(each[2]))


def _reference_price(market: Market, security: int, session: int, exchange: Fraction) -> Iterator[Finding | None]:
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


def _after_removals(market: Market) -> Iterator[Finding]:
    """Find prices of securities that have left, and those that have left without an action that says so."""
    for security, session in sorted(market.actions.removals.items()):
        code, date = market.securities.codes[security], market.sessions[session]
        first = max(session, int(market.panel.first_session[security]))
        count = sum(not market.panel.suspended(security, at) for at in range(first, len(market.sessions)))
        if count:
            what = f"{count} prices after the security has left on {date}"
            yield Finding(CONTRADICTION, "prices", str(date), code, what)
    for security, code in enumerate(market.securities.codes):
        delisted = market.securities.delisted[security]
        within = delisted is not None and market.sessions[0] < np.datetime64(delisted) <= market.sessions[-1]
        if within and security not in market.actions.removals:
            what = "delisted, and no `delisting` in `actions`: an index that holds it would carry its last price on"
            yield Finding(DOUBT, "securities", str(delisted), code, what)


def _no_longer_traded(market: Market) -> Iterator[Finding]:
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


def _empty_securities(tables: dict[str, pa.Table], market: Market) -> Iterator[Finding]:
    for table in ("prices", "shares"):
        seen = set(tables[table].column("security").unique().to_pylist())
        for code in market.securities.codes:
            if code not in seen:
                yield Finding(DOUBT, table, "", code, f"a security of `securities` without a row in `{table}`")
