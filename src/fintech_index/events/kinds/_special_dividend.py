"""Special cash dividends and returns of capital (特别红利)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events.kinds._cash_dividend import paid_out
from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def special_dividend(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest a special dividend on its ex-date; whether the price index is adjusted is the methodology's setting.

    `actions.special_dividend`: ``none`` treats it like an ordinary one (CSI and CNI publish no other rule); ``gross``
    lowers the opening value of the price index by the whole dividend (Morningstar Indexes, corporate actions
    methodology: price and divisor change); ``net`` by what is left after withholding tax; ``weight_neutral`` reinvests
    it in the share itself at its reference price, which is x C / (C - cash) where nothing else happens, with C after
    ordinary dividends (FTSE Russell, guide for non-market-cap indices); the net return pays the tax. With ``gross``
    and ``weight_neutral`` the price index can outgrow the net return.
    """
    treatment = method.actions.special_dividend
    if treatment != "weight_neutral":
        return paid_out(action.cash, holding, treatment)
    tax = action.cash * holding.index_shares * holding.withholding
    return Effect(new_shares=action.cash / day.reference_price(holding.close), net=tax, issued=Fraction(0))
