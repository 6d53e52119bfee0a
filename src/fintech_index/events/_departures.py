"""Who has left the market by a session's open, and the price that it leaves at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fintech_index.errors import CorporateActionError
from fintech_index.events.kinds import deal_price, removal_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.events._session_open import SessionOpen
    from fintech_index.market import Action, ExDate


@dataclass(frozen=True, slots=True)
class Departure:
    """A security that is no longer there from a session on."""

    security: int
    day: ExDate
    action: Action
    unpriced: bool = False  # the deal is in shares that have no close

    def require_price(self, opening: SessionOpen) -> None:
        """Refuse terms that nobody can count, where an index holds the target."""
        if self.unpriced:
            raise CorporateActionError(
                f"{opening.method.name}: {self.day.security} no longer trades, and leaves on {self.day.date} for "
                f"shares of {self.action.acquirer}, which has no close: add its prices, or give a delisting with a "
                "price"
            )


def departures_of(opening: SessionOpen, removals: Sequence[tuple[int, ExDate, Action]]) -> list[Departure]:
    """Give the removals of a session, and set the prices that they leave at; 0 for what has never had one."""
    found = []
    for security, day, action in removals if opening.session else ():
        close, unpriced = opening.close(security), False
        if action.kind == "delisting":
            price = removal_price(action, close)
        else:
            acquirer = opening.market.securities.index[action.acquirer]
            theirs = opening.close(acquirer)
            if theirs:
                theirs *= opening.rate(acquirer) / opening.rate(security)
            trades = not opening.market.panel.suspended(security, day.session - 1)
            price = deal_price(action, close, theirs, trades=trades)
            unpriced = not trades and action.ratio > 0 and theirs == 0
        opening.removal_prices[security] = price
        found.append(Departure(security, day, action, unpriced=unpriced))
    return found
