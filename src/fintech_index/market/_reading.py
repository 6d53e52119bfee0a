"""From files and tables in memory to Arrow tables. Nothing in a file runs."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fintech_index.conventions import COLUMNS
from fintech_index.errors import MarketDataError, first_line, translated
from fintech_index.market._csv import read_csv
from fintech_index.market._parquet import read_parquet, refuse_repeated

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_ENDINGS = (".parquet", ".csv")


def find_table(folder: Path, name: str) -> Path | None:
    """Give the file of a table in a folder, or None. Two files for one table are an error."""
    found = [name + ending for ending in _ENDINGS if os.path.lexists(os.path.join(folder, name + ending))]  # noqa: PTH118 - a third of the time of paths
    if len(found) > 1:
        raise MarketDataError(f"{folder} has both {found[0]} and {found[1]}: keep one of them")
    return folder / found[0] if found else None


def read_table(path: Path, columns: Collection[str] | None = None) -> pa.Table:
    """Read a file.

    Parameters
    ----------
    path : Path
        A ``.parquet`` or ``.csv`` file.
    columns : collection of str, optional
        The columns wanted, where the file has them; all by default. Columns of CSV come as text.

    Raises
    ------
    MarketDataError
        The file cannot be read, is not what its ending says, or would take more memory than it may.
    """
    kind = "CSV" if path.suffix == ".csv" else "Parquet"
    with translated(f"{path} cannot be read as {kind}", MarketDataError):
        try:
            return read_csv(path, columns) if path.suffix == ".csv" else read_parquet(path, columns)
        except OSError as error:
            raise MarketDataError(f"cannot read {path}: {error.strerror or first_line(error)}") from error


def as_arrow(table: Any) -> pa.Table:
    """Take a table in memory: Arrow, a pandas DataFrame, whatever exports Arrow, or a mapping of columns."""
    kinds = "a DataFrame, an Arrow table, or anything with the Arrow PyCapsule interface"
    with translated(f"cannot take a {type(table).__name__} as a table (give {kinds})", MarketDataError):
        if isinstance(table, pa.Table):
            taken = table
        elif type(table).__module__.partition(".")[0] == "pandas":
            taken = _from_pandas(table)
        elif isinstance(table, Mapping):
            taken = pa.table({str(name): _column(values) for name, values in table.items()})
        else:
            taken = pa.table(table)
        taken.validate(full=True)
        COLUMNS.require(taken.num_columns, "the table", MarketDataError)
        refuse_repeated(taken.column_names, "the table")
        return taken


def _from_pandas(frame: Any) -> pa.Table:
    """Take a frame; a column that pandas holds as objects of several kinds is taken cell by cell."""
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.table({str(name): _column(values) for name, values in frame.items()})


def _column(values: Any) -> Any:
    """Give values as Arrow takes them; of several kinds, as the text that they are written as."""
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_written(each) for each in values], pa.string())


def _written(value: Any) -> str | None:
    """Write a cell as text; None where it is empty, and what is no cell of a table so that nobody reads it."""
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, str | int | float | Decimal | dt.date) and not isinstance(value, bool):
        return str(value)
    return f"<{type(value).__name__}>"
