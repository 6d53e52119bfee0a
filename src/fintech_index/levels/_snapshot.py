"""From a calculation to the state of the index at a close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.events import HeldShares
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._state import State, closes_on, rates_on
from fintech_index.methodology import methodology_hash

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    from fintech_index.levels._calculation import Calculation


def snapshot(calculation: Calculation, session: int) -> State:
    """Give what `calculate(..., resume=state)` goes on from: the index at the close of a session."""
    codes = calculation.market.securities.codes
    held = np.flatnonzero(calculation.holdings.segments.held_at(session))
    day: dt.date = calculation.market.sessions[session].item()
    constituents = tuple(_held_shares(calculation, int(at)) for at in held)
    names = [each.security for each in constituents]
    reserve, bands = _remembered(calculation, session)
    return State(
        index=calculation.method.name,
        methodology=methodology_hash(calculation.method),
        date=day,
        closes=closes_on(calculation.market, names, day),
        rates=rates_on(calculation.market, names, day, calculation.method.currency),
        divisors={variant: calculation.divisors.at(variant, session) for variant in VARIANTS},
        share_decimals=calculation.holdings.share_decimals,
        constituents=constituents,
        paid=calculation.holdings.paid().seen_from(
            day, _left_by(calculation, session), {each.security for each in constituents}
        ),
        reserve=tuple(codes[security] for security in reserve),
        bands={codes[security]: band for security, band in bands.items()},
    )


def _remembered(calculation: Calculation, session: int) -> tuple[tuple[int, ...], dict[int, Fraction]]:
    """Give the reserve and the free-float bands that stand at a session's close."""
    reviewed = [outcome for outcome in calculation.baskets.outcomes if outcome.dates.effective <= session]
    if reviewed:
        return reviewed[-1].after.reserve, reviewed[-1].after.bands
    resumed = calculation.resumed
    if resumed is None:
        return (), {}
    before = resumed.standing(calculation.market)
    return before.reserve, before.bands


def _left_by(calculation: Calculation, session: int) -> dict[str, dt.date]:
    """Give who has left by a session's close, with the last day of each."""
    segments, market = calculation.holdings.segments, calculation.market
    held = set(segments.security[segments.held_at(session)].tolist())
    begun = segments.start <= session
    last: dict[int, int] = {}
    for security, stop in zip(segments.security[begun].tolist(), segments.stop[begun].tolist(), strict=True):
        last[security] = max(stop - 1, last.get(security, -1))
    return {
        market.securities.codes[number]: market.sessions[at].item() for number, at in last.items() if number not in held
    }


def _held_shares(calculation: Calculation, segment: int) -> HeldShares:
    segments, codes = calculation.holdings.segments, calculation.market.securities.codes
    basis = segments.basis(segment)
    return HeldShares(
        security=codes[segments.security[segment]],
        index_shares=basis.base_index_shares,
        ratio=basis.adjustment_ratio,
        free_float=basis.free_float,
        capping_factor=basis.capping_factor,
        float_ratio=basis.float_ratio,
        counted=calculation.market.sessions[max(basis.counted_session, 0)].item(),
        total=basis.total,
        leaving=basis.spin_off_shares,
        parent="" if basis.parent < 0 else codes[basis.parent],
    )
