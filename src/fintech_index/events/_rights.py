"""Rights issues (配股)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def rights(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Subscribe on the ex-date: index shares grow by the ratio, the opening value by what the new shares cost.

    Rights that are not in the money, strictly, are left alone. MSCI's rule is the source of the idea (no adjustment
    where the subscription price is not below the cum price); that the price is taken after the day's cash and bonus,
    per share that results, is this project's reading.
    """
    del method
    if not day.in_the_money(action, holding.close):
        return Effect()
    subscription = action.price * action.ratio * holding.index_shares
    return Effect(new_shares=action.ratio, price=subscription, gross=subscription, net=subscription)
