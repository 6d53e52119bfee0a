"""Gates between data and level: what must hold before a level is believed."""

from __future__ import annotations

from fintech_index.levels.gates._gate import ERROR, WARNING, Gate, Row
from fintech_index.levels.gates._limits import GateLimits
from fintech_index.levels.gates._passing import GATES, gates_of

__all__ = ["ERROR", "GATES", "WARNING", "Gate", "GateLimits", "Row", "gates_of"]
