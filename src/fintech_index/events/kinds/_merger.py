"""Mergers and takeovers (吸收合并): the target leaves, and the acquirer may grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.market import Action


def deal_price(action: Action, close: Fraction, acquirer_close: Fraction, *, trades: bool) -> Fraction:
    """Give the price at which a target leaves: its last close, or the deal's terms where it no longer trades.

    Terms are cash and shares of the acquirer at their last close, in the target's currency. Source: Solactive, equity
    index methodology: the last price, or deal terms if it is not trading on the day of removal.
    """
    return close if trades else action.cash + action.ratio * acquirer_close


def acquirer_shares(
    action: Action,
    *,
    target_float: Fraction,
    target_shares: Fraction,
    capping_factor: Fraction | None,
) -> Fraction:
    """Give the index shares that an acquirer gains by the terms: ratio x the target's free float x its own factor.

    Where baskets are one's own and know neither free float nor factor, index shares stand for the free float.
    """
    if capping_factor is None:
        return action.ratio * target_shares
    return action.ratio * target_float * capping_factor
