"""Published outcomes on the command line: verified, and shown."""

from __future__ import annotations

import sys
from dataclasses import astuple
from typing import TYPE_CHECKING

from fintech_index.cli._output import Columns, emit, encode, table

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.market import MarketData

DOES_NOT_HOLD = 1  # the exit code
_HEADINGS = ("index", "effective", "result", "what")


def check_published(
    index: str | None, effective: dt.date | None, market: MarketData, out: Path | None, form: str
) -> None:
    """Verify published outcomes; exit 1 where one does not come out as it was published, or is missing."""
    from fintech_index.publication import HOLDS, outcome_folder, verify

    folder = outcome_folder(out)
    found = verify(index, effective, market, folder)
    failed = sum(each.result != HOLDS for each in found)
    if form == "table":
        title = f"{len(found)} published outcomes in {folder}, {failed} of which do not hold"
        table(title, [(heading, "left") for heading in _HEADINGS], [astuple(each) for each in found])
    else:
        columns: Columns = {heading: [getattr(each, heading) for each in found] for heading in _HEADINGS}
        emit(encode(columns, form), form)
    if failed:
        sys.exit(DOES_NOT_HOLD)
