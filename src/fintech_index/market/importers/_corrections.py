"""`corrections.csv`: values that a person knows better than the vendor, each reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from fintech_index.conventions import NUMBERS_END
from fintech_index.errors import Problem, VendorDataError, shown
from fintech_index.market._reading import read_table
from fintech_index.market.importers._reading import dates
from fintech_index.market.importers._report import CORRECTED

if TYPE_CHECKING:
    from pathlib import Path

    from fintech_index.market.importers._report import Report

COLUMNS = ("table", "date", "security", "kind", "column", "value")
_DATE_COLUMN = {"prices": "date", "shares": "date", "actions": "ex_date", "securities": None}


def corrections_in(path: Path) -> pd.DataFrame:
    """Read a file of corrections.

    Its columns are table, date, security, kind (of actions), column and value; further ones are ignored.
    """
    frame = read_table(path).to_pandas()
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        raise VendorDataError(
            f"{path} has no {', '.join(missing)}: a corrections file has the columns {', '.join(COLUMNS)}"
        )
    frame["date"] = dates(frame["date"])
    return frame[list(COLUMNS)]


def correct(tables: dict[str, pd.DataFrame], corrections: pd.DataFrame, report: Report) -> None:
    """Set the corrected values in our tables, in place. In `shares` a correction holds for its session alone.

    Raises
    ------
    VendorDataError
        Corrections that fit no row or no column: all of them.
    """
    problems = []
    for number, row in enumerate(corrections.itertuples(index=False), start=1):
        where = f"corrections, row {number}"
        if row.table not in tables:
            problems.append(Problem(where, f"no table {row.table!r}", f"known: {', '.join(tables)}"))
            continue
        table = tables[row.table]
        if row.column not in table.columns:
            problems.append(Problem(where, f"{row.table} has no column {row.column!r}"))
            continue
        mask = table["security"] == row.security
        if (date := _DATE_COLUMN[row.table]) is not None:
            mask &= table[date] == row.date
        if row.table == "actions":
            mask &= table["kind"] == row.kind
        if not mask.any():
            problems.append(Problem(where, f"no row of {row.table} for {row.security} on {row.date}"))
            continue
        try:
            value = _typed(row.value, table[row.column])
        except (ValueError, OverflowError, TypeError, ArithmeticError):
            problems.append(Problem(where, f"{shown(row.value)} does not fit {row.table}.{row.column}"))
            continue
        vendor = table.loc[mask, row.column].iloc[0]
        table.loc[mask, row.column] = value
        report.add(
            CORRECTED,
            row.table,
            "by corrections.csv",
            date=row.date if date is not None else "",
            security=row.security,
            column=row.column,
            vendor=vendor,
            written=value,
        )
    if problems:
        raise VendorDataError("corrections that cannot be made", problems)


def _typed(value: Any, column: pd.Series) -> object:
    if pd.isna(value):
        raise ValueError(value)
    if pd.api.types.is_datetime64_any_dtype(column):
        parsed = dates(pd.Series([value])).iloc[0]
        if pd.isna(parsed):
            raise ValueError(value)
        return parsed
    if pd.api.types.is_integer_dtype(column):
        return _below_the_end(int(value))
    if not pd.api.types.is_float_dtype(column):
        return str(value)
    number = _below_the_end(float(value))
    if column.name == "volume" and number != int(number):
        raise ValueError(value)
    return number


def _below_the_end(number: float) -> float:
    if not abs(number) < NUMBERS_END:  # NaN is not below it either
        raise ValueError(number)
    return number
