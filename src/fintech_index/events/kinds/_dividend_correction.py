"""Corrections of a dividend after its ex-date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.errors import CorporateActionError
from fintech_index.events.kinds._cash_dividend import paid_out

if TYPE_CHECKING:
    from fintech_index.events.kinds._effect import Effect, Holding
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def dividend_correction(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest what a dividend was too low by, or take back what it was too high by, on the day known.

    `day` is the original ex-date, and `holding` has the index shares that its dividend was paid on. A special dividend
    that has left the opening value of the price index is corrected there too; one that was reinvested in shares cannot
    be. Nothing published is restated.

    Source: S&P DJI, Index Mathematics Methodology, post ex-date dividend adjustments (the section is known, its text
    is not; the mechanism is this project's reading).
    """
    treatment = method.actions.special_dividend if day.of_kinds(("special_dividend",)) else "none"
    if treatment == "weight_neutral":
        raise CorporateActionError(
            f"{method.name}: the special dividend of {day.security} on {day.date} has been reinvested in its shares "
            '(actions.special_dividend = "weight_neutral"); its correction is not calculated yet'
        )
    return paid_out(action.cash, holding, treatment)
