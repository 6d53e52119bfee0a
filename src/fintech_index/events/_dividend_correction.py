"""Corrections of a dividend after its ex-date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.events._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def dividend_correction(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Reinvest what a dividend was too low by, or take back what it was too high by, on the day known.

    `holding` has the index shares of the original ex-date. Nothing published is restated.

    Source: S&P DJI, Index Mathematics Methodology, post ex-date dividend adjustments (the section is known, its text
    is not; the mechanism is this project's reading).
    """
    del day, method
    paid = action.cash * holding.index_shares
    return Effect(gross=-paid, net=-paid * (1 - holding.withholding))
