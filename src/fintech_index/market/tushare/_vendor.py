"""Reading tushare's tables as they lie on disk: its names, its units, its date form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from fintech_index.errors import MarketDataError, Problem, VendorDataError, translated
from fintech_index.market._casting import cast
from fintech_index.market._contract import USUAL_CALENDAR, Kind, zone_of
from fintech_index.market._day_casting import days_of
from fintech_index.market._plain_arrow import plain
from fintech_index.market._reading import as_arrow, find_table, read_table
from fintech_index.market.tushare._report import FLAGGED, REFUSED

if TYPE_CHECKING:
    from pathlib import Path

    from fintech_index.market.tushare._report import Report

TEXT, NUMBER, DATE = "text", "number", "date"

TABLES = {
    "daily": {
        "ts_code": TEXT,
        "trade_date": DATE,
        "open": NUMBER,
        "high": NUMBER,
        "low": NUMBER,
        "close": NUMBER,
        "pre_close": NUMBER,
        "vol": NUMBER,
        "amount": NUMBER,
    },
    "daily_basic": {
        "ts_code": TEXT,
        "trade_date": DATE,
        "close": NUMBER,
        "total_share": NUMBER,
        "float_share": NUMBER,
        "free_share": NUMBER,
    },
    "suspend_d": {"ts_code": TEXT, "trade_date": DATE, "suspend_timing": TEXT, "suspend_type": TEXT},
    "stock_basic": {"ts_code": TEXT, "name": TEXT, "list_date": DATE},
    "dividend": {
        "ts_code": TEXT,
        "div_proc": TEXT,
        "stk_div": NUMBER,
        "cash_div_tax": NUMBER,
        "record_date": DATE,
        "ex_date": DATE,
        "pay_date": DATE,
    },
    "namechange": {"ts_code": TEXT, "name": TEXT, "start_date": DATE, "end_date": DATE},
}
_ONLY_STOCK_BASIC_MAY_HAVE = {"enname": TEXT, "area": TEXT, "market": TEXT, "delist_date": DATE}
_NEEDED = ("daily", "daily_basic")


def read_vendor(folder: Path, report: Report) -> dict[str, pd.DataFrame]:
    """Read every tushare table that the folder has.

    `ts_code` comes out as `security` and `trade_date` as `date`; rows without them, and rows whose key is repeated,
    are left out and reported.

    Raises
    ------
    VendorDataError
        The folder, `daily` or `daily_basic`, or a column of a table is missing, or a file cannot be read: all at
        once.
    """
    if not folder.is_dir():
        raise VendorDataError(f"there is no folder {folder}: give one that holds tushare's {', '.join(TABLES)}")
    tables = {}
    problems = []
    for name, columns in TABLES.items():
        try:
            path = find_table(folder, name)
            if path is None:
                if name in _NEEDED:
                    problems.append(Problem(str(folder), f"the table {name} is missing ({name}.parquet or {name}.csv)"))
                continue
            wanted = columns | (_ONLY_STOCK_BASIC_MAY_HAVE if name == "stock_basic" else {})
            given = read_table(path, tuple(wanted))
            with translated(f"{path} cannot be read", MarketDataError):
                frame = _text(given, wanted).to_pandas()
        except MarketDataError as error:
            problems.append(Problem(name, error.summary))
            continue
        missing = [column for column in columns if column not in frame.columns]
        problems += [Problem(str(path), f"the column {column!r} is missing") for column in missing]
        if not missing:
            tables[name] = _typed(frame, wanted, name, report)
    if problems:
        raise VendorDataError(f"{folder} cannot be imported", problems)
    for name in ("daily", "daily_basic"):
        tables[name] = _keyed(tables[name], name, report)
    return tables


def _text(table: pa.Table, columns: dict[str, str]) -> pa.Table:
    """Give columns of text as text, whatever a vendor's file holds them as."""
    for at, name in enumerate(table.column_names):
        if columns[name] == TEXT and not pa.types.is_null(table.column(name).type):
            table = table.set_column(at, name, cast(plain(table.column(name)), Kind.TEXT, zone_of(USUAL_CALENDAR)))
    return table


def _typed(frame: pd.DataFrame, columns: dict[str, str], name: str, report: Report) -> pd.DataFrame:
    """Read numbers and dates; what is neither becomes empty, and is flagged."""
    frame = frame.rename(columns={"ts_code": "security", "trade_date": "date"})
    frame["security"] = frame["security"].str.strip()
    columns = {
        {"ts_code": "security", "trade_date": "date"}.get(column, column): kind for column, kind in columns.items()
    }
    for column in frame.columns:
        if columns[column] == TEXT:
            continue
        given = frame[column]
        if columns[column] == NUMBER:
            frame[column] = numbers(given)
        else:
            frame[column] = dates(given)
        lost = given.notna() & frame[column].isna()
        for row in np.flatnonzero(lost):
            if str(given.iloc[row]) not in ("", "nan", "NaN", "None"):
                report.add(
                    FLAGGED,
                    name,
                    f"{column} cannot be read; left empty",
                    date=frame["date"].iloc[row] if "date" in frame else "",
                    security=str(frame["security"].iloc[row]),
                    column=column,
                    vendor=given.iloc[row],
                )
    return frame


def numbers(values: pd.Series) -> pd.Series:
    """Read finite numbers as the contract does; what is none becomes NaN."""
    array = as_arrow({"number": values}).column("number")
    read = cast(plain(array), Kind.NUMBER, zone_of(USUAL_CALENDAR)).to_numpy(zero_copy_only=False)
    return pd.Series(np.where(np.isfinite(read), read, np.nan), index=values.index, dtype=np.float64)


def dates(values: pd.Series) -> pd.Series:
    """Read dates in the forms that the contract takes; what is none becomes NaT."""
    zone = zone_of(USUAL_CALENDAR)
    array = as_arrow({"date": values}).column("date")
    days = days_of(plain(array), zone)
    return pd.Series(days.to_numpy(zero_copy_only=False), index=values.index).astype("datetime64[s]")


def _keyed(frame: pd.DataFrame, name: str, report: Report) -> pd.DataFrame:
    nameless = frame["security"].isna() | frame["date"].isna()
    report.add_rows(REFUSED, name, "no security or no date", frame[nameless])
    frame = frame[~nameless].sort_values(["security", "date"], kind="stable", ignore_index=True)
    repeated = frame.duplicated(["security", "date"])
    report.add_rows(REFUSED, name, "a second row for this security and date", frame[repeated])
    return frame[~repeated].reset_index(drop=True)
