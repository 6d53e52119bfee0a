"""Who enters and who leaves, by ranks alone: counts, buffers and limits of turnover.

Without a limit: newcomers up to their buffer rank enter, incumbents beyond theirs leave, then the worst incumbents
leave or the best others enter until the count is right (FTSE, UK Index Series, periodic review; STOXX's buffers give
the same). With a limit of L names (CSI 300 and CNI, at most 10 %): incumbents that are no longer eligible all leave, F
of them; the best others fill their places; and where F is less than L, at most L - F of the best newcomers take the
places of the worst incumbents, while the newcomer is the better one and one of the two is beyond its buffer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection decides.

    Attributes
    ----------
    members : frozenset of int
    order : tuple of int
        Who could be selected, the best first: ranks count these.
    reserve : tuple of int
        The next best, in their order.
    fast : frozenset of int
        Members that entered by their size, outside the limit.
    swaps : dict of int to int
        Incumbents that left for a better newcomer, within the limit.
    """

    members: frozenset[int]
    order: tuple[int, ...] = ()
    reserve: tuple[int, ...] = ()
    fast: frozenset[int] = frozenset()
    swaps: dict[int, int] = field(default_factory=dict)


def select(
    method: Methodology,
    order: Sequence[int],
    incumbents: AbstractSet[int] | None,
    by_size: AbstractSet[int] = frozenset(),
) -> Selected:
    """Choose members.

    Parameters
    ----------
    method : Methodology
        `selection.count` is a number.
    order : sequence of int
        All that are eligible, the best first.
    incumbents : set of int or None
        Members up to now, eligible or not; None at the first review.
    by_size : set of int
        Newcomers of the order that enter by their size, whatever the limit.
    """
    rule = method.selection
    count = int(rule.count)
    swaps: dict[int, int] = {}
    if incumbents is None:
        members = set(order[:count])
    else:
        ranks = {who: rank for rank, who in enumerate(order, start=1)}
        standing = _Standing(order, ranks, {who for who in order if who in incumbents}, by_size)
        enter, stay = rule.buffer_ranks(count)
        if rule.turnover_limit is None:
            members = standing.by_bands(count, enter, stay)
        else:
            failed = len(incumbents - standing.incumbents)
            limit = max(int(count * rule.turnover_limit) - failed, 0)
            members, swaps = standing.within_limit(count, enter, stay, limit)
    reserve = [who for who in order if who not in members][: rule.reserve_size(count)]
    return Selected(frozenset(members), tuple(order), tuple(reserve), frozenset(by_size & members), swaps)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who is eligible, in which order, who of them is in already, and who enters by size whatever the limits."""

    order: Sequence[int]
    ranks: dict[int, int]
    incumbents: AbstractSet[int]
    by_size: AbstractSet[int]

    def by_bands(self, count: int, enter: int, stay: int) -> set[int]:
        ends = {True: stay, False: enter}
        members = {who for who in self.order if self.ranks[who] <= ends[who in self.incumbents]} | self.by_size
        return self.filled(self.without_worst(members, len(members) - count), count)

    def within_limit(self, count: int, enter: int, stay: int, limit: int) -> tuple[set[int], dict[int, int]]:
        members = self.incumbents | self.by_size
        members = self.filled(self.without_worst(members, len(members) - count), count)
        newcomers = [who for who in self.order if who not in members]
        worst = [who for who in reversed(self.order) if who in members and who in self.incumbents]
        swaps: dict[int, int] = {}
        for newcomer, incumbent in list(zip(newcomers, worst, strict=False))[:limit]:
            beyond = self.ranks[newcomer] <= enter or self.ranks[incumbent] > stay
            if self.ranks[newcomer] > self.ranks[incumbent] or not beyond:
                break
            members.remove(incumbent)
            members.add(newcomer)
            swaps[incumbent] = newcomer
        return members, swaps

    def without_worst(self, members: AbstractSet[int], number: int) -> set[int]:
        """Let so many of the worst incumbents leave."""
        leaving = [who for who in reversed(self.order) if who in members and who in self.incumbents]
        return set(members) - set(leaving[: max(number, 0)])

    def filled(self, members: set[int], count: int) -> set[int]:
        """Let the best others in while there are places."""
        others = [who for who in self.order if who not in members]
        return members | set(others[: max(count - len(members), 0)])
