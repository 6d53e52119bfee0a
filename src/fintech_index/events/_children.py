"""Children of spin-offs: they enter at a price of zero, and most leave at their first close."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._lines import Counts
from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from fintech_index.events._lines import Line, Lines
    from fintech_index.events._opening import Opening
    from fintech_index.market import Action, ExDate, MarketData


def first_close(market: MarketData, security: int, session: int) -> int:
    """Give the first session from `session` on with a traded close; the number of sessions where there is none yet."""
    at = int(market.panel.first[security])
    if at >= session:
        return at  # its first price, on this day or on one without a level before it
    at = session
    while at < len(market.sessions) and market.panel.suspended(security, at):
        at += 1
    return at


def enter_child(
    lines: Lines, opening: Opening, line: Line, parent: Counts, day: ExDate, action: Action, shares: Fraction
) -> int:
    """Let a child into the basket of its parent (`line`), and give its number.

    `shares` are index shares, not in units. Free float and capping factor come from the parent's counts before the
    terms, `parent`.

    Raises
    ------
    CorporateActionError
        The child never has a price, and no listing date says that it will.
    """
    market, session = opening.market, opening.session
    child = market.securities.index[action.child]
    opening.require_stays(child, "spin_off")
    _require_price_to_come(opening, day, child)
    units = round_half_up(shares * opening.unit)
    leaves = opening.method.actions.spin_off != "stays"
    floats = -1 if parent.free_float_now is None else round_half_up(parent.free_float_now * action.ratio)
    held = lines.begun(line.basket, child, session)
    if held is None:
        counts = Counts(units, free_float=floats, capping_factor=parent.capping_factor, counted=session)
        held = lines.enter(line.basket, child, session, counts)
    else:
        counts = held.counts.grown_by(units)
    heir = line.security if opening.method.actions.spin_off == "to_parent" else -1
    if counts.leaving and counts.parent != heir:
        raise CorporateActionError(
            f"{opening.method.name}: {action.child}, spun off by {day.security} on {day.date}, is still to leave to "
            'another parent; with actions.spin_off = "to_parent" two parents of one child are not calculated yet'
        )
    held.counts = replace(counts, leaving=counts.leaving + (units if leaves else 0), parent=heir)
    held.note(session, opening=False)
    return child


def leave_child(lines: Lines, opening: Opening, basket: int, child: int) -> None:
    """Take a child out at its first close; what it was worth goes through the divisor, or to its parent."""
    line = lines.begun(basket, child, opening.session)
    if line is None or line.counts.leaving == 0:
        return
    before, counts = line.index_shares, line.counts
    leaving = min(before, round_half_up(counts.leaving * counts.ratio))
    value = opening.value(child, leaving)
    if leaving == before:
        line.stop = max(opening.session, line.start)
    else:
        line.counts = replace(counts, origin=before - leaving, ratio=Fraction(1), leaving=Fraction(0), parent=-1)
        line.note(opening.session, opening=True)
    opening.recount(child, "spin_off", -value)
    heir = lines.begun(basket, counts.parent, opening.session) if counts.parent >= 0 else None
    worth = opening.value(heir.security, heir.index_shares) if heir is not None else Fraction(0)
    if heir is not None and worth:
        held = heir.index_shares
        heir.counts = replace(heir.counts, ratio=heir.counts.ratio * (1 + value / worth))
        heir.note(opening.session, opening=True)
        opening.recount(heir.security, "spin_off", opening.value(heir.security, heir.index_shares - held))


def _require_price_to_come(opening: Opening, day: ExDate, child: int) -> None:
    market = opening.market
    if market.panel.first[child] < len(market.sessions):
        return
    listed = market.securities.listed[child]
    if listed is None or np.datetime64(listed) <= market.last_known:
        raise CorporateActionError(
            f"{opening.method.name}: {market.securities.codes[child]}, spun off by {day.security} on {day.date}, has "
            "no price in the data: add its prices, or its coming `listed` date in `securities`"
        )
