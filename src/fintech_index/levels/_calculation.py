"""The parts of a calculation, as they are handed from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fintech_index.events import Holdings, Positions
    from fintech_index.levels._divisors import Change, Divisors
    from fintech_index.levels._state import State
    from fintech_index.levels._valuation import Valuation
    from fintech_index.market import MarketData


@dataclass(frozen=True, slots=True)
class Calculation:
    """Baskets placed in the market, holdings after events, their market value, and what moved the divisors.

    `given` is the market as it was given, before the index saw it its own way.
    """

    placed: Positions
    holdings: Holdings
    valuation: Valuation
    changes: list[Change]
    divisors: Divisors
    resumed: State | None
    given: MarketData
