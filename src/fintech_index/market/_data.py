"""`MarketData`: what happened in a market, checked and laid out for calculation."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index.errors import MarketDataError, Problem, RequestError, require_kind, translated
from fintech_index.market._contract import TABLES, USUAL_CALENDAR, zone_of
from fintech_index.market._dates import as_day
from fintech_index.market._folder import conforming, existing_folder, raise_all
from fintech_index.market._frames import MISSING, checked_names, first_day_of, shares_of_all, table_of
from fintech_index.market._fx import FxRates
from fintech_index.market._laid_out import lay_out
from fintech_index.market._notices import notices_of
from fintech_index.market._opening import open_folder
from fintech_index.market._quotes import quotes_in
from fintech_index.market._rates import Rate, rate_from
from fintech_index.market._securities import Securities
from fintech_index.market._shares import Shares
from fintech_index.market._status import Statuses
from fintech_index.market._stored_quotes import QuotesOfFolder
from fintech_index.market._withholding import Withholding
from fintech_index.methodology import shipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._dates import AsOf
    from fintech_index.market._laid_out import LaidOut
    from fintech_index.market._quotes import Quotes
    from fintech_index.market._terms import Basis


class MarketData:
    """Prices, share counts and corporate actions of a market, as the data contract has them (docs/data-contract.md).

    Made by `MarketData.open` or `MarketData.from_tables`; nothing in it changes afterwards.

    Attributes
    ----------
    sessions : datetime64[D] array of shape (sessions,)
        The sessions, ascending: the dates of `prices`, or of a `sessions` table.
    future_sessions : datetime64[D] array
        Sessions after the last price that a `sessions` table has.
    last_known : datetime64[D]
        The last session with prices.
    securities : Securities
        The `securities` table, ordered by code.
    panel : PricePanel
        Closes by security and session, suspended securities carried.
    trading : Trading
        Amounts by session.
    shares, actions, statuses, fx, withholding
        The other tables, laid out for look-up.
    sessions_by_calendar : dict of str to int arrays
        The sessions on which each exchange calendar (by its MIC) had prices.
    source, content_hash : Path and str, or None
        The folder that it was opened from as of now, and the hash of its tables.
    calendar : str
        The exchange (MIC) of securities whose code does not tell theirs.
    quotes : Quotes
        Open, high, low, pre_close, volume and amount, laid out when they are asked for.
    """

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
        self.shares = Shares(tables["shares"], self.securities)
        self.statuses = Statuses(tables["status"])
        self.fx = FxRates.from_table(tables["fx"])
        self._rates = tables["rates"]
        self.withholding = Withholding(tables["withholding"])
        self.source: Path | None = None
        self.content_hash: str | None = None
        self._opening_notices: tuple[str, ...] = ()

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

    def _view(self) -> MarketData:
        """Give a copy to change, without what was worked out for this one."""
        view = copy.copy(self)
        view.__dict__.pop("notices", None)
        return view

    @classmethod
    def open(cls, path: str | Path | None = None, as_of: AsOf = None, *, store: bool | str | Path = True) -> MarketData:
        """Read a folder of tables.

        Parameters
        ----------
        path : str or Path, optional
            A folder with `securities`, `prices`, `shares` and `actions`, and `status`, `fx`, `rates` and `sessions`
            where there are any, each as ``.parquet`` or ``.csv``. By default the embedded data: the classified
            fintech securities in 2020.
        as_of : str, date or datetime, optional
            See only rows whose `known` is not later. A date alone means its end, in UTC.
        store : bool or path
            Whether to keep large tables laid out for the next time: in the folder, or in the user's cache where that
            is read-only; or a folder to keep them in. What is kept goes by a hash of the tables, and is checked byte
            by byte when it is opened. With `as_of` there is no store.

        Raises
        ------
        MarketDataError
            The folder or a table is missing or unreadable, or breaks the contract: all problems at once.
        """
        folder = shipped("constituents", "market") if path is None else existing_folder(path)
        with translated(f"{folder} cannot be opened", MarketDataError):
            opened = open_folder(folder, as_of=as_of, store=store)
            stored = opened.market
            quotes = None
            if as_of is None and opened.key:
                of_folder = QuotesOfFolder(
                    folder, opened.key, opened.place, stored.securities, stored.laid_out.sessions
                )
                quotes = of_folder.quotes()
            market = cls(stored.tables, USUAL_CALENDAR, stored.securities, stored.laid_out, quotes)
        market.source = folder if as_of is None else None
        market.content_hash, market._opening_notices = opened.key, (*stored.doubts, *opened.notices)
        return market

    @classmethod
    def from_tables(  # noqa: PLR0913 - the tables of the contract
        cls,
        prices: Any,
        shares: Any = None,
        actions: Any = None,
        securities: Any = None,
        fx: Any = None,
        rates: Any = None,
        status: Any = None,
        calendar: str | None = None,
        *,
        withholding: Any = None,
        sessions: Any = None,
        as_of: AsOf = None,
        names: Mapping[str, str] | None = None,
    ) -> MarketData:
        """Take tables in memory: pandas, pyarrow, or anything with the Arrow PyCapsule interface.

        Parameters
        ----------
        prices : table
            Long, with the columns of the data contract or the usual names for them (docs/data-contract.md); with days
            and codes in its index; or wide: closes of days by codes, or fields and codes in two levels of columns. A
            row without a close, or of no volume at an unchanged one, is a suspension.
        shares : table, or mapping or Series of counts by security
            Long, or wide; one count is the total, the float and the free float.
        actions, securities, fx, rates, status, withholding, sessions : table, optional
            Long, with the columns of the contract. Without `securities`, every security of `prices` is described by
            its code: exchange, board and currency follow from it in any spelling (``600000.SH``, ``SH600000``).
        calendar : str, optional
            The exchange (MIC) of securities whose codes do not tell theirs; ``XSHG`` for sessions.
        as_of : str, date or datetime, optional
            See only rows whose `known` is not later.
        names : mapping of str to str, optional
            Names of columns of yours to those of the contract.

        Raises
        ------
        MarketDataError
            A table cannot be taken, or breaks the contract: all problems at once.
        """
        require_kind(calendar, str | None, "calendar")
        given = {
            "prices": prices,
            "shares": shares,
            "actions": actions,
            "securities": securities,
            "fx": fx,
            "rates": rates,
            "status": status,
            "withholding": withholding,
            "sessions": sessions,
        }
        problems: list[Problem] = []
        raw = _in_memory(given, checked_names(names), problems, calendar)
        tables, aliases, doubts = conforming(raw, problems, as_of=as_of, calendar=calendar, missing=MISSING)
        raise_all("the tables", problems)
        market = cls(tables, calendar or USUAL_CALENDAR, Securities.from_table(tables["securities"], aliases))
        market._opening_notices = doubts
        return market

    def __repr__(self) -> str:
        first, last = self.sessions[0], self.sessions[-1]
        return f"<MarketData: {len(self.securities)} securities, {len(self.sessions)} sessions, {first} to {last}>"

    def on_sessions(self, kept: NDArray[np.int64]) -> MarketData:
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

    def until(self, date: str | dt.date | np.datetime64) -> MarketData:
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

    def on_basis(self, basis: Basis) -> MarketData:
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

    def carrying_rates(self, limit: int) -> MarketData:
        """Give the market with missing exchange rates carried for at most `limit` sessions on end."""
        view = self._view()
        view.fx = self.fx.carried(self.sessions, limit)
        return view

    def with_sessions_to_come(self, dates: NDArray[np.datetime64]) -> MarketData:
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


def _in_memory(
    given: Mapping[str, Any], names: Mapping[str, str], problems: list[Problem], calendar: str | None
) -> dict[str, pa.Table]:
    """Give tables in memory as long ones with the contract's names."""
    raw: dict[str, pa.Table] = {}
    for name, frame in given.items():
        if frame is None:
            continue
        with translated(f"{name} cannot be taken", MarketDataError):
            counts = None
            if name == "shares":
                counts = shares_of_all(frame, first_day_of(raw["prices"], _zone(calendar)), calendar)
            raw[name] = table_of(frame, TABLES[name], names, problems, calendar) if counts is None else counts
    return raw


def _zone(calendar: str | None) -> str:
    return zone_of(calendar or USUAL_CALENDAR)
