"""Splits, consolidations and redenominations (拆股, 并股, 面值变更)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding
from fintech_index.market import SPLIT_KINDS

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def split(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Multiply index shares by the ratio on the ex-date, one split of a day upon another; the opening value stays.

    Source: FTSE Russell, S&P and MSCI guides to corporate events: price / k, shares x k, divisor the same.
    """
    del holding, method
    before = Fraction(1)
    for other in day.of_kinds(SPLIT_KINDS):
        if other is action:
            break
        before *= other.ratio
    return Effect(new_shares=before * (action.ratio - 1))
