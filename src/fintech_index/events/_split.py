"""Splits, consolidations and redenominations (拆股, 并股, 面值变更)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def split(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Multiply index shares by the ratio on the ex-date; the opening value stays.

    Source: FTSE Russell, S&P and MSCI guides to corporate events: price / k, shares x k, divisor the same.
    """
    del holding, day, method
    return Effect(new_shares=action.ratio - 1)
