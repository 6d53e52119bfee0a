"""A vendor's prices to `prices`: in shares and CNY; a row without a traded price is a suspension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.conventions import NUMBERS_END
from fintech_index.market.importers._report import FLAGGED, REFUSED
from fintech_index.market.importers._vendor import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market.importers._report import Report
    from fintech_index.market.importers._vendor import Vendor

_FEN = 2  # decimals of CNY
_INDICES = r"399\d{3}\.SZ|000\d{3}\.SH|899\d{3}\.BJ"
PRICES = ("close", "open", "high", "low", "pre_close")


def prices_of(daily: pd.DataFrame, vendor: Vendor, report: Report) -> pd.DataFrame:
    """Give the `prices` table, ordered by security and date; rows that were not traded are reported."""
    daily = daily.reindex(columns=list(COLUMNS["daily"]))
    close, volume = daily["close"], daily["vol"]
    untraded = ~np.isfinite(close) | (close <= 0) | ~(volume * vendor.volume >= 1)  # less than a share is none
    report.add_rows(REFUSED, "daily", "no traded price", daily[untraded], "close")
    beyond = ~untraded & ((close >= NUMBERS_END) | (volume >= NUMBERS_END / vendor.volume))
    report.add_rows(REFUSED, "daily", "a close or volume that cannot be", daily[beyond], "close")
    traded = daily[~(untraded | beyond)].reset_index(drop=True)
    prices = traded[["date", "security", "close", "open", "high", "low", "pre_close"]].copy()
    for column in PRICES[1:]:
        prices[column] = _kept(prices, column, prices[column] > 0, report)
    prices["volume"] = np.rint(traded["vol"] * vendor.volume)
    prices["amount"] = np.round(traded["amount"] * vendor.amount, _FEN)
    prices["amount"] = _kept(prices, "amount", prices["amount"] >= 0, report)
    return prices


def _kept(prices: pd.DataFrame, column: str, possible: pd.Series, report: Report) -> pd.Series:
    """Leave a value that cannot be empty, and flag it."""
    impossible = prices[column].notna() & ~(possible & (prices[column] < NUMBERS_END))
    report.add_rows(FLAGGED, "daily", f"{column} cannot be that; left empty", prices[impossible], column)
    return prices[column].where(~impossible)


def without_indices(daily: pd.DataFrame, own: pd.DataFrame | None, report: Report) -> pd.DataFrame:
    """Leave out rows of indices, which are no securities; a code that the user describes is what the user says."""
    indices = daily["security"].str.fullmatch(_INDICES)
    if own is not None:
        indices &= ~daily["security"].isin(own["security"])
    report.add_rows(REFUSED, "daily", "an index, which is no security", daily[indices], "close")
    return daily[~indices]
