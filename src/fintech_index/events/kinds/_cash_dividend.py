"""Ordinary cash dividends (派息)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def cash_dividend(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest a dividend on its ex-date through the opening value.

    The price index falls by itself (CSI 300 methodology, divisor corrections: 除息 is not corrected; CNI is read the
    same way). The gross opening value is lowered by cash x shares held before the day's bonus, the net one by what is
    left after withholding tax.
    """
    del day, method
    return paid_out(action.cash, holding, "none")


def paid_out(cash: Fraction, holding: Holding, in_price: str) -> Effect:
    """Take cash a share out of the opening values: of the price index ``none`` of it, all (``gross``), or ``net``."""
    paid = cash * holding.index_shares
    after_tax = paid * (1 - holding.withholding)
    price = {"none": paid * 0, "gross": paid, "net": after_tax}[in_price]
    return Effect(price=-price, gross=-paid, net=-after_tax)
