"""Who is in, and with how many index shares: eligibility, capping, baskets."""

from __future__ import annotations

from fintech_index.reviews._baskets import Baskets
from fintech_index.reviews._capping import single_cap_factors
from fintech_index.reviews._eligibility import eligible, reason_out, universe
from fintech_index.reviews._index_view import as_seen_by
from fintech_index.reviews._review import review, reviews_after

__all__ = [
    "Baskets",
    "as_seen_by",
    "eligible",
    "reason_out",
    "review",
    "reviews_after",
    "single_cap_factors",
    "universe",
]
