"""What was traded over a window of sessions: closes without carried ones, and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernels import dispatch
from fintech_index._spans import rows_between

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fintech_index.market._carried_closes import PricePanel

HUNDRED = 100  # amounts are counted in hundredths of the currency
_SAFE = 2.0**62
_REMEMBERED = 256  # sessions


@dataclass(frozen=True, slots=True)
class Amounts:
    """Running sums of amounts over rows ordered by security and session: sums over a window are their differences.

    Attributes
    ----------
    offsets : int64 array of shape (securities + 1,)
        Where the rows of each security begin.
    running : int64 array of shape (rows + 1,), or Python integers
        The sum before each row, in hundredths of the trading currency.
    missing : int64 array of shape (rows + 1,) or None
        The number of rows before each without an amount; None where every row has one.
    """

    offsets: NDArray[np.int64]
    running: NDArray[Any]
    missing: NDArray[np.int64] | None


class Trading:
    """Amounts of a price table; no matrix of sessions is laid out.

    Parameters
    ----------
    lay_out : callable or None
        Gives the amounts when they are first asked for; None where the table has none.
    """

    def __init__(self, lay_out: Callable[[], Amounts] | None) -> None:
        self._lay_out = lay_out

    def __reduce__(self) -> tuple[Any, ...]:
        return _trading_of, (self.sums if self.known else None,)

    @classmethod
    def from_rows(
        cls,
        securities: NDArray[np.int32],
        sessions: NDArray[np.int32],
        amounts: NDArray[np.float64] | None,
        shape: tuple[int, int],
    ) -> Trading:
        """Take rows of a price table, in any order; amounts in trading currency, NaN where there is none."""
        if amounts is None:
            return cls(None)

        def lay_out() -> Amounts:
            keys = securities * np.int64(shape[1]) + sessions
            order = slice(None) if (keys[:-1] <= keys[1:]).all() else np.argsort(keys, kind="stable")
            offsets = np.concatenate([[0], np.cumsum(np.bincount(securities, minlength=shape[0]))])
            return running_sums(offsets, amounts[order])

        return cls(lay_out)

    @property
    def known(self) -> bool:
        """Whether the price table has amounts at all."""
        return self._lay_out is not None

    @cached_property
    def sums(self) -> Amounts:
        """The amounts, of a table that has them."""
        if self._lay_out is None:
            raise LookupError("the price table has no amounts")
        return self._lay_out()

    def on(self, kept: NDArray[np.int64], panel: PricePanel) -> Trading:
        """Give the trading on some of the sessions of a panel, ascending numbers."""
        if not self.known:
            return self

        def lay_out() -> Amounts:
            securities, sessions = np.nonzero(traded_sessions(panel))
            there = np.isin(sessions, kept)
            offsets = np.concatenate(
                [[0], np.cumsum(np.bincount(securities[there], minlength=len(panel.first_session)))]
            )
            given = self.sums
            missing = None if given.missing is None else _sums_of(given.missing, there)
            return Amounts(offsets, _sums_of(given.running, there), missing)

        return Trading(lay_out)

    def amounts(self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int) -> NDArray[Any]:
        """Add up amounts of securities over a window, each rounded half to even to a hundredth, in hundredths."""
        if not self.known:
            return np.zeros(len(securities), np.int64)
        begins, ends = self._rows(panel, securities, start, stop)
        sums: NDArray[Any] = self.sums.running[ends] - self.sums.running[begins]
        return sums

    def missing(self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
        """Count the rows of securities over a window that have no amount."""
        if not self.known or self.sums.missing is None:
            return np.zeros(len(securities), np.int64)
        begins, ends = self._rows(panel, securities, start, stop)
        counts: NDArray[np.int64] = self.sums.missing[ends] - self.sums.missing[begins]
        return counts

    def _rows(
        self, panel: PricePanel, securities: NDArray[np.int64], start: int, stop: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the rows of securities over a window: a security has one a session on which it traded."""
        first = self.sums.offsets[securities]
        begins, ends = (first + traded_days(panel, 0, session)[securities] for session in (start, stop))
        return begins, ends


