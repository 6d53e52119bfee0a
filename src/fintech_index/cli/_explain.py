"""`fintech-index explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.cli._close import history_and_day
from fintech_index.cli._options import DATE, VARIANTS, data_option, format_option, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@click.command(epilog="Example: fintech-index explain xiangmihu --date 2020-05-21")
@click.argument("index")
@click.option("--date", type=DATE, metavar="DATE", help="A session; the last one by default.")
@data_option
@format_option
def explain(index: str, date: dt.datetime | None, data: Path | None, form: str) -> None:
    """Show what moved INDEX on a day, in points.

    One row a constituent and a corporate action; they add up to the change of the published level.
    """
    history, when = history_and_day(index, data, date)
    method, market = history.method, history.market
    frame = history.explain(when)
    frame.insert(2, "name", [market.securities.name(code) if code else "" for code in frame["security"]])
    columns: Columns = {"index": [method.name] * len(frame), "date": [when] * len(frame), **columns_of(frame)}
    if form == "table":
        places = method.rounding.level_decimals
        rows = [
            (row.kind, row.security, row.name, row.cause, *(f"{getattr(row, each):+.{places}f}" for each in VARIANTS))
            for row in frame.itertuples(index=False)
        ]
        total = [f"{frame[each].sum():+.{places}f}" for each in VARIANTS]
        headings = [(heading, "left") for heading in ("kind", "security", "name", "cause")]
        rows.append(("change", "", "", "", *total))
        table(f"{method.name}  {when}  points", [*headings, *((each, "right") for each in VARIANTS)], rows)
    else:
        emit(encode(columns, form), form)
    notice(*history.notices)
