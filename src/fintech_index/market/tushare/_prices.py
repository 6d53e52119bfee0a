"""`daily` to `prices`: 手 are 100 shares, 千元 are 1,000 CNY, and a row without a traded price is a suspension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.market.tushare._report import REFUSED

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market.tushare._report import Report

_SHARES_IN_A_LOT = 100
_YUAN_IN_A_THOUSAND = 1000
_FEN = 2  # decimals of CNY
PRICES = ("open", "high", "low", "close", "pre_close")


def prices_of(daily: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Give the `prices` table, ordered by security and date; rows that were not traded are reported."""
    close, volume = daily["close"], daily["vol"]
    untraded = ~np.isfinite(close) | (close <= 0) | ~(volume > 0)
    report.add_rows(REFUSED, "daily", "no traded price", daily[untraded], "close")
    traded = daily[~untraded].reset_index(drop=True)
    prices = traded[["date", "security", "close", "open", "high", "low", "pre_close"]].copy()
    for column in PRICES:  # an opening price of 0 is no price
        prices[column] = prices[column].where(prices[column] > 0)
    prices["volume"] = np.rint(traded["vol"] * _SHARES_IN_A_LOT)
    prices["amount"] = np.round(traded["amount"] * _YUAN_IN_A_THOUSAND, _FEN)
    return prices
