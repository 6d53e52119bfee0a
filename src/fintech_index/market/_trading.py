"""What was traded over a window of sessions: closes without carried ones, and amounts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market._panel import PricePanel

_HUNDRED = 100  # amounts are counted in hundredths of the currency
_SESSIONS = 1 << 31  # more than there are, so that security and session make one key
_SAFE = 2.0**62


class Trading:
    """Amounts by row of the price table.

    Sums over a window are differences of running sums, so that no matrix of sessions is laid out.

    Parameters
    ----------
    securities, sessions : int arrays of shape (rows,)
    amounts : float array of shape (rows,)
        In trading currency; NaN where the table has none.
    """

    def __init__(
        self, securities: NDArray[np.int32], sessions: NDArray[np.int32], amounts: NDArray[np.float64] | None
    ) -> None:
        self._securities, self._sessions, self._amounts = securities, sessions, amounts

    @property
    def known(self) -> bool:
        """Whether the price table has amounts at all."""
        return self._amounts is not None

    def on(self, kept: NDArray[np.int64], width: int) -> Trading:
        """Give the trading on some of `width` sessions, ascending numbers."""
        if self._amounts is None:
            return self
        places = np.full(width, -1, np.int32)
        places[kept] = np.arange(len(kept), dtype=np.int32)
        sessions = places[self._sessions]
        there = sessions >= 0
        return Trading(self._securities[there], sessions[there], self._amounts[there])

    def amounts(self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int) -> NDArray[Any]:
        """Add up amounts of securities over a window, each rounded half to even to a hundredth, in hundredths."""
        if self._amounts is None:
            return np.zeros(len(securities), np.int64)
        begins, ends = self._rows(panel, securities, start, stop)
        sums: NDArray[Any] = self._running[1][ends] - self._running[1][begins]
        return sums

    def missing(self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
        """Count the rows of securities over a window that have no amount."""
        gaps = self._gaps
        if gaps is None:
            return np.zeros(len(securities), np.int64)
        begins, ends = self._rows(panel, securities, start, stop)
        counts: NDArray[np.int64] = gaps[ends] - gaps[begins]
        return counts

    @cached_property
    def _gaps(self) -> NDArray[np.int64] | None:
        """The running count of rows without an amount, by security and session; None where there are none."""
        if self._amounts is None or not np.isnan(self._amounts).any():
            return None
        return np.concatenate([[0], np.cumsum(np.isnan(self._amounts[self._order]))])

    def _rows(
        self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the rows of securities over a window: a security has one a session on which it traded."""
        offsets = self._running[0]
        first = offsets[np.minimum(securities, len(offsets) - 1)]
        begins, ends = (first + traded_days(panel, 0, session)[securities] for session in (start, stop))
        return begins, ends

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """The rows by security and session."""
        return np.argsort(self._keys, kind="stable")

    @property
    def _keys(self) -> NDArray[np.int64]:
        keys: NDArray[np.int64] = self._securities * np.int64(_SESSIONS) + self._sessions
        return keys

    @cached_property
    def _running(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Where the rows of each security begin, ordered by session, and the running sum of amounts before each row."""
        keys = self._keys
        hundredths = np.rint(np.nan_to_num(np.asarray(self._amounts)) * _HUNDRED)
        if not (keys[:-1] <= keys[1:]).all():
            keys, hundredths = keys[self._order], hundredths[self._order]
        whole: NDArray[Any] = (
            hundredths.astype(np.int64)
            if hundredths.sum() < _SAFE
            else np.array([int(each) for each in hundredths.tolist()], object)
        )
        securities = np.arange(int(self._securities.max(initial=-1)) + 2)
        offsets = np.searchsorted(keys, securities * _SESSIONS)
        return offsets, np.concatenate([[0], np.cumsum(whole)])


def traded_days(panel: PricePanel, start: int, stop: int) -> NDArray[np.int64]:
    """Count the sessions of a window on which each security traded."""
    security, begin, end = panel.gap_table.T
    suspended = np.clip(np.minimum(end, stop) - np.maximum(begin, start), 0, None)
    days: NDArray[np.int64] = np.clip(stop - np.maximum(panel.first, start), 0, None)
    days -= np.bincount(security, suspended, minlength=len(days)).astype(np.int64)
    return days


def traded_closes(panel: PricePanel, start: int, stop: int) -> NDArray[Any]:
    """Give the closes of a window as the panel counts them; 0 where a security did not trade."""
    closes: NDArray[Any] = panel.values[:, start:stop].copy()
    gaps = panel.gap_table
    within = gaps[(gaps[:, 1] < stop) & (gaps[:, 2] > start)]
    for security, begin, end in within.tolist():
        closes[security, max(begin - start, 0) : end - start] = 0
    return closes
