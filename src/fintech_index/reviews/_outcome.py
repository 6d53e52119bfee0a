"""The outcome of one review: who is in, at what weight, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fintech_index.reviews._decisions import Decisions

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Outcome(Decisions):
    """One review, with all of `Decisions`, and a table that tells them."""

    @cached_property
    def waterfall(self) -> pd.DataFrame:
        """Every security of the universe, with the first rule that it failed, or its rank and weight.

        Columns: security, name, decision (new, stays, fast, leaves, reserve, ranked: eligible, but not among the
        count; or out), rule (the first that failed, selection for those that rank too low), why (in words), rank,
        weight (a fraction, at the prices of the review). Constituents come first, heaviest first, then the others by
        rank, then those that are out, by rule and code.
        """
        from fintech_index.reviews._waterfall import waterfall

        return waterfall(self)

    def __repr__(self) -> str:
        return f"<Outcome of {self.method.name}, effective {self.effective}: {len(self.securities)} constituents>"
