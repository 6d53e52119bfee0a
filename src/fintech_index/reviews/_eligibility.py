"""Who may enter: the universe, and the rules that keep a security out on the cut-off date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from fintech_index.calendar import add_months
from fintech_index.errors import Problem, ReviewError, did_you_mean
from fintech_index.market._status import status_kind
from fintech_index.methodology._model import applied

if TYPE_CHECKING:
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


_BOARDS = {"main", "chinext", "star", "bse", "b"}
_STATUSES = {"st", "violation", "loss"}


def eligible(method: Methodology, market: MarketData, cutoff: int) -> list[int]:
    """Give the securities (their numbers, ascending) that may enter on a cut-off session."""
    _refuse_unknown(method, market)
    return [security for security in universe(method, market) if reason_out(method, market, security, cutoff) is None]


def _refuse_unknown(method: Methodology, market: MarketData) -> None:
    """Refuse boards and kinds of status that neither the trade nor the data knows: they would decide nothing."""
    rules = method.eligibility
    boards = _BOARDS | set(market.securities.board)
    kinds = _STATUSES | market.statuses.kinds
    problems = [
        Problem("eligibility.seasoning.months_by_board", f"unknown board {board!r}", did_you_mean(board, boards))
        for board in rules.seasoning.months_by_board
        if board.lower() not in boards
    ]
    for name, rule in (("status", rules.status), ("conduct", rules.conduct)):
        problems += [
            Problem(f"eligibility.{name}.exclude", f"unknown status {kind!r}", did_you_mean(kind, kinds))
            for kind in rule.exclude
            if status_kind(kind) not in kinds
        ]
    if problems:
        raise ReviewError(f"{method.name}: rules of eligibility that would decide nothing", problems)


def universe(method: Methodology, market: MarketData) -> list[int]:
    """Give the numbers of the securities that the methodology looks at."""
    named = method.universe.securities
    if named is None:
        return list(range(len(market.securities)))
    index = market.securities.index
    named = tuple(market.securities.permanent(code, dt.date.max) for code in named)
    unknown = [code for code in dict.fromkeys(named) if code not in index]
    if unknown:
        raise ReviewError(
            f"{method.name}: {len(unknown)} of the securities in universe.securities are not in the market data",
            [
                Problem("universe.securities", f"unknown security {code!r}", did_you_mean(code, index))
                for code in unknown
            ],
        )
    return sorted({index[code] for code in named})


def reason_out(method: Methodology, market: MarketData, security: int, cutoff: int) -> str | None:
    """Give the rule that keeps a security out, in words, or None where it may enter.

    A security without a listing date is old enough; one that is suspended on the cut-off date has a price.
    """
    known = market.securities
    date: dt.date = market.sessions[cutoff].item()
    delisted, listed = known.delisted[security], known.listed[security]
    if delisted is not None and delisted <= date:
        return f"delisted on {delisted}"
    if market.actions.removals.get(security, cutoff + 1) <= cutoff:
        return f"left the market on {market.sessions[market.actions.removals[security]]}"
    rules = method.eligibility
    months = rules.seasoning.months_for(known.board[security])
    if applied(rules.seasoning) and listed is not None and not add_months(listed, months) < date:
        return f"listed on {listed}, not more than {months} months before {date}"
    for rule in (rules.status, rules.conduct):
        status = market.statuses.on(known.codes[security], date, rule.exclude) if applied(rule) else None
        if status is not None:
            return f"status {status} on {date}"
    if market.panel.first[security] > cutoff:
        return f"no price on or before {date}"
    return None
