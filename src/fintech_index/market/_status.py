"""The `status` table: which securities are ST, under investigation, in losses, and from when to when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa


def status_kind(text: str) -> str:
    """Give the kind that a text means: upper and lower case are one, and *ST is ST."""
    return text.strip().lower().removeprefix("*")


class Statuses:
    """Statuses by security. A status holds from its start to its end, both included; without an end, for good."""

    def __init__(self, table: pa.Table) -> None:
        self._stretches: dict[str, list[tuple[str, dt.date, dt.date]]] = {}
        for row in table.to_pylist():
            stretch = (status_kind(row["kind"]), row["start"], row["end"] or dt.date.max)
            self._stretches.setdefault(row["security"], []).append(stretch)

    @property
    def kinds(self) -> set[str]:
        """All kinds of the table."""
        return {kind for stretches in self._stretches.values() for kind, _, _ in stretches}

    @property
    def securities(self) -> Collection[str]:
        """All securities of the table."""
        return self._stretches.keys()

    def on(self, security: str, date: dt.date, kinds: Collection[str], since: dt.date | None = None) -> str | None:
        """Give the first of `kinds` that a security has on a date, or on any day since another; None: it has none."""
        wanted = {status_kind(each) for each in kinds}
        for kind, start, end in self._stretches.get(security, ()):
            if start <= date and end >= (since or date) and kind in wanted:
                return kind
        return None
