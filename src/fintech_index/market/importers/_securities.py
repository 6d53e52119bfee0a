"""Descriptions of securities and their ST status, from whatever the vendor's folder and the user have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fintech_index.errors import Problem, VendorDataError
from fintech_index.market._contract import SECURITIES
from fintech_index.market._reading import read_table
from fintech_index.market._securities import described
from fintech_index.market.importers._reading import dates, numbers

if TYPE_CHECKING:
    from pathlib import Path

_BOARDS = {"主板": "main", "中小板": "main", "创业板": "chinext", "科创板": "star", "北交所": "bse"}
_DATES = ("listed", "delisted")
_COLUMNS = [column for column in SECURITIES.column_names if column != "known"]
_ST = r"^[GS]?\*?ST"  # G and S are of the share reform of 2005


def securities_in(path: Path) -> pd.DataFrame:
    """Read descriptions in the layout of the contract's `securities`; only `security` must be there."""
    frame = read_table(path).to_pandas()
    if "security" not in frame.columns:
        raise VendorDataError(f"{path} has no column security: a securities file has the columns {', '.join(_COLUMNS)}")
    if frame["security"].isna().any() or frame["security"].duplicated().any():
        raise VendorDataError(f"{path}: the column security has an empty or a repeated entry")
    frame = frame[[column for column in _COLUMNS if column in frame.columns]]
    problems = []
    for column in (*_DATES, "tick"):
        if column not in frame.columns:
            continue
        given = frame[column]
        frame[column] = dates(given) if column in _DATES else numbers(given)
        unreadable = given[given.notna() & frame[column].isna()]
        problems += [Problem(f"{path}, row {row + 1}", f"{column} is {value!r}") for row, value in unreadable.items()]
    if problems:
        raise VendorDataError(f"{path} has values that cannot be read", problems)
    return frame


def securities_of(prices: pd.DataFrame, stock_basic: pd.DataFrame | None, own: pd.DataFrame | None) -> pd.DataFrame:
    """Give the `securities` table: the user's descriptions first, then the vendor's, then what codes and prices say.

    Without a listing date from either, a security is taken as listed on its first price row where that comes after
    the first session of the tables; before it nobody can tell, and the date stays blank.
    """
    codes = sorted(prices["security"].unique()) if own is None else sorted(own["security"])
    frame = described(codes).to_pandas().set_index("security").drop(columns="known").astype({"name": "object"})
    frame[list(_DATES)] = frame[list(_DATES)].astype("datetime64[s]")
    listed_known = pd.Index([])
    if stock_basic is not None:
        vendor = stock_basic.dropna(subset="security").drop_duplicates("security").set_index("security")
        vendor["board"] = vendor["market"].map(_BOARDS) if "market" in vendor else None
        vendor = vendor.replace("", None)
        frame.update(vendor.reindex(columns=frame.columns))
        listed_known = vendor.index
    if own is not None:
        frame.update(own.set_index("security"))
        if "listed" in own.columns:
            listed_known = listed_known.union(own["security"])
    first = prices.groupby("security")["date"].min()
    later = first[first > prices["date"].min()].reindex(frame.index.difference(listed_known)).dropna()
    frame.loc[later.index, "listed"] = later.astype("datetime64[s]")
    return frame.reset_index()[_COLUMNS]


def status_of(namechange: pd.DataFrame | None, securities: pd.DataFrame) -> pd.DataFrame:
    """Give the `status` table: a security is ST as long as its name says so."""
    columns = ["security", "kind", "start", "end"]
    if namechange is None:
        return pd.DataFrame(columns=columns)
    named = namechange.dropna(subset=["security", "name", "start_date"])
    st = named[named["name"].str.contains(_ST) & named["security"].isin(securities["security"])]
    st = st.assign(end_date=_until_the_next(named, st))
    st = st.rename(columns={"start_date": "start", "end_date": "end"}).assign(kind="st")
    return st[columns].drop_duplicates(["security", "start"]).sort_values(["security", "start"], ignore_index=True)


def _until_the_next(named: pd.DataFrame, st: pd.DataFrame) -> pd.Series:
    """Give the last day of a name: the one before the next name begins, where none is said or they overlap."""
    named = named.sort_values(["security", "start_date"], kind="stable").drop_duplicates(["security", "start_date"])
    after = named.groupby("security")["start_date"].shift(-1)
    following = pd.Series(after.to_numpy(), index=pd.MultiIndex.from_frame(named[["security", "start_date"]]))
    begins = following.reindex(pd.MultiIndex.from_frame(st[["security", "start_date"]])).set_axis(st.index)
    end = st["end_date"]
    cut = begins.notna() & (end.isna() | (end >= begins))
    return end.where(~cut, begins - pd.Timedelta(days=1)).astype("datetime64[s]")
