"""The numba twins of `_variants`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from fintech_index._kernels._compiled import in_doubt_of
from fintech_index._kernels._variants import NEAR
from fintech_index.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled(nogil=True)
def count_capped(
    values: NDArray[np.int64],
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    caps: NDArray[np.float64],
    capped: NDArray[np.int64],
    rest: NDArray[np.int64],
    in_doubt: NDArray[np.bool_],
) -> None:
    """Do what `_variants.count_capped` does."""
    for at in range(len(counts)):
        total = np.int64(0)
        for name in range(len(values)):
            if ranks[name] < counts[at]:
                total += values[name]
        for number in range(len(caps)):
            cap, held, tail, doubt = caps[number], 0, total, False
            for name in range(len(values)):
                if ranks[name] >= counts[at]:
                    continue
                if cap >= 1:
                    break
                left, right = float(values[name]) * (1.0 - held * cap), cap * float(tail)
                doubt |= abs(left - right) <= NEAR * abs(right) or 1.0 - held * cap <= NEAR
                if left <= right:
                    break
                tail -= values[name]
                held += 1
            capped[at, number], rest[at, number], in_doubt[at, number] = held, tail, doubt


@compiled(nogil=True)
def _levels_of_variant(
    prices: NDArray[Any],
    values: NDArray[np.int64],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    removed: NDArray[np.int64],
    unit: float,
    starts: NDArray[np.int64],
    factors: NDArray[np.float64],
    out: NDArray[np.float64],
) -> int:
    for at in range(len(security)):
        row, less = prices[security[at]], removed[at]
        for session in range(start[at], stop[at]):
            values[session] -= row[session] * less
    doubtful = 0
    for piece in range(len(starts)):
        end = starts[piece + 1] if piece + 1 < len(starts) else len(values)
        factor = factors[piece]
        for session in range(starts[piece], end):
            count = values[session] / unit * factor
            out[session] = np.floor(count + 0.5)
            doubtful += in_doubt_of(count)
    return doubtful


@compiled(nogil=True, parallel=True)
def levels_of_variants(
    prices: NDArray[Any],
    values_of_uncapped: NDArray[np.int64],
    uncapped: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    removed: NDArray[np.int64],
    unit: float,
    starts: NDArray[np.int64],
    factors: NDArray[np.float64],
    out: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Do what `_variants.levels_of_variants` does, variants side by side."""
    in_doubt = np.zeros(len(uncapped), np.int64)
    for variant in numba.prange(len(uncapped)):
        own = slice(first[variant], last[variant])
        in_doubt[variant] = _levels_of_variant(
            prices,
            values_of_uncapped[uncapped[variant]].copy(),
            security[own],
            start[own],
            stop[own],
            removed[own],
            unit,
            starts,
            factors[variant],
            out[variant],
        )
    return in_doubt


@compiled(nogil=True, parallel=True)
def values_of_variants(
    prices: NDArray[Any],
    values_of_uncapped: NDArray[np.int64],
    uncapped: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    removed: NDArray[np.int64],
    sessions: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Do what `_variants.values_of_variants` does, variants side by side."""
    for variant in numba.prange(len(uncapped)):
        own = values_of_uncapped[uncapped[variant]]
        for place in range(len(sessions)):
            out[variant, place] = own[sessions[place]]
        for at in range(first[variant], last[variant]):
            row, less = prices[security[at]], removed[at]
            begin, end = np.searchsorted(sessions, start[at]), np.searchsorted(sessions, stop[at])
            for place in range(begin, end):
                out[variant, place] -= row[sessions[place]] * less


@compiled(nogil=True)
def take_capped(
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    capped: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Do what `_variants.take_capped` does."""
    begin = 0
    for at in range(len(counts)):
        for number in range(capped.shape[1]):
            held, name = 0, 0
            while held < capped[at, number]:
                if ranks[name] < counts[at]:
                    out[begin + held] = name
                    held += 1
                name += 1
            begin += held
