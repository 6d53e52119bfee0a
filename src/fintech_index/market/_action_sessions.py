"""The sessions at whose open securities have corporate actions, as a table that holdings are joined with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index._spans import rows_between

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ActionSessions:
    """One row for each security and session with actions, ordered by security and session.

    Attributes
    ----------
    security, session : int64 arrays
    first, count : int64 arrays
        The rows of `Actions` that belong to each.
    for_holders : bool array
        Whether any of them does something to a share that is held.
    removes, recounts : bool arrays
        Whether any of them removes the security from the market, and whether any changes its share counts.
    corrected : bool array
        Whether the security has a correction of a dividend, on whichever session.
    """

    security: NDArray[np.int64]
    session: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    for_holders: NDArray[np.bool_]
    removes: NDArray[np.bool_]
    recounts: NDArray[np.bool_]
    corrected: NDArray[np.bool_]
    _places: NDArray[np.int64]
    _width: int

    def __len__(self) -> int:
        return len(self.security)

    def within(
        self, security: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the rows of securities from session `start` up to `stop`: numbers of the spans, and of the rows."""
        if not len(self):
            return self.first, self.first  # both are empty
        at_most = self._width - 1
        first, last = (
            np.searchsorted(self._places, security * self._width + np.minimum(edge, at_most))
            for edge in (start, np.maximum(start, stop))
        )
        return rows_between(first, last)


def action_sessions(
    security: NDArray[np.int64],
    session: NDArray[np.int64],
    *,
    for_holders: NDArray[np.bool_],
    removes: NDArray[np.bool_],
    recounts: NDArray[np.bool_],
    corrections: NDArray[np.bool_],
    sessions: int,
) -> ActionSessions:
    """Group actions that are ordered by security and session.

    The flags tell which of them do something to a share that is held, which remove a security, which change its counts,
    and which correct a dividend; `sessions` is how many the market has.
    """
    width = sessions + 1
    places, first, at, count = np.unique(
        security * width + session, return_index=True, return_inverse=True, return_counts=True
    )
    owner = security[first]
    return ActionSessions(
        security=owner,
        session=session[first],
        first=first,
        count=count,
        for_holders=np.bincount(at[for_holders], minlength=len(places)) > 0,
        removes=np.bincount(at[removes], minlength=len(places)) > 0,
        recounts=np.bincount(at[recounts], minlength=len(places)) > 0,
        corrected=np.isin(owner, security[corrections]),
        _places=places,
        _width=width,
    )
