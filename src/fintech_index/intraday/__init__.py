"""Market values within a session, from ticks: exact integers, the same as those of the close for the same prices."""

from __future__ import annotations

from fintech_index.intraday._values import levels_after_ticks, value_after_ticks, values_at

__all__ = ["levels_after_ticks", "value_after_ticks", "values_at"]
