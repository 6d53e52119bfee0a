"""One thing that a check has found, and all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fintech_index.errors import Problem

CONTRADICTION, DOUBT = "contradiction", "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: how grave, which table, on what date and security, what, and its size (a fraction) if it has one."""

    gravity: str
    table: str
    date: str
    security: str
    what: str
    size: float = 0.0

    def __str__(self) -> str:
        where = " ".join(part for part in (self.date, self.security) if part)
        return f"{self.gravity}: {self.table}{f' {where}' if where else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class Check:
    """What a check has found.

    Attributes
    ----------
    broken : list of Problem
        Breaches of the contract; where there are any, nothing else is looked at.
    findings : list of Finding
        Contradictions first; differences of reference prices by size, the largest first.
    reference_prices : int
        How many computed reference prices were compared with the exchange's.
    """

    broken: list[Problem]
    findings: list[Finding]
    reference_prices: int = 0

    @property
    def contradictions(self) -> int:
        """How many findings are contradictions."""
        return sum(finding.gravity == CONTRADICTION for finding in self.findings)
