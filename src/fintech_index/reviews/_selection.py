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

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from fintech_index.methodology import Methodology

_NOBODY = np.array([], np.int64)


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection decides.

    Attributes
    ----------
    members : frozenset of int
    order : int64 array
        Who could be selected, the best first: ranks count these.
    reserve : tuple of int
        The next best, in their order.
    fast : frozenset of int
        Members that entered by their size, outside the limit.
    swaps : dict of int to int
        Incumbents that left for a better newcomer, within the limit.
    """

    members: frozenset[int]
    order: NDArray[np.int64] = field(default_factory=_NOBODY.copy)
    reserve: tuple[int, ...] = ()
    fast: frozenset[int] = frozenset()
    swaps: dict[int, int] = field(default_factory=dict)


def select(
    method: Methodology,
    order: Sequence[int] | NDArray[np.int64],
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
    rule, ranked = method.selection, np.asarray(order, np.int64)
    count = int(rule.count)
    swaps: dict[int, int] = {}
    if incumbents is None:
        chosen = np.arange(len(ranked)) < count
    else:
        ranks = _Ranks(_among(ranked, incumbents), _among(ranked, by_size))
        enter, stay = rule.buffer_ranks(count)
        if rule.turnover_limit is None:
            chosen = ranks.by_bands(count, enter, stay)
        else:
            failed = len(incumbents) - int(ranks.incumbent.sum())
            limit = max(int(count * rule.turnover_limit) - failed, 0)
            chosen, swapped = ranks.within_limit(count, enter, stay, limit)
            swaps = {int(ranked[leaves]): int(ranked[enters]) for leaves, enters in swapped}
    members = frozenset(ranked[chosen].tolist())
    reserve = ranked[~chosen][: rule.reserve_size(count)] if rule.reserve_size(count) else _NOBODY
    return Selected(members, ranked, tuple(reserve.tolist()), frozenset(by_size & members), swaps)


def _among(ranked: NDArray[np.int64], some: AbstractSet[int]) -> NDArray[np.bool_]:
    """Tell which of the ranked are among some."""
    mask = np.zeros(max(int(ranked.max(initial=-1)), max(some, default=-1)) + 1, np.bool_)
    mask[list(some)] = True
    return mask[ranked]


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Who of the ranked, the best first, is in already, and who enters by size whatever the limits."""

    incumbent: NDArray[np.bool_]
    by_size: NDArray[np.bool_]

    def by_bands(self, count: int, enter: int, stay: int) -> NDArray[np.bool_]:
        rank = np.arange(1, len(self.incumbent) + 1)
        members = (rank <= np.where(self.incumbent, stay, enter)) | self.by_size
        return self._of_count(members, count)

    def within_limit(
        self, count: int, enter: int, stay: int, limit: int
    ) -> tuple[NDArray[np.bool_], list[tuple[int, int]]]:
        """Give who is in, and the places of incumbents that leave with those of the newcomers that they leave for."""
        members = self._of_count(self.incumbent | self.by_size, count)
        newcomers = np.flatnonzero(~members)[:limit].tolist()
        worst = np.flatnonzero(members & self.incumbent)[::-1][:limit].tolist()
        swaps = []
        for newcomer, incumbent in zip(newcomers, worst, strict=False):
            beyond = newcomer < enter or incumbent >= stay  # places are from 0 on
            if newcomer > incumbent or not beyond:
                break
            members[incumbent], members[newcomer] = False, True
            swaps.append((incumbent, newcomer))
        return members, swaps

    def _of_count(self, members: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
        """Let the worst incumbents leave while there are too many, and the best others in while there are too few."""
        surplus = int(members.sum()) - count
        if surplus > 0:
            leaving = np.flatnonzero(members & self.incumbent)[::-1][:surplus]
            members[leaving] = False
        missing = count - int(members.sum())
        if missing > 0:
            members[np.flatnonzero(~members)[:missing]] = True
        return members
