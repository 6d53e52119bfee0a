"""Market value of an index on every session: exact integers, one for each currency, converted at the end."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernels.dispatch import add_segments
from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError, MarketDataError, Problem
from fintech_index.market import MISSING_RATE as MISSING
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.events import Segments
    from fintech_index.market import MarketData, PricePanel


@dataclass(frozen=True)
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

    @cached_property
    def whole(self) -> bool:
        """Whether market values are counts of one unit of index currency."""
        return len(self.counts) == 1 and self.counts.dtype == np.int64

    def ratio(self, session: int) -> tuple[int, int]:
        """Give the market value at a session's close, in index currency, as numerator and denominator."""
        if self.whole:
            return self._only.item(session - self.first), self.scale
        return self.exact(session).as_integer_ratio()

    @cached_property
    def _only(self) -> NDArray[np.int64]:
        only: NDArray[np.int64] = self.counts[0]
        return only

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
        if self.whole:
            alone: NDArray[np.float64] = self.counts[0] / self.scale
            return alone
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
    scale, shares = segments.share_decimals, segments.index_shares
    rates = _rates(market, segments, first)
    if panel.decimals is None:
        counts = _add_up(panel.values, segments, shares / 10**scale, first, len(sessions))
        _require_finite(counts, sessions, index)
        return Valuation(first, counts, 1, rates)
    units = 10 ** (panel.decimals + scale)
    _require_headroom(panel, segments, shares, len(market.sessions), scale=units, index=index)
    counts = _add_up(panel.values, segments, shares, first, len(sessions))
    return Valuation(first, counts, units, rates)


def _require_finite(values: NDArray[np.float64], sessions: NDArray[np.datetime64], index: str) -> None:
    beyond = np.flatnonzero(~np.isfinite(values).all(axis=0))
    if len(beyond):
        raise CalculationError(
            f"{index}: the market value of {sessions[beyond[0]]} is no finite number: check prices and index shares"
        )


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
    for currency in range(len(segments.currencies)):
        of = slice(None) if len(segments.currencies) == 1 else segments.currency == currency
        add_segments(prices[:, first:], segments.security[of], start[of], stop[of], shares[of], counts[currency])
    return counts


def _require_headroom(
    panel: PricePanel, segments: Segments, shares: NDArray[np.int64], sessions: int, *, scale: int, index: str
) -> None:
    """Check that the sum over held segments of highest price x index shares stays below 2**62 on every session."""
    most = panel.highest[segments.security] * shares.astype(np.float64)
    if most.sum() < HEADROOM:  # even if all were held at once
        return
    entering = np.bincount(segments.start, most, minlength=sessions + 1)
    leaving = np.bincount(segments.stop, most, minlength=sessions + 1)
    reached = float(np.cumsum(entering - leaving)[:-1].max(initial=0))
    if reached >= HEADROOM:
        raise CalculationError(
            f"{index}: headroom exceeded: the market value may reach {reached:.3g} units of 1/{scale}, and exact "
            f"integers hold {HEADROOM:.3g}. Lower rounding.share_decimals, or give prices with fewer decimals"
        )
