"""The gates of an index, in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.levels.gates._gate import ERROR, WARNING, Gate, Row
from fintech_index.levels.gates._held import Held
from fintech_index.levels.gates._limits import GateLimits
from fintech_index.market import PriceDoubtKind, doubts_of
from fintech_index.methodology import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from fintech_index.levels._calculation import Calculation
    from fintech_index.market import PriceDoubts

_LIMITS = GateLimits()


class _Look(NamedTuple):
    """What gates look at."""

    calculation: Calculation
    held: Held
    limits: GateLimits

    def session(self, number: int) -> str:
        """Give the date of a session of the index."""
        return str(self.calculation.market.sessions[number])

    def code(self, security: int) -> str:
        """Give the code of a security."""
        return self.calculation.market.securities.codes[security]


def gates_of(calculation: Calculation, limits: GateLimits = _LIMITS) -> tuple[Gate, ...]:
    """Look at an index: every gate, passed or not."""
    look = _Look(calculation, Held(calculation), limits)
    return tuple(gate for passing in _PASSINGS for gate in passing(look))


def _completeness(look: _Look) -> list[Gate]:
    """Look for a large part of the index that traded the session before, and has no price at the last one."""
    market, last = look.calculation.market, look.held.last
    securities, parts = look.held.at_last()
    rows = []
    gone = []
    for security, part in zip(securities.tolist(), parts.tolist(), strict=True):
        silent = market.panel.suspended(security, last) and not market.panel.suspended(security, last - 1)
        told = market.statuses.on(look.code(security), market.sessions[last].item(), ("suspended",))
        if last > 0 and silent and told is None:
            gone.append(part)
            rows.append(Row(look.session(last), look.code(security), f"{part:.1%} of the index, and no price today"))
    failing = rows if sum(gone) >= look.limits.gone else []
    if failing:
        what = f"{len(rows)} of {len(securities)} constituents, {sum(gone):.1%} of the index, have lost their prices"
        failing = [Row(look.session(last), "", what), *rows]
    return [Gate("completeness", ERROR, "whoever traded the session before trades at the last one", tuple(failing))]


def _terms(look: _Look) -> list[Gate]:
    """Look for terms and reference prices of the exchange that do not explain each other."""
    denied = _rows(
        look,
        PriceDoubtKind.DENIED,
        "the terms lead to {given:.6g}, and the exchange has left its price at {expected:.6g}",
    )
    unexplained = _rows(
        look,
        PriceDoubtKind.UNEXPLAINED,
        "an ex-date without terms: the exchange's reference price is {given:.6g} after a close of {expected:.6g}",
    )
    market = look.calculation.market
    nothing = []
    if len(market.actions) == 0 and len(look.calculation.sessions) >= look.limits.year:
        what = f"no corporate action in {len(look.calculation.sessions)} sessions: is `actions` complete?"
        nothing = [Row("", "", what)]
    return [
        Gate("denied-terms", ERROR, "the exchange's price does not deny the terms of an action", denied),
        Gate("terms", WARNING, "every ex-date has terms", (*nothing, *unexplained)),
    ]


def _closes(look: _Look) -> list[Gate]:
    """Look for closes outside their own day or the limit of their board, and off the tick."""
    outside = _rows(look, PriceDoubtKind.OUTSIDE_DAY, "the close {given:.6g} is outside low and high of its day")
    beyond = _rows(
        look, PriceDoubtKind.BEYOND_LIMIT, "the close {given:.6g} is beyond the price limit about {expected:.6g}"
    )
    last = look.session(look.held.last)
    gates = []
    for name, looks_at, rows in (
        ("day-range", "closes are between low and high", outside),
        ("price-limit", "closes are within the price limit of their board", beyond),
    ):
        today = tuple(row for row in rows if row.date == last)
        older = tuple(row for row in rows if row.date != last)
        gates += [
            Gate(name, ERROR, f"{looks_at}, at the last session", today),
            Gate(f"{name}-before", WARNING, f"{looks_at}, at earlier sessions", older),
        ]
    off = _rows(look, PriceDoubtKind.OFF_TICK, "the close {given:.6g} is off the tick, next to {expected:.6g}")
    return [*gates, Gate("tick", WARNING, "closes are multiples of the tick", off)]


def _moves(look: _Look) -> list[Gate]:
    """Look for days on which one constituent alone moves the index far."""
    market, first = look.calculation.market, look.calculation.first
    levels = look.calculation.levels[0]
    moves = np.abs(levels[1:] / levels[:-1] - 1)
    rows = []
    for at in np.flatnonzero(moves > look.limits.move).tolist():
        session = first + at + 1
        securities, parts = look.held.over(session)
        if len(securities) and np.abs(parts).max() > moves[at] / 2:
            most = int(np.abs(parts).argmax())
            what = f"the index moves {moves[at]:.1%} (its level), of which this alone {parts[most]:+.1%}"
            rows.append(Row(look.session(session), market.securities.codes[securities[most]], what))
    return [Gate("move", WARNING, "no constituent alone moves the index far", tuple(rows))]


def _stale(look: _Look) -> list[Gate]:
    """Look for constituents whose prices are old."""
    market, last = look.calculation.market, look.held.last
    rows = []
    for security in look.held.at_last()[0].tolist():
        at = market.panel.last_close(security)
        if at >= 0 and last - at >= look.limits.stale:
            rows.append(Row(look.session(at), look.code(security), f"its last price, {last - at} sessions ago"))
    return [Gate("stale", WARNING, "constituents have traded lately", tuple(rows))]


def _sessions(look: _Look) -> list[Gate]:
    """Look for sessions that hardly anybody traded on."""
    calculation = look.calculation
    dates = calculation.source_market.sessions
    own = set(calculation.sessions.tolist())
    rows = [
        Row(str(dates[session]), "", f"only {count} securities have a price: is it a session?")
        for session, count in doubts_of(calculation.source_market).thin_sessions.items()
        if dates[session].item() in own
    ]
    return [Gate("sessions", WARNING, "most securities trade on every session", tuple(rows))]


def _universe(look: _Look) -> list[Gate]:
    """Look whether a shipped index has the securities that it is made for."""
    method, market = look.calculation.method, look.calculation.market
    rows: tuple[Row, ...] = ()
    if method.name in catalogue() and look.calculation.baskets.outcomes:
        category = market.securities.texts("category")
        securities = look.held.at_last()[0].tolist()
        without = sum(not category[security] for security in securities)
        if without > look.limits.classified * len(securities):
            what = (
                f"{without} of {len(securities)} constituents have no category: this index is made for classified "
                "fintech securities; give their classification when importing, or a methodology of your own"
            )
            rows = (Row("", "", what),)
    return [Gate("universe", WARNING, "a shipped index is on the securities that it is made for", rows)]


def _rows(look: _Look, kind: PriceDoubtKind, what: str) -> tuple[Row, ...]:
    """Give the doubts of a kind about who is held, while it is."""
    calculation = look.calculation
    doubts: PriceDoubts = doubts_of(calculation.source_market).by_kind[kind]
    dates = calculation.source_market.sessions[doubts.session]
    session = np.searchsorted(calculation.market.sessions, dates)
    there = np.flatnonzero(
        calculation.market.sessions[np.minimum(session, len(calculation.market.sessions) - 1)] == dates
    )
    held = there[look.held.among(doubts.security[there], session[there])]
    return tuple(
        Row(
            str(dates[at]),
            look.code(int(doubts.security[at])),
            what.format(given=doubts.given[at], expected=doubts.expected[at]),
        )
        for at in held[np.argsort(dates[held], kind="stable")].tolist()
    )


_PASSINGS: tuple[Callable[[_Look], list[Gate]], ...] = (
    _completeness,
    _terms,
    _closes,
    _moves,
    _stale,
    _sessions,
    _universe,
)
GATES = (
    "completeness",
    "denied-terms",
    "terms",
    "day-range",
    "day-range-before",
    "price-limit",
    "price-limit-before",
    "tick",
    "move",
    "stale",
    "sessions",
    "universe",
)
