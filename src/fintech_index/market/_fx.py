"""Exchange rates: units of index currency for one unit of a currency, by date."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import MarketDataError
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class FxRates:
    """The `fx` table."""

    def __init__(self, table: pa.Table) -> None:
        self._rates: dict[str, dict[np.datetime64, float]] = {}
        dates = table.column("date").to_numpy().astype("datetime64[D]")
        rows = zip(table.column("currency").to_pylist(), dates, table.column("rate").to_pylist(), strict=True)
        for currency, date, rate in rows:
            self._rates.setdefault(currency, {})[date] = rate

    def series(self, currency: str, sessions: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """Give the rate on each session, float64 of shape (sessions,); NaN where there is none, for none is carried."""
        known = self._rates.get(currency, {})
        return np.array([known.get(session, np.nan) for session in sessions], np.float64)

    def rate(self, currency: str, home: str, session: np.datetime64) -> Fraction:
        """Give the rate of one session, as the fraction that the table writes: units of `home` for one of `currency`.

        Raises
        ------
        MarketDataError
            There is no rate; rates are not carried.
        """
        if currency == home:
            return Fraction(1)
        rate = self._rates.get(currency, {}).get(session)
        if rate is None:
            raise MarketDataError(
                f"fx, {session}: no rate for {currency}; a rate is not carried over days, so add it to the table `fx`"
            )
        return exact(rate)
