"""What moved a level on a day: points of each constituent and of each event."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fintech_index.events import Stage
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from fintech_index.levels._calculation import Calculation


def explain(calculation: Calculation, session: int) -> pd.DataFrame:
    """Take the change of a level apart, exactly, and give it in points as floats.

    With the divisor D of the session, the level moves by (closing value - opening value) / D: for each constituent
    its value at the close less its value at the close before (the basket that opened the session), for each event
    less what it changed in the opening value. A removal price that differs from the close has moved the level with
    the divisor before.
    """
    codes = calculation.market.securities.codes
    divisor = {variant: Fraction(calculation.divisors.at(variant, session)) for variant in VARIANTS}
    before = {variant: Fraction(calculation.divisors.at(variant, session - 1)) for variant in VARIANTS}
    rows: list[tuple[Any, ...]] = []
    moved = {variant: Fraction(0) for variant in VARIANTS}

    def add(kind: str, security: str, cause: str, amounts: dict[str, Fraction]) -> None:
        over = before if cause == "revaluation" else divisor
        points = {variant: amounts.get(variant, Fraction(0)) / over[variant] for variant in VARIANTS}
        for variant, value in points.items():
            moved[variant] += value
        rows.append((kind, security, cause, *(float(points[variant]) for variant in VARIANTS)))

    for security, amount in _price_moves(calculation, session).items():
        add("constituent", codes[security], "price", dict.fromkeys(VARIANTS, amount))
    rows.sort(key=lambda row: -abs(row[3]))
    events: dict[tuple[int, str], dict[str, Fraction]] = {}
    for change in calculation.changes:
        if change.session == session and change.stage is not Stage.COMPOSITION:
            sign = 1 if change.stage is Stage.REVALUATION else -1
            of_event = events.setdefault((change.security, change.cause), {})
            of_event[change.variant] = of_event.get(change.variant, Fraction(0)) + sign * change.amount
    for (security, cause), amounts in events.items():
        add("event", codes[security], cause, amounts)
    published = {variant: _published_change(calculation, session, variant) for variant in VARIANTS}
    rows.append(("rounding", "", "rounding", *(float(published[variant] - moved[variant]) for variant in VARIANTS)))
    return pd.DataFrame(rows, columns=["kind", "security", "cause", *VARIANTS])


def _price_moves(calculation: Calculation, session: int) -> dict[int, Fraction]:
    """Give each constituent's value at the close, less that of the holding which opened the day at the close before."""
    segments, panel, market = calculation.holdings.segments, calculation.market.panel, calculation.market
    unit = 10**calculation.holdings.share_decimals
    moves: dict[int, Fraction] = {}
    for at in np.flatnonzero(segments.held_at(session)):
        security = int(segments.security[at])
        shares = int(segments.index_shares[at])
        before = int(segments.opening_shares[at]) if segments.start[at] == session else shares
        currency, home = market.securities.currency[security], calculation.method.currency
        now, then = (market.fx.rate(currency, home, market.sessions[when]) for when in (session, session - 1))
        close = panel.price(security, session) * shares * now
        moves[security] = (close - panel.price(security, session - 1) * before * then) / unit
    return moves


def _published_change(calculation: Calculation, session: int, variant: str) -> Fraction:
    decimals = calculation.method.rounding.level_decimals
    levels = []
    for when in (session - 1, session):
        divisor = Fraction(calculation.divisors.at(variant, when))
        level = round_half_up(calculation.valuation.exact(when) / divisor, decimals)
        levels.append(Fraction(level, 10**decimals))
    return levels[1] - levels[0]
