"""Spin-offs (分拆, 实物分红): each share brings shares of another company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def spin_off(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Add the child at a price of zero: ratio x index shares, with the parent's capping factor.

    The opening value stays; the level has the parent's fall and the child's first price on one day. What becomes of
    the child after its first close is `actions.spin_off` (S&P DJI, announcement of 2015-09-14: zero price, removed at
    the close of its first regular day). In a price-weighted index with a stated price of the child, the parent's price
    is adjusted instead and the divisor falls (Dow Jones Industrial Average).
    """
    del day
    if method.weighting.by == "price" and action.price is not None:
        moved = -action.ratio * action.price * holding.index_shares
        return Effect(price=moved, gross=moved, net=moved)
    return Effect(child_shares=action.ratio * holding.index_shares)
