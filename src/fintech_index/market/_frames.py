"""Tables in memory as people hold them, to long Arrow tables with the contract's column names.

Long frames, wide ones (dates by codes, or dates by fields and codes), frames with dates or codes in their index,
mappings of columns, Arrow, and whatever exports Arrow. Shares may also be one number a security.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fintech_index.errors import MarketDataError, Problem, require_kind
from fintech_index.market._casting import cast
from fintech_index.market._codes import read_code
from fintech_index.market._column_names import contract_names
from fintech_index.market._contract import PRICES, SHARES, Kind, Table
from fintech_index.market._pandas_frames import code_index_of, flat_frame, is_pandas, pieces_by_code
from fintech_index.market._plain_arrow import plain
from fintech_index.market._reading import as_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator

Names = Mapping[str, str]
_WIDE_VALUES = {"prices": ("close",), "shares": ("total", "float", "free_float")}
MISSING = (
    "a column of another name is given by names={'yours': 'ours'}, and an index by .reset_index(); "
    "a wide table has days in its rows and codes as its columns"
)


def table_of(frame: Any, contract: Table, names: Names, problems: list[Problem], calendar: str | None) -> pa.Table:
    """Give a table in memory as a long one with the contract's names; further columns are left out.

    Raises
    ------
    MarketDataError
        It is no table.
    """
    if is_pandas(frame):
        pieces = pieces_by_code(frame, contract, names)
        if pieces is not None:
            return _stacked({code: as_arrow(piece) for code, piece in pieces.items()}, contract, names, problems)
        frame = flat_frame(frame, contract, names)
    table = as_arrow(frame)
    chosen = contract_names(table.column_names, contract, names, problems)
    if contract.name in _WIDE_VALUES and "security" not in chosen.values():
        codes = [name for name in table.column_names if name not in chosen]
        if codes and len(chosen) == 1 and all(read_code(code, calendar) for code in codes):
            (date,) = chosen
            return _melted(table, date, codes, contract)
    kept = list(chosen)
    return table.select(kept).rename_columns([chosen[name] for name in kept])


def shares_of_all(frame: Any, first_day: Any, calendar: str | None) -> pa.Table | None:
    """Give one count a security as a table of shares from a day on; None where `frame` is no such thing."""
    given = code_index_of(frame) if is_pandas(frame) else frame
    if not isinstance(given, Mapping) or not given:
        return None
    codes = [str(code) for code in given]
    own = set(contract_names(codes, SHARES, {}, []))
    if own or not all(read_code(code, calendar) for code in codes):
        return None
    counts = as_arrow({"count": list(given.values())}).column("count")
    day = pa.array([first_day] * len(codes))
    return pa.table({"effective": day, "security": codes, **dict.fromkeys(_WIDE_VALUES["shares"], counts)})


def first_day_of(prices: pa.Table, zone: str) -> Any:
    """Give the first day of a table of prices; None where there is none."""
    if "date" not in prices.column_names:
        return None
    import pyarrow.compute as pc

    return pc.min(cast(plain(prices.column("date")), Kind.DATE, zone)).as_py()


def checked_names(names: Any) -> Names:
    """Require names of columns to be a mapping of text to text."""
    if names is None:
        return {}
    require_kind(names, dict, "names")
    if not all(isinstance(own, str) and isinstance(ours, str) for own, ours in names.items()):
        raise MarketDataError("`names` maps your names of columns to those of the contract: {'Last': 'close'}")
    known = {*PRICES.column_names, *SHARES.column_names}
    strange = [ours for ours in names.values() if ours not in known]
    if strange:
        raise MarketDataError(f"`names` maps to {', '.join(map(repr, strange))}, which the contract does not have")
    return dict(names)


def _melted(table: pa.Table, date: str, codes: list[str], contract: Table) -> pa.Table:
    """Turn a wide table, of days by codes, into a long one."""
    day = "date" if contract is PRICES else "effective"

    def parts() -> Iterator[pa.Table]:
        for code in codes:
            values = dict.fromkeys(_WIDE_VALUES[contract.name], plain(table.column(code)))
            yield pa.table({day: table.column(date), "security": [code] * len(table), **values})

    return _together(parts())


def _stacked(pieces: dict[str, pa.Table], contract: Table, names: Names, problems: list[Problem]) -> pa.Table:
    """Put the tables of each code below one another."""
    first = next(iter(pieces.values()))
    chosen = contract_names(first.column_names, contract, names, problems)
    kept = list(chosen)

    def parts() -> Iterator[pa.Table]:
        for code, piece in pieces.items():
            own = piece.select([name for name in kept if name in piece.column_names])
            own = own.rename_columns([chosen[name] for name in own.column_names])
            yield own.append_column("security", pa.array([code] * len(own), pa.string()))

    return _together(parts())


def _together(parts: Iterator[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        raise MarketDataError("the columns of a wide table have kinds that do not go together") from error
