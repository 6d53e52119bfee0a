"""What is known of each security, and what its code alone says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import MarketDataError, Problem
from fintech_index.market._aliases import permanent_code
from fintech_index.market._carried_closes import MOST_DECIMALS
from fintech_index.market._casting import TYPES
from fintech_index.market._codes import Code, read_code, with_zeros
from fintech_index.market._contract import EXCHANGES, SECURITIES
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.market._aliases import Aliases

_REMEMBERED = 16  # tuples of codes
_GIVE = "give a `securities` table, codes such as 600000.SH or 00700.HK, or the `calendar` of all of them"


@dataclass(frozen=True)
class Securities:
    """The `securities` table, ordered by code, and later codes of its securities.

    Every attribute but `index` and `aliases` has one entry a security; they are made when asked for.
    """

    table: pa.Table
    aliases: Aliases

    @classmethod
    def from_table(cls, table: pa.Table, aliases: Aliases | None = None) -> Securities:
        """Take a table that conforms to the contract, and later codes of its securities."""
        securities = cls(table.sort_by("security"), aliases or {})
        if table.column("tick").null_count < len(table):
            _ = securities.tick  # a wrong one is refused now
        return securities

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes, ascending."""
        return self._column("security")

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each code."""
        return {code: at for at, code in enumerate(self.codes)}

    @cached_property
    def _usual_spellings(self) -> dict[str, int]:
        """The number of each security by the usual spelling of its code."""
        return {code.text: at for at, text in enumerate(self.codes) if (code := read_code(text)) is not None}

    def find(self, code: str) -> int:
        """Give the number of a code in any spelling; -1 where there is no such security."""
        known = self.index.get(code)
        if known is None:
            read = read_code(str(code))
            known = None if read is None else self._usual_spellings.get(read.text)
        return -1 if known is None else known

    def spelled(self, code: str) -> str:
        """Give a code as the market spells it; as it is where there is no such security."""
        number = self.find(code)
        return code if number < 0 else self.codes[number]

    @cached_property
    def exchange(self) -> tuple[str, ...]:
        """The exchanges, by their MIC."""
        return self._column("exchange")

    @cached_property
    def calendar(self) -> tuple[str, ...]:
        """Whose sessions each has; exchanges with common holidays share one."""
        return tuple(EXCHANGES[name].calendar if name in EXCHANGES else name for name in self.exchange)

    @cached_property
    def country(self) -> tuple[str, ...]:
        """The countries of the companies."""
        return tuple(
            country or (EXCHANGES[name].country if name in EXCHANGES else "")
            for country, name in zip(self._column("country"), self.exchange, strict=True)
        )

    @cached_property
    def board(self) -> tuple[str, ...]:
        """The boards, in lower case."""
        return tuple(board.strip().lower() for board in self._column("board"))

    @cached_property
    def boards(self) -> tuple[str, ...]:
        """Each board once, by its name."""
        return tuple(sorted(set(self.board)))

    @cached_property
    def board_numbers(self) -> NDArray[np.int64]:
        """Which of `boards` each is on."""
        return np.searchsorted(np.array(self.boards), np.array(self.board)) if self.board else np.array([], np.int64)

    @cached_property
    def exchanges(self) -> tuple[str, ...]:
        """Each exchange once, by its MIC."""
        return tuple(sorted(set(self.exchange)))

    @cached_property
    def currency(self) -> tuple[str, ...]:
        """The currencies that they trade in."""
        return self._column("currency")

    @cached_property
    def tick(self) -> tuple[Fraction | None, ...]:
        """The price ticks; None where it is not known."""
        return tuple(_tick(tick, place) for tick, place in zip(self._column("tick"), self.exchange, strict=True))

    @cached_property
    def listed(self) -> tuple[dt.date | None, ...]:
        """The days of listing."""
        return self._column("listed")

    @cached_property
    def delisted(self) -> tuple[dt.date | None, ...]:
        """The days on which they left their exchange."""
        return self._column("delisted")

    def _column(self, name: str) -> tuple[Any, ...]:
        return tuple(self.table.column(name).to_pylist())

    @cached_property
    def _looked_up(self) -> dict[int, tuple[tuple[str, ...], NDArray[np.int64], bool]]:
        return {}

    def numbers(self, codes: tuple[str, ...]) -> NDArray[np.int64]:
        """Give the number of each code, -1 where it is not known; the same tuple is looked up once."""
        known = self._looked_up.get(id(codes))
        if known is None:
            numbers = np.array([self.find(code) for code in codes], np.int64)
            numbers.flags.writeable = False
            if len(self._looked_up) >= _REMEMBERED:
                self._looked_up.clear()
            own = all(code in self.index for code in codes)
            known = self._looked_up[id(codes)] = codes, numbers, own  # held, so that its id stays its own
        return known[1]

    def spells(self, codes: tuple[str, ...]) -> bool:
        """Tell whether codes that `numbers` has looked up are all in the market's own spelling."""
        known = self._looked_up.get(id(codes))
        return known is not None and known[2]

    @cached_property
    def only_currency(self) -> str | None:
        """The currency that all trade in; None where there are several."""
        currencies = set(self.currency)
        return currencies.pop() if len(currencies) == 1 else None

    def numbers_in(self, column: pa.ChunkedArray, unknown: int | None = None) -> NDArray[np.int64]:
        """Give the number of each code of a column; `unknown` for those that are not known, where there may be some."""
        found = pc.index_in(column, self.table.column("security"))
        if unknown is not None:
            found = found.fill_null(unknown)
        numbers: NDArray[np.int64] = found.to_numpy().astype(np.int64)
        return numbers

    @cached_property
    def code_array(self) -> NDArray[np.object_]:
        """The codes, to take many of them at once."""
        return np.array(self.codes, object)

    @cached_property
    def name_array(self) -> NDArray[np.object_]:
        """The names as their market writes them."""
        return np.array(self.table.column("name").to_pylist(), object)

    @cached_property
    def listed_days(self) -> NDArray[np.datetime64]:
        """The days of listing; NaT where not known."""
        return self._days("listed")

    @cached_property
    def delisted_days(self) -> NDArray[np.datetime64]:
        """The days on which they left their exchange; NaT where they have not."""
        return self._days("delisted")

    def _days(self, name: str) -> NDArray[np.datetime64]:
        days: NDArray[np.datetime64] = self.table.column(name).to_numpy().astype("datetime64[D]")
        return days

    def __len__(self) -> int:
        return len(self.table)

    def texts(self, column: str) -> tuple[str, ...]:
        """Give a column of the table, "" where it is empty; a security without an issuer is its own."""
        values = self.table.column(column).to_pylist()
        if column == "issuer":
            return tuple(value or code for value, code in zip(values, self.codes, strict=True))
        return tuple(value or "" for value in values)

    def permanent(self, code: str, date: dt.date) -> str:
        """Give the permanent code of what a code means on a date."""
        if code not in self.index and code not in self.aliases and (read := read_code(str(code))) is not None:
            code = read.text if read.text in self.aliases else self.spelled(code)
        return permanent_code(self.aliases, code, date)

    def name(self, code: str) -> str:
        """Give the name of a security, as its market writes it."""
        return str(self.table.column("name")[self.index[code]].as_py())


