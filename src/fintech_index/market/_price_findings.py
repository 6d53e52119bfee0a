"""`data check` of prices: outside their day or limit, off the tick, thin sessions, and one history under two codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.market._finding import CONTRADICTION, DOUBT, Finding
from fintech_index.market._price_doubts import PriceDoubtKind, doubts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.market._market import Market

_SAYS = {
    PriceDoubtKind.OUTSIDE_DAY: (CONTRADICTION, "close {given:.6g} is outside low and high of its day"),
    PriceDoubtKind.BEYOND_LIMIT: (CONTRADICTION, "close {given:.6g} is beyond the price limit about {expected:.6g}"),
    PriceDoubtKind.OFF_TICK: (DOUBT, "close {given:.6g} is off the tick, next to {expected:.6g}"),
    PriceDoubtKind.UNEXPLAINED: (
        DOUBT,
        "reference price {given} of the exchange after a close of {expected}, without terms",
    ),
    PriceDoubtKind.DENIED: (
        CONTRADICTION,
        "the terms lead to {given:.6g}, and the exchange has left its price at {expected:.6g}: it denies them",
    ),
}
_ALIKE = 20  # sessions of the same closes, from which on two codes are one security


def of_prices(market: Market) -> Iterator[Finding]:
    """Find what speaks against prices."""
    doubts = doubts_of(market)
    for kind, found in doubts.by_kind.items():
        gravity, says = _SAYS[kind]
        table = "actions" if kind is PriceDoubtKind.DENIED else "prices"
        columns = (found.security, found.session, found.given, found.expected)
        for security, session, given, expected in zip(*(each.tolist() for each in columns), strict=True):
            code, date = market.securities.codes[security], str(market.sessions[session])
            size = abs(given / expected - 1) if expected else 0.0
            yield Finding(gravity, table, date, code, says.format(given=given, expected=expected), size)
    for session, count in doubts.thin_sessions.items():
        what = f"only {count} securities have a price: is it a session?"
        yield Finding(DOUBT, "prices", str(market.sessions[session]), "", what)
    yield from _two_codes(market)


def _two_codes(market: Market) -> Iterator[Finding]:
    """Find codes with the same closes over all their sessions: one security whose code has changed, say."""
    panel = market.panel
    end = len(market.sessions)
    last = {security: start for security, start, stop in panel.suspension_table.tolist() if stop == end}
    seen: dict[bytes, int] = {}
    for security, first in enumerate(panel.first_session.tolist()):
        own = panel.values[security, first : last.get(security, end)]
        if len(own) < _ALIKE or (own == own[0]).all():
            continue
        other = seen.setdefault(np.int64(first).tobytes() + np.ascontiguousarray(own).tobytes(), security)
        if other != security:
            codes = market.securities.codes
            what = f"the same closes as {codes[other]} in all {len(own)} sessions: if its code has changed, a `rename`"
            yield Finding(DOUBT, "prices", str(market.sessions[first]), codes[security], f"{what} merges them")
