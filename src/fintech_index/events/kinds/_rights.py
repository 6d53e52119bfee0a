"""Rights issues (配股)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events.kinds._effect import Effect, Holding

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology


def rights(holding: Holding, action: Action, day: ExDate, method: Methodology) -> Effect:
    """Take up rights on the ex-date, or hold the weight, by the methodology's setting.

    `actions.rights`: ``subscribe``: index shares grow by the ratio, the opening value by what the new shares cost
    (CSI, STOXX, S&P for cap-weighted indices). ``weight_neutral``: index shares x cum / TERP, the opening value stays
    (S&P and FTSE for equal and other non-cap weights; for one rights issue alone it is MSCI's price adjustment factor
    of the older form). ``msci_ex``: index shares x MSCI's factor of the newer form, which goes by the close of the
    ex-date itself.

    Rights that are not in the money, strictly, are left alone. MSCI's rule is the source of the idea (no adjustment
    where the subscription price is not below the cum price); that the price is taken after the day's cash and bonus,
    per share that results, is this project's reading.
    """
    if not day.in_the_money(action, holding.close):
        return Effect()
    before = 1 + day.bonus  # what one share has become when the rights go ex
    if method.actions.rights == "subscribe":
        subscription = action.subscription * holding.index_shares
        return Effect(new_shares=action.ratio, price=subscription, gross=subscription, net=subscription)
    cum = day.before_rights(holding.close)
    if method.actions.rights == "weight_neutral":
        factor = cum * (before + action.ratio) / (cum * before + action.subscription)
    else:
        factor = (holding.ex_close * (before + action.ratio) - action.subscription) / (holding.ex_close * before)
    return Effect(new_shares=before * (max(factor, Fraction(0)) - 1), issued=action.ratio)
