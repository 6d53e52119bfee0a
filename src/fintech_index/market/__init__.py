"""What happened: prices, share counts, corporate actions, their contract and checks, and importers."""

from __future__ import annotations

from fintech_index.market._data import MarketData
from fintech_index.market._dates import as_day
from fintech_index.market._findings import CONTRADICTION, Finding, check_folder
from fintech_index.market._panel import MOST_DECIMALS, PricePanel
from fintech_index.market._reference_price import reference_price
from fintech_index.market._terms import CALCULATED_KINDS, SPLIT_KINDS, Action, Basis, ExDate

__all__ = [
    "CALCULATED_KINDS",
    "CONTRADICTION",
    "MOST_DECIMALS",
    "SPLIT_KINDS",
    "Action",
    "Basis",
    "ExDate",
    "Finding",
    "MarketData",
    "PricePanel",
    "as_day",
    "check_folder",
    "reference_price",
]
