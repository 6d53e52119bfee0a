"""Every security of a universe with what a review made of it, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fintech_index.reviews._outcome import Outcome

_WORDS = {"new": "enters", "stays": "stays", "fast": "enters by its size"}


def waterfall(outcome: Outcome) -> pd.DataFrame:
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
    of_all = f" of {np.count_nonzero(ranks)}"
    why = [
        *[_WORDS[decision] for decision in decisions[: len(inside)].tolist()],
        *[f"rank {rank}{of_all}" for rank in ranks[others].tolist()],
        *[screening.why(who, rule) for rule, some in failing.items() for who in some.tolist()],
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


def _ranks(outcome: Outcome, count: int) -> NDArray[np.int64]:
    """Give the rank of every security of the market, 0 for those without one."""
    ranks = np.zeros(count, np.int64)
    if outcome.ranked is not None:
        ranks[outcome.ranked.order] = np.arange(1, len(outcome.ranked.order) + 1)
    return ranks


def _decisions(
    outcome: Outcome, inside: NDArray[np.int64], others: int, every: NDArray[np.int64]
) -> NDArray[np.object_]:
    count = len(outcome.market.securities)
    decisions = np.full(len(every), "out", object)
    decisions[len(inside) : len(inside) + others] = "ranked"
    decisions[_mask(count, outcome.after.reserve)[every]] = "reserve"
    if outcome.before is not None:
        decisions[_mask(count, outcome.before.members)[every]] = "leaves"
    decisions[: len(inside)] = [outcome.decision(who) for who in inside.tolist()]
    return decisions
