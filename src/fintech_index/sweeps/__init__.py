"""Many variants of an index over one market."""

from __future__ import annotations

from fintech_index.sweeps._sweep import Executor, Sweep, sweep
from fintech_index.sweeps._variants import as_written, variants

__all__ = ["Executor", "Sweep", "as_written", "sweep", "variants"]
