"""Holdings x prices to levels: market values, divisors, and the history that has them."""

from __future__ import annotations

from fintech_index.levels._calculate import calculate_baskets
from fintech_index.levels._calculate_history import calculate
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._history import History
from fintech_index.levels._opening import OpeningComposition
from fintech_index.levels._published import Published, level_text
from fintech_index.levels._state import State
from fintech_index.levels.gates import GATES, Gate, GateLimits

__all__ = [
    "GATES",
    "VARIANTS",
    "Gate",
    "GateLimits",
    "History",
    "OpeningComposition",
    "Published",
    "State",
    "calculate",
    "calculate_baskets",
    "level_text",
]
