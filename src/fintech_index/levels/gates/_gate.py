"""A gate, whether it is passed, and the rows that stand against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

ERROR, WARNING = "error", "warning"
_NAMED = 3


class Row(NamedTuple):
    """What stands against a level: a date, a security ("" for all), and what is wrong."""

    date: str
    security: str
    what: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate has found.

    Attributes
    ----------
    name : str
        What ``--accept`` calls it.
    severity : str
        ``error`` where a level is wrong for certain, ``warning`` where it may be.
    looks_at : str
        What has to hold.
    rows : tuple of Row
        All that stands against it; none where it is passed.
    """

    name: str
    severity: str
    looks_at: str
    rows: tuple[Row, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing stands against it."""
        return not self.rows

    @property
    def count(self) -> int:
        """How many rows stand against it."""
        return len(self.rows)

    @property
    def what(self) -> str:
        """The first rows in one line."""
        shown = [" ".join(filter(None, (row.date, row.security))) + f": {row.what}" for row in self.rows[:_NAMED]]
        more = f"; and {self.count - _NAMED} more" if self.count > _NAMED else ""
        return "; ".join(text.removeprefix(": ") for text in shown) + more

    def __str__(self) -> str:
        return f"{self.severity}: gate {self.name}: {self.what}" if self.rows else f"gate {self.name}: passed"
