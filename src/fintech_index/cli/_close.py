"""An index at a close: what the commands about one day begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.levels import History


def history_and_day(index: str, data: Path | None, date: dt.datetime | None) -> tuple[History, dt.date]:
    """Calculate an index, and give the day that is asked for: the last session where none is named."""
    from fintech_index.levels import calculate
    from fintech_index.market import MarketData
    from fintech_index.methodology import load

    history = calculate(load(index), MarketData.open(data))
    return history, history.sessions[-1].item() if date is None else date.date()
