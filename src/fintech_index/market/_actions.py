"""The `actions` table, laid out for look-up by security."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.market._terms import Action, ExDate
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._securities import Securities


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
        ex_date = table.column("ex_date").to_numpy().astype("datetime64[D]")
        session = np.searchsorted(sessions, ex_date)
        within = (session < len(sessions)) & (ex_date >= sessions[0])
        table, ex_date, session = table.filter(within), ex_date[within], session[within]
        security = np.array([securities.index[code] for code in table.column("security").to_pylist()], np.int64)
        kinds = np.array(table.column("kind").to_pylist(), dtype=object)
        order = np.lexsort((kinds.astype(str), ex_date, security))
        self._codes = securities.codes
        self._sessions = sessions
        self._rows = table.take(order).select(["ex_date", "kind", "cash", "ratio", "price"]).to_pydict()
        self.security = security[order]
        self.session = session[order]
        self._known: dict[int, tuple[ExDate, ...]] = {}

    def __len__(self) -> int:
        return len(self.security)

    def __iter__(self) -> Iterator[tuple[int, ExDate]]:
        """Give every security's number with each of its ex-dates."""
        for security in np.unique(self.security).tolist():
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
        def term(name: str) -> Fraction:
            return exact(self._rows[name][row] or 0)

        return Action(self._rows["kind"][row], term("cash"), term("ratio"), term("price"))
