"""The kinds of corporate actions, one a file: what each does to a holding, and where the rule comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events.kinds._bonus import bonus
from fintech_index.events.kinds._cash_dividend import cash_dividend
from fintech_index.events.kinds._delisting import removal_price
from fintech_index.events.kinds._dividend_correction import dividend_correction
from fintech_index.events.kinds._effect import NOTHING_ABOVE, Effect, Holding
from fintech_index.events.kinds._merger import acquirer_shares, deal_price
from fintech_index.events.kinds._restructuring import restructuring
from fintech_index.events.kinds._rights import rights
from fintech_index.events.kinds._share_change import ShareChange, applies, needs_total, sessions_later
from fintech_index.events.kinds._special_dividend import special_dividend
from fintech_index.events.kinds._spin_off import spin_off
from fintech_index.events.kinds._split import split
from fintech_index.market import SPLIT_KINDS

if TYPE_CHECKING:
    from fintech_index.events.kinds._effect import Treatment

TREATMENTS: dict[str, Treatment] = {
    **dict.fromkeys(SPLIT_KINDS, split),
    "bonus": bonus,
    "cash_dividend": cash_dividend,
    "special_dividend": special_dividend,
    "rights": rights,
    "restructuring": restructuring,
    "spin_off": spin_off,
    "dividend_correction": dividend_correction,
}
"""What each kind does to a holding.

A new kind is a file here and a line in this table; its columns are in `market/_contract.py` (`ACTION_COLUMNS`), and the
lists that say when it applies in `market/_terms.py`. What removes a security or changes its counts is no line here:
`_departures` and `_composition` take it in the order of sessions.
"""

__all__ = [
    "NOTHING_ABOVE",
    "TREATMENTS",
    "Effect",
    "Holding",
    "ShareChange",
    "acquirer_shares",
    "applies",
    "bonus",
    "cash_dividend",
    "deal_price",
    "dividend_correction",
    "needs_total",
    "removal_price",
    "restructuring",
    "rights",
    "sessions_later",
    "special_dividend",
    "spin_off",
    "split",
]