def _tick(tick: float | None, exchange: str) -> Fraction | None:
    if tick is not None:
        if exact(tick) * 10**MOST_DECIMALS % 1:
            raise MarketDataError(f"securities: tick is {tick!r}, which has more than {MOST_DECIMALS} decimals")
        return exact(tick)
    usual = EXCHANGES[exchange].tick if exchange in EXCHANGES else ""
    return exact(usual) if usual else None


def described(codes: Iterable[str], calendar: str | None = None) -> pa.Table:
    """Make a `securities` table of codes alone: the name is the code, exchange, board and currency follow from it.

    Parameters
    ----------
    codes : iterable of str
        In any spelling; the table has theirs, or the usual one of a security that is spelled in several ways.
    calendar : str, optional
        The exchange (MIC) of codes that do not tell theirs.

    Raises
    ------
    MarketDataError
        Codes that do not tell their exchange, all of them at once.
    """
    if calendar is not None and calendar not in EXCHANGES:
        raise MarketDataError(
            f"nothing is known of the calendar {calendar!r} (known: {', '.join(EXCHANGES)}): give a `securities` table"
        )
    read = {text: read_code(text, calendar) for text in sorted(set(codes))}
    unknown = [text for text, code in read.items() if code is None]
    if unknown:
        raise MarketDataError(
            f"the exchange of {len(unknown)} securities does not follow from their codes: {_GIVE}",
            [Problem("prices", f"nothing is known of {text!r} by its code", _GIVE) for text in unknown],
        )
    spelled: dict[Code, set[str]] = {}
    for text, code in read.items():
        if code is not None:
            spelled.setdefault(code, set()).add(with_zeros(text, code))
    rows = sorted((min(own) if len(own) == 1 else code.text, code) for code, own in spelled.items())
    given = {
        "security": [text for text, _ in rows],
        "name": [text for text, _ in rows],
        "exchange": [code.exchange for _, code in rows],
        "board": [code.board for _, code in rows],
        "currency": [code.currency for _, code in rows],
    }
    columns = [
        pa.array(given[column.name], pa.string()) if column.name in given else pa.nulls(len(rows), TYPES[column.kind])
        for column in SECURITIES.columns
    ]
    return pa.table(columns, names=list(SECURITIES.column_names))
