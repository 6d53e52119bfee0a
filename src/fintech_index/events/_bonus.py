"""Bonus issues and capitalisation of reserves (送股, 转增)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def bonus(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Multiply index shares by 1 + ratio on the ex-date; the opening value stays.

    Source: CSI 300 methodology (old text), divisor corrections: 除权 is corrected ahead of the ex-date, so that it
    moves no level. CNI publishes no text of its own on this; it is read the same way.
    """
    del holding, day, method
    return Effect(new_shares=action.ratio)
