"""The market on a cut-off date, as rules of eligibility look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import add_months
from fintech_index.reviews._lookback import Averages, LookBack
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Conduct, Methodology


@dataclass
class Candidates:
    """The market on a cut-off date, as rules look at it."""

    method: Methodology
    market: MarketData
    cutoff: int
    price_date: int
    notices: list[str] = field(default_factory=list)
    turnover: tuple[NDArray[np.int64], Averages] | None = None  # of those that the rule looked at

    @cached_property
    def average_amounts(self) -> dict[int, float]:
        """The average daily amount of each security that the rule looked at."""
        if self.turnover is None:
            return {}
        securities, averages = self.turnover
        return dict(zip(securities.tolist(), averages.floats.tolist(), strict=True))

    @cached_property
    def below_the_least(self) -> frozenset[int]:
        """Who of them trades less than the least average amount."""
        least = self.method.eligibility.turnover.at_least
        if self.turnover is None or least is None:
            return frozenset()
        securities, averages = self.turnover
        return frozenset(securities[~averages.at_least(exact(least))].tolist())

    @cached_property
    def date(self) -> dt.date:
        """The cut-off date."""
        date: dt.date = self.market.sessions[self.cutoff].item()
        return date

    def since(self, rule: Conduct) -> dt.date | None:
        """Give the first day that a rule of status looks at; None where that is the cut-off date."""
        return add_months(self.date, -rule.lookback_months) if rule.lookback_months else None

    def close(self, security: int) -> Fraction:
        """Give a carried close in index currency."""
        rate = self.market.fx.rate(
            self.market.securities.currency[security], self.method.currency, self.market.sessions[self.cutoff]
        )
        return self.market.panel.price(security, self.cutoff) * rate

    def counts(self, security: int) -> tuple[int, int]:
        """Give free-float and all shares; -1 where they are not known."""
        number, day = np.array([security]), self.market.sessions[self.cutoff]
        return int(self.market.shares.free_float(number, day)[0]), int(self.market.shares.total(number, day)[0])

    def look_back(self, months: int) -> LookBack:
        back = LookBack(self.method, self.market, self.cutoff, months)
        self.notices += back.notices
        return back
