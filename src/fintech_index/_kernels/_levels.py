"""Levels out of market values and divisors, in numpy. `_compiled.round_levels` is its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_A_TIE = 1e-5
UNITS_OF_THE_LAST_PLACE = 2.0**-49  # what a float64 quotient may be off by, generously


def round_levels(
    values: NDArray[np.float64], starts: NDArray[np.int64], factors: NDArray[np.float64], out: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Round levels half up by a float64 quotient, and tell where it is too near a tie to decide.

    Parameters
    ----------
    values : float64 array of shape (sessions,)
        Market values.
    starts, factors : arrays of shape (divisors,)
        From which session on (the first is 0) a value times which factor is its level, in units of the last place.
    out : float64 array of shape (sessions,)
        Filled with whole numbers.

    Returns
    -------
    int64 array
        The sessions whose level the quotient does not decide.
    """
    counts = values * np.repeat(factors, np.diff(np.append(starts, len(values))))
    np.floor(counts + 0.5, out=out)
    doubt = np.maximum(NEAR_A_TIE, counts * UNITS_OF_THE_LAST_PLACE)
    return np.flatnonzero(np.abs(counts - np.floor(counts) - 0.5) < doubt)
