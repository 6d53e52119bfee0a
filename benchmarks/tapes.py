"""Made tapes of ticks: the world of the intraday rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

SECONDS_A_DAY = 23_400
TICKS = 50_000_000
LEVEL = 1000.0
_CHUNK = 5_000_000
_STEPS = 3  # a tick moves the price by so many steps at most


@dataclass(frozen=True)
class Tape:
    """Ticks of a day, in order: `security` int32, `price` int32 counts of 0.01, `second` of the day int32.

    `opening` has the price of every security before the first tick; `holdings` the index shares of every index, int64
    of shape (indices, securities), 0 for who is out. The first index has 100 names, and is that of the row `ticks`.
    """

    security: np.ndarray
    price: np.ndarray
    second: np.ndarray
    seconds: int
    opening: np.ndarray
    holdings: np.ndarray

    @property
    def shares(self):
        """Index shares of the first index."""
        return self.holdings[0]

    @cached_property
    def divisor(self):
        """What makes the level of the first index 1000 at the opening."""
        return float(self.shares @ self.opening) / LEVEL


def make_tape(ticks=TICKS, securities=1000, indices=64, names=100, seed=6):
    """Ticks of securities at random, each a few steps from the one before; as many a second as at full size."""
    random = np.random.default_rng(seed)
    seconds = max(round(SECONDS_A_DAY * ticks / TICKS), 60)
    opening = random.integers(5_000, 100_000, securities).astype(np.int32)
    security, price = np.empty(ticks, np.int32), np.empty(ticks, np.int32)
    last = opening.astype(np.int64)
    for begin in range(0, ticks, _CHUNK):
        chunk = slice(begin, min(begin + _CHUNK, ticks))
        security[chunk] = random.integers(0, securities, chunk.stop - begin, dtype=np.int32)
        steps = random.integers(-_STEPS, _STEPS + 1, chunk.stop - begin)
        price[chunk], last = _walked(security[chunk], steps, last)
    second = np.sort(random.integers(0, seconds, ticks, dtype=np.int32))
    return Tape(security, price, second, seconds, opening, _holdings(random, securities, indices, names))


def _walked(security, steps, last):
    """Add steps up security by security from its last price; give the prices, and the last ones now."""
    order = np.argsort(security.astype(np.int16), kind="stable")
    counts = np.bincount(security, minlength=len(last))
    summed = np.cumsum(steps[order])
    ends = np.cumsum(counts)
    before = np.concatenate([[0], summed])[ends - counts]
    prices = np.empty(len(steps), np.int32)
    prices[order] = np.repeat(last - before, counts) + summed
    return prices, last + np.concatenate([[0], summed])[ends] - before


def _holdings(random, securities, indices, names):
    """The first index has so many names, the others each security with a chance of 41 %."""
    shares = random.integers(10**4, 10**7, (indices, securities))
    shares[random.random((indices, securities)) > 0.41] = 0
    shares[0] = 0
    members = random.choice(securities, min(names, securities), replace=False)
    shares[0, members] = random.integers(10**4, 10**7, len(members))
    return shares
