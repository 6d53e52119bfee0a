"""Corporate actions: each kind a pure function, applied to baskets in one written order."""

from __future__ import annotations

from fintech_index.events._action_amounts import ActionAmounts
from fintech_index.events._basket_table import BasketTable, HeldShares, place
from fintech_index.events._corrections import PaidRecord
from fintech_index.events._factors import price_adjustment_factor, special_dividend_factor
from fintech_index.events._holdings import Holdings, apply_actions
from fintech_index.events._periods import cumulative_ratios
from fintech_index.events._segments import Segments
from fintech_index.events._session_open import BASKET, OpeningChange, Stage
from fintech_index.events._share_basis import ShareBasis
from fintech_index.events._share_table import IN_ORDER, ShareEffect, ShareTable, share_table

__all__ = [
    "BASKET",
    "IN_ORDER",
    "ActionAmounts",
    "BasketTable",
    "HeldShares",
    "Holdings",
    "OpeningChange",
    "PaidRecord",
    "Segments",
    "ShareBasis",
    "ShareEffect",
    "ShareTable",
    "Stage",
    "apply_actions",
    "cumulative_ratios",
    "place",
    "price_adjustment_factor",
    "share_table",
    "special_dividend_factor",
]
