"""The `shares` table: counts valid from a date until the next row of the security."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._securities import Securities

_BITS = 32
_DAYS = 1 << _BITS  # more than any date's number of days, so that security and date make one sortable key


class Shares:
    """Share counts by security and date, in shares; they are put in order when they are first asked for."""

    def __init__(self, table: pa.Table, securities: Securities) -> None:
        self._table, self._securities = table, securities

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The order by security and date, and the keys in that order."""
        security = self._securities.numbers_in(self._table.column("security"))
        key = security * _DAYS + _day(self._table.column("effective").to_numpy().astype("datetime64[D]"))
        order = np.argsort(key)
        return order, key[order]

    @property
    def _key(self) -> NDArray[np.int64]:
        return self._order[1]

    @cached_property
    def _free_float(self) -> NDArray[np.int64]:
        return self._ordered("free_float")

    @cached_property
    def _total(self) -> NDArray[np.int64]:
        return self._ordered("total")

    def _ordered(self, name: str) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = self._table.column(name).to_numpy()[self._order[0]].astype(np.int64)
        return counts

    def free_float(self, securities: NDArray[np.int64], date: np.datetime64) -> NDArray[np.int64]:
        """Give the free-float shares valid at the close of a date; -1 where no count is known by then."""
        return self._counts(self._free_float, securities, date)

    def total(self, securities: NDArray[np.int64], date: np.datetime64) -> NDArray[np.int64]:
        """Give all shares of the company, likewise."""
        return self._counts(self._total, securities, date)

    def total_steps(
        self, securities: NDArray[np.int64], first: np.datetime64, last: np.datetime64
    ) -> tuple[NDArray[np.int64], NDArray[np.datetime64], NDArray[np.int64]]:
        """Give how the counts of all shares of securities (ascending numbers) step through a window of dates.

        Returns
        -------
        position, since, count : arrays
            By position in `securities` and date; each security begins on `first`, with -1 where no count is known.
        """
        return self._steps(self._total, securities, first, last)

    def free_float_steps(
        self, securities: NDArray[np.int64], first: np.datetime64, last: np.datetime64
    ) -> tuple[NDArray[np.int64], NDArray[np.datetime64], NDArray[np.int64]]:
        """Give how free-float counts step, likewise."""
        return self._steps(self._free_float, securities, first, last)

    def _steps(
        self, counts: NDArray[np.int64], securities: NDArray[np.int64], first: np.datetime64, last: np.datetime64
    ) -> tuple[NDArray[np.int64], NDArray[np.datetime64], NDArray[np.int64]]:
        begins = np.searchsorted(self._key, securities * _DAYS + _day(first), side="right")
        ends = np.searchsorted(self._key, securities * _DAYS + _day(last), side="right")
        later = ends - begins
        position = np.repeat(np.arange(len(securities)), later)
        rows = np.arange(later.sum()) + np.repeat(begins - (np.cumsum(later) - later), later)
        days = (self._key[rows] % _DAYS - _DAYS // 2).astype("datetime64[D]")
        position = np.concatenate([np.arange(len(securities)), position])
        since = np.concatenate([np.full(len(securities), first, "datetime64[D]"), days])
        valid = np.concatenate([self._counts(counts, securities, first), counts[rows]])
        order = np.argsort(position, kind="stable")  # what is valid at first, then its rows by date
        return position[order], since[order], valid[order]

    def _counts(
        self, counts: NDArray[np.int64], securities: NDArray[np.int64], date: np.datetime64
    ) -> NDArray[np.int64]:
        if len(self._key) == 0:
            return np.full(len(securities), -1, np.int64)
        rows = np.searchsorted(self._key, securities * _DAYS + _day(date), side="right") - 1
        known = (rows >= 0) & (self._key[rows] >> _BITS == securities)
        return np.where(known, counts[rows], -1)


def _day(date: np.datetime64 | NDArray[np.datetime64]) -> NDArray[np.int64]:
    return np.asarray(date, "datetime64[D]").astype(np.int64) + _DAYS // 2
