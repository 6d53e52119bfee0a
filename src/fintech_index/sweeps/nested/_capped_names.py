"""The names that a single cap holds, for every count and cap of a nested family, and their index shares."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index._kernels.dispatch import VariantKernels
    from fintech_index.methodology import Methodology
    from fintech_index.sweeps.nested._rankings import ReviewRanking

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
    review, place : int64 arrays
        A review, and the place of the name in its ranking.
    uncapped, index_shares : int64 arrays
        Index shares without and with the cap, as counted at the price date.
    infeasible : bool array of shape (pairs,)
        Caps that so few names cannot meet.
    """

    pair: NDArray[np.int64]
    review: NDArray[np.int64]
    place: NDArray[np.int64]
    uncapped: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    infeasible: NDArray[np.bool_]


def capped_names(
    method: Methodology,
    reviews: Sequence[ReviewRanking],
    counts: NDArray[np.int64],
    caps: Sequence[Fraction],
    kernels: VariantKernels,
) -> CappedNames:
    """Cap every pair of a count and a cap at every review."""
    infeasible = np.array([[int(count) * cap < 1 for cap in caps] for count in counts], np.bool_)
    floats = np.array([float(cap) for cap in caps])
    found: list[tuple[NDArray[np.int64], ...]] = []
    parts = _Parts(caps)
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
        place = order[names]
        shares = each.shares[place]
        capped = _index_shares(method, values[names], shares, pair, held.ravel(), rest.ravel(), parts)
        found.append((pair, np.full(len(pair), number), place, shares, capped))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] or [np.array([], np.int64)] * 5
    by_pair = np.argsort(columns[0], kind="stable")
    pair, review, place, uncapped, index_shares = (column[by_pair] for column in columns)
    return CappedNames(pair, review, place, uncapped, index_shares, infeasible.ravel())


def _exactly(values: list[int], cap: Fraction) -> tuple[int, int]:
    """Do what `count_capped` does for one count and cap, in whole numbers."""
    rest, held = sum(values), 0
    while held < len(values) and values[held] * (1 - held * cap) > cap * rest:
        rest -= values[held]
        held += 1
    return held, rest


class _Parts(dict[int, Fraction]):
    """By ``k x number of caps + number of a cap c``: ``c / (1 - k * c)``.

    That is what a name at its cap is worth of all that k such names leave.
    """

    def __init__(self, caps: Sequence[Fraction]) -> None:
        super().__init__()
        self.caps = caps

    def __missing__(self, case: int) -> Fraction:
        held, number = divmod(case, len(self.caps))
        part = self[case] = self.caps[number] / (1 - held * self.caps[number])
        return part


def _index_shares(
    method: Methodology,
    values: NDArray[np.int64],
    shares: NDArray[np.int64],
    pair: NDArray[np.int64],
    held: NDArray[np.int64],
    rest: NDArray[np.int64],
    parts: _Parts,
) -> NDArray[np.int64]:
    """Give shares times capping factor, the factor as it is published: both are rounded half up.

    Floats decide, and whole numbers do near a tie.
    """
    places = method.rounding.capping_factor_decimals
    cases, case = np.unique(held[pair] * len(parts.caps) + pair % len(parts.caps), return_inverse=True)
    own = [parts[each] for each in cases.tolist()]
    factors = np.array([float(part) for part in own])[case] * rest[pair] / values * 10.0**places
    rounded = np.floor(factors + 0.5)
    near = _NEAR_A_TIE_OF_A_FACTOR * 10.0 ** (places - 12)
    for at in np.flatnonzero(np.abs(factors - np.floor(factors) - 0.5) < near).tolist():
        exact = own[case[at]] * int(rest[pair[at]]) / int(values[at])
        rounded[at] = round_half_up(exact, places)
    counts = shares * rounded / 10.0**places
    whole = np.floor(counts + 0.5).astype(np.int64)
    close = np.maximum(_NEAR_A_TIE_OF_SHARES, counts * _ROUGH)
    for at in np.flatnonzero(np.abs(counts - np.floor(counts) - 0.5) < close).tolist():
        whole[at] = round_half_up(Fraction(int(shares[at]) * int(rounded[at]), 10**places))
    return whole
