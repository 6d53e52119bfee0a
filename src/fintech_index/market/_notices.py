"""What a user of market data should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fintech_index.market._data import MarketData


def notices_of(market: MarketData) -> tuple[str, ...]:
    """Give what is odd about actions: dates that are no session, ratios upside down, prices after the end."""
    moved = [
        f"the ex-date {day.date} of {day.security} is no session: its actions apply on {market.sessions[day.session]}"
        for day in market.actions.not_sessions
    ]
    forgotten = [
        f"{code}: there is no dividend of {date} to correct; its correction is taken as one that was forgotten"
        for code, date in market.actions.forgotten_dividends
    ]
    return tuple(moved + forgotten + _contrary_splits(market) + _traded_on(market))


def _contrary_splits(market: MarketData) -> list[str]:
    """Say which splits make shares fewer, and which consolidations make them more: a ratio may be upside down."""
    return [
        f"{day.security} on {day.date}: a {action.kind} of ratio {float(action.ratio):g} makes one share "
        f"{float(action.ratio):g}; is it meant?"
        for _, day in market.actions
        for action in day.of_kinds(("split", "consolidation"))
        if (action.ratio > 1) == (action.kind == "consolidation") and action.ratio != 1
    ]


def _traded_on(market: MarketData) -> list[str]:
    """Say who has prices on from the day on which it is no longer there."""
    said = []
    for security, session in sorted(market.actions.removals.items()):
        last = market.panel.last_close(security)
        if last >= max(session, 1):
            code, left = market.securities.codes[security], market.sessions[session]
            said.append(f"{code} has left on {left}, and has prices up to {market.sessions[last]}: they are not used")
    return said
