"""Many variants of an index over one market."""

from __future__ import annotations

from fintech_index.sweeps._sweep import Sweep, sweep
from fintech_index.sweeps._variants import variants

__all__ = ["Sweep", "sweep", "variants"]
