"""Bonus issues and capitalisation of reserves (送股, 转增)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def bonus(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Multiply index shares by 1 + ratio on the ex-date; the opening value stays.

    With `returns.bonus_par_tax` the net return pays tax on the par value of a bonus from profit, as a holder of A
    shares does (财税〔2012〕85 号 counts a 红股 at par as dividend income): its opening value rises by rate x par x
    ratio x shares.

    Source: CSI 300 methodology (old text), divisor corrections: 除权 is corrected ahead of the ex-date, so that it
    moves no level. CNI publishes no text of its own on this; it is read the same way.
    """
    del day
    if not (method.returns.bonus_par_tax and action.source == "profit"):
        return Effect(new_shares=action.ratio)
    tax = holding.withholding * action.par * action.ratio * holding.index_shares
    return Effect(new_shares=action.ratio, net=tax)
