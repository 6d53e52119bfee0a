"""Many variants of one index over the same prices and rankings, in numpy. `_compiled_variants` has the twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernels._levels import round_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 1e-12  # relative: floats that are nearer to each other than this do not decide


def count_capped(
    values: NDArray[np.int64],
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    caps: NDArray[np.float64],
    capped: NDArray[np.int64],
    rest: NDArray[np.int64],
    in_doubt: NDArray[np.bool_],
) -> None:
    """Find how many names a single cap holds, for every count of names and every cap.

    Of the largest values, the least number k is held for which the next value m is no more than the cap c leaves it:
    ``m * (1 - k * c) <= c * (sum of all but the k largest)``.

    Parameters
    ----------
    values, ranks : int64 arrays of shape (names,)
        Values, the largest first, and the rank by which each is selected (0 the best).
    counts : int64 array of shape (counts,)
        Of each, the names of lower ranks are in.
    caps : float64 array of shape (caps,)
        Fractions of the whole; 1 or more where there is none.
    capped, rest : int64 arrays of shape (counts, caps)
        Filled with k, and with the sum of the values that are not held.
    in_doubt : bool array of shape (counts, caps)
        Filled: where floats do not decide.
    """
    for at, count in enumerate(counts):
        own = values[ranks < count]
        total = own.sum()
        for number, cap in enumerate(caps):
            held, tail, doubt = 0, total, False
            while held < len(own) and cap < 1:
                left, right = float(own[held]) * (1.0 - held * cap), cap * float(tail)
                doubt |= abs(left - right) <= NEAR * abs(right) or 1.0 - held * cap <= NEAR
                if left <= right:
                    break
                tail -= own[held]
                held += 1
            capped[at, number], rest[at, number], in_doubt[at, number] = held, tail, doubt


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
    """Give the levels of variants that differ from an uncapped index in a few names.

    Parameters
    ----------
    prices : array of shape (securities, sessions)
    values_of_uncapped : int64 array of shape (uncapped indices, sessions)
        Market values of the uncapped indices.
    uncapped : int64 array of shape (variants,)
    first, last : int64 arrays of shape (variants,)
        Where the capped names of each variant begin and end.
    security, start, stop, removed : int64 arrays
        Of each capped name: its row of `prices`, the sessions, and how many shares it has less than uncapped.
    unit : float
        Counts of a market value in one unit of index currency.
    starts : int64 array of shape (divisors,)
        The sessions from which divisors hold, the first one 0.
    factors : float64 array of shape (variants, divisors)
        What a market value times is a level, in units of its last place.
    out : float64 array of shape (variants, sessions)
        Filled with levels in units of the last place.

    Returns
    -------
    int64 array of shape (variants,)
        On how many sessions of each variant floats do not decide.
    """
    in_doubt = np.zeros(len(uncapped), np.int64)
    for variant in range(len(uncapped)):
        values = values_of_uncapped[uncapped[variant]].copy()
        for at in range(first[variant], last[variant]):
            held = slice(start[at], stop[at])
            values[held] -= prices[security[at], held] * removed[at]
        in_doubt[variant] = len(round_levels(values / unit, starts, factors[variant], out[variant]))
    return in_doubt


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
    """Give the market values of the same variants on some sessions.

    Parameters
    ----------
    prices, values_of_uncapped, uncapped, first, last, security, start, stop, removed
        As in `levels_of_variants`.
    sessions : int64 array
        Ascending.
    out : int64 array of shape (variants, sessions)
        Filled.
    """
    for variant in range(len(uncapped)):
        values = out[variant]
        values[:] = values_of_uncapped[uncapped[variant], sessions]
        for at in range(first[variant], last[variant]):
            held = slice(*np.searchsorted(sessions, [start[at], stop[at]]))
            values[held] -= prices[security[at], sessions[held]] * removed[at]


def take_capped(
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    capped: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """List the names that caps hold: for every count and cap in turn the first so many of lower ranks.

    Parameters
    ----------
    ranks : int64 array of shape (names,)
        The largest name first, as in `count_capped`.
    counts : int64 array of shape (counts,)
    capped : int64 array of shape (counts, caps)
    out : int64 array of shape (sum of capped,)
        Filled with positions in `ranks`.
    """
    begin = 0
    for at, count in enumerate(counts):
        own = np.flatnonzero(ranks < count)
        for held in capped[at]:
            out[begin : begin + held] = own[:held]
            begin += held
