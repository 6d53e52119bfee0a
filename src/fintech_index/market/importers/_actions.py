"""Corporate actions: from a file in our own layout, or from a vendor's table of dividends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fintech_index.errors import Problem, VendorDataError
from fintech_index.market._action_checks import faults_of
from fintech_index.market._conforming import conform
from fintech_index.market._contract import ACTIONS, Kind
from fintech_index.market._reading import read_table
from fintech_index.market.importers._report import REFUSED
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from fintech_index.market.importers._report import Report
    from fintech_index.market.importers._vendor import Vendor

COLUMNS = tuple(name for name in ACTIONS.column_names if name != "known")
ALWAYS_WRITTEN = ("ex_date", "security", "kind", "cash", "ratio", "price", "record_date", "pay_date")
_KEY = list(ACTIONS.key)
_DTYPES = {Kind.DATE: "datetime64[s]", Kind.NUMBER: "float64", Kind.COUNT: "Int64", Kind.TEXT: "object"}
TYPES = {column.name: _DTYPES[column.kind] for column in ACTIONS.columns if column.name != "known"}


def actions_in(path: Path) -> pd.DataFrame:
    """Read a file in the layout of the contract's `actions`; further columns, such as notes, are ignored.

    Raises
    ------
    VendorDataError
        A column is missing, or values cannot be read as what they should be: all of them.
    """
    problems: list[Problem] = []
    table = conform(read_table(path), ACTIONS, problems)
    problems = [problem for problem in problems if "null or NaN" not in problem.what]  # such rows are left out
    if problems:
        own = [Problem(f"{path}{each.where.removeprefix(ACTIONS.name)}", each.what, each.hint) for each in problems]
        raise VendorDataError(f"{path} is no table of actions: {len(own)} problems", own)
    return as_frame(table)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Give conforming actions as a frame with the columns of the contract."""
    frame = pd.DataFrame({name: pd.Series(table.column(name).to_pylist(), dtype="object") for name in COLUMNS})
    frame = frame.astype(TYPES)
    return frame.assign(child=frame["child"].replace("", None))


def no_actions() -> pd.DataFrame:
    """Give a frame without rows."""
    return pd.DataFrame({name: pd.Series(dtype=TYPES[name]) for name in COLUMNS})


def actions_from(dividend: pd.DataFrame, vendor: Vendor, report: Report) -> pd.DataFrame:
    """Take a vendor's final terms of dividends: cash before tax and new shares, each a share held.

    Rows of one ex-date for several periods, an interim and a special dividend, say, add up.
    """
    if vendor.implemented:
        dividend = dividend[dividend["div_proc"].astype("str").str.strip() == vendor.implemented]
    undated = dividend["ex_date"].isna()
    report.add_rows(REFUSED, "dividend", "no ex-date", dividend[undated].assign(date=pd.NaT))
    final = dividend[~undated].drop_duplicates(ignore_index=True)
    key, shared = ["ex_date", "security"], ["record_date", "pay_date"]
    final = final.reindex(columns=[*key, *shared, "cash_div_tax", "stk_div", "stk_co"])
    final[shared] = final[shared].astype("datetime64[s]")
    parts = []
    for kind, column, theirs in (
        ("cash_dividend", "cash", ["cash_div_tax"]),
        ("bonus", "ratio", ["stk_div", "stk_co"]),
    ):
        own = final[[*key, *shared]].copy()
        own[column] = [
            sum((exact(value) for value in row if value == value), exact(0)) / vendor.terms_per  # noqa: PLR0124 - NaN
            for row in final[theirs].astype("float64").itertuples(index=False)
        ]
        own = own[own[column] != 0]
        added = own.groupby(key, as_index=False).agg({column: "sum", **dict.fromkeys(shared, "first")})
        parts.append(added.assign(kind=kind, **{column: added[column].map(float)}))
    return pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS)).astype(TYPES)


def usable(actions: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Leave out, and report, rows without a date or security, with terms that cannot be, and repeated ones."""
    dated = actions.rename(columns={"ex_date": "date"})

    def refuse(rows: pd.Series, reason: str, column: str = "") -> None:
        report.add_rows(REFUSED, "actions", reason, dated[rows], column)

    wrong = actions["ex_date"].isna() | actions["security"].isna() | actions["kind"].isna()
    refuse(wrong, "no ex-date, security or kind")
    plain = actions.astype(object).where(actions.notna(), None)
    for at, row in zip(actions.index[~wrong], plain[~wrong].to_dict("records"), strict=True):
        faults = faults_of(row)
        if faults:
            wrong[at] = True
            report.add(
                REFUSED,
                "actions",
                "; ".join(faults),
                date=row["ex_date"],
                security=row["security"],
                column="kind",
                vendor=row["kind"],
            )
    repeated = ~wrong & actions[~wrong].duplicated(_KEY).reindex(actions.index, fill_value=False)
    refuse(repeated, "a second row for this ex-date, security and kind", "kind")
    return actions[~(wrong | repeated)].sort_values(["ex_date", "security", "kind"], ignore_index=True)


def written_columns(actions: pd.DataFrame) -> list[str]:
    """Give the columns to write: the usual ones, and others that are filled."""
    return [name for name in COLUMNS if name in ALWAYS_WRITTEN or actions[name].notna().any()]
