"""The price table of a market, laid out for calculation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import MarketDataError, Problem
from fintech_index.market._actions import Actions
from fintech_index.market._adjusted import refuse_adjusted
from fintech_index.market._carried_closes import build_panel
from fintech_index.market._contract import EXCHANGES
from fintech_index.market._trading import Trading

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._carried_closes import PricePanel
    from fintech_index.market._securities import Securities

_WEEK, _THURSDAY, _FRIDAY, _SUNDAY = 7, 3, 4, 6  # days, from Monday on


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Prices by security and session.

    Attributes
    ----------
    sessions, future_sessions : datetime64[D] arrays
        The sessions up to the last price, and those after it that a table announces.
    actions : Actions
        The actions on these sessions.
    panel : PricePanel
    trading : Trading
    sessions_by_calendar : dict of str to int arrays
        The sessions on which each exchange calendar (by its MIC) had prices.
    """

    sessions: NDArray[np.datetime64]
    future_sessions: NDArray[np.datetime64]
    actions: Actions
    panel: PricePanel
    trading: Trading
    sessions_by_calendar: dict[str, NDArray[np.int64]]


def lay_out(tables: Mapping[str, pa.Table], securities: Securities) -> LaidOut:
    """Lay out a price table in memory that conforms to the contract.

    Raises
    ------
    MarketDataError
        Prices on days that a `sessions` table does not have, prices that look adjusted, a table that is too large.
    """
    prices = tables["prices"]
    dates = prices.column("date").to_numpy().astype("datetime64[D]")
    days = np.unique(dates)
    refuse_shifted(days, securities)
    sessions, future_sessions = sessions_of(tables.get("sessions"), days)
    rows = securities.numbers_in(prices.column("security")).astype(np.int32)
    columns = np.searchsorted(sessions, dates).astype(np.int32)
    shape = len(securities), len(sessions)
    actions = Actions(tables["actions"], securities, sessions)
    panel = build_panel(
        rows,
        columns,
        prices.column("close").to_numpy(),
        shape=shape,
        ex_dates=actions.ex_dates,
        ticks=securities.tick,
    )
    pre_close, amounts = (_known(prices.column(name)) for name in ("pre_close", "amount"))
    pre_closes = [] if pre_close is None else [(rows, columns, pre_close)]
    refuse_adjusted(panel, actions, codes=securities.codes, pre_closes=pre_closes)
    trading = Trading.from_rows(rows, columns, amounts, shape)
    return LaidOut(sessions, future_sessions, actions, panel, trading, _open_on(securities, rows, columns))


def _known(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Give a column as floats, NaN where it is empty; None where all of it is."""
    return None if column.null_count == len(column) else column.to_numpy()


def _open_on(
    securities: Securities, rows: NDArray[np.int32], columns: NDArray[np.int32]
) -> dict[str, NDArray[np.int64]]:
    calendars = sorted(set(securities.calendar))
    of_row = np.array([calendars.index(name) for name in securities.calendar], np.int32)[rows]
    found = {name: np.unique(columns[of_row == at]).astype(np.int64) for at, name in enumerate(calendars)}
    return {name: sessions for name, sessions in found.items() if len(sessions)}


def refuse_shifted(days: NDArray[np.datetime64], securities: Securities) -> None:
    """Refuse days that another zone has made the day before: they have Sundays, and no Fridays.

    Raises
    ------
    MarketDataError
        The days are such, and all exchanges are known to be closed on Sundays.
    """
    weekday = (days.astype(np.int64) + _THURSDAY) % _WEEK  # 1970-01-01 was a Thursday
    sundays = days[weekday == _SUNDAY]
    if len(sundays) and not (weekday == _FRIDAY).any() and set(securities.exchange) <= EXCHANGES.keys():
        raise MarketDataError(
            f"the dates of prices look as though a time zone had moved them: {sundays[0]} is a Sunday, and there is no "
            "Friday; give the days of the exchange"
        )


def sessions_of(
    table: pa.Table | None, traded: NDArray[np.datetime64]
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Give the sessions up to the last of the days with prices (ascending), and those after it that a table announces.

    Raises
    ------
    MarketDataError
        There are prices on days that the table does not have.
    """
    if table is None:
        return traded, traded[:0]
    every: NDArray[np.datetime64] = np.unique(table.column("date").to_numpy().astype("datetime64[D]"))
    strange = np.setdiff1d(traded, every)
    if len(strange):
        raise MarketDataError(
            "prices do not fit the sessions table",
            [Problem("prices", f"has rows on {date}, which is no session of the sessions table") for date in strange],
        )
    return every[every <= traded[-1]], every[every > traded[-1]]
