"""The parts of a calculation, as they are handed from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fintech_index.levels._changes import all_changes

if TYPE_CHECKING:
    from fintech_index.events import BasketTable, Holdings
    from fintech_index.levels._changes import Change
    from fintech_index.levels._divisor_steps import Divisors
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._state import State
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True)
class Calculation:
    """Baskets placed in the market, holdings after events, their market value, and what moved the divisors.

    `of_actions` are the changes of opening values by corporate actions but for `holdings.amounts`; `changes` are all
    of them, and those by reviews as well.
    `given` is the market as it was given, before the index saw it its own way.
    """

    method: Methodology
    table: BasketTable
    holdings: Holdings
    valuation: Valuation
    reviews: Reviews
    of_actions: list[Change]
    divisors: Divisors
    resumed: State | None
    given: MarketData

    @cached_property
    def changes(self) -> list[Change]:
        """Every change of an opening value, in the order of a session's open."""
        return all_changes(self.method, self.holdings, self.reviews, self.of_actions, self.valuation)
