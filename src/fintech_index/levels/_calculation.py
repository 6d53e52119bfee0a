"""All parts of a calculation: what levels, and everything that explains them, are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fintech_index.levels._divisor_changes import VARIANTS, all_changes
from fintech_index.levels._levels import published_levels

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from fintech_index.events import BasketTable, Holdings
    from fintech_index.levels._divisor_changes import Change
    from fintech_index.levels._divisor_series import Divisors
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._state import State
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews import Baskets


@dataclass(frozen=True)
class Calculation:
    """Baskets placed in the market, holdings after events, their market value, and what moved the divisors.

    Attributes
    ----------
    method : Methodology
    market, source_market : MarketData
        As the index sees it, and as it was given.
    baskets : Baskets
    table : BasketTable
        The baskets in sessions and numbers of securities.
    holdings : Holdings
    valuation : Valuation
    reviews : Reviews
        The baskets at the closes before they take effect.
    by_actions : list of Change
        Changes of opening values by corporate actions, but for `holdings.amounts`.
    divisors : Divisors
    resumed : State or None
        What the calculation went on from.
    """

    method: Methodology
    market: MarketData
    source_market: MarketData
    baskets: Baskets
    table: BasketTable
    holdings: Holdings
    valuation: Valuation
    reviews: Reviews
    by_actions: list[Change]
    divisors: Divisors
    resumed: State | None

    @property
    def first(self) -> int:
        """The first session that is published: that of a state is not part of what follows it."""
        return self.valuation.first + (self.resumed is not None)

    @property
    def sessions(self) -> NDArray[np.datetime64]:
        """The dates of the sessions that are published, ascending."""
        return self.market.sessions[self.first :]

    @property
    def base(self) -> dt.date:
        """The session at whose close the level has the base value: that of the methodology, or of a later start."""
        first: dt.date = self.baskets.effective[0].item()
        return self.method.base.date if self.resumed is not None else first

    @cached_property
    def levels(self) -> NDArray[np.float64]:
        """Published levels of shape (variants, sessions)."""
        return self.levels_of(VARIANTS)

    def levels_of(self, variants: Sequence[str]) -> NDArray[np.float64]:
        """Give the published levels of some variants, one row each."""
        levels = published_levels(self.valuation, self.divisors, variants, self.method.rounding.level_decimals)
        return levels[:, self.first - self.valuation.first :]

    @cached_property
    def changes(self) -> list[Change]:
        """Every change of an opening value, in the order of a session's open."""
        return all_changes(self.method, self.holdings, self.reviews, self.by_actions, self.valuation)
