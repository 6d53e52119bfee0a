"""`import-report.csv`: every repair, refusal, correction and doubt of an import, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = ("date", "security", "table", "outcome", "column", "vendor", "written", "reason")

REPAIRED = "repaired"  # the vendor's value was replaced by one that follows from other data
REFUSED = "refused"  # the row is not in our tables
CORRECTED = "corrected"  # corrections.csv said so
FLAGGED = "flagged"  # in our tables as the vendor has it; somebody should look


class Report:
    """Rows for `import-report.csv`, gathered while the import goes on."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def add(
        self,
        outcome: str,
        table: str,
        reason: str,
        *,
        date: Any = "",
        security: str = "",
        column: str = "",
        vendor: Any = "",
        written: Any = "",
    ) -> None:
        """Add one row."""
        values = (_iso(date), security, table, outcome, column, str(vendor), str(written), reason)
        self._rows.append(dict(zip(COLUMNS, values, strict=True)))

    def add_rows(self, outcome: str, table: str, reason: str, rows: pd.DataFrame, column: str = "") -> None:
        """Add one row for each row of a frame with the columns date and security, and the value in `column`."""
        vendor: Iterable[Any] = rows[column] if column else [""] * len(rows)
        for date, security, value in zip(rows["date"], rows["security"], vendor, strict=True):
            self.add(outcome, table, reason, date=date, security=security, column=column, vendor=value)

    def frame(self) -> pd.DataFrame:
        """Give all rows, by date, security and table."""
        rows = pd.DataFrame(self._rows, columns=list(COLUMNS), dtype="str")
        return rows.sort_values(list(COLUMNS), kind="stable", ignore_index=True)

    def counts(self) -> dict[str, int]:
        """Count the rows by outcome."""
        found: dict[str, int] = {}
        for row in self._rows:
            found[row["outcome"]] = found.get(row["outcome"], 0) + 1
        return found


def _iso(date: Any) -> str:
    if pd.isna(date):
        return ""
    return date.strftime("%Y-%m-%d") if hasattr(date, "strftime") else str(date)
