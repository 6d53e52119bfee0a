"""`MarketData`: what happened in a market, checked and laid out for calculation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_index.errors import MarketDataError, Problem, require_kind, translated
from fintech_index.market._contract import TABLES, USUAL_CALENDAR, zone_of
from fintech_index.market._findings import check_market
from fintech_index.market._folder import conforming, existing_folder, raise_all
from fintech_index.market._frames import MISSING, checked_names, first_day_of, shares_of_all, table_of
from fintech_index.market._market import Market
from fintech_index.market._opening import open_folder
from fintech_index.market._saving import save
from fintech_index.market._securities import Securities
from fintech_index.market._stored_quotes import QuotesOfFolder
from fintech_index.methodology import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from fintech_index.market._dates import AsOf
    from fintech_index.market._finding import Check


_HELD_FOR_QUOTES = 1 << 18  # rows of prices that are held until quotes are asked for; of more, the folder is read anew


class MarketData(Market):
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
    tables : dict of str to Table
        All tables of the contract but `prices`, conforming.
    sessions_are_given : bool
        Whether a `sessions` table says which days are sessions.
    quotes : Quotes
        Open, high, low, pre_close, volume and amount, laid out when they are asked for.
    """

    def save(self, folder: str | Path) -> None:
        """Write the market's tables into a folder, as `open` reads them: prices as they stand, under permanent codes.

        Raises
        ------
        RequestError
            The folder has tables already.
        WriteError
            The disk does not take them.
        """
        require_kind(folder, str | Path, "the folder to write")
        with translated(f"the market cannot be saved in {folder}", MarketDataError):
            save(self, Path(folder))

    def check(self) -> Check:
        """Look for what contradicts itself, or should be looked at, as `fintech-index data check` does."""
        return check_market(self)

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
            held = stored.tables.get("prices")
            if as_of is None and opened.key and (held is None or len(held) > _HELD_FOR_QUOTES):
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
