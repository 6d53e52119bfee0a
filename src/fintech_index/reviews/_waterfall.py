"""Every security of a universe with what a review made of it, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fintech_index.reviews._decisions import Decisions

_WORDS = {"new": "enters", "stays": "stays", "fast": "enters by its size"}


class _Words:
    """Why those that could be selected are in or not, in words."""

    def __init__(self, outcome: Decisions) -> None:
        self.codes, self.swaps = outcome.market.securities.codes, outcome.selected.swaps
        self.ranked = outcome.ranked is not None
        count = outcome.method.selection.count
        self.count = count if isinstance(count, int) else 0
        self.enter, self.stay = outcome.method.selection.buffer_ranks(self.count)
        self.first = outcome.before is None
        before = outcome.before.members if outcome.before is not None else frozenset()
        places = (place for place, security in enumerate(outcome.selected.order[::-1].tolist()) if security in before)
        self.last = len(outcome.selected.order) - next(places, 0)  # the rank of the last incumbent
        self.tail = f" of {len(outcome.selected.order)}"

    def inside(self, decision: str, rank: int) -> str:
        words = _WORDS[decision]
        if not self.ranked or decision == "fast":
            return words
        border = self.stay if decision == "stays" else self.enter
        beside = f", within {border}" if border != self.count and rank <= border else ""
        return f"{words}: rank {rank}{beside}"

    def outside(self, others: list[int], decisions: list[str], ranks: list[int]) -> list[str]:
        tail = self.tail
        words = [f"rank {rank}{tail}" for rank in ranks]
        for at, (security, decision, rank) in enumerate(zip(others, decisions, ranks, strict=True)):
            if decision == "leaves":
                words[at] += self._left(security, rank)
            elif rank > self.count:
                if decision == "ranked" and rank > self.last:
                    break  # nobody leaves or stands aside from here on
            elif rank > self.enter and not self.first:
                words[at] += f", beyond {self.enter}"
        return words

    def _left(self, security: int, rank: int) -> str:
        if rank > self.stay:
            return f", beyond {self.stay}"
        return f", for {self.codes[self.swaps[security]]}" if security in self.swaps else ", makes room"


def waterfall(outcome: Decisions) -> pd.DataFrame:
    """Lay a review out: constituents, heaviest first, then the others by rank, then those that are out, by rule."""
    screening, known = outcome.screening, outcome.market.securities
    weights = np.array([float(weight) for weight in outcome.weighted.weights])
    heaviest = np.argsort(-weights, kind="stable")
    inside = np.array(outcome.securities, np.int64)[heaviest]
    is_in = _mask(len(known), inside)
    ranks = _ranks(outcome, len(known))
    eligible = screening.eligible
    others = eligible[~is_in[eligible]]
    others = others[np.argsort(ranks[others])]
    failing = {rule: some[~is_in[some]] for rule, some in screening.by_rule().items()}
    every = np.concatenate([inside, others, *failing.values()])
    decisions = _decisions(outcome, inside, len(others), every)
    words, count = _Words(outcome), len(inside)
    why = [
        *map(words.inside, decisions[:count].tolist(), ranks[inside].tolist()),
        *words.outside(others.tolist(), decisions[count : count + len(others)].tolist(), ranks[others].tolist()),
        *(text for rule, some in failing.items() for text in screening.why(some.tolist(), rule)),
    ]
    rules = ["", "selection", *failing]
    counts = [len(inside), len(others), *(len(some) for some in failing.values())]
    rank = ranks[every]
    texts = {
        "security": known.code_array[every],
        "name": known.name_array[every],
        "decision": decisions,
        "rule": np.repeat(np.array(rules, object), counts),
        "why": np.array(why, object),
    }
    numbers = {
        "rank": pd.arrays.IntegerArray(rank, rank == 0),
        "weight": np.concatenate([weights[heaviest], np.full(len(every) - len(inside), np.nan)]),
    }
    # As objects: pandas would look at every text to find that it is one.
    plain = {name: pd.Series(values, dtype="object", copy=False) for name, values in texts.items()}
    return pd.DataFrame({**plain, **numbers}, copy=False)


def _mask(count: int, some: Iterable[int]) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    mask[np.array(list(some), np.int64)] = True
    return mask


def _ranks(outcome: Decisions, count: int) -> NDArray[np.int64]:
    """Give the rank of every security of the market, 0 for those without one."""
    ranks = np.zeros(count, np.int64)
    order = outcome.selected.order if len(outcome.selected.order) else np.array(list(outcome.ranks), np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def _decisions(
    outcome: Decisions, inside: NDArray[np.int64], others: int, every: NDArray[np.int64]
) -> NDArray[np.object_]:
    count = len(outcome.market.securities)
    decisions = np.full(len(every), "out", object)
    decisions[len(inside) : len(inside) + others] = "ranked"
    decisions[_mask(count, outcome.after.reserve)[every]] = "reserve"
    if outcome.before is not None:
        decisions[_mask(count, outcome.before.members)[every]] = "leaves"
    decisions[: len(inside)] = [outcome.decision(security) for security in inside.tolist()]
    return decisions
