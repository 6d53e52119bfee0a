"""What the index shares of a constituent are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.rounding import exact, round_half_up

if TYPE_CHECKING:
    from decimal import Decimal

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class ShareBasis:
    """The share counts that an index rests on, and what they have become since they were counted.

    Attributes
    ----------
    base_index_shares : int
        Index shares when they were last counted: at the price date, or at a change that counted them anew.
    adjustment_ratio : Fraction
        What one of them has become; index shares are ``base_index_shares x adjustment_ratio``, rounded once.
    free_float : int
        Free-float shares when they were last counted; -1 where not known.
    float_ratio : Fraction
        What one of those has become.
    capping_factor : Decimal or None
    counted_session : int
        The session by which share counts are in; later share changes are news.
    total : int or None
        All shares of the company when last counted; None: those of the `shares` table on `counted_session`.
    spin_off_shares : Fraction
        How many of `base_index_shares` are a spun-off child's, and leave at its first close.
    parent : int
        The security that the child's value goes to, or -1.
    """

    base_index_shares: int
    adjustment_ratio: Fraction = _ONE
    free_float: int = -1
    float_ratio: Fraction = _ONE
    capping_factor: Decimal | None = None
    counted_session: int = -1
    total: int | None = None
    spin_off_shares: Fraction = Fraction(0)
    parent: int = -1

    @property
    def index_shares(self) -> int:
        """Index shares, in the unit of the basket."""
        if self.adjustment_ratio == 1:
            return self.base_index_shares
        return round_half_up(self.base_index_shares * self.adjustment_ratio)

    @property
    def spin_off_shares_now(self) -> Fraction:
        """What `spin_off_shares` have become."""
        return self.spin_off_shares * self.adjustment_ratio

    @property
    def free_float_now(self) -> Fraction | None:
        """Free-float shares as they have become; None where not known."""
        return None if self.free_float < 0 else self.free_float * self.float_ratio

    def adjusted(self, growth: Fraction, float_growth: Fraction) -> ShareBasis:
        """Multiply index shares and free-float shares by what one of each becomes."""
        return replace(
            self, adjustment_ratio=self.adjustment_ratio * growth, float_ratio=self.float_ratio * float_growth
        )

    def grown_by(self, units: int) -> ShareBasis:
        """Add index shares, and count all of them anew."""
        return replace(
            self,
            base_index_shares=self.index_shares + units,
            adjustment_ratio=_ONE,
            spin_off_shares=self.spin_off_shares_now,
        )

    def by_the_factor(self, unit: int) -> int:
        """Give free-float shares x capping factor, in the unit of the basket."""
        return round_half_up(self.free_float * exact(self.capping_factor or 0) * unit)

    def of_the_factor(self, unit: int) -> bool:
        """Tell whether index shares are free float x capping factor, and nothing has made them more or less."""
        known = self.free_float >= 0 and self.capping_factor is not None
        alike = self.adjustment_ratio == self.float_ratio
        return known and alike and self.base_index_shares == self.by_the_factor(unit)
