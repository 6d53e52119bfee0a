"""`fintech-index run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.cli._options import DATE, PATH, VARIANTS, data_option, format_option, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, percent, sparkline, table, write_files
from fintech_index.errors import RequestError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.levels import History

_SESSIONS_SHOWN = 10


@click.command(epilog="Example: fintech-index run xiangmihu --start 2020-06-01 --end 2020-06-30 --format csv")
@click.argument("indices", nargs=-1, metavar="[INDEX]...")
@data_option
@click.option(
    "--start", type=DATE, metavar="DATE", help="The first date shown; levels are chained from the base all the same."
)
@click.option("--end", type=DATE, metavar="DATE", help="The last date shown.")
@click.option(
    "--out",
    type=PATH,
    metavar="DIR",
    help="Write levels, divisor changes and holdings into a folder; rows then go there, not to standard output.",
)
@format_option
def run(
    indices: tuple[str, ...],
    data: Path | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    out: Path | None,
    form: str,
) -> None:
    """Calculate indices: names of the catalogue or paths to methodologies of your own; by default the catalogue.

    A table shows the last sessions; csv, json and parquet have every session, with the price divisor.
    """
    from fintech_index.levels import calculate
    from fintech_index.market import MarketData
    from fintech_index.methodology import catalogue, load

    if start is not None and end is not None and start > end:
        raise RequestError(f"--start {start.date()} is after --end {end.date()}")
    methods = [load(name) for name in dict.fromkeys(indices or catalogue())]
    names = [method.name for method in methods]
    if len(set(names)) < len(names):
        raise RequestError(f"two methodologies have one name: {', '.join(sorted(names))}")
    market = MarketData.open(data)
    histories = [calculate(method, market) for method in methods]
    series = [_series(history, start, end) for history in histories]
    if out is not None:
        written = _write(out, histories, series, "csv" if form == "table" else form)
        notice(f"wrote {len(written)} files to {out}")
    if form == "table":
        for history, columns in zip(histories, series, strict=True):
            _show(history, columns)
    elif out is None:
        joined: Columns = {name: [value for columns in series for value in columns[name]] for name in series[0]}
        if form == "csv":  # each index has its own places
            joined |= {
                variant: [
                    text
                    for history, columns in zip(histories, series, strict=True)
                    for text in _written(history, columns[variant])
                ]
                for variant in VARIANTS
            }
        emit(encode(joined, form), form)
    notice(*dict.fromkeys(text for history in histories for text in history.notices))


def _series(history: History, start: dt.datetime | None, end: dt.datetime | None) -> Columns:
    levels = history.levels
    shown = levels.loc[start:end]
    if shown.empty:
        raise RequestError(
            f"{history.method.name}: no session from {start.date() if start else 'the base'} "
            f"to {end.date() if end else 'the last'}; the levels run from {history.sessions[0]} "
            f"to {history.sessions[-1]}"
        )
    return {
        "index": [history.method.name] * len(shown),
        "date": [date.date() for date in shown.index],
        **{variant: shown[variant].tolist() for variant in VARIANTS},
        "divisor": history.divisors["price"].loc[start:end].tolist(),
        "constituents": history.counts.loc[start:end].tolist(),
    }


def _write(out: Path, histories: list[History], series: list[Columns], form: str) -> list[Path]:
    files = {}
    for history, columns in zip(histories, series, strict=True):
        name = history.method.name
        levels = columns | {each: _written(history, columns[each]) for each in VARIANTS} if form == "csv" else columns
        files[f"{name}-levels.{form}"] = encode(levels, form)
        files[f"{name}-divisor-changes.{form}"] = encode(columns_of(history.divisor_changes), form)
        files[f"{name}-holdings.{form}"] = encode(columns_of(history.holdings), form)
    return write_files(out, files)


def _written(history: History, levels: list[float]) -> list[str]:
    """Write levels with all their decimals."""
    return [f"{level:.{history.method.rounding.level_decimals}f}" for level in levels]


def _show(history: History, columns: Columns) -> None:
    method, levels = history.method, history.levels
    places = method.rounding.level_decimals
    daily = levels["price"].pct_change()
    rows = []
    for at in range(max(0, len(columns["date"]) - _SESSIONS_SHOWN), len(columns["date"])):
        date = columns["date"][at]
        change = daily.loc[str(date)]
        rows.append(
            (
                str(date),
                f"{columns['price'][at]:,.{places}f}",
                percent(change) if change == change else "",  # noqa: PLR0124 - NaN at the base
                f"{columns['gross'][at]:,.{places}f}",
                f"{columns['net'][at]:,.{places}f}",
                str(columns["constituents"][at]),
            )
        )
    since = ", ".join(
        f"{variant} {percent(columns[variant][-1] / float(method.base.value) - 1)}" for variant in VARIANTS
    )
    span = f"{columns['date'][0]} to {columns['date'][-1]}, {len(columns['date'])} sessions"
    caption = f"since {method.base.date} = {method.base.value}: {since}\n{sparkline(columns['price'])}  {span}"
    headings = [
        ("date", "left"),
        ("price", "right"),
        ("day", "right"),
        ("gross", "right"),
        ("net", "right"),
        ("constituents", "right"),
    ]
    table(f"{method.name}  {method.title}  {method.title_zh}".rstrip(), headings, rows, caption)
