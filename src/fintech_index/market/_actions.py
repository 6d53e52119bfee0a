"""The `actions` table, laid out for look-up by security."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.market._action_sessions import action_sessions
from fintech_index.market._contract import ACTION_TERMS, OTHER_SECURITIES
from fintech_index.market._terms import CASH_KINDS, HOLDER_KINDS, REMOVAL_KINDS, SHARE_CHANGE_KINDS, Action, ExDate
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fintech_index.market._action_sessions import ActionSessions
    from fintech_index.market._securities import Securities


_ROW = ["ex_date", "kind", *ACTION_TERMS, "record_date", "pay_date"]


class Actions:
    """Corporate actions by security and ex-date.

    Ex-dates before the first session are left out (share counts hold them already), as are those after the last one.

    Attributes
    ----------
    security, session : int arrays of shape (rows,)
        Ordered by security, then ex-date.
    not_sessions : tuple of ExDate
        Those whose ex-date is no session; they apply at the next one.
    """

    def __init__(self, table: pa.Table, securities: Securities, sessions: NDArray[np.datetime64]) -> None:
        self._table, self._securities, self._sessions = table, securities, sessions
        self._codes = securities.codes
        self._known: dict[int, tuple[ExDate, ...]] = {}
        self._days: dict[tuple[str, ...], list[tuple[int, ExDate]]] = {}

    @cached_property
    def _ordered(self) -> tuple[NDArray[np.int64], NDArray[np.int64], pa.Table]:
        """Securities, sessions and rows of those within the sessions, in order."""
        ex_date = self._table.column("ex_date").to_numpy().astype("datetime64[D]")
        session = np.searchsorted(self._sessions, ex_date)
        within = (session < len(self._sessions)) & (ex_date >= self._sessions[0])
        table, ex_date, session = self._table.filter(within), ex_date[within], session[within]
        security = self._securities.numbers_in(table.column("security"))
        kinds, children = (table.column(name).fill_null("").to_numpy().astype(str) for name in ("kind", "child"))
        order = np.lexsort((children, kinds, ex_date, security))
        return security[order], session[order], table.take(order).select(_ROW)

    @property
    def security(self) -> NDArray[np.int64]:
        return self._ordered[0]

    @property
    def session(self) -> NDArray[np.int64]:
        return self._ordered[1]

    @property
    def _laid_out(self) -> pa.Table:
        return self._ordered[2]

    def on_sessions(self, sessions: NDArray[np.datetime64]) -> Actions:
        """Give the same actions on other sessions."""
        return Actions(self._table, self._securities, sessions)

    @cached_property
    def _rows(self) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = self._laid_out.to_pydict()
        return rows

    @cached_property
    def acting(self) -> NDArray[np.int64]:
        """Securities that have actions, ascending."""
        return np.unique(self.security)

    @cached_property
    def related(self) -> NDArray[np.int64]:
        """Securities that another one's action brings in: children, acquirers, newcomers; ascending."""
        named = {
            code for column in OTHER_SECURITIES for code in self._laid_out.column(column).unique().to_pylist() if code
        }
        return np.array(sorted(self._securities.index[code] for code in named), np.int64)

    @cached_property
    def by_session(self) -> ActionSessions:
        """The same actions, grouped by security and session."""
        kind = self._laid_out.column("kind")
        return action_sessions(
            self.security,
            self.session,
            for_holders=_among(kind, HOLDER_KINDS),
            removes=_among(kind, REMOVAL_KINDS),
            recounts=_among(kind, SHARE_CHANGE_KINDS),
            corrections=_among(kind, ("dividend_correction",)),
            sessions=len(self._sessions),
        )

    def days_with(self, kinds: tuple[str, ...]) -> list[tuple[int, ExDate]]:
        """Give the ex-dates that have an action of some kinds, with the number of the security."""
        if kinds in self._days:
            return self._days[kinds]
        rows = np.flatnonzero(_among(self._laid_out.column("kind"), kinds))
        pairs = dict.fromkeys(zip(self.security[rows].tolist(), self.session[rows].tolist(), strict=True))
        self._days[kinds] = [
            (security, day) for security, session in pairs for day in self.on(security, session) if day.of_kinds(kinds)
        ]
        return self._days[kinds]

    def terms(self, rows: NDArray[np.int64], names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Give columns of some rows, a tuple a row: text, floats and dates, None for nulls."""
        taken = self._laid_out.select(list(names)).take(pa.array(rows))
        return list(zip(*(column.to_pylist() for column in taken.columns), strict=True))

    @cached_property
    def removals(self) -> dict[int, int]:
        """The session from whose open on a security is no longer there, by security; 0 where it left before."""
        gone: dict[int, int] = {}
        removals = self._table.filter(pc.is_in(self._table.column("kind"), pa.array(REMOVAL_KINDS)))
        for code, date in zip(*(removals.column(name).to_pylist() for name in ("security", "ex_date")), strict=True):
            session = int(np.searchsorted(self._sessions, np.datetime64(date)))
            if session < len(self._sessions):
                gone[self._securities.index[code]] = session
        return gone

    @property
    def forgotten_dividends(self) -> list[tuple[str, dt.date]]:
        """Securities and ex-dates, since the first session, that a correction names and no dividend has."""
        kinds, codes = self._rows["kind"], self._codes
        if "dividend_correction" not in kinds:
            return []
        every = list(zip(self.security.tolist(), self._rows["ex_date"], kinds, strict=True))
        paid = {(security, date) for security, date, kind in every if kind in CASH_KINDS}
        return [
            (codes[security], original)
            for security, original in zip(self.security.tolist(), self._rows["original_ex_date"], strict=True)
            if original is not None
            and (security, original) not in paid
            and np.datetime64(original) >= self._sessions[0]
        ]

    def __len__(self) -> int:
        return len(self.security)

    def __iter__(self) -> Iterator[tuple[int, ExDate]]:
        """Give every security's number with each of its ex-dates."""
        for security in self.acting.tolist():
            for day in self.ex_dates(security):
                yield security, day

    def ex_dates(self, security: int) -> tuple[ExDate, ...]:
        """Give the ex-dates of a security, ascending."""
        if security not in self._known:
            start, stop = np.searchsorted(self.security, [security, security + 1])
            self._known[security] = tuple(self._group(int(start), int(stop)))
        return self._known[security]

    def on(self, security: int, session: int) -> Sequence[ExDate]:
        """Give the ex-dates of a security that apply at the open of a session, in date order."""
        return [day for day in self.ex_dates(security) if day.session == session]

    @property
    def not_sessions(self) -> tuple[ExDate, ...]:
        """Ex-dates that are no session."""
        return tuple(day for _, day in self if self._sessions[day.session] != np.datetime64(day.date))

    def _group(self, start: int, stop: int) -> list[ExDate]:
        days: dict[dt.date, list[int]] = {}
        for row in range(start, stop):
            days.setdefault(self._rows["ex_date"][row], []).append(row)
        return [
            ExDate(
                security=self._codes[self.security[rows[0]]],
                date=date,
                session=int(self.session[rows[0]]),
                actions=tuple(self._action(row) for row in rows),
            )
            for date, rows in days.items()
        ]

    def _action(self, row: int) -> Action:
        rows = self._rows
        price, par = rows["price"][row], rows["par"][row]
        return Action(
            kind=rows["kind"][row],
            cash=exact(rows["cash"][row] or 0),
            ratio=exact(rows["ratio"][row] or 0),
            price=None if price is None else exact(price),
            source=rows["source"][row] or "",
            par=exact(1 if par is None else par),
            total=rows["total"][row] or 0,
            free_float=rows["free_float"][row] or 0,
            child=rows["child"][row] or "",
            acquirer=rows["acquirer"][row] or "",
            newcomer=rows["newcomer"][row] or "",
            original_ex_date=rows["original_ex_date"][row],
            record_date=rows["record_date"][row],
            pay_date=rows["pay_date"][row],
        )


def _among(column: pa.ChunkedArray, kinds: Sequence[str]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_in(column, pa.array(kinds)).to_numpy()
    return found
