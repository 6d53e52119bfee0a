"""Ordinary cash dividends (派息)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def cash_dividend(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest a dividend on its ex-date through the opening value.

    The price index falls by itself (CSI 300 methodology, divisor corrections: 除息 is not corrected; CNI is read the
    same way). The gross opening value is lowered by cash x shares held before the day's bonus, the net one by what is
    left after withholding tax.
    """
    del day, method
    paid = action.cash * holding.index_shares
    return Effect(gross=-paid, net=-paid * (1 - holding.withholding))
