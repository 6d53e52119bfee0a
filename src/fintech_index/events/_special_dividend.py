"""Special cash dividends and returns of capital (特别红利)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def special_dividend(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest a special dividend on its ex-date; whether the price index is adjusted is the methodology's setting.

    `actions.special_dividend`: ``none`` treats it like an ordinary one (CSI and CNI publish no other rule); ``gross``
    lowers the opening value of the price index by the whole dividend (Morningstar Indexes, corporate actions
    methodology: price and divisor change); ``net`` by what is left after withholding tax. With ``gross`` the price
    index can outgrow the net return.
    """
    del day
    paid = action.cash * holding.index_shares
    after_tax = paid * (1 - exact(method.returns.withholding_tax))
    in_price = {"none": paid * 0, "gross": paid, "net": after_tax}[method.actions.special_dividend]
    return Effect(price=-in_price, gross=-paid, net=-after_tax)
