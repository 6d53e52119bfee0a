"""What the reviews of many methodologies have in common: each screening and each ranking is made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.index_view import for_index
from fintech_index.reviews._eligibility import screen
from fintech_index.reviews._ranking import rank

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews._eligibility import Screening
    from fintech_index.reviews._ranking import Ranked

# What neither a view of the market nor a screening or ranking looks at. Groups that caps name are looked at.
_UNREAD = {"parent", "title", "title_zh", "description", "notice", "base", "selection", "review", "returns", "chaining"}
_UNREAD |= {"rounding", "weighting"}
_GROUPS = ("group_by", "single_caps", "group_caps")


class ReviewCache:
    """Views of markets, screenings and rankings, by the rules that they come from.

    It may be used for one market at a time, and holds on to all that it has made.
    """

    def __init__(self) -> None:
        self._rules: dict[int, tuple[Methodology, str]] = {}
        self._seen: dict[tuple[str, int], tuple[MarketData, MarketData]] = {}
        self._screened: dict[tuple[str, int, ReviewDates, tuple[str, ...]], Screening] = {}
        self._ranked: dict[tuple[str, int, int, bytes], Ranked] = {}

    def seen(self, method: Methodology, market: MarketData) -> MarketData:
        """Do what `for_index` does."""
        key = self._rules_of(method), id(market)
        if key not in self._seen:
            self._seen[key] = market, for_index(method, market)
        return self._seen[key][1]

    def screen(
        self, method: Methodology, market: MarketData, dates: ReviewDates, waived: Collection[str] = ()
    ) -> Screening:
        """Do what `screen` does."""
        key = self._rules_of(method), id(market), dates, tuple(waived)
        if key not in self._screened:
            self._screened[key] = screen(method, market, dates, waived)
        return self._screened[key]

    def rank(self, method: Methodology, market: MarketData, securities: NDArray[np.int64], cutoff: int) -> Ranked:
        """Do what `rank` does."""
        key = self._rules_of(method), id(market), cutoff, securities.tobytes()
        if key not in self._ranked:
            self._ranked[key] = rank(method, market, securities, cutoff)
        return self._ranked[key]

    def _rules_of(self, method: Methodology) -> str:
        """Write out all rules that are read here."""
        if id(method) not in self._rules:
            groups = [getattr(method.weighting, name) for name in _GROUPS]
            read = [getattr(method, name) for name in type(method).model_fields if name not in _UNREAD]
            self._rules[id(method)] = method, repr([read, groups])
        return self._rules[id(method)][1]
