"""The terms of one security's ex-date: all actions that go ex together, per share held before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from fintech_index.errors import CorporateActionError

if TYPE_CHECKING:
    import datetime as dt

SPLIT_KINDS = ("split", "consolidation", "redenomination")
"""Kinds whose ratio is what one share becomes (0.1 for 1 new for 10 old), not what it gets beside itself."""

CALCULATED_KINDS = (*SPLIT_KINDS, "bonus", "cash_dividend", "special_dividend", "rights", "restructuring")
"""The kinds of action that a level can be calculated with, in the order in which they apply one after another."""

Basis = Literal["pre", "sequential"]
"""Whether the terms of a day are all per share held before it, or each per share that the one before leaves."""


@dataclass(frozen=True, slots=True)
class Action:
    """One corporate action. Cash and price in trading currency a share, ratio in new shares for each share held."""

    kind: str
    cash: Fraction = Fraction(0)
    ratio: Fraction = Fraction(0)
    price: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class ExDate:
    """The actions of one security on one ex-date, and the session at whose open they apply.

    The session is the first on or after the ex-date, so that no action is lost when an ex-date is no session.
    """

    security: str
    date: dt.date
    session: int
    actions: tuple[Action, ...]

    def _sum(self, kind: str, term: str) -> Fraction:
        return sum((getattr(action, term) for action in self.actions if action.kind == kind), Fraction(0))

    @property
    def cash(self) -> Fraction:
        """Cash dividends, ordinary and special, before tax."""
        return self._sum("cash_dividend", "cash") + self._sum("special_dividend", "cash")

    @property
    def bonus(self) -> Fraction:
        """New shares without payment, for each share held: by bonus issues and by splits."""
        split = sum((action.ratio - 1 for action in self.actions if action.kind in SPLIT_KINDS), Fraction(0))
        return self._sum("bonus", "ratio") + split

    def steps(self, basis: Basis) -> tuple[ExDate, ...]:
        """Give the day as what applies at once: all of it, or one action after another in their order."""
        if basis == "pre" or len(self.actions) == 1:
            return (self,)
        ordered = sorted(self.actions, key=lambda action: CALCULATED_KINDS.index(action.kind))
        return tuple(replace(self, actions=(action,)) for action in ordered)

    def require_calculated(self, holder: str) -> None:
        """Refuse, by name, a kind that levels cannot be calculated with yet."""
        for action in self.actions:
            if action.kind not in CALCULATED_KINDS:
                raise CorporateActionError(
                    f"{holder}: {self.security} has a {action.kind} on {self.date}; this kind is not calculated yet "
                    f"(finished: {', '.join(CALCULATED_KINDS)})"
                )

        if len(self.actions) > 1 and any(action.kind == "restructuring" for action in self.actions):
            raise CorporateActionError(
                f"{holder}: {self.security} has a restructuring and other actions on {self.date}; only one alone is "
                "calculated, since its price is the exchange's for the whole day"
            )

    def in_the_money(self, rights: Action, close: Fraction) -> bool:
        """Tell whether rights are worth taking up: strictly cheaper than the share after the day's cash and bonus."""
        return rights.price < (close - self.cash) / (1 + self.bonus)

    def reference_price(self, close: Fraction) -> Fraction:
        """Adjust yesterday's close for the day, unrounded. Rights out of the money are left out.

        The price of a restructuring is the exchange's own: no terms lead to it.
        """
        if self.actions[0].kind == "restructuring":
            return self.actions[0].price
        taken = [action for action in self.actions if action.kind == "rights" and self.in_the_money(action, close)]
        subscription = sum((action.price * action.ratio for action in taken), Fraction(0))
        new_shares = self.bonus + sum((action.ratio for action in taken), Fraction(0))
        value = (close - self.cash + subscription) / (1 + new_shares)
        if value <= 0:
            raise CorporateActionError(
                f"{self.security} on {self.date}: the reference price is {float(value)}, which is not positive "
                f"(close {float(close)}, cash {float(self.cash)}): check the terms in `actions`"
            )
        return value
