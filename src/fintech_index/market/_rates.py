"""Annual interest rates by name and date, for what accrues between sessions."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fintech_index.errors import RequestError, did_you_mean
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rate:
    """An interest rate as it was set over time.

    Attributes
    ----------
    name : str
    dates : tuple of date
        On which it was set, ascending.
    values : tuple of Fraction
        Annual rates from these dates on, as fractions: 0.015 is 1.5 %.
    """

    name: str
    dates: tuple[dt.date, ...]
    values: tuple[Fraction, ...]

    def on(self, date: dt.date) -> Fraction:
        """Give the rate in force on a date: the last that was set up to then.

        Raises
        ------
        RequestError
            None had been set.
        """
        at = bisect_right(self.dates, date) - 1
        if at < 0:
            raise RequestError(f"rates: {self.name} has no rate on {date}; the first is of {self.dates[0]}")
        return self.values[at]


def rate_from(table: pa.Table, name: str) -> Rate:
    """Give the rate of a name in the `rates` table.

    Raises
    ------
    RequestError
        The table has no such rate.
    """
    rows = sorted(
        (date, rate)
        for date, own, rate in zip(*(table.column(each).to_pylist() for each in ("date", "name", "rate")), strict=True)
        if own == name
    )
    if not rows:
        hint = did_you_mean(name, set(table.column("name").to_pylist())) or "the table has no rows"
        raise RequestError(f"the table `rates` has no rate named {name!r}: {hint}")
    return Rate(name, tuple(date for date, _ in rows), tuple(exact(rate) for _, rate in rows))