def running_sums(offsets: NDArray[np.int64], amounts: NDArray[np.float64]) -> Amounts:
    """Add up amounts of rows that are ordered by security and session; NaN where a row has none."""
    nothing = np.isnan(amounts)
    hundredths = np.rint(np.where(nothing, 0.0, amounts) * HUNDRED)
    whole: NDArray[Any] = (
        hundredths.astype(np.int64)
        if hundredths.sum() < _SAFE
        else np.array([int(each) for each in hundredths.tolist()], object)
    )
    missing = np.concatenate([[0], np.cumsum(nothing)]) if nothing.any() else None
    return Amounts(offsets, np.concatenate([[0], np.cumsum(whole)]), missing)


def _sums_of(running: NDArray[Any], kept: NDArray[np.bool_]) -> NDArray[Any]:
    """Give the running sums over some of the rows."""
    sums: NDArray[Any] = np.concatenate([[0], np.cumsum(np.diff(running)[kept])])
    return sums


def traded_sessions(panel: PricePanel) -> NDArray[np.bool_]:
    """Tell on which sessions each security traded."""
    traded: NDArray[np.bool_] = np.arange(panel.values.shape[1]) >= panel.first_session[:, None]
    for security, start, stop in panel.suspension_table.tolist():
        traded[security, start:stop] = False
    return traded


def traded_days(panel: PricePanel, start: int, stop: int) -> NDArray[np.int64]:
    """Count the sessions of a window on which each security traded."""
    return _traded_before(panel, stop) - _traded_before(panel, start)


def _traded_before(panel: PricePanel, session: int) -> NDArray[np.int64]:
    """Count the sessions before one on which each security traded; look-backs of many reviews ask for the same ones."""
    known = panel.traded_before.get(session)
    if known is not None:
        return known
    days: NDArray[np.int64] = np.maximum(session - panel.first_session, 0)
    security, begin, end = _gaps_within(panel, 0, session).T
    if len(security):
        suspended = np.minimum(end, session) - begin
        days -= np.bincount(security, suspended, minlength=len(days)).astype(np.int64)
    days.flags.writeable = False
    if len(panel.traded_before) >= _REMEMBERED:
        panel.traded_before.clear()
    panel.traded_before[session] = days
    return days


def _gaps_within(panel: PricePanel, start: int, stop: int) -> NDArray[np.int64]:
    """Give the rows of `suspension_table` that have sessions in a window."""
    begin, end = panel.suspension_edges
    within: NDArray[np.int64] = panel.suspension_table[np.flatnonzero((begin < stop) & (end > start))]
    return within


def sums_of_closes(
    panel: PricePanel, security: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[Any]:
    """Add up the closes of sessions on which securities traded, as the panel counts them, over spans of sessions.

    Parameters
    ----------
    panel : PricePanel
    security, start, stop : int64 arrays of shape (spans,)
        Ordered by security; no span is empty.

    Returns
    -------
    int64 or float64 array of shape (spans,)
    """
    sums = _sums(panel, security, start, stop)
    suspensions = _gaps_within(panel, int(start.min(initial=panel.values.shape[1])), int(stop.max(initial=0)))
    if not len(suspensions):
        return sums
    gap, span = rows_between(
        np.searchsorted(security, suspensions[:, 0]), np.searchsorted(security, suspensions[:, 0], side="right")
    )
    begin, end = np.maximum(suspensions[gap, 1], start[span]), np.minimum(suspensions[gap, 2], stop[span])
    both = begin < end
    np.subtract.at(sums, span[both], _sums(panel, security[span[both]], begin[both], end[both]))
    return sums


def _sums(
    panel: PricePanel, security: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[Any]:
    sums: NDArray[Any] = np.empty(len(security), np.int64 if panel.exact else np.float64)
    dispatch.sum_spans(panel.values, security, start, stop, sums)
    return sums


def _trading_of(amounts: Amounts | None) -> Trading:
    return Trading(None if amounts is None else lambda: amounts)
