"""Exchange rates: units of index currency for one unit of a currency, by date."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import MarketDataError
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class FxRates:
    """Rates by currency and date. None is carried, unless `carried` has filled them in."""

    def __init__(self, rates: dict[str, dict[np.datetime64, float]], carried: tuple[tuple[str, str], ...] = ()) -> None:
        self._rates = rates
        self.carried_rates = carried

    @classmethod
    def from_table(cls, table: pa.Table) -> FxRates:
        """Take the `fx` table."""
        rates: dict[str, dict[np.datetime64, float]] = {}
        dates = table.column("date").to_numpy().astype("datetime64[D]")
        rows = zip(table.column("currency").to_pylist(), dates, table.column("rate").to_pylist(), strict=True)
        for currency, date, rate in rows:
            rates.setdefault(currency, {})[date] = rate
        return cls(rates)

    def carried(self, sessions: NDArray[np.datetime64], limit: int) -> FxRates:
        """Give the rates with the last known one where a session has none, for at most `limit` sessions on end.

        `carried_rates` of the result lists the currencies and sessions that were filled in.
        """
        filled: dict[str, dict[np.datetime64, float]] = {}
        carried = []
        for currency, known in self._rates.items():
            dates = sorted(known)
            filled[currency] = dict(known)
            for at, session in enumerate(sessions):
                before = bisect_right(dates, session)
                if session in known or before == 0:
                    continue
                since = int(np.searchsorted(sessions, dates[before - 1], side="right"))  # first session without one
                if at - since < limit:
                    filled[currency][session] = known[dates[before - 1]]
                    carried.append((currency, str(session)))
        return FxRates(filled, tuple(carried))

    def standing(self, last: np.datetime64, dates: NDArray[np.datetime64]) -> FxRates:
        """Give the rates with those of a last session on dates to come, too."""
        standing = {
            currency: known | dict.fromkeys(dates, known[last]) if last in known else known
            for currency, known in self._rates.items()
        }
        return FxRates(standing, self.carried_rates)

    def series(self, currency: str, sessions: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """Give the rate on each session, float64 of shape (sessions,); NaN where there is none."""
        known = self._rates.get(currency, {})
        return np.array([known.get(session, np.nan) for session in sessions], np.float64)

    def rate(self, currency: str, home: str, session: np.datetime64) -> Fraction:
        """Give the rate of one session, as the fraction that the table writes: units of `home` for one of `currency`.

        Raises
        ------
        MarketDataError
            There is no rate.
        """
        if currency == home:
            return Fraction(1)
        rate = self._rates.get(currency, {}).get(session)
        if rate is None:
            raise MarketDataError(f"fx, {session}: no rate for {currency}; {MISSING_RATE}")
        return exact(rate)


MISSING_RATE = "complete the table `fx`, or let fx.carry_sessions of the methodology carry the last rate"
