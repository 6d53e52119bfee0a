"""What a corporate action does to a holding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from fintech_index.market import Action, ExDate
from fintech_index.methodology import Methodology

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Effect:
    """The outcome of one action for one holding.

    Attributes
    ----------
    new_shares : Fraction
        Index shares added for each share held before the day's actions.
    price, gross, net : Fraction
        Change of the opening value of each return variant, in trading currency.
    """

    new_shares: Fraction = _NOTHING
    price: Fraction = _NOTHING
    gross: Fraction = _NOTHING
    net: Fraction = _NOTHING


@dataclass(frozen=True, slots=True)
class Holding:
    """A constituent before the day's actions: index shares, and yesterday's close in trading currency."""

    index_shares: Fraction
    close: Fraction


Treatment = Callable[[Holding, Action, ExDate, Methodology], Effect]
"""How one kind of action is treated: (holding, the action, all terms of the day, the rules) to its effect."""
