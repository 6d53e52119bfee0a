"""Later codes of securities: what a code means on a date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class Alias:
    """From a date on, a code means the security with this permanent one."""

    permanent: str
    since: dt.date


Aliases = dict[str, list[Alias]]
"""By later code, by date."""


def permanent_code(aliases: Aliases, code: str, date: dt.date) -> str:
    """Give the permanent code of what a code means on a date."""
    return next((alias.permanent for alias in reversed(aliases.get(code, [])) if alias.since <= date), code)
