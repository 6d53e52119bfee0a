"""Market value of an index on every session: exact integers, one for each currency, converted at the end."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernels import _market_value
from fintech_index.errors import CalculationError, MarketDataError, Problem
from fintech_index.events import HEADROOM
from fintech_index.market import MISSING_RATE as MISSING
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fintech_index.events import Segments
    from fintech_index.market import MarketData

# Price-share products from which a compiled kernel, and then a second thread, pay (benchmarks/kernels.py).
COMPILED_FROM = 10**6
PARALLEL_FROM = 2 * 10**7


@dataclass(frozen=True, slots=True)
class Valuation:
    """Market values from a first session on.

    Attributes
    ----------
    first : int
        The session of the first value; sessions before it have none.
    counts : int64 or float64 array of shape (currencies, sessions since first)
        Market value in each currency, in units of ``1 / scale``.
    scale : int
        Units of `counts` in one unit of currency; 1 where they are floats.
    rates : float64 array of the same shape
        Units of index currency for one unit of each currency.
    """

    first: int
    counts: NDArray[Any]
    scale: int
    rates: NDArray[np.float64]

    def exact(self, session: int) -> Fraction:
        """Give the market value at a session's close, in index currency, as a fraction."""
        at = session - self.first
        total = Fraction(0)
        for counts, rates in zip(self.counts, self.rates, strict=True):
            value = counts[at].item()
            if value:
                rate = rates[at].item()
                total += Fraction(value) * (1 if rate == 1.0 else exact(rate))
        return total / self.scale

    def floats(self) -> NDArray[np.float64]:
        """Give the market values since the first session, in index currency, within a few units of the last place."""
        total: NDArray[np.float64] = (self.counts * self.rates).sum(axis=0) / self.scale
        return total


def value(market: MarketData, segments: Segments, first: int, *, index: str) -> Valuation:
    """Add up the market value of segments.

    Raises
    ------
    CalculationError
        Integer market values could overflow: the headroom is exceeded.
    MarketDataError
        A currency lacks a rate on a session.
    """
    panel = market.panel
    sessions = market.sessions[first:]
    scale = int(segments.share_scale.max())
    shares = segments.index_shares * 10 ** (scale - segments.share_scale)
    rates = _rates(market, segments, first)
    if panel.decimals is None:
        counts = _add_up(panel.values, segments, shares / 10**scale, first, len(sessions))
        return Valuation(first, counts, 1, rates)
    units = 10 ** (panel.decimals + scale)
    _require_headroom(panel.values, segments, shares, len(market.sessions), scale=units, index=index)
    counts = _add_up(panel.values, segments, shares, first, len(sessions))
    return Valuation(first, counts, units, rates)


def _rates(market: MarketData, segments: Segments, first: int) -> NDArray[np.float64]:
    """Give the rate of each currency on each session on which something in it is held; 1 elsewhere."""
    sessions = market.sessions[first:]
    rates = np.ones((len(segments.currencies), len(sessions)))
    problems = []
    for at, currency in enumerate(segments.currencies[1:], start=1):
        held = np.zeros(len(sessions), bool)
        for segment in np.flatnonzero(segments.currency == at):
            held[max(segments.start[segment] - first, 0) : max(segments.stop[segment] - first, 0)] = True
        rates[at, held] = market.fx.series(currency, sessions[held])
        problems += [Problem(f"fx, {day}", f"no rate for {currency}") for day in sessions[np.isnan(rates[at])]]
    if problems:
        missing = f"{len(problems)} exchange rates are" if len(problems) > 1 else "an exchange rate is"
        raise MarketDataError(f"{missing} missing: {MISSING}", problems)
    return rates


def _add_up(prices: NDArray[Any], segments: Segments, shares: NDArray[Any], first: int, sessions: int) -> NDArray[Any]:
    counts = np.zeros((len(segments.currencies), sessions), shares.dtype)
    start = np.maximum(segments.start - first, 0)
    stop = np.maximum(segments.stop - first, 0)
    kernel = _kernel(int((stop - start).sum()))
    for currency in range(len(segments.currencies)):
        of = slice(None) if len(segments.currencies) == 1 else segments.currency == currency
        kernel(prices[:, first:], segments.security[of], start[of], stop[of], shares[of], counts[currency])
    return counts


def _kernel(products: int) -> Callable[..., None]:
    """Choose by size alone: all of them give the same bits."""
    if products < COMPILED_FROM:
        return _market_value.add_segments
    from fintech_index._kernels import _compiled

    compiled: Callable[..., None] = _compiled.add_segments
    return compiled if products < PARALLEL_FROM else _compiled.add_segments_in_parallel


def _require_headroom(
    prices: NDArray[Any], segments: Segments, shares: NDArray[np.int64], sessions: int, *, scale: int, index: str
) -> None:
    """Check that the sum over held segments of highest price x index shares stays below 2**62 on every session."""
    held, at = np.unique(segments.security, return_inverse=True)
    highest = np.array([prices[security].max() for security in held], np.float64)[at]
    most = highest * shares.astype(np.float64)
    change = np.zeros(sessions + 1)
    np.add.at(change, segments.start, most)
    np.add.at(change, segments.stop, -most)
    reached = float(np.cumsum(change)[:-1].max(initial=0))
    if reached >= HEADROOM:
        raise CalculationError(
            f"{index}: headroom exceeded: the market value may reach {reached:.3g} units of 1/{scale}, and exact "
            f"integers hold {HEADROOM:.3g}. Lower rounding.share_decimals, or give prices with fewer decimals"
        )
