"""Corporate actions: each kind a pure function, applied to baskets in one written order."""

from __future__ import annotations

from fintech_index.events._holdings import HEADROOM, Holdings, OpeningChange, hold
from fintech_index.events._positions import Positions, positions
from fintech_index.events._segments import Segments

__all__ = ["HEADROOM", "Holdings", "OpeningChange", "Positions", "Segments", "hold", "positions"]
