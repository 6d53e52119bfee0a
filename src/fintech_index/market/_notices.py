"""What a user of market data should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fintech_index.market._actions import Actions
    from fintech_index.market._carried_closes import PricePanel


def notices_of(
    actions: Actions, panel: PricePanel, sessions: NDArray[np.datetime64], codes: tuple[str, ...]
) -> tuple[str, ...]:
    """Give what is odd about actions: dates that are no session, ratios upside down, prices after the end."""
    moved = [
        f"the ex-date {day.date} of {day.security} is no session: its actions apply on {sessions[day.session]}"
        for day in actions.not_sessions
    ]
    forgotten = [
        f"{code}: there is no dividend of {date} to correct; its correction is taken as one that was forgotten"
        for code, date in actions.forgotten_dividends
    ]
    return tuple(moved + forgotten + _contrary_splits(actions) + _traded_on(actions, panel, sessions, codes))


def _contrary_splits(actions: Actions) -> list[str]:
    """Say which splits make shares fewer, and which consolidations make them more: a ratio may be upside down."""
    return [
        f"{day.security} on {day.date}: a {action.kind} of ratio {float(action.ratio):g} makes one share "
        f"{float(action.ratio):g}; is it meant?"
        for _, day in actions
        for action in day.of_kinds(("split", "consolidation"))
        if (action.ratio > 1) == (action.kind == "consolidation") and action.ratio != 1
    ]


def _traded_on(
    actions: Actions, panel: PricePanel, sessions: NDArray[np.datetime64], codes: tuple[str, ...]
) -> list[str]:
    """Say who has prices on from the day on which it is no longer there."""
    notices = []
    for security, session in sorted(actions.removals.items()):
        last = panel.last_close(security)
        if last >= max(session, 1):
            code, left = codes[security], sessions[session]
            notices.append(f"{code} has left on {left}, and has prices up to {sessions[last]}: they are not used")
    return notices
