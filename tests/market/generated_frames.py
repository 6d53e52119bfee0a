"""Frames by chance: every Arrow type in every column of every table, and what becomes of them.

``python tests/market/generated_frames.py FIRST LAST`` runs so many: each gives a market or an error of the project.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from decimal import Decimal

import pandas as pd
import pyarrow as pa

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.market._contract import TABLES, Kind

CODES = ["600519.SH", "SZ000333", "sh.601012", "300015", 2415, "00700.HK", "AAPL", "", None, "920799.BJ"]
DAYS = ["2021-05-10", "2021/5/11", "20210512", 20210513, dt.date(2021, 5, 14), pd.Timestamp("2021-05-17"), "202105", "5/18/2021", None, pd.Timestamp("2021-05-18", tz="UTC"), float("nan")]  # fmt: skip
NUMBERS = [1, 2.5, "3.25", Decimal("4.75"), 0, -1, float("nan"), float("inf"), "NaN", "1e5", "1,000", "", None, 10**30, True, b"7", "０", [1], 1e-300]  # fmt: skip
TEXTS = ["a", "", None, 5, 5.5, True, "日期", "x" * 2000, b"b", float("nan")]
ARROW = [pa.string(), pa.large_string(), pa.string_view(), pa.float64(), pa.float32(), pa.float16(), pa.int64(), pa.int8(), pa.uint64(), pa.bool_(), pa.decimal128(20, 4), pa.decimal256(50, 6), pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.timestamp("us", "Asia/Shanghai"), pa.time64("us"), pa.duration("s"), pa.binary(), pa.null(), pa.list_(pa.int64()), pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.float64())]  # fmt: skip


def honest(chance, name):
    """Rows of a table with nothing wrong, or little."""
    days, codes = ["2021-05-10", "2021-05-11", "2021-05-12"], ["600519.SH", "000333.SZ"]
    rows = [(day, code) for day in days for code in codes]
    columns = {}
    for column in TABLES[name].columns:
        if not column.required and chance.random() < 0.7:
            continue
        if column.kind is Kind.DATE:
            columns[column.name] = [day for day, _ in rows]
        elif column.name in ("security", "child", "acquirer", "newcomer", "new_security"):
            columns[column.name] = [code for _, code in rows]
        elif column.numeric:
            columns[column.name] = [10.0 + at for at in range(len(rows))]
        elif column.kind is Kind.TIME:
            columns[column.name] = ["2021-05-20"] * len(rows)
        else:
            columns[column.name] = [chance.choice(["cash_dividend", "CNY", "main", "XSHG", "st"])] * len(rows)
    return columns


def spoilt(chance, columns):
    """The rows with some columns of other kinds, other names, or other values."""
    for name in list(columns):
        roll = chance.random()
        if roll < 0.15:
            pool = chance.choice([CODES, DAYS, NUMBERS, TEXTS])
            columns[name] = [chance.choice(pool) for _ in columns[name]]
        elif roll < 0.30:
            columns[name] = _as(columns[name], chance.choice(ARROW))
        elif roll < 0.34:
            columns[chance.choice(["date", "close", "ts_code", "日期", "x", name.upper()])] = columns.pop(name)
    return columns


def _as(values, kind):
    try:
        if pa.types.is_dictionary(kind):
            return pa.array(values).cast(kind.value_type).dictionary_encode()
        return pa.array(values).cast(kind)
    except pa.ArrowException:
        return pa.nulls(len(values), kind) if not pa.types.is_dictionary(kind) else values


def framed(chance, columns):
    """The rows as one of the kinds of tables that there are."""
    form = chance.choice(["mapping", "pandas", "arrow", "index", "multi", "wide"])
    try:
        return _framed(form, chance, columns)
    except Exception:  # noqa: BLE001 - pandas and Arrow cannot make such a table
        return columns


def _framed(form, chance, columns):
    if form in ("arrow", "mapping"):
        return pa.table(columns) if form == "arrow" else columns
    lists = {name: values if isinstance(values, list) else values.to_pylist() for name, values in columns.items()}
    frame = pd.DataFrame(lists)
    names = list(frame.columns)
    if form == "index":
        return frame.set_index(chance.choice(names))
    if form == "multi":
        return frame.set_index(chance.sample(names, min(2, len(names))))
    if form == "wide":
        return frame.pivot_table(index=names[0], columns=names[1], values=names[-1], aggfunc="first")
    return frame


def run(seed):
    """Give what became of a market of chance: "market", or the name of its error."""
    chance = random.Random(seed)
    names = ["prices", *chance.sample([name for name in TABLES if name != "prices"], chance.choice([0, 0, 1, 2]))]
    tables = {name: framed(chance, spoilt(chance, honest(chance, name))) for name in names}
    try:
        market = fi.MarketData.from_tables(**tables, calendar=chance.choice([None, None, "XSHG", "XHKG"]))
    except FintechIndexError as error:
        return type(error).__name__
    assert market.panel.values.dtype.kind in "if"
    assert (market.panel.values[:, -1] >= 0).all()
    return "market"


if __name__ == "__main__":
    found = {}
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        try:
            what = run(number)
        except Exception as error:  # noqa: BLE001 - what this looks for
            what = f"RAW {type(error).__name__}"
            print(number, repr(error)[:200])
        found[what] = found.get(what, 0) + 1
    print(found)
