"""What one review has decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fintech_index.reviews._weighting import shares_date

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.reviews._eligibility import Screening
    from fintech_index.reviews._membership import Membership
    from fintech_index.reviews._ranking import Ranked
    from fintech_index.reviews._selection import Selected
    from fintech_index.reviews._weighting import WeightedBasket


_NAMED = 5


@dataclass(frozen=True)
class Decisions:
    """What one review has decided; securities are numbers of the market.

    Attributes
    ----------
    method : Methodology
    market : MarketData
        As the index sees it.
    dates : ReviewDates
        Sessions.
    screening : Screening
    ranked : Ranked or None
        The order of the eligible; None where all of them enter.
    securities : list of int
        The constituents, ascending.
    weighted : WeightedBasket
    before : Membership or None
        The index before the review; None at the first one.
    after : Membership
    selected : Selected
        How they were chosen.
    """

    method: Methodology
    market: MarketData
    dates: ReviewDates
    screening: Screening
    ranked: Ranked | None
    securities: list[int]
    weighted: WeightedBasket
    before: Membership | None
    after: Membership
    selected: Selected

    @property
    def effective(self) -> dt.date:
        """The date on which the basket takes effect."""
        return self._date(self.dates.effective)

    @property
    def shares_date(self) -> int:
        """The session on whose basis index shares stand."""
        return shares_date(self.method, self.dates)

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Rules that were dropped: of eligibility, and caps."""
        rules = self.method.selection.relax
        return (*(name for name in rules if name in self.screening.waived), *self.weighted.relaxed)

    @property
    def additions(self) -> list[int]:
        """Constituents that were not in before; all of them at the first review."""
        return [security for security in self.securities if security not in self._members]

    @property
    def deletions(self) -> list[int]:
        """Members that are no longer in."""
        return sorted(self._members - set(self.securities))

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the outcome must know."""
        notices = [*self.screening.notices, *(self.ranked.notices if self.ranked is not None else ())]
        where = f"{self.method.name}: the review effective {self.effective}"
        if self.method.weighting.grouped:
            column = self.market.securities.texts(self.method.weighting.group_by)
            without = [self.market.securities.codes[security] for security in self.securities if not column[security]]
            if without:
                notices.append(
                    f"{where} has constituents without a {self.method.weighting.group_by}, which no cap of groups "
                    f"holds: {', '.join(without[:_NAMED])}{' and more' if len(without) > _NAMED else ''}"
                )
        if self.relaxed:
            notices.append(f"{where} was possible only without {', '.join(self.relaxed)}")
        return tuple(dict.fromkeys(notices))

    def decision(self, constituent: int) -> str:
        """Give whether a constituent is new, stays, or enters by its size (fast)."""
        if constituent in self.selected.fast:
            return "fast"
        return "stays" if constituent in self._members else "new"

    @cached_property
    def ranks(self) -> dict[int, int]:
        """The rank of each security that could be selected; where all enter, by uncapped value, and then by code."""
        if self.ranked is not None:
            return {security: rank for rank, security in enumerate(self.selected.order.tolist(), start=1)}
        values = dict(zip(self.securities, self.weighted.values, strict=True))
        order = sorted(self.securities, key=lambda security: -values[security])
        return {security: rank for rank, security in enumerate(order, start=1)}

    @property
    def _members(self) -> frozenset[int]:
        return self.before.members if self.before is not None else frozenset()

    def _date(self, session: int) -> dt.date:
        date: dt.date = self.market.sessions[session].item()
        return date
