"""What groups of constituents contribute to the return of an index: fractions that add up to it exactly.

On one session the unrounded level, market value V over divisor D, returns ``V_t * D_{t-1} / (D_t * C) - 1`` with C the
closing value before. A group contributes ``v * D_{t-1} / (D_t * C) - o * (C + R) / (C * O) + r / C``: v is its part of
V, o its part of the opening value O after the actions of the day, r its part of R, what removal prices take at the
open. Over a window each session counts by the level before it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fintech_index.events import BASKET, Stage

if TYPE_CHECKING:
    from fintech_index.levels._calculation import Calculation
    from fintech_index.levels._divisor_changes import Change

_NO_GROUP = ""


def contributions(calculation: Calculation, first: int, last: int, by: str, variant: str) -> pd.DataFrame:
    """Take the return from the close of session `first` to that of `last` apart by groups of constituents."""
    labels = calculation.market.securities.codes if by == "security" else calculation.market.securities.texts(by)
    changes: dict[int, list[Change]] = {}
    for change in calculation.changes:
        if change.variant == variant and change.stage is not Stage.COMPOSITION:
            changes.setdefault(change.session, []).append(change)
    found: dict[str, Fraction] = {}
    start = _level(calculation, variant, first)
    for session in range(first + 1, last + 1):
        part = _level(calculation, variant, session - 1) / start
        for group, own in _of_session(calculation, session, changes.get(session, []), labels, variant).items():
            found[group] = found.get(group, Fraction(0)) + own * part
    frame = pd.DataFrame({"contribution": pd.Series(list(found.values()), dtype="object")})
    frame.index = pd.Index(list(found), name=by, dtype="object")
    return frame.assign(percent=[float(each * 100) for each in found.values()]).sort_index()


def _of_session(
    calculation: Calculation, session: int, changes: list[Change], labels: tuple[str, ...], variant: str
) -> dict[str, Fraction]:
    closing, opening = _values(calculation, session, labels)
    revalued: dict[str, Fraction] = {}
    for change in changes:
        group = _NO_GROUP if change.security == BASKET else labels[change.security]
        into = revalued if change.stage is Stage.REVALUATION else opening
        into[group] = into.get(group, Fraction(0)) + change.amount
    before = calculation.valuation.exact(session - 1)
    divisors = calculation.divisors
    scale = Fraction(divisors.at(variant, session - 1)) / (Fraction(divisors.at(variant, session)) * before)
    loss = sum(revalued.values(), Fraction(0))
    opened = (before + loss) / (before * sum(opening.values(), Fraction(0)))
    zero = Fraction(0)
    return {
        group: closing.get(group, zero) * scale - opening.get(group, zero) * opened + revalued.get(group, zero) / before
        for group in {**closing, **opening, **revalued}
    }


def _values(
    calculation: Calculation, session: int, labels: tuple[str, ...]
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Give each group's value at the close, and at the close before of the holding that opened the session."""
    segments, panel, market = calculation.holdings.segments, calculation.market.panel, calculation.market
    unit, home = 10**calculation.holdings.share_decimals, calculation.method.currency
    closing: dict[str, Fraction] = {}
    opening: dict[str, Fraction] = {}
    for at in np.flatnonzero(segments.held_at(session)).tolist():
        security, shares = int(segments.security[at]), int(segments.index_shares[at])
        opened = int(segments.opening_shares[at]) if segments.start[at] == session else shares
        currency = market.securities.currency[security]
        now, then = (market.fx.rate(currency, home, market.sessions[when]) for when in (session, session - 1))
        group = labels[security]
        zero = Fraction(0)
        closing[group] = closing.get(group, zero) + panel.price(security, session) * shares * now / unit
        opening[group] = opening.get(group, zero) + panel.price(security, session - 1) * opened * then / unit
    return closing, opening


def _level(calculation: Calculation, variant: str, session: int) -> Fraction:
    value = calculation.valuation.exact(session)
    return value / Fraction(calculation.divisors.at(variant, session))
