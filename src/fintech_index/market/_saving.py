"""A market as a folder of the data contract."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from fintech_index.errors import RequestError
from fintech_index.files import writing
from fintech_index.market._contract import PRICES, SESSIONS, TABLES
from fintech_index.market._quotes import FIELDS
from fintech_index.market._trading import traded_sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fintech_index.market._market import Market

_PARQUET = ("prices", "shares")  # long tables; the others are for people too


def save(market: Market, folder: Path) -> None:
    """Write the tables of a market into a folder: prices and shares as Parquet, the others as CSV.

    Raises
    ------
    RequestError
        The folder has tables already.
    WriteError
        The disk does not take them, or another process is writing there.
    """
    with writing(folder) as target:
        there = sorted(path.name for path in folder.iterdir() if path.stem in TABLES) if folder.is_dir() else []
        if there:
            raise RequestError(f"{folder} has tables already ({', '.join(there)}): give a new folder")
        tables = market.tables | {"prices": prices_of(market), "securities": market.securities.table}
        if market.sessions_are_given:
            every = np.concatenate([market.sessions, market.future_sessions])
            tables["sessions"] = pa.table({SESSIONS.key[0]: pa.array(every.astype("datetime64[D]"))})
        files: dict[str, bytes | Callable[[Path], object]] = {}
        for name, table in tables.items():
            filled = table.select([each for each in table.column_names if _is_filled(table, each, name)])
            if name in _PARQUET:
                files[f"{name}.parquet"] = partial(pyarrow.parquet.write_table, filled, compression="zstd")
            elif len(table) or name == "actions":
                files[f"{name}.csv"] = partial(pyarrow.csv.write_csv, filled)
        target.replace(files, list(files))


def _is_filled(table: pa.Table, column: str, name: str) -> bool:
    required = {each.name for each in TABLES[name].columns if each.required} | set(TABLES[name].key)
    return column in required or table.column(column).null_count < len(table)


def prices_of(market: Market) -> pa.Table:
    """Give the prices of a market as a table of the contract: a row a security and session on which it traded."""
    panel = market.panel
    session, security = np.nonzero(traded_sessions(panel).T)
    columns = {
        "date": pa.array(market.sessions[session].astype("datetime64[D]")),
        "security": pa.array(market.securities.code_array[security], pa.string()),
        "close": pa.array(panel.values[security, session] / panel.unit),
    }
    for name in FIELDS:
        values = market.quotes.field(name)[security, session]
        columns[name] = pa.array(values, mask=np.isnan(values))
    return pa.table({name: columns[name] for name in PRICES.column_names if name in columns})
