"""From files to Arrow tables: Parquet, or CSV in UTF-8 (with or without BOM) or GBK. Nothing in a file runs."""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from fintech_index.errors import MarketDataError

if TYPE_CHECKING:
    from pathlib import Path

_ENDINGS = (".parquet", ".csv")


def find_table(folder: Path, name: str) -> Path | None:
    """Give the file of a table in a folder, or None. Two files for one table are an error."""
    found = [path for ending in _ENDINGS if os.path.lexists(path := folder / f"{name}{ending}")]
    if len(found) > 1:
        raise MarketDataError(f"{folder} has both {found[0].name} and {found[1].name}: keep one of them")
    return found[0] if found else None


def read_table(path: Path, columns: tuple[str, ...] | None = None) -> pa.Table:
    """Read a file.

    Parameters
    ----------
    path : Path
        A ``.parquet`` or ``.csv`` file.
    columns : tuple of str, optional
        The columns wanted, where the file has them; all by default. Columns of CSV come as text.

    Raises
    ------
    MarketDataError
        The file cannot be read, or is not what its ending says.
    """
    try:
        return _read_csv(path, columns) if path.suffix == ".csv" else _read_parquet(path, columns)
    except OSError as error:
        raise MarketDataError(f"cannot read {path}: {error}") from error
    except (pa.ArrowException, csv.Error, ValueError) as error:
        kind = "CSV" if path.suffix == ".csv" else "Parquet"
        raise MarketDataError(f"{path} cannot be read as {kind}: {_first_line(error)}") from error


def _read_parquet(path: Path, columns: tuple[str, ...] | None) -> pa.Table:
    with pyarrow.parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        _refuse_repeated(names, str(path))
        wanted = names if columns is None else [name for name in columns if name in names]
        table = file.read(columns=wanted)
    table.validate(full=True)  # text must be UTF-8
    return table


def _read_csv(path: Path, columns: tuple[str, ...] | None) -> pa.Table:
    content = _as_utf8(path.read_bytes())
    _refuse_open_quotes(content, path)
    header = next(csv.reader(io.StringIO(content[: 1 << 16].decode("utf-8", errors="ignore"))), [])
    if not header:
        raise MarketDataError(f"{path} is empty: its first line must name the columns")
    _refuse_repeated(header, str(path))
    wanted = header if columns is None else [name for name in columns if name in header]
    options = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.string()),
        include_columns=wanted,
        strings_can_be_null=True,
        null_values=[""],
    )
    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        convert_options=options,
    )


def _refuse_open_quotes(content: bytes, path: Path) -> None:
    """Refuse a quoted field that does not end on its line: it would swallow the rows after it."""
    if b'"' not in content:
        return
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.count(b'"') % 2:
            raise MarketDataError(f"{path}, line {number}: a quote does not end on its line; close it, or take it out")


def _refuse_repeated(names: list[str], where: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise MarketDataError(f"{where} names a column twice: {', '.join(repeated)}")


def _as_utf8(content: bytes) -> bytes:
    """Give the bytes as UTF-8: as they are, without a byte order mark, or decoded from GBK."""
    try:
        return content.decode("utf-8-sig").encode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030").encode("utf-8")


def as_arrow(table: Any) -> pa.Table:
    """Take a table in memory: Arrow, a pandas DataFrame, whatever exports Arrow, or a mapping of columns."""
    try:
        if isinstance(table, pa.Table):
            taken = table
        elif type(table).__module__.partition(".")[0] == "pandas":
            taken = pa.Table.from_pandas(table, preserve_index=False)
        else:
            taken = pa.table(table)
        taken.validate(full=True)
    except (pa.ArrowException, AttributeError, TypeError, ValueError) as error:
        raise MarketDataError(
            f"cannot take a {type(table).__name__} as a table: {_first_line(error)}. "
            "Give a DataFrame, an Arrow table, or anything with the Arrow PyCapsule interface"
        ) from error
    _refuse_repeated(taken.column_names, "the table")
    return taken


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(".")
