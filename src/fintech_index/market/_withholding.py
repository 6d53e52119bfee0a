"""The `withholding` table: what each country keeps of a dividend, from a date on."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    import pyarrow as pa


class Withholding:
    """Withholding rates by country and date, as fractions."""

    def __init__(self, table: pa.Table) -> None:
        self._rates: dict[str, list[tuple[dt.date, Fraction]]] = {}
        for row in table.sort_by("effective").to_pylist():
            self._rates.setdefault(_code(row["country"]), []).append((row["effective"], exact(row["rate"])))

    def __bool__(self) -> bool:
        return bool(self._rates)

    def rate(self, country: str, date: dt.date) -> Fraction | None:
        """Give the rate of a country on a date; None where the table has none by then."""
        dated = self._rates.get(_code(country), [])
        at = bisect_right(dated, date, key=lambda each: each[0])
        return dated[at - 1][1] if at else None


def _code(country: str) -> str:
    return country.strip().upper()
