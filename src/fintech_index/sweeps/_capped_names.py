"""The names that a single cap holds, for every count and cap of a ladder, and their index shares."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.methodology import Methodology
    from fintech_index.sweeps._kernels import Kernels
    from fintech_index.sweeps._rungs import Ranking

_NEAR_A_TIE_OF_A_FACTOR = 4e-3
_NEAR_A_TIE_OF_SHARES = 1e-3
_ROUGH = 2.0**-50


@dataclass(frozen=True, slots=True)
class CappedNames:
    """Names that are held, ordered by pair of count and cap, then by review.

    Attributes
    ----------
    pair : int64 array
        Number of the count times the number of caps, and the number of the cap.
    review, security : int64 arrays
    fewer : int64 array
        How many index shares each has less than uncapped.
    infeasible : bool array of shape (pairs,)
        Caps that so few names cannot meet.
    """

    pair: NDArray[np.int64]
    review: NDArray[np.int64]
    security: NDArray[np.int64]
    fewer: NDArray[np.int64]
    infeasible: NDArray[np.bool_]


def capped_names(
    method: Methodology,
    reviews: Sequence[Ranking],
    counts: NDArray[np.int64],
    caps: Sequence[Fraction],
    kernels: Kernels,
) -> CappedNames:
    """Cap every pair of a count and a cap at every review."""
    infeasible = np.array([[int(count) * cap < 1 for cap in caps] for count in counts], np.bool_)
    floats = np.array([float(cap) for cap in caps])
    parts: list[tuple[NDArray[np.int64], ...]] = []
    for number, each in enumerate(reviews):
        order = np.argsort(-each.values, kind="stable")
        values = each.values[order]
        shape = len(counts), len(caps)
        held, rest, doubt = np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape, np.bool_)
        kernels.count_capped(values, order, counts, floats, held, rest, doubt)
        for at, cap in np.argwhere(doubt & ~infeasible).tolist():
            held[at, cap], rest[at, cap] = _exactly(values[order < counts[at]].tolist(), caps[cap])
        held[infeasible] = 0
        if not held.any():
            continue
        names = np.empty(held.sum(), np.int64)
        kernels.take_capped(order, counts, held, names)
        pair = np.repeat(np.arange(held.size), held.ravel())
        shares = each.shares[order[names]]
        fewer = shares - _index_shares(method, values[names], shares, pair, held.ravel(), rest.ravel(), caps)
        parts.append((pair, np.full(len(pair), number), each.securities[order[names]], fewer))
    none = np.array([], np.int64)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] or [none, none, none, none]
    pair, review, security, fewer = (column[np.argsort(columns[0], kind="stable")] for column in columns)
    return CappedNames(pair, review, security, fewer, infeasible.ravel())


def _exactly(values: list[int], cap: Fraction) -> tuple[int, int]:
    """Do what `count_capped` does for one count and cap, in whole numbers."""
    rest, held = sum(values), 0
    while held < len(values) and values[held] * (1 - held * cap) > cap * rest:
        rest -= values[held]
        held += 1
    return held, rest


def _index_shares(
    method: Methodology,
    values: NDArray[np.int64],
    shares: NDArray[np.int64],
    pair: NDArray[np.int64],
    held: NDArray[np.int64],
    rest: NDArray[np.int64],
    caps: Sequence[Fraction],
) -> NDArray[np.int64]:
    """Give shares times capping factor, the factor as it is published: both are rounded half up.

    A name at its cap c is worth ``c / (1 - k * c)`` of all that k of them leave. Floats decide, and whole numbers do
    near a tie.
    """
    places = method.rounding.capping_factor_decimals
    cap = pair % len(caps)
    parts = {
        (at, k): caps[at] / (1 - k * caps[at]) for at, k in set(zip(cap.tolist(), held[pair].tolist(), strict=True))
    }
    part = np.array([float(parts[at, k]) for at, k in zip(cap.tolist(), held[pair].tolist(), strict=True)])
    factors = part * rest[pair] / values * 10.0**places
    rounded = np.floor(factors + 0.5)
    near = _NEAR_A_TIE_OF_A_FACTOR * 10.0 ** (places - 12)
    for at in np.flatnonzero(np.abs(factors - np.floor(factors) - 0.5) < near).tolist():
        exact = parts[int(cap[at]), int(held[pair[at]])] * int(rest[pair[at]]) / int(values[at])
        rounded[at] = round_half_up(exact, places)
    counts = shares * rounded / 10.0**places
    whole = np.floor(counts + 0.5).astype(np.int64)
    close = np.maximum(_NEAR_A_TIE_OF_SHARES, counts * _ROUGH)
    for at in np.flatnonzero(np.abs(counts - np.floor(counts) - 0.5) < close).tolist():
        whole[at] = round_half_up(Fraction(int(shares[at]) * int(rounded[at]), 10**places))
    return whole
