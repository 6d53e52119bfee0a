"""Changes of an opening value, and the prices that they are counted at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from fintech_index.errors import CorporateActionError

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

BASKET = -1  # in place of a security, where a change is of the whole basket


class Stage(Enum):
    """When in a session's open a change is made, in this order."""

    REVALUATION = "removal prices that differ from the close: performance"
    COMPOSITION = "deletions, additions and share changes, at cum prices"
    ACTION = "the actions of the day on the resulting basket"

    @property
    def place(self) -> int:
        """Which of the stages it is, from 0."""
        return list(type(self)).index(self)


@dataclass(frozen=True, slots=True)
class OpeningChange:
    """A change of the opening value by one cause, in index currency, for each return variant."""

    session: int
    security: int
    cause: str
    stage: Stage
    price: Fraction
    gross: Fraction
    net: Fraction


@dataclass(slots=True)
class SessionOpen:
    """The open of one session: what shares are counted at, and the changes found so far.

    `chained` is False on the base session, into which nothing is chained.
    """

    method: Methodology
    market: MarketData
    session: int
    unit: int
    chained: bool
    removal_prices: dict[int, Fraction] = field(default_factory=dict)
    changes: list[OpeningChange] = field(default_factory=list)

    def rate(self, security: int) -> Fraction:
        """Give the rate at which a security is converted: that of the session before."""
        currency = self.market.securities.currency[security]
        return self.market.fx.rate(currency, self.method.currency, self.market.sessions[self.session - 1])

    def price(self, security: int) -> Fraction:
        """Give what a share counts before the day's actions: its removal price, or the close before."""
        if security in self.removal_prices:
            return self.removal_prices[security]
        return self.close(security)

    def close(self, security: int) -> Fraction:
        """Give the close of the session before, in trading currency; 0 where there has been none."""
        return self.market.panel.price(security, self.session - 1)

    def require_stays(self, security: int, action: str) -> None:
        """Refuse a security that is to enter on a session by whose open it has left the market."""
        gone = self.market.actions.removals.get(security)
        if gone is not None and gone <= self.session:
            code, sessions = self.market.securities.codes[security], self.market.sessions
            raise CorporateActionError(
                f"{self.method.name}: {code} is to enter by the {action} on {sessions[self.session]}, and has left the "
                f"market on {sessions[gone]}"
            )

    def require_close(self, security: int, action: str) -> None:
        """Refuse a security that is to be counted at its close before the session, and has none."""
        if self.close(security) == 0:
            code, date = self.market.securities.codes[security], self.market.sessions[self.session]
            raise CorporateActionError(
                f"{self.method.name}: the {action} on {date} needs a close of {code} before it, and there is none"
            )

    def value(self, security: int, shares: Fraction | int) -> Fraction:
        """Give the value of index shares (in units of the basket) before the day's actions, in index currency."""
        return shares * self.price(security) * self.rate(security) / self.unit

    def recount(self, security: int, cause: str, amount: Fraction, stage: Stage = Stage.COMPOSITION) -> None:
        """Write down a change that every variant has, in index currency."""
        self.add(security, cause, stage, amount, amount, amount)

    def add(self, security: int, cause: str, stage: Stage, price: Fraction, gross: Fraction, net: Fraction) -> None:
        """Write down a change, in index currency."""
        if self.chained and (price or gross or net):
            self.changes.append(OpeningChange(self.session, security, cause, stage, price, gross, net))
