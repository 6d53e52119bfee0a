"""Delistings (退市): a constituent leaves at a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.market import Action


def removal_price(action: Action, close: Fraction) -> Fraction:
    """Give the price at which a delisted share leaves: the stated one, which may be 0, or its last close.

    What it differs from the last close by is performance, before the constituent is taken out (CSI, FTSE and S&P on
    bankruptcies: the loss is in the level, then a line of no value leaves and the divisor stays).
    """
    return close if action.price is None else action.price
