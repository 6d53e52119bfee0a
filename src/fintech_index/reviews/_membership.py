"""What a review remembers of the one before: members, who stands ready, and free-float bands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fintech_index.methodology import applied

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from fractions import Fraction

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Membership:
    """An index between two reviews; securities are numbers.

    Attributes
    ----------
    members : frozenset of int
    reserve : tuple of int
        Those next in line at the last review.
    bands : dict of int to Fraction
        The free-float ratio that counts, where it is a band.
    since : int
        The session up to whose close removals are in it.
    """

    members: frozenset[int]
    reserve: tuple[int, ...] = ()
    bands: dict[int, Fraction] = field(default_factory=dict)
    since: int = -1

    def at(self, method: Methodology, market: MarketData, session: int) -> Membership:
        """Give what it is at the close of a later session: who left the market is gone, replaced by the rules."""
        members = set(self.members)
        leaving = sorted(
            (at, security) for security, at in market.actions.removals.items() if self.since < at <= session
        )
        for at, security in leaving:
            if security not in members:
                continue
            members.remove(security)
            newcomer = _replacement(method, market, self.reserve, members, security, at)
            if newcomer is not None:
                members.add(newcomer)
        return replace(self, members=frozenset(members), since=max(session, self.since))


def remembers(method: Methodology) -> bool:
    """Tell whether a review looks at the one before it."""
    return (
        method.selection.count != "all" or method.free_float.by == "ftse" or method.eligibility.status.when == "monthly"
    )


def _replacement(
    method: Methodology, market: MarketData, reserve: Sequence[int], members: Collection[int], leaver: int, session: int
) -> int | None:
    if method.actions.replacement != "newcomer":
        return None
    for day in market.actions.on(leaver, session):
        for action in day.actions:
            if action.newcomer:
                return market.securities.index[action.newcomer]
    return next_reserve(method, market, reserve, members, session)


def next_reserve(
    method: Methodology, market: MarketData, reserve: Sequence[int], members: Collection[int], session: int
) -> int | None:
    """Give the first of a reserve list that can enter at a session's open; None where there is none.

    It is not in the index, has a price, has not left, and has no status that the rules exclude on that day.
    """
    date, codes = market.sessions[session].item(), market.securities.codes
    rules = [rule for rule in (method.eligibility.status, method.eligibility.conduct) if applied(rule)]
    for security in reserve:
        there = (
            market.panel.first_session[security] < session
            and market.actions.removals.get(security, session + 1) > session
        )
        barred = any(market.statuses.on(codes[security], date, rule.exclude) is not None for rule in rules)
        if security not in members and there and not barred:
            return security
    return None
