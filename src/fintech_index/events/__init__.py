"""Corporate actions: each kind a pure function, applied to baskets in one written order."""

from __future__ import annotations

from fintech_index.events._corrections import PaidRecord
from fintech_index.events._dividends import Dividends, paid_apart, refuse_impossible, taxes_on
from fintech_index.events._factors import price_adjustment_factor, special_dividend_factor
from fintech_index.events._holdings import Holdings, hold
from fintech_index.events._lines import Counts
from fintech_index.events._opening import BASKET, OpeningChange, Stage
from fintech_index.events._per_share import PerShare, per_share
from fintech_index.events._positions import HeldShares, Positions, positions
from fintech_index.events._segments import Segments

__all__ = [
    "BASKET",
    "Counts",
    "Dividends",
    "HeldShares",
    "Holdings",
    "OpeningChange",
    "PaidRecord",
    "PerShare",
    "Positions",
    "Segments",
    "Stage",
    "hold",
    "paid_apart",
    "per_share",
    "positions",
    "price_adjustment_factor",
    "refuse_impossible",
    "special_dividend_factor",
    "taxes_on",
]
