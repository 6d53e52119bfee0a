"""Averages over a look-back up to the cut-off date, exactly; sessions without trade are left out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index.calendar import add_months
from fintech_index.errors import Problem, ReviewError
from fintech_index.market import sums_of_closes, traded_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_SAFE = 2.0**62
_NEAR = 1e-12  # float quotients that are nearer than this are compared as fractions
_HUNDRED = 100


@dataclass(frozen=True)
class Averages:
    """One average a security, in index currency: ``total / (days * unit) * rate``; 0 without a day."""

    total: NDArray[Any]
    days: NDArray[np.int64]
    unit: int
    rate: Sequence[Fraction] | None  # None: all are in index currency

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """Give the averages as floats."""
        values = self.total.astype(np.float64) / (np.maximum(self.days, 1) * float(self.unit))
        return values if self.rate is None else values * np.array([float(rate) for rate in self.rate])

    def exact(self, position: int) -> Fraction:
        """Give one average."""
        value = Fraction(int(self.total[position]), max(int(self.days[position]), 1) * self.unit)
        return value if self.rate is None else value * self.rate[position]

    def at_least(self, limit: Fraction) -> NDArray[np.bool_]:
        """Tell which averages are no less than a limit."""
        floats = self.floats
        enough = floats >= float(limit)
        for at in np.flatnonzero(np.abs(floats - float(limit)) <= _NEAR * float(limit)).tolist():
            enough[at] = self.exact(at) >= limit
        return enough

    def of(self, positions: NDArray[np.int64]) -> Averages:
        """Give the averages of some."""
        rate = None if self.rate is None else [self.rate[at] for at in positions.tolist()]
        return Averages(self.total[positions], self.days[positions], self.unit, rate)

    def places(self) -> NDArray[np.int64]:
        """Give each one's place, 1 for the largest; equal ones share the better place."""
        floats = self.floats
        order = np.argsort(-floats)  # equal ones in any order: they are near, and get one place below
        ordered = floats[order]
        near = ordered[:-1] - ordered[1:] <= _NEAR * np.abs(ordered[:-1])
        places = np.arange(1, len(order) + 1)
        for start, stop in _runs(near):
            exact = {int(at): self.exact(int(at)) for at in order[start:stop]}
            order[start:stop] = sorted(exact, key=lambda at: -exact[at])
            for at in range(start + 1, stop):
                if exact[int(order[at])] == exact[int(order[at - 1])]:
                    places[at] = places[at - 1]
        result = np.empty(len(order), np.int64)
        result[order] = places
        return result


