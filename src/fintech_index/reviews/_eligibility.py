"""Who may enter: the rules of `eligibility`, one after another, on the cut-off date.

Each rule looks at those that passed the ones before it, so that every security has the first rule that it failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import Problem, ReviewError, did_you_mean
from fintech_index.index_view import universe
from fintech_index.market import EXCHANGES, status_kind
from fintech_index.methodology import applied
from fintech_index.reviews._candidates import Candidates
from fintech_index.reviews._screens import RULES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Conduct, Methodology

_BOARDS = {"main", "chinext", "star", "bse", "b"}
_STATUSES = {"st", "violation", "loss"}


@dataclass(frozen=True, slots=True)
class Screening:
    """What eligibility makes of a universe on a cut-off date.

    Attributes
    ----------
    securities : int array of shape (universe,)
    failed_at : int8 array of shape (universe,)
        The number of the first rule that a security fails, from 1 on, in the order of the rules; 0 where it passes all.
    waived : frozenset of str
        Rules that were left out.
    candidates : Candidates
        The market on that date, as the rules looked at it.
    """

    securities: NDArray[np.int64]
    failed_at: NDArray[np.int8]
    waived: frozenset[str]
    candidates: Candidates

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the review must know."""
        return tuple(dict.fromkeys(self.candidates.notices))

    @property
    def eligible(self) -> NDArray[np.int64]:
        """The numbers of those that pass."""
        passed: NDArray[np.int64] = self.securities[self.failed_at == 0]
        return passed

    @property
    def failed(self) -> NDArray[np.object_]:
        """The name of the first rule that each fails, "" where it passes all."""
        names: NDArray[np.object_] = np.array(["", *RULES], object)[self.failed_at]
        return names

    def by_rule(self) -> dict[str, NDArray[np.int64]]:
        """Give the numbers of those that fail, by the first rule that they do, in the order of the rules."""
        return {rule: self.failing(rule) for rule in RULES}

    def failing(self, rule: str) -> NDArray[np.int64]:
        """Give the numbers of those whose first failed rule is this one."""
        failing: NDArray[np.int64] = self.securities[self.failed_at == 1 + list(RULES).index(rule)]
        return failing

    def why(self, securities: list[int], rule: str) -> list[str]:
        """Say in words why securities may not enter whose first failed rule this is."""
        return RULES[rule].words(self.candidates, securities)

    def since(self, rule: Conduct) -> dt.date | None:
        """Give the first day that a rule of status looks at; None where that is the cut-off date."""
        return self.candidates.since(rule)


def screen(method: Methodology, market: MarketData, dates: ReviewDates, waived: Collection[str] = ()) -> Screening:
    """Evaluate the rules of eligibility on the cut-off session of a review, but for those waived."""
    _refuse_unknown(method, market)
    candidates = Candidates(method, market, dates.cutoff, dates.price_date)
    securities = universe(method, market)
    failed_at = np.zeros(len(securities), np.int8)
    for number, (name, rule) in enumerate(RULES.items(), start=1):
        if name in waived or (name != "market" and not applied(getattr(method.eligibility, name))):
            continue
        left = np.flatnonzero(failed_at == 0)
        out = rule.mask(candidates, securities[left])
        if out is not None:
            failed_at[left[out]] = number
    return Screening(securities, failed_at, frozenset(waived), candidates)


def _refuse_unknown(method: Methodology, market: MarketData) -> None:
    """Refuse boards, exchanges and kinds of status that neither the trade nor the data knows: they decide nothing."""
    rules, known = method.eligibility, market.securities
    boards = _BOARDS | set(known.boards)
    kinds = _STATUSES | market.statuses.kinds
    problems = [
        Problem("eligibility.seasoning.months_by_board", f"unknown board {board!r}", did_you_mean(board, boards))
        for board in rules.seasoning.months_by_board
        if board.lower() not in boards
    ]
    for key, names in (("exchanges", {*known.exchanges, *EXCHANGES}), ("boards", boards)):
        problems += [
            Problem(f"eligibility.scope.{key}", f"unknown {name!r}", did_you_mean(name, names))
            for name in getattr(rules.scope, key) or ()
            if name not in names
        ]
    for name, rule in (("status", rules.status), ("conduct", rules.conduct)):
        problems += [
            Problem(f"eligibility.{name}.exclude", f"unknown status {kind!r}", did_you_mean(kind, kinds))
            for kind in rule.exclude
            if status_kind(kind) not in kinds
        ]
    problems += _unknown_groups(method, market)
    if problems:
        raise ReviewError(f"{method.name}: rules that would decide nothing", problems)


def _unknown_groups(method: Methodology, market: MarketData) -> list[Problem]:
    """Name caps of groups that no security of the data is in."""
    weighting = method.weighting
    if not weighting.grouped:
        return []
    labels = set(market.securities.texts(weighting.group_by)) - {""}
    if not labels:
        return [Problem("weighting.group_by", f"`securities` has no {weighting.group_by} at all", "fill the column")]
    return [
        Problem(f"weighting.{name}", f"unknown {weighting.group_by} {group!r}", did_you_mean(group, labels))
        for name in ("single_caps", "group_caps")
        for group in getattr(weighting, name)
        if group not in labels
    ]
