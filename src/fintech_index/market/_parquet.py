"""Parquet files from outside: what they would take in memory is known before any of it is read.

A few bytes of a Parquet file can stand for millions of rows, and for values of any length. So the rows, the columns and
the widths of a file are looked at first, text is read as dictionaries, and each value of these is measured before it is
written out once a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from fintech_index.conventions import COLUMNS, DESCRIBED, ROWS, TABLE_BYTES, TABLE_TIMES_FILE, TEXT
from fintech_index.errors import MarketDataError
from fintech_index.files import open_ordinary
from fintech_index.market._pages import groups_in, pages_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from fintech_index.market._pages import Group

_LONG = ("prices", "shares", "fx", "daily", "daily_basic")  # tables of a row a day; the others describe
_BYTES_OF_TEXT = 4  # at least, as a dictionary


def open_parquet(path: Path, columns: Collection[str] | None = None) -> tuple[pyarrow.parquet.ParquetFile, list[str]]:
    """Open a file once it is known that reading it is safe; give the columns of it that are wanted as well.

    Raises
    ------
    MarketDataError
        It has more rows, columns or bytes than may be, names a column twice, or one is a list or a table.
    OSError, pyarrow.ArrowException
        It is no ordinary file, or no Parquet.
    """
    open_ordinary(path).close()
    file = pyarrow.parquet.ParquetFile(path)
    try:
        names = file.schema_arrow.names
        COLUMNS.require(len(names), str(path), MarketDataError)
        refuse_repeated(names, str(path))
        wanted = [name for name in names if columns is None or name in columns]
        _require_room(file, path, wanted)
        text = [name for name in wanted if _is_text(file.schema_arrow.field(name).type)]
        file.close()
        return pyarrow.parquet.ParquetFile(path, read_dictionary=text), wanted
    except BaseException:
        file.close()
        raise


def read_parquet(path: Path, columns: Collection[str] | None) -> pa.Table:
    """Read the wanted columns of a file."""
    file, wanted = open_parquet(path, columns)
    with file:
        left, parts = _budget(path), []
        for part in _row_groups(file, wanted):
            written = written_out(part, str(path))
            left -= written.nbytes
            if left < 0:
                raise _too_much(path)
            parts.append(written)
        table = pa.concat_tables(parts) if parts else written_out(file.read(columns=wanted), str(path))
    table = table.replace_schema_metadata(None)  # what pandas wrote there is for pandas, and may be broken
    table.validate(full=True)  # text must be UTF-8
    return table


def written_out(table: pa.Table, where: str) -> pa.Table:
    """Give a table with its text in full, once no value of it is longer than may be."""
    for at, name in enumerate(table.column_names):
        column = table.column(name)
        if not pa.types.is_dictionary(column.type):
            continue
        for chunk in column.chunks:
            require_short(chunk.dictionary, f"{where}, column {name}")
        table = table.set_column(at, name, column.cast(column.type.value_type))
    return table


def require_short(values: pa.Array | pa.ChunkedArray, where: str) -> None:
    """Refuse text with a value that is longer than may be."""
    if _is_text(values.type):
        longest = pc.max(pc.binary_length(values)).as_py() or 0
        TEXT.require(longest, f"{where}: a value is too long", MarketDataError)


def refuse_repeated(names: list[str], where: str) -> None:
    """Refuse a header that names a column twice."""
    seen: set[str] = set()
    repeated = sorted({name for name in names if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
    if repeated:
        raise MarketDataError(f"{where} names a column twice: {', '.join(repeated)}")


def _row_groups(file: pyarrow.parquet.ParquetFile, wanted: list[str]) -> Iterator[pa.Table]:
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, columns=wanted)


def _require_room(file: pyarrow.parquet.ParquetFile, path: Path, wanted: list[str]) -> None:
    """Refuse more rows than may be, columns that are no columns, and sizes that the file does not stand for."""
    with open_ordinary(path) as content:
        groups = groups_in(content)
        chunks = [chunk for group in groups for chunk in group.chunks if chunk.column in wanted]
        found = pages_of(content, chunks)
    rows = max(file.metadata.num_rows, sum(_rows_of(group, wanted) for group in groups))
    (ROWS if path.stem in _LONG else DESCRIBED).require(rows, str(path), MarketDataError)
    width = 0
    for name in wanted:
        kind = file.schema_arrow.field(name).type
        if pa.types.is_nested(kind):
            raise MarketDataError(f"{path}: the column {name!r} is a {kind}, and must have one value a row")
        width += _width(kind, f"{path}: the column {name!r}")
    if max(rows * width, found.unpacked, *(chunk.unpacked for chunk in chunks)) > _budget(path):
        raise _too_much(path)
    if found.by_prefix:
        raise MarketDataError(
            f"{path} has text in the encoding DELTA_BYTE_ARRAY, where a few bytes can stand for any number of long "
            "values: write it with dictionaries, or plainly"
        )


def _rows_of(group: Group, wanted: list[str]) -> int:
    """Give the rows of a group: the most that it, or a column in it, says that it has."""
    return max([group.rows, *(chunk.values for chunk in group.chunks if chunk.column in wanted)])


def _width(kind: pa.DataType, where: str) -> int:
    """Give the bytes that a value takes at least."""
    if _is_text(kind) or pa.types.is_null(kind):
        return _BYTES_OF_TEXT
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError as error:  # extensions among them
        raise MarketDataError(f"{where} is a {kind}, and must hold text, dates or numbers") from error


def _budget(path: Path) -> int:
    return TABLE_BYTES.most + TABLE_TIMES_FILE * path.stat().st_size


def _too_much(path: Path) -> MarketDataError:
    return MarketDataError(
        f"{path} would take more than {TABLE_TIMES_FILE:,} times its size and {TABLE_BYTES.most:,} bytes in memory "
        f"({TABLE_BYTES.advice})"
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary_view(kind)
    )
