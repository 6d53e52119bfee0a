"""`fintech-index explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.cli._close import history_and_day
from fintech_index.cli._options import DATE, VARIANTS, data_option, format_option, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table
from fintech_index.errors import RequestError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.levels import History


@click.command(epilog="Example: fintech-index explain xiangmihu --date 2020-05-21")
@click.argument("index")
@click.option("--date", type=DATE, metavar="DATE", help="A session; the last one by default.")
@click.option(
    "--by",
    type=click.Choice(["category", "cni_field", "issuer", "city", "exchange", "board"]),
    help="Show what groups contribute to the return instead, in percent of the level.",
)
@click.option("--start", type=DATE, metavar="DATE", help="With --by: from the close of this date on; else of one day.")
@data_option
@format_option
def explain(
    index: str, date: dt.datetime | None, by: str | None, start: dt.datetime | None, data: Path | None, form: str
) -> None:
    """Show what moved INDEX on a day, in points.

    One row a constituent and a corporate action; they add up to the change of the published level. With --by, one row
    a group; they add up to the return of the unrounded level, exactly.
    """
    if start is not None and by is None:
        raise RequestError("--start goes with --by: points are of one day")
    history, when = history_and_day(index, data, date)
    if by is not None:
        _show_contributions(history, by, start.date() if start is not None else None, when, form)
        notice(*history.notices)
        return
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


def _show_contributions(history: History, by: str, start: dt.date | None, end: dt.date, form: str) -> None:
    """Print what groups contribute to the price return, the largest first."""
    at = history.market.session(end)
    if start is None:
        start = history.market.sessions[max(at - 1, 0)].item()
    frame = history.contributions(start, end, by=by)
    start = max(date for date in history.sessions.tolist() if date <= start)
    rows = sorted(zip(frame.index, frame["contribution"], strict=True), key=lambda row: -row[1])
    if form == "table":
        total = sum(frame["contribution"])
        shown = [(group or "(none)", f"{float(part):+.4%}") for group, part in [*rows, ("return", total)]]
        title = f"{history.method.name}  {start} to {end}  contributions to the price return"
        table(title, [(by, "left"), ("contribution", "right")], shown)
        return
    columns: Columns = {
        "index": [history.method.name] * len(rows),
        "start": [start] * len(rows),
        "end": [end] * len(rows),
        by: [group for group, _ in rows],
        "contribution": [float(part) for _, part in rows],
    }
    emit(encode(columns, form), form)
