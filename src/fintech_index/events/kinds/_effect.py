"""What a corporate action does to a holding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from fintech_index.market import Action, ExDate
from fintech_index.methodology import Methodology

_NOTHING = Fraction(0)
NOTHING_ABOVE = (_NOTHING, _NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class Effect:
    """The outcome of one action for one holding.

    Attributes
    ----------
    new_shares : Fraction
        Index shares added for each share held before the day's actions.
    price, gross, net : Fraction
        Change of the opening value of each return variant, in trading currency.
    issued : Fraction or None
        Shares that the company issues for each share, where they are not the index shares added: what free-float
        counts grow by.
    child_shares : Fraction
        Index shares of the child of a spin-off, which enter at a price of zero.
    """

    new_shares: Fraction = _NOTHING
    price: Fraction = _NOTHING
    gross: Fraction = _NOTHING
    net: Fraction = _NOTHING
    issued: Fraction | None = None
    child_shares: Fraction = _NOTHING

    @property
    def float_growth(self) -> Fraction:
        """Shares that the company issues for each share."""
        return self.new_shares if self.issued is None else self.issued


@dataclass(frozen=True, slots=True)
class Holding:
    """A constituent before the day's actions.

    Attributes
    ----------
    index_shares : Fraction
    close : Fraction
        Yesterday's, in trading currency.
    withholding : Fraction
        What the net return loses of a dividend.
    ex_close : Fraction
        The close of the ex-date itself, for the one treatment that looks at it.
    above : tuple of three Fractions
        What the opening values of price, gross and net count above ``close x index_shares``, where terms of the day
        have been applied before these: a dividend that the price index has not taken out.
    """

    index_shares: Fraction
    close: Fraction
    withholding: Fraction = _NOTHING
    ex_close: Fraction = _NOTHING
    above: tuple[Fraction, Fraction, Fraction] = NOTHING_ABOVE


Treatment = Callable[[Holding, Action, ExDate, Methodology], Effect]
"""How one kind of action is treated: (holding, the action, all terms of the day, the rules) to its effect."""
