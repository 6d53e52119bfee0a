"""A market laid out for calculation, and views of it."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fintech_index.errors import RequestError, require_kind
from fintech_index.market._dates import as_day
from fintech_index.market._fx import FxRates
from fintech_index.market._laid_out import lay_out
from fintech_index.market._notices import notices_of
from fintech_index.market._quotes import quotes_in
from fintech_index.market._rates import Rate, rate_from
from fintech_index.market._securities import Securities
from fintech_index.market._shares import Shares
from fintech_index.market._status import Statuses
from fintech_index.market._withholding import Withholding
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._laid_out import LaidOut
    from fintech_index.market._quotes import Quotes
    from fintech_index.market._terms import Basis


class Market:
    """What `MarketData` has, but for where it is from: its attributes are described there."""

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        calendar: str,
        securities: Securities | None = None,
        laid_out: LaidOut | None = None,
        quotes: Quotes | None = None,
    ) -> None:
        """Take conforming tables, all but `prices` where these are laid out; for `open` and `from_tables`."""
        self.calendar = calendar
        self.securities = Securities.from_table(tables["securities"]) if securities is None else securities
        if laid_out is None:
            laid_out = lay_out(tables, self.securities)
        self.sessions, self.future_sessions = laid_out.sessions, laid_out.future_sessions
        self.last_known: np.datetime64 = self.sessions[-1]
        self.actions, self.panel, self.trading = laid_out.actions, laid_out.panel, laid_out.trading
        self.sessions_by_calendar = laid_out.sessions_by_calendar
        self.quotes = quotes_in(tables["prices"], self.securities, self.sessions) if quotes is None else quotes
        self.sessions_are_given = "sessions" in tables
        self.tables = {name: table for name, table in tables.items() if name != "prices"}
        self.shares = Shares(tables["shares"], self.securities)
        self.statuses = Statuses(tables["status"])
        self.fx = FxRates.from_table(tables["fx"])
        self._rates = tables["rates"]
        self.withholding = Withholding(tables["withholding"])
        self.source: Path | None = None
        self.content_hash: str | None = None
        self._opening_notices: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, {name: value for name, value in self.__dict__.items() if name != "notices"})

    @classmethod
    def _from_travelling(cls, state: dict[str, Any]) -> Self:
        market = cls.__new__(cls)
        market.__dict__.update(state)
        return market

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What a user of the data should know."""
        return (*self._opening_notices, *notices_of(self.actions, self.panel, self.sessions, self.securities.codes))

    def rates(self, name: str) -> Rate:
        """Give an annual interest rate of the table `rates` by its name.

        Raises
        ------
        RequestError
            There is none of that name.
        """
        require_kind(name, str, "the name of a rate")
        return rate_from(self._rates, name)

    def _view(self) -> Self:
        """Give a copy to change, without what was worked out for this one."""
        view = copy.copy(self)
        view.__dict__.pop("notices", None)
        return view

    def on_sessions(self, kept: NDArray[np.int64]) -> Self:
        """Give the market on some of its sessions (ascending numbers): what happened between them shows on the next."""
        view = self._view()
        view.sessions = self.sessions[kept]
        view.panel = self.panel.on(kept)
        view.trading = self.trading.on(kept, self.panel)
        view.quotes = self.quotes.on(kept)
        view.actions = self.actions.on_sessions(view.sessions)
        view.sessions_by_calendar = {
            name: np.searchsorted(kept, np.intersect1d(days, kept)) for name, days in self.sessions_by_calendar.items()
        }
        return view

    def until(self, date: str | dt.date | np.datetime64) -> Self:
        """Give the market up to a date.

        Raises
        ------
        RequestError
            It is no date, or before the first session.
        """
        count = int(np.searchsorted(self.sessions, as_day(date), side="right"))
        if count == 0:
            raise RequestError(f"there is no session up to {date}: the first is {self.sessions[0]}")
        return self if count == len(self.sessions) else self.on_sessions(np.arange(count))

    def on_basis(self, basis: Basis) -> Self:
        """Give the market with suspended securities carried by terms of a basis; the data's own is ``pre``."""
        if basis == "pre" or not self._several_at_once():
            return self
        view = self._view()
        view.panel = self.panel.carried_anew(self.actions.ex_dates, self.securities.tick, basis)
        return view

    def _several_at_once(self) -> bool:
        """Tell whether any security is suspended over a day of several actions."""
        return any(
            len(day.actions) > 1 and self.panel.suspended(security, day.session)
            for security in self.panel.suspensions
            for day in self.actions.ex_dates(security)
        )

    def carrying_rates(self, limit: int) -> Self:
        """Give the market with missing exchange rates carried for at most `limit` sessions on end."""
        view = self._view()
        view.fx = self.fx.carried(self.sessions, limit)
        return view

    def with_sessions_to_come(self, dates: NDArray[np.datetime64]) -> Self:
        """Give the market with sessions after its last one, as though nothing traded on them and no rate moved."""
        view = self._view()
        view.sessions = np.concatenate([self.sessions, dates])
        view.actions = self.actions.on_sessions(view.sessions)
        view.panel = self.panel.extended(len(dates), view.actions.ex_dates, self.securities.tick)
        view.quotes = self.quotes.extended(len(dates))
        view.fx = self.fx.standing(self.sessions[-1], dates)
        coming = np.arange(len(self.sessions), len(view.sessions))
        view.sessions_by_calendar = {
            name: np.concatenate([days, coming]) for name, days in self.sessions_by_calendar.items()
        }
        return view

    def session(self, date: str | dt.date | np.datetime64) -> int:
        """Give the number of the session of a date.

        Raises
        ------
        RequestError
            The date is no session, or no date; the message names the sessions around it.
        """
        day = as_day(date)
        at = int(np.searchsorted(self.sessions, day))
        if at < len(self.sessions) and self.sessions[at] == day:
            return at
        around = [str(self.sessions[near]) for near in (at - 1, at) if 0 <= near < len(self.sessions)]
        raise RequestError(f"{day} is no session of the market data; the nearest: {', '.join(around)}")