def _runs(near: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give stretches of elements that are each near the next one, from and up to."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
    return [(int(start), int(stop) + 1) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


class LookBack:
    """The sessions from so many months before a cut-off up to it; 0 months: the cut-off session alone.

    Attributes
    ----------
    start, stop : int
        Sessions, from and up to.
    notices : tuple of str
        That the market data begins after the look-back, where it does.
    """

    def __init__(self, method: Methodology, market: MarketData, cutoff: int, months: int) -> None:
        self.method, self.market, self.stop = method, market, cutoff + 1
        day = market.sessions[cutoff].item()
        since = np.datetime64(add_months(day, -months)) if months else market.sessions[cutoff] - 1
        self.start = int(np.searchsorted(market.sessions, since, side="right"))
        late = months and since + 1 < market.sessions[0] and self.start == 0
        notice = (
            f"{method.name}: the look-back of the review with cut-off {day} begins on {since + 1}, and the market data "
            f"on {market.sessions[0]}: averages are over what there is"
        )
        self.notices = (notice,) if late else ()

    def average(self, key: str, securities: NDArray[np.int64]) -> Averages:
        """Average `total_cap`, `free_float_cap` or `turnover` of securities (ascending numbers)."""
        days = traded_days(self.market.panel, self.start, self.stop)[securities]
        if key == "turnover":
            self._require_amounts(securities)
            amounts = self.market.trading.amounts(self.market.panel, securities, self.start, self.stop)
            return Averages(amounts, days, _HUNDRED, self._rates(securities))
        total = self._capitalisation(key, securities)
        halted = np.flatnonzero((days == 0) & (self.market.panel.first_session[securities] < self.stop))
        if len(halted):  # on every session: the last price counts, at the count of the cut-off
            date, shares = self.market.sessions[self.stop - 1], self.market.shares
            counts = (shares.total if key == "total_cap" else shares.free_float)(securities[halted], date)
            last = self.market.panel.values[securities[halted], self.stop - 1]
            standing = [
                max(count, 0) * (int(price) if self.market.panel.exact else float(price))
                for count, price in zip(counts.tolist(), last.tolist(), strict=True)
            ]
            if max(standing) >= _SAFE:
                total = total.astype(object)
            total[halted] = standing
            days[halted] = 1
        if self.market.panel.decimals is None:
            exact = np.array([int(value * _HUNDRED) for value in total.tolist()], object)
            return Averages(exact, days, _HUNDRED, self._rates(securities))
        return Averages(total, days, self.market.panel.unit, self._rates(securities))

    def _require_amounts(self, securities: NDArray[np.int64]) -> None:
        """Refuse a look-back over prices that have no amounts, or rows without one."""
        if not self.market.trading.known:
            raise ReviewError(
                f"{self.method.name}: its rules look at amounts traded, and `prices` has no column amount: add it"
            )
        missing = self.market.trading.missing(self.market.panel, securities, self.start, self.stop)
        if missing.any():
            codes = self.market.securities.codes
            raise ReviewError(
                f"{self.method.name}: its rules look at amounts traded, and some rows of `prices` have none",
                [
                    Problem(
                        codes[security], f"{count} rows without an amount up to {self.market.sessions[self.stop - 1]}"
                    )
                    for security, count in zip(securities.tolist(), missing.tolist(), strict=True)
                    if count
                ],
            )

    def _capitalisation(self, key: str, securities: NDArray[np.int64]) -> NDArray[Any]:
        """Add up close times count over the window: between two steps of a count, the sum of closes times it."""
        dates = self.market.sessions[self.start : self.stop]
        shares, panel = self.market.shares, self.market.panel
        if len(dates) == 1:
            counted = shares.total if key == "total_cap" else shares.free_float
            start = np.full(len(securities), self.start)
            return _products(
                sums_of_closes(panel, securities, start, start + 1), np.maximum(counted(securities, dates[0]), 0)
            )
        steps = shares.total_steps if key == "total_cap" else shares.free_float_steps
        position, since, count = steps(securities, dates[0], dates[-1])
        places = position * len(dates) + np.searchsorted(dates, since)
        last = np.append(np.diff(places) > 0, True)  # of several counts that begin on one session the last one is valid
        position, places, count = position[last], places[last], np.maximum(count[last], 0)
        first = np.flatnonzero(np.diff(position, prepend=-1))
        start = self.start + places - position * len(dates)
        stop = np.append(start[1:], self.stop)
        stop[first[1:] - 1] = self.stop
        sums = sums_of_closes(panel, securities[position], start, stop)
        rough = np.add.reduceat(sums.astype(np.float64) * count, first)
        if rough.max(initial=0) >= _SAFE:
            sums, count = sums.astype(object), count.astype(object)
        total: NDArray[Any] = np.add.reduceat(sums * count, first)
        return total

    def _rates(self, securities: NDArray[np.int64]) -> list[Fraction] | None:
        known, home = self.market.securities, self.method.currency
        if known.only_currency == home:
            return None
        own = [known.currency[security] for security in securities.tolist()]
        day = self.market.sessions[self.stop - 1]
        rates = {currency: self.market.fx.rate(currency, home, day) for currency in set(own)}
        return [rates[currency] for currency in own]


def _products(sums: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[Any]:
    """Multiply closes by counts: in 64 bits where they hold the products."""
    if (sums.astype(np.float64) * counts).max(initial=0) >= _SAFE:
        exact: NDArray[Any] = sums.astype(object) * counts.astype(object)
        return exact
    products: NDArray[Any] = sums * counts
    return products
