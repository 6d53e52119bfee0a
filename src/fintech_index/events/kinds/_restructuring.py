"""Restructurings with new shares for creditors (重整转增): holders keep theirs, the exchange sets a new price."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def restructuring(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Keep index shares; let the level have the fall to the exchange's reference price, or absorb it.

    `actions.restructuring`: with ``performance`` nothing is adjusted, and the level moves from the close before; with
    ``absorbed`` the opening value of every variant goes by the reference price, so that the level moves from there.
    No provider's published text on this was found; both readings are this project's.
    """
    del day
    if method.actions.restructuring == "performance":
        return Effect()
    moved = ((action.price or Fraction(0)) - holding.close) * holding.index_shares
    return Effect(price=moved, gross=moved, net=moved)
