"""`fintech-index events`."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any

import click

from fintech_index.cli._options import DATE, VARIANTS, data_option, format_option, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table
from fintech_index.errors import RequestError

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from fintech_index.levels import History
    from fintech_index.market import MarketData

_DAYS_AHEAD = 7
_WIDEST_TERMS = 40
_WIDE = 180  # columns that the whole page takes; a pipe has them
_MONEY = 1000  # from here on two decimals say enough
_LEGEND = {
    "next": "* the next session: its open is known",
    "provisional": "** a later session: as it stands at the last closes and exchange rates",
}


@click.command(epilog="Example: fintech-index events xiangmihu --start 2020-05-18 --end 2020-05-29")
@click.argument("index")
@click.option("--start", type=DATE, metavar="DATE", help="The first day; by default the one after the last session.")
@click.option("--end", type=DATE, metavar="DATE", help="The last day; by default a week after the start.")
@click.option(
    "--policies", is_flag=True, help="Show what each other treatment would have made of the window, in basis points."
)
@data_option
@format_option
def events(
    index: str, start: dt.datetime | None, end: dt.datetime | None, data: Path | None, form: str, *, policies: bool
) -> None:
    """Show what happens to INDEX in a window, and what it does to index shares and divisors.

    Days after the last session are shown as they stand at its closes: those of the next session are final.
    """
    from fintech_index.index_view import with_future_sessions
    from fintech_index.levels import calculate
    from fintech_index.market import MarketData
    from fintech_index.methodology import load

    method, market = load(index), MarketData.open(data)
    last: dt.date = market.sessions[-1].item()
    first_day = start.date() if start else (end.date() if end and end.date() <= last else last + dt.timedelta(days=1))
    last_day = end.date() if end else first_day + dt.timedelta(days=_DAYS_AHEAD)
    if first_day > last_day:
        raise RequestError(f"--start {first_day} is after --end {last_day}")
    to_come = with_future_sessions(method, market, last_day)
    history = calculate(method, to_come)
    if policies:
        _show_policies(history, first_day, last_day, form)
    else:
        _show_events(history, first_day, last_day, last, form)
        notice(*_doubted_terms(market, history.events(first_day, last_day)))
    if last_day > last:
        notice(f"{method.name}: the data ends on {last}; later days stand as at its closes and exchange rates")
    notice(*history.notices)


def _show_events(history: History, first: dt.date, last: dt.date, known: dt.date, form: str) -> None:
    import numpy as np

    names = history.market.securities
    frame = history.events(first, last)
    frame.insert(2, "name", [names.name(code) if code else "" for code in frame["security"]])
    later = history.market.sessions[history.market.sessions > np.datetime64(known)]
    coming = later[0].item() if len(later) else None
    frame.insert(1, "status", [_status(date.date(), known, coming) for date in frame["date"]])
    if form != "table":
        _emit(history, frame, form)
        return
    title = f"{history.method.name}  {first} to {last}"
    if frame.empty:
        click.echo(f"{title}: nothing happens")
        return
    days = frame.to_dict("records")
    what = [("date", "left"), ("security", "left"), ("name", "left"), ("event", "left"), ("terms", "left")]
    prices = [(text, "right") for text in ("close", "reference", "index shares")]
    amounts = [(f"{each} opening", "right") for each in VARIANTS]
    told = [[*_told(row), *_holdings(row)] for row in days]
    moved = [[_amount(row[f"{each}_amount"]) for each in VARIANTS] for row in days]
    legend = [_LEGEND[status] for status in dict.fromkeys(frame["status"]) if status in _LEGEND]
    if shutil.get_terminal_size((_WIDE, 0)).columns >= _WIDE:
        rows = [[*left, *right] for left, right in zip(told, moved, strict=True)]
        table(title, [*what, *prices, *amounts], rows, "\n".join(legend))
    else:  # one narrow table after the other, rather than one whose lines wrap
        table(title, [*what[:2], *what[3:]], [[*row[:2], *row[3:5]] for row in told], "\n".join(legend))
        table("index shares", [*what[:2], what[3], *prices], [[*row[:2], row[3], *row[5:]] for row in told])
        table(
            "changes of the opening value",
            [*what[:2], what[3], *amounts],
            [[*row[:2], row[3], *right] for row, right in zip(told, moved, strict=True) if any(right)],
        )
    _show_divisors(frame)


def _doubted_terms(market: MarketData, frame: Any) -> list[str]:
    """Say of which of these events the terms do not lead to the exchange's own reference price."""
    from fintech_index.market import terms_in_doubt

    shown = {(str(row.date.date()), row.security) for row in frame.itertuples()}
    return [str(finding) for finding in terms_in_doubt(market) if (finding.date, finding.security) in shown]


