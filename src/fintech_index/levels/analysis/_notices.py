"""What a reader must know of what an index holds: prices that are old, securities that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fintech_index.levels._calculation import Calculation

LONG_SUSPENSION = 60  # sessions
_NAMED = 5


def held_without_prices(calculation: Calculation) -> list[str]:
    """Name who is held at the last close and has not traded for long."""
    segments, panel, last = (
        calculation.holdings.segments,
        calculation.market.panel,
        len(calculation.market.sessions) - 1,
    )
    since = {security: panel.last_close(security) for security in segments.security[segments.stop == last + 1].tolist()}
    still = {security: at for security, at in since.items() if at >= 0 and last - at >= LONG_SUSPENSION}
    if not still:
        return []
    codes, shown = calculation.market.securities.codes, sorted(still, key=lambda security: still[security])[:_NAMED]
    names = ", ".join(f"{codes[security]} since {calculation.market.sessions[still[security]]}" for security in shown)
    more = f" and {len(still) - len(shown)} more" if len(still) > len(shown) else ""
    return [
        (
            f"{calculation.method.name}: {len(still)} constituents count at their last prices, with none for "
            f"{LONG_SUSPENSION} sessions or more: {names}{more}"
        )
    ]


def held_after_delisting(calculation: Calculation) -> list[str]:
    """Name who is held after it was delisted, for want of an action that says so."""
    segments, known, sessions = (
        calculation.holdings.segments,
        calculation.market.securities,
        calculation.market.sessions,
    )
    notices = []
    for security in np.unique(segments.security).tolist():
        delisted = known.delisted[security]
        if delisted is None or security in calculation.market.actions.removals:
            continue
        if np.datetime64(delisted) <= sessions[segments.stop[segments.security == security].max() - 1]:
            notices.append(
                f"{calculation.method.name}: {known.codes[security]} is held after it was delisted on {delisted}, at "
                "its last price: `actions` has no delisting of it"
            )
    return notices
