"""`fintech-index constituents`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.cli._close import history_and_day
from fintech_index.cli._options import DATE, data_option, format_option, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table
from fintech_index.rounding import plain

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@click.command(epilog="Example: fintech-index constituents xiangmihu --date 2020-06-15")
@click.argument("index")
@click.option("--date", type=DATE, metavar="DATE", help="A session; the last one by default.")
@data_option
@format_option
def constituents(index: str, date: dt.datetime | None, data: Path | None, form: str) -> None:
    """Show the constituents of INDEX at a close: shares, capping factor, weight; heaviest first."""
    history, when = history_and_day(index, data, date)
    method, market = history.method, history.market
    frame = history.constituents(when)
    columns: Columns = {
        "index": [method.name] * len(frame),
        "date": [when] * len(frame),
        "security": frame.index.tolist(),
        "name": [market.securities.name(code) for code in frame.index],
        **columns_of(frame),
    }
    if form == "table":
        _show(f"{method.name}  {when}  {len(frame)} constituents", columns)
    else:
        emit(encode(columns, form), form)
    notice(*history.notices)


def _show(title: str, columns: Columns) -> None:
    rows = [
        (
            security,
            name,
            "" if free_float is None else f"{free_float:,}",
            "" if factor is None else plain(factor),
            f"{shares:,}",
            str(close),
            f"{weight:.2%}",
        )
        for security, name, free_float, factor, shares, close, weight in zip(
            *(
                columns[name]
                for name in ("security", "name", "free_float", "capping_factor", "index_shares", "close", "weight")
            ),
            strict=True,
        )
    ]
    headings = ["security", "name", "free float", "capping factor", "index shares", "close", "weight"]
    justified = [(heading, "left" if at < 2 else "right") for at, heading in enumerate(headings)]  # noqa: PLR2004
    table(title, justified, rows)
