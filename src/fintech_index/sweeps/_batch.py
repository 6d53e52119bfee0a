"""The levels of some variants over one market, in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from fintech_index.errors import CalculationError, FintechIndexError
from fintech_index.levels import calculate_baskets
from fintech_index.market import MarketData
from fintech_index.reviews import ReviewCache, run_reviews
from fintech_index.sweeps._grouping import grouped
from fintech_index.sweeps.nested import NotNestedError, is_nested, nested_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from fintech_index.methodology import Methodology


@dataclass(slots=True)
class Batch:
    """What comes of some variants.

    Attributes
    ----------
    parts : list of (list of str, datetime64[D] array, float64 array)
        Variants with the same sessions: their names, the sessions, and their levels, a row each.
    refused : dict of str to str
        Variants that cannot be calculated, and why.
    """

    parts: list[tuple[list[str], NDArray[np.datetime64], NDArray[np.float64]]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def calculate_batch(
    variants: Mapping[str, Methodology], market: MarketData, returns: str, done: Callable[[int], None] | None = None
) -> Batch:
    """Calculate variants: nested ones together, the others one by one. `done` is told how many there are."""
    batch, shared = Batch(), ReviewCache()
    for family in grouped(variants):
        left = dict(family)
        if len(family) > 1 and is_nested(next(iter(family.values())), market):
            left = _nested(family, market, returns, batch, shared)
            if done is not None:
                done(len(family) - len(left))
        for name, method in left.items():
            _alone(name, method, market, returns, batch, shared)
            if done is not None:
                done(1)
    return batch


def _nested(
    family: Mapping[str, Methodology], market: MarketData, returns: str, batch: Batch, shared: ReviewCache
) -> dict[str, Methodology]:
    """Calculate a family together; give those that cannot be, to be calculated, or refused, one by one."""
    try:
        found = nested_levels(family, shared.seen(next(iter(family.values())), market), returns)
    except NotNestedError:
        return dict(family)
    if found.names:
        batch.parts.append((found.names, found.sessions, found.levels))
    known = set(found.names)
    return {name: method for name, method in family.items() if name not in known}


def _alone(name: str, method: Methodology, market: MarketData, returns: str, batch: Batch, shared: ReviewCache) -> None:
    try:
        seen = shared.seen(method, market)
        calculation = calculate_baskets(method, seen, run_reviews(method, seen, shared), None, market, [returns])
        levels = calculation.levels_of([returns])
    except FintechIndexError as error:
        batch.refused[name] = error.summary
        return
    batch.parts.append(([name], calculation.sessions, levels))


def calculate_stored(variants: Mapping[str, Methodology], path: Path, content_hash: str, returns: str) -> Batch:
    """Do the same in another process or on another machine, which opens the market itself.

    Raises
    ------
    CalculationError
        The tables there are not the ones that are meant.
    """
    market = _market(path, content_hash)
    if market.content_hash != content_hash:
        raise CalculationError(
            f"{path}: the tables have another content here ({market.content_hash}) than where the sweep was begun "
            f"({content_hash})"
        )
    return calculate_batch(variants, market, returns)


@lru_cache(maxsize=2)
def _market(path: Path, content_hash: str) -> MarketData:  # noqa: ARG001 - another content is another market
    return MarketData.open(path)
