"""Who is in, and with how many index shares: eligibility, ranking, selection, weights, baskets."""

from __future__ import annotations

from fintech_index.reviews._baskets import Baskets
from fintech_index.reviews._cache import ReviewCache
from fintech_index.reviews._eligibility import screen
from fintech_index.reviews._free_float import counted_shares
from fintech_index.reviews._lookback import LookBack
from fintech_index.reviews._membership import Membership, next_reserve
from fintech_index.reviews._outcome import Outcome
from fintech_index.reviews._ranking import rank
from fintech_index.reviews._review import all_dates, review, reviews_after, run_reviews
from fintech_index.reviews._screens import SCOPE_COLUMNS
from fintech_index.reviews._weighting import caps_of, counted

__all__ = [
    "SCOPE_COLUMNS",
    "Baskets",
    "LookBack",
    "Membership",
    "Outcome",
    "ReviewCache",
    "all_dates",
    "caps_of",
    "counted",
    "counted_shares",
    "next_reserve",
    "rank",
    "review",
    "reviews_after",
    "run_reviews",
    "screen",
]