def _emit(history: History, frame: Any, form: str) -> None:
    columns: Columns = {"index": [history.method.name] * len(frame), **columns_of(frame)}
    emit(encode(columns, form), form)


def _status(date: dt.date, known: dt.date, coming: dt.date | None) -> str:
    """Say how sure an event is: it has been, or its open is known, or it stands as at the last close."""
    if date <= known:
        return "done"
    return "next" if date == coming else "provisional"


def _told(row: Any) -> list[str]:
    mark = {"done": "", "next": " *", "provisional": " **"}[row["status"]]
    return [f"{row['date'].date()}{mark}", row["security"], row["name"], row["event"], _cut(row["terms"])]


def _holdings(row: Any) -> list[str]:
    prices = [_price(row[name]) for name in ("close_before", "reference_price")]
    return [*prices, _change(row["shares_before"], row["shares_after"])]


def _show_divisors(frame: Any) -> None:
    """Show each session's values and divisors once, since its events share them."""
    rows = []
    for row in frame.drop_duplicates("date").to_dict("records"):
        date = str(row["date"].date())
        for each in VARIANTS:
            values = (row["closing_value"], row[f"{each}_opening"])
            divisors = (row[f"{each}_divisor_before"], row[f"{each}_divisor_after"])
            rows.append([date, each, *("" if value is None else f"{value:,f}" for value in (*values, *divisors))])
            date = ""
    headings = ["closing value before", "opening value", "divisor before", "divisor after"]
    table("divisors", [("date", "left"), ("variant", "left"), *((text, "right") for text in headings)], rows)


def _show_policies(history: History, first: dt.date, last: dt.date, form: str) -> None:
    frame = history.policies(first, last)
    if form != "table":
        _emit(history, frame, form)
        return
    title = f"{history.method.name}  {first} to {last}  basis points of return under other treatments"
    possible = frame[frame["refused"] == ""]
    rows = []
    for (setting, value, other), own in possible.groupby(["setting", "value", "alternative"], sort=False):
        rows += [
            (setting, f"{_word(value)} > {_word(other)}", _day(row["date"]), row["event"], *_points(row))
            for row in own.to_dict("records")
        ]
        if len(own) > 1:
            rows.append((setting, f"{_word(value)} > {_word(other)}", "", "total", *_points(own[list(VARIANTS)].sum())))
    if rows:
        headings = [(text, "left") for text in ("setting", "now > then", "date", "event")]
        table(title, [*headings, *((each, "right") for each in VARIANTS)], rows)
    else:
        click.echo(f"{title}: no other treatment makes a difference")
    refused = frame[frame["refused"] != ""]
    for row in refused.to_dict("records"):
        click.echo(f"not possible here: {row['setting']} = {_word(row['alternative'])}: {row['refused']}")


def _points(row: Any) -> list[str]:
    return [f"{row[each]:+.4f}" if abs(row[each]) >= 5e-5 else "" for each in VARIANTS]  # noqa: PLR2004 - as shown


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(date: Any) -> str:
    return "" if date != date else str(date.date())  # noqa: PLR0124 - NaT


def _change(before: Decimal | None, after: Decimal | None) -> str:
    if before is None or after is None:
        return "" if after is None else f"{after:,f}"
    return f"{after:,f}" if before == after else f"{before:,f} > {after:,f}"


def _price(price: Decimal | None) -> str:
    """Write a price with all its decimals, and two at least."""
    return "" if price is None else max(f"{price:,.2f}", f"{price:,f}", key=len)


def _amount(amount: Decimal) -> str:
    if not amount:
        return ""
    return f"{amount:+,.2f}" if abs(amount) >= _MONEY else f"{amount:+.6g}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST_TERMS else f"{text[: _WIDEST_TERMS - 3]}..."
