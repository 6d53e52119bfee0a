"""Which securities an index holds on which sessions, for gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.levels._calculation import Calculation


class Held:
    """The constituents of an index by session."""

    def __init__(self, calculation: Calculation) -> None:
        segments = calculation.holdings.segments
        self._start, self._stop, self._security = segments.start, segments.stop, segments.security
        self.last = len(calculation.market.sessions) - 1
        self._shares = segments.index_shares
        self._calculation = calculation

    def among(self, security: NDArray[np.int64], session: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which securities are held at the open of which sessions."""
        width = self.last + 2
        held = np.zeros(len(security), np.bool_)
        for at in np.unique(security).tolist():
            own = np.flatnonzero(security == at)
            mine = np.flatnonzero(self._security == at)
            days = session[own][:, None]
            held[own] = ((self._start[mine] <= days) & (days < self._stop[mine])).any(axis=1)
        return held & (session < width) & (session >= self._calculation.first)

    def at_last(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give who is held at the last close, and the parts of the index that they are by the closes before it."""
        mine = np.flatnonzero((self._start <= self.last) & (self.last < self._stop))
        securities = self._security[mine]
        panel = self._calculation.market.panel
        values = panel.values[securities, max(self.last - 1, 0)] * self._shares[mine].astype(np.float64)
        return securities, values / (values.sum() or 1.0)

    def over(self, session: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give who is held over the open of a session, and what each adds to its return."""
        mine = np.flatnonzero((self._start <= session) & (session < self._stop))
        securities, panel = self._security[mine], self._calculation.market.panel
        shares = self._shares[mine].astype(np.float64)
        before, now = (panel.values[securities, at] * shares for at in (session - 1, session))
        return securities, (now - before) / (before.sum() or 1.0)
