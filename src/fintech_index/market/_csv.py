"""CSV files from outside: UTF-8, with or without a byte order mark, or GBK; every column comes as text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv

from fintech_index.conventions import COLUMNS, CSV_BYTES, DESCRIBED, ROWS
from fintech_index.errors import MarketDataError
from fintech_index.files import read_at_most
from fintech_index.market._parquet import refuse_repeated, require_short

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_HEADER = 1 << 16  # bytes
_LOOKED_AT = 1 << 20  # bytes of text in which characters are counted
_PLAUSIBLE = 0.9  # of the characters beyond ASCII
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# The rows of GB 2312 that Chinese text is made of: punctuation, full-width letters, and characters.
_ROWS_OF_TEXT = {0xA1, 0xA3, *range(0xB0, 0xF8)}


def read_csv(path: Path, columns: Collection[str] | None) -> pa.Table:
    """Read the wanted columns of a file.

    Raises
    ------
    MarketDataError
        It is too large, empty, in another encoding, or its header or a quote is wrong.
    """
    raw = read_at_most(path, CSV_BYTES.most)
    if raw is None:
        raise MarketDataError(f"{path} is larger than {CSV_BYTES.most:,} {CSV_BYTES.what} ({CSV_BYTES.advice})")
    content = _as_utf8(raw, path)
    _refuse_open_quotes(content, path)
    header = _header(content, path)
    wanted = [name for name in header if columns is None or name in columns]
    if not wanted:
        _refuse_other_separators(header, path)
        return pa.table({})
    table = pyarrow.csv.read_csv(
        pa.BufferReader(content),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    (ROWS if len(raw) > CSV_BYTES.most // 64 else DESCRIBED).require(len(table), str(path), MarketDataError)
    for name in wanted:
        require_short(table.column(name), f"{path}, column {name}")
    return table


def _header(content: bytes, path: Path) -> list[str]:
    line = content[:_HEADER].partition(b"\n")[0]
    if len(line) == _HEADER:
        raise MarketDataError(f"{path}: the first line has {_HEADER:,} bytes or more, and must name the columns")
    header = next(csv.reader(io.StringIO(line.decode("utf-8", errors="replace"))), [])
    if not header:
        raise MarketDataError(f"{path} is empty: its first line must name the columns")
    COLUMNS.require(len(header), str(path), MarketDataError)
    refuse_repeated(header, str(path))
    return header


def _refuse_other_separators(header: list[str], path: Path) -> None:
    for separator, name in _OTHER_SEPARATORS.items():
        if any(separator in each for each in header):
            raise MarketDataError(f"{path}: its columns are separated by {name}, and must be by commas")


def _refuse_open_quotes(content: bytes, path: Path) -> None:
    """Refuse a quoted field that does not end on its line: it would swallow the rows after it."""
    at = content.find(b'"')
    while at >= 0:
        begin, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
        end = len(content) if end < 0 else end
        if content.count(b'"', begin, end) % 2:
            number = content.count(b"\n", 0, begin) + 1
            raise MarketDataError(f"{path}, line {number}: a quote does not end on its line; close it, or take it out")
        at = content.find(b'"', end)


def _as_utf8(content: bytes, path: Path) -> bytes:
    """Give the bytes as UTF-8: as they are, without a byte order mark, or decoded from GBK."""
    try:
        return content.decode("utf-8-sig").encode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    line = content.count(b"\n", 0, at) + 1
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MarketDataError(f"{path} is UTF-16 text: save it as UTF-8")
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not _is_chinese(text[:_LOOKED_AT]):
        raise MarketDataError(f"{path}, line {line}: the text is neither UTF-8 nor GBK; save it as UTF-8")
    return text.encode("utf-8")


def _is_chinese(text: str) -> bool:
    """Tell whether text that could be decoded from GBK makes sense as such: Big5 and Latin-1 can be decoded too."""
    beyond = Counter(each for each in text if not each.isascii())
    plausible = sum(count for each, count in beyond.items() if _is_of_text(each))
    return plausible > 0 and plausible >= _PLAUSIBLE * beyond.total()


def _is_of_text(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] in _ROWS_OF_TEXT
    except UnicodeEncodeError:
        return False
