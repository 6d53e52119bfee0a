"""Segments: the holdings of an index as a table, one row for each stretch of sessions with the same index shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Segments:
    """Holdings, ordered by basket row and start; every array has one entry a segment.

    Attributes
    ----------
    row : int64 array
        The row of the baskets that a segment comes from.
    security : int64 array
        Number of the security in the market.
    start, stop : int64 arrays
        First session held, and first session no longer held (the number of sessions while held).
    index_shares : int64 array
        In units of ``10**-share_scale`` shares.
    currency : int64 array
        Entry of `currencies` that the security trades in.
    share_scale : int64 array
        Decimals of a share.
    ratio : tuple of Fraction
        What one share of the price date has become by the segment's start.
    currencies : tuple of str
    """

    row: NDArray[np.int64]
    security: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    currency: NDArray[np.int64]
    share_scale: NDArray[np.int64]
    ratio: tuple[Fraction, ...]
    currencies: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row)

    def held_at(self, session: int) -> NDArray[np.bool_]:
        """Tell which segments are held on a session."""
        held: NDArray[np.bool_] = (self.start <= session) & (session < self.stop)
        return held
