"""What a reader must know of what an index holds: prices that are old, securities that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fintech_index.levels._history import History

LONG_SUSPENSION = 60  # sessions
_NAMED = 5


def held_without_prices(history: History) -> list[str]:
    """Name who is held at the last close and has not traded for long."""
    segments, panel, last = (
        history.calculation.holdings.segments,
        history.market.panel,
        len(history.market.sessions) - 1,
    )
    since = {who: panel.last_close(who) for who in segments.security[segments.stop == last + 1].tolist()}
    still = {who: at for who, at in since.items() if at >= 0 and last - at >= LONG_SUSPENSION}
    if not still:
        return []
    codes, shown = history.market.securities.codes, sorted(still, key=lambda who: still[who])[:_NAMED]
    names = ", ".join(f"{codes[who]} since {history.market.sessions[still[who]]}" for who in shown)
    more = f" and {len(still) - len(shown)} more" if len(still) > len(shown) else ""
    return [
        (
            f"{history.method.name}: {len(still)} constituents count at their last prices, with none for "
            f"{LONG_SUSPENSION} sessions or more: {names}{more}"
        )
    ]


def held_after_delisting(history: History) -> list[str]:
    """Name who is held after it was delisted, for want of an action that says so."""
    segments, known, sessions = (
        history.calculation.holdings.segments,
        history.market.securities,
        history.market.sessions,
    )
    said = []
    for security in np.unique(segments.security).tolist():
        delisted = known.delisted[security]
        if delisted is None or security in history.market.actions.removals:
            continue
        if np.datetime64(delisted) <= sessions[segments.stop[segments.security == security].max() - 1]:
            said.append(
                f"{history.method.name}: {known.codes[security]} is held after it was delisted on {delisted}, at its "
                "last price: `actions` has no delisting of it"
            )
    return said
