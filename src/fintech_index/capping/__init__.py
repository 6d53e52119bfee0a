"""How much a constituent may weigh: caps in closed form, in fractions."""

from __future__ import annotations

from fintech_index.capping._cap import CappedWeights, cap
from fintech_index.capping._capped import ONE, Capped, capped
from fintech_index.capping._rules import CapRules

__all__ = ["ONE", "CapRules", "Capped", "CappedWeights", "cap", "capped"]
