"""Corporate actions: from a file in our own layout, or from tushare's `dividend` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fintech_index.conventions import NUMBERS_END
from fintech_index.errors import Problem, VendorDataError
from fintech_index.market._contract import ACTION_COLUMNS
from fintech_index.market._reading import read_table
from fintech_index.market.tushare._report import REFUSED
from fintech_index.market.tushare._vendor import dates

if TYPE_CHECKING:
    from pathlib import Path

    from fintech_index.market.tushare._report import Report

COLUMNS = ("ex_date", "security", "kind", "cash", "ratio", "price", "record_date", "pay_date")
_KEY = ["ex_date", "security", "kind"]
_PAID = "实施"  # the stage at which a dividend's terms are final


def actions_in(path: Path) -> pd.DataFrame:
    """Read a file in the layout of the contract's `actions`; further columns, such as notes, are ignored."""
    frame = read_table(path).to_pandas()
    missing = [column for column in _KEY if column not in frame.columns]
    if missing:
        raise VendorDataError(
            f"{path} has no {', '.join(missing)}: an actions file has the columns {', '.join(COLUMNS)}"
        )
    frame = frame.reindex(columns=list(COLUMNS))
    for column in ("ex_date", "record_date", "pay_date"):
        frame[column] = dates(frame[column])
    for column in ("cash", "ratio", "price"):
        numbers = pd.to_numeric(frame[column], errors="coerce").astype(np.float64)
        wrong = numbers.isna() & frame[column].notna()
        if wrong.any():
            problems = [
                Problem(f"{path}, row {row + 1}", f"{column} is {frame[column][row]!r}")
                for row in np.flatnonzero(wrong)
            ]
            raise VendorDataError(f"{path} has terms that are no numbers", problems)
        frame[column] = numbers
    return frame


def actions_from(dividend: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Take the final terms of tushare's `dividend`: cash before tax and new shares, each a share held."""
    final = dividend[dividend["div_proc"] == _PAID]
    undated = final["ex_date"].isna()
    report.add_rows(REFUSED, "dividend", "no ex-date", final[undated].assign(date=pd.NaT))
    final = final[~undated]
    shared = ["ex_date", "security", "record_date", "pay_date"]
    cash = final.loc[final["cash_div_tax"].fillna(0) != 0, [*shared, "cash_div_tax"]].rename(
        columns={"cash_div_tax": "cash"}
    )
    bonus = final.loc[final["stk_div"].fillna(0) != 0, [*shared, "stk_div"]].rename(columns={"stk_div": "ratio"})
    both = pd.concat([cash.assign(kind="cash_dividend"), bonus.assign(kind="bonus")], ignore_index=True)
    return both.reindex(columns=list(COLUMNS)).drop_duplicates(ignore_index=True)


def usable(actions: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Leave out, and report, what cannot have happened: no date, no known kind, negative or missing terms, repeated."""
    dated = actions.rename(columns={"ex_date": "date"})

    def refuse(rows: pd.Series, reason: str, column: str = "") -> None:
        report.add_rows(REFUSED, "actions", reason, dated[rows], column)

    wrong = actions["ex_date"].isna() | actions["security"].isna()
    refuse(wrong, "no ex-date or no security")
    unknown = ~wrong & ~actions["kind"].isin(ACTION_COLUMNS)
    refuse(unknown, "unknown kind", "kind")
    wrong |= unknown
    for column in ("cash", "ratio", "price"):
        negative = ~wrong & (actions[column] < 0)
        refuse(negative, f"negative {column}", column)
        beyond = ~wrong & ((actions[column] >= NUMBERS_END) | ((actions[column] == 0) & (column == "price")))
        refuse(beyond, f"{column} cannot be that", column)
        wrong |= negative | beyond
        needing = [kind for kind, columns in ACTION_COLUMNS.items() if column in columns]
        lacking = ~wrong & actions["kind"].isin(needing) & actions[column].isna()
        refuse(lacking, f"no {column}", "kind")
        wrong |= lacking
    repeated = ~wrong & actions[~wrong].duplicated(_KEY).reindex(actions.index, fill_value=False)
    refuse(repeated, "a second row for this ex-date, security and kind", "kind")
    return actions[~(wrong | repeated)].sort_values(_KEY, ignore_index=True)
