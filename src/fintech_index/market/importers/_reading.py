"""Reading a vendor's tables: a file each, a folder of files one a day, or frames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fintech_index.errors import MarketDataError, Problem, VendorDataError, translated
from fintech_index.market._casting import cast
from fintech_index.market._codes import read_code
from fintech_index.market._contract import USUAL_CALENDAR, Kind, zone_of
from fintech_index.market._day_casting import days_of
from fintech_index.market._plain_arrow import by_distinct, plain
from fintech_index.market._reading import as_arrow, find_table, read_table
from fintech_index.market.importers._report import FLAGGED, REFUSED
from fintech_index.market.importers._vendor import COLUMNS, DATE, NUMBER, TEXT, VendorTable

if TYPE_CHECKING:
    from fintech_index.market.importers._report import Report
    from fintech_index.market.importers._vendor import Vendor

Source = Path | Mapping[str, Any]
_MOST_FILES = 100_000
_KEYED = ("daily", "daily_basic")
_EMPTY = ("", "nan", "NaN", "None", "NaT")


def read_vendor(vendor: Vendor, source: Source, report: Report) -> dict[str, pd.DataFrame]:
    """Read every table of a vendor that is there, with our names of the columns.

    Rows of prices and counts without a security or a date, and rows whose key is repeated, are left out and reported.

    Raises
    ------
    VendorDataError
        The folder, a table that is needed, or a column of a table is missing, or a file cannot be read: all at once.
    """
    if isinstance(source, Path) and not source.is_dir():
        names = ", ".join(table.files[0] for table in vendor.tables.values())
        raise VendorDataError(f"there is no folder {source}: give one that holds {vendor.name}'s {names}")
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, about in vendor.tables.items():
        given = _complete(source, name, about, problems)
        if given is not None:
            tables[name] = _typed(given, about, name, report)
    if problems:
        raise VendorDataError(f"{_shown(source)} cannot be imported", problems)
    if vendor.prepare is not None:
        tables["daily"] = vendor.prepare(tables["daily"], report)
    for name in _KEYED:
        if name in tables:
            tables[name] = _keyed(tables[name], name, report)
    return tables


def _complete(source: Source, name: str, about: VendorTable, problems: list[Problem]) -> pa.Table | None:
    """Give a table that has all of its columns; None where there is none, or a problem with it."""
    try:
        given = _given(source, about)
    except MarketDataError as error:
        problems.append(Problem(name, error.summary))
        return None
    if given is None:
        if about.needed:
            files = f"{about.files[0]}.parquet or {about.files[0]}.csv, or a folder of them"
            problems.append(Problem(_shown(source), f"the table {about.files[0]} is missing ({files})"))
        return None
    missing = [column for column in about.columns if column not in given.column_names]
    where = f"{_shown(source)}, {about.files[0]}"
    problems += [Problem(where, f"the column {column!r} is missing") for column in missing]
    return None if missing else given


def _shown(source: Source) -> str:
    return str(source) if isinstance(source, Path) else "the tables"


def _given(source: Source, about: VendorTable) -> pa.Table | None:
    """Give a table as it is; None where there is none."""
    if isinstance(source, Mapping):
        frame = next((source[name] for name in about.files if name in source), None)
        return None if frame is None else as_arrow(frame)
    wanted = (*about.columns, *about.optional)
    for name in about.files:
        path = find_table(source, name)
        if path is not None:
            return read_table(path, wanted)
        if (source / name).is_dir():
            return _of_days(source / name, wanted)
    return None


def _of_days(folder: Path, wanted: tuple[str, ...]) -> pa.Table:
    """Read the files of a folder below one another, in the order of their names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".parquet", ".csv"))
    if not paths or len(paths) > _MOST_FILES:
        raise MarketDataError(f"{folder} has {len(paths)} Parquet or CSV files: one a day is wanted")
    parts = [read_table(path, wanted) for path in paths]
    with translated(f"the files of {folder} do not go together", MarketDataError):
        return pa.concat_tables(parts, promote_options="permissive")


def _typed(table: pa.Table, about: VendorTable, name: str, report: Report) -> pd.DataFrame:
    """Read numbers and dates, and codes in their usual spelling; what is none becomes empty, and is flagged."""
    kinds, columns = COLUMNS[name], about.columns | about.optional
    frame, lost = {}, []
    for theirs, ours in columns.items():
        if theirs not in table.column_names:
            continue
        given = plain(table.column(theirs))
        read = _usual(given) if ours == "security" else _read(given, kinds[ours])
        frame[ours] = read
        if kinds[ours] != TEXT:
            valid = given.is_valid().to_numpy(zero_copy_only=False)
            lost += [(ours, row, given[int(row)].as_py()) for row in np.flatnonzero(valid & read.isna().to_numpy())]
    made = pd.DataFrame(frame)
    for column, row, value in lost:
        if str(value).strip() not in _EMPTY:
            about_row = {"security": str(made["security"].iloc[row]), "column": column, "vendor": value}
            date = made["date"].iloc[row] if "date" in made else ""
            report.add(FLAGGED, name, f"{column} cannot be read; left empty", date=date, **about_row)
    return made


def _read(values: pa.Array, kind: str) -> pd.Series:
    if kind == NUMBER:
        return _numbers(values)
    if kind == DATE:
        days = days_of(values, zone_of(USUAL_CALENDAR))
        return pd.Series(days.to_numpy(zero_copy_only=False)).astype("datetime64[s]")
    if pa.types.is_null(values.type):
        return pd.Series([None] * len(values), dtype="object")
    return cast(values, Kind.TEXT, zone_of(USUAL_CALENDAR)).to_pandas()


def _numbers(values: pa.Array) -> pd.Series:
    read = cast(values, Kind.NUMBER, zone_of(USUAL_CALENDAR)).to_numpy(zero_copy_only=False)
    return pd.Series(np.where(np.isfinite(read), read, np.nan), dtype=np.float64)


def _usual(values: pa.Array) -> pd.Series:
    """Give codes in their usual spelling; those that are no code as they are."""
    text = cast(values, Kind.TEXT, zone_of(USUAL_CALENDAR))

    def usual(code: str) -> str:
        read = read_code(code)
        return code.strip() if read is None else read.text

    return by_distinct(text, usual, pa.string()).to_pandas()


def numbers(values: pd.Series) -> pd.Series:
    """Read finite numbers as the contract does; what is none becomes NaN."""
    return _numbers(plain(as_arrow({"number": values}).column("number"))).set_axis(values.index)


def dates(values: pd.Series) -> pd.Series:
    """Read dates in the forms that the contract takes; what is none becomes NaT."""
    days = days_of(plain(as_arrow({"date": values}).column("date")), zone_of(USUAL_CALENDAR))
    return pd.Series(days.to_numpy(zero_copy_only=False), index=values.index).astype("datetime64[s]")


def _keyed(frame: pd.DataFrame, name: str, report: Report) -> pd.DataFrame:
    nameless = frame["security"].isna() | frame["date"].isna()
    report.add_rows(REFUSED, name, "no security or no date", frame[nameless])
    frame = frame[~nameless].sort_values(["security", "date"], kind="stable", ignore_index=True)
    repeated = frame.duplicated(["security", "date"])
    report.add_rows(REFUSED, name, "a second row for this security and date", frame[repeated])
    return frame[~repeated].reset_index(drop=True)
