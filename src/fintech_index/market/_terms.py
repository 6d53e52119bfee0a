"""The terms of one security's ex-date: all actions that go ex together, per share held before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Literal

from fintech_index.errors import CorporateActionError
from fintech_index.rounding import round_to_tick

if TYPE_CHECKING:
    import datetime as dt

SPLIT_KINDS = ("split", "consolidation", "redenomination")
"""Kinds whose ratio is what one share becomes (0.1 for 1 new for 10 old), not what it gets beside itself."""

CASH_KINDS = ("cash_dividend", "special_dividend")
"""Kinds that pay."""

REFERENCE_KINDS = (*SPLIT_KINDS, "bonus", "cash_dividend", "special_dividend", "rights", "restructuring")
"""The kinds that move a reference price, in the order in which they apply one after another."""

ACTING_KINDS = (*REFERENCE_KINDS, "spin_off")
"""The kinds that do something to a share at the open of the ex-date, in their order."""

HOLDER_KINDS = (*ACTING_KINDS, "dividend_correction")
"""The same, and what is settled with who has held it before."""

REMOVAL_KINDS = ("delisting", "merger")
"""The kinds after which a share is no longer there."""

SHARE_CHANGE_KINDS = ("issuance", "cancellation", "float_change")
"""The kinds that change share counts and no price."""

Basis = Literal["pre", "sequential"]
"""Whether the terms of a day are all per share held before it, or each per share that the one before leaves."""

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Action:
    """One corporate action.

    Attributes
    ----------
    kind : str
    cash : Fraction
        Trading currency a share; for a correction what is added to the dividend, or taken from it.
    ratio : Fraction
        New shares for each share held; of splits what one share becomes; of spin-offs shares of the child, of mergers
        shares of the acquirer.
    price : Fraction or None
        Trading currency a share: of a subscription, a removal, a restructuring, or of the child of a spin-off.
    source, par : str, Fraction
        What a bonus is paid from (``profit``, ``reserve`` or nothing known), and the par value of a share.
    total, free_float : int
        The counts after a share change.
    child, acquirer, newcomer : str
        The other security of a spin-off and of a merger, and the one that takes a leaver's place.
    original_ex_date : date or None
        Of the dividend that a correction corrects.
    record_date, pay_date : date or None
        On whose holders it is booked, and when it is paid; no level depends on them.
    """

    kind: str
    cash: Fraction = _ZERO
    ratio: Fraction = _ZERO
    price: Fraction | None = None
    source: str = ""
    par: Fraction = Fraction(1)
    total: int = 0
    free_float: int = 0
    child: str = ""
    acquirer: str = ""
    newcomer: str = ""
    original_ex_date: dt.date | None = None
    record_date: dt.date | None = None
    pay_date: dt.date | None = None

    @property
    def subscription(self) -> Fraction:
        """What the new shares of a rights issue cost, for each share held."""
        return self.ratio * (self.price or _ZERO)


@dataclass(frozen=True, slots=True)
class ExDate:
    """The actions of one security on one ex-date, and the session at whose open they apply.

    The session is the first on or after the ex-date, so that no action is lost when an ex-date is no session.
    """

    security: str
    date: dt.date
    session: int
    actions: tuple[Action, ...]

    def of_kinds(self, kinds: tuple[str, ...]) -> tuple[Action, ...]:
        """Give the actions of some kinds, in the order of `kinds`."""
        return tuple(action for kind in kinds for action in self.actions if action.kind == kind)

    def _sum(self, kind: str, term: str) -> Fraction:
        return sum((getattr(action, term) for action in self.actions if action.kind == kind), _ZERO)

    @property
    def cash(self) -> Fraction:
        """Cash dividends, ordinary and special, before tax."""
        return self._sum("cash_dividend", "cash") + self._sum("special_dividend", "cash")

    @property
    def split(self) -> Fraction:
        """What one share becomes by splits, those of one day one upon another."""
        return prod((action.ratio for action in self.of_kinds(SPLIT_KINDS)), start=Fraction(1))

    @property
    def bonus(self) -> Fraction:
        """New shares without payment, for each share held: by bonus issues and by splits."""
        return self._sum("bonus", "ratio") + self.split - 1

    @property
    def spun_off(self) -> Fraction:
        """What spin-offs with a stated price of the child take out of a share."""
        return sum((each.ratio * (each.price or _ZERO) for each in self.actions if each.kind == "spin_off"), _ZERO)

    def steps(self, basis: Basis) -> tuple[ExDate, ...]:
        """Give what the day does to a share as what applies at once: all of it, or one action after another."""
        ordered = self.of_kinds(ACTING_KINDS)
        if not ordered:
            return ()
        if basis == "pre" or len(ordered) == 1:
            return (replace(self, actions=ordered),)
        return tuple(replace(self, actions=(action,)) for action in ordered)

    def require_unmixed(self, holder: str) -> None:
        """Refuse a restructuring with other terms: its price is the exchange's for the whole day."""
        if len(self.of_kinds(HOLDER_KINDS)) > 1 and self.of_kinds(("restructuring",)):
            raise CorporateActionError(
                f"{holder}: {self.security} has a restructuring and other actions on {self.date}; only one alone is "
                "calculated, since its price is the exchange's for the whole day"
            )

    def in_the_money(self, rights: Action, close: Fraction) -> bool:
        """Tell whether rights are worth taking up: strictly cheaper than the share after the day's cash and bonus."""
        return (rights.price or _ZERO) < self.before_rights(close)

    def before_rights(self, close: Fraction) -> Fraction:
        """Adjust yesterday's close for the day's splits, bonus and cash, unrounded."""
        return (close - self.cash) / (1 + self.bonus)

    def reference_price(self, close: Fraction) -> Fraction:
        """Adjust yesterday's close for the day, unrounded. Rights out of the money are left out.

        The price of a restructuring is the exchange's own: no terms lead to it. A spin-off moves it only where the
        price of the child is stated; removals and share changes do not.
        """
        for action in self.of_kinds(("restructuring",)):
            return action.price or _ZERO
        subscription = sum((action.subscription for action in self._taken_up(close)), _ZERO)
        value = (close - self.cash - self.spun_off + subscription) / self.share_growth(close)
        if value <= 0:
            raise CorporateActionError(
                f"{self.security} on {self.date}: the reference price is {float(value)}, which is not positive "
                f"(close {float(close)}, cash {float(self.cash)}"
                f"{f', spun off {float(self.spun_off)}' if self.spun_off else ''}): check the terms in `actions`"
            )
        return value

    def share_growth(self, close: Fraction) -> Fraction:
        """Give what one share becomes, by splits, bonus and rights in the money."""
        return 1 + self.bonus + sum((action.ratio for action in self._taken_up(close)), _ZERO)

    def _taken_up(self, close: Fraction) -> list[Action]:
        return [action for action in self.of_kinds(("rights",)) if self.in_the_money(action, close)]

    def ticked_reference_price(self, close: Fraction, tick: Fraction, basis: Basis = "pre") -> Fraction:
        """Give the reference price that the day leaves, rounded half up to the exchange's tick."""
        for step in self.steps(basis):
            close = step.reference_price(close)
        return round_to_tick(close, tick)
