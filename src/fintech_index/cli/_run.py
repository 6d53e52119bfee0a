"""`fintech-index run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.cli._gates import STOPPED, accept_option, stopped_by
from fintech_index.cli._options import DATE, PATH, VARIANTS, data_option, format_option, in_common, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, percent, sparkline, table
from fintech_index.errors import RequestError
from fintech_index.files import write_files

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from fintech_index.levels import History
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_SESSIONS_SHOWN = 10
_CHART = 24  # characters


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
@accept_option
@format_option
@click.pass_context
def run(
    ctx: click.Context,
    indices: tuple[str, ...],
    data: Path | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    out: Path | None,
    accept: tuple[str, ...],
    form: str,
) -> None:
    """Calculate indices: names of the catalogue or paths to methodologies of your own; by default the catalogue.

    A table shows the last sessions of one index, or the last levels of several; csv, json and parquet have every
    session, with the price divisor. An index that has not started is left
    out with a notice, and so is one of the catalogue that the data is not enough for.

    Gates between data and level are looked at first: what they doubt is said, and what is wrong for certain stops the
    run with exit code 1.
    """
    from fintech_index.market import MarketData
    from fintech_index.methodology import catalogue, load

    if start is not None and end is not None and start > end:
        raise RequestError(f"--start {start.date()} is after --end {end.date()}")
    methods = [load(name) for name in dict.fromkeys(indices or catalogue())]
    names = [method.name for method in methods]
    if len(set(names)) < len(names):
        raise RequestError(f"two methodologies have one name: {', '.join(sorted(names))}")
    market = MarketData.open(data)
    histories, left_out = _calculated(methods, market, all_of=bool(indices))
    if stopped_by(histories, accept):
        ctx.exit(STOPPED)
    shown, empty = _windows(histories, start, end)
    histories, series = [history for history, _ in shown], [columns for _, columns in shown]
    if out is not None:
        written = _write(out, histories, series, "csv" if form == "table" else form)
        notice(f"wrote {len(written)} files to {out}")
    if form == "table":
        if len(shown) == 1:
            _show(*shown[0])
        else:
            _show_together(histories, series)
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
    notice(*in_common([*(text for history in histories for text in history.notices), *left_out, *empty]))


def _calculated(methods: list[Methodology], market: MarketData, *, all_of: bool) -> tuple[list[History], list[str]]:
    """Calculate indices; say which have not started, or, unless `all_of` them are asked for, cannot be calculated.

    Where none can, that is an error.
    """
    from fintech_index.errors import FintechIndexError, NotStartedError
    from fintech_index.levels import calculate

    histories: list[History] = []
    left_out: list[str] = []
    errors: list[FintechIndexError] = []
    for method in methods:
        try:
            histories.append(calculate(method, market))
        except FintechIndexError as error:
            if all_of and not isinstance(error, NotStartedError):
                raise
            errors.append(error)
            why = "" if isinstance(error, NotStartedError) else "; ".join(f": {each}" for each in error.problems[:1])
            left_out.append(f"{error.summary}{why}")
    if not histories:
        started = [error for error in errors if not isinstance(error, NotStartedError)]
        raise started[0] if started else NotStartedError(in_common(left_out)[0])
    return histories, left_out


def _windows(
    histories: list[History], start: dt.datetime | None, end: dt.datetime | None
) -> tuple[list[tuple[History, Columns]], list[str]]:
    """Give each history with the rows of a window; say which have none. Where none has, that is an error."""
    shown, empty = [], []
    for history in histories:
        if history.levels.loc[start:end].empty:
            empty.append(
                f"{history.method.name}: no session from {start.date() if start else 'the base'} "
                f"to {end.date() if end else 'the last'}; the levels run from {history.sessions[0]} "
                f"to {history.sessions[-1]}"
            )
        else:
            shown.append((history, _series(history, start, end)))
    if not shown:
        raise RequestError(empty[0])
    return shown, empty


def _series(history: History, start: dt.datetime | None, end: dt.datetime | None) -> Columns:
    shown = history.levels.loc[start:end]
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
    from fintech_index.levels import level_text

    return [level_text(level, history.method.rounding.level_decimals) for level in levels]


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
    caption = f"since {history.base} = {method.base.value}: {since}\n{sparkline(columns['price'])}  {span}"
    headings = [
        ("date", "left"),
        ("price", "right"),
        ("day", "right"),
        ("gross", "right"),
        ("net", "right"),
        ("constituents", "right"),
    ]
    table(f"{method.name}  {method.title}  {method.title_zh}".rstrip(), headings, rows, caption)


def _show_together(histories: list[History], series: list[Columns]) -> None:
    """Print one line an index: where it stands at the last close of the window."""
    rows = []
    for history, columns in zip(histories, series, strict=True):
        method = history.method
        places, base = method.rounding.level_decimals, float(method.base.value)
        since = [percent(columns[each][-1] / base - 1) for each in VARIANTS]
        rows.append(
            (
                method.name,
                method.title_zh or method.title,
                str(history.base),
                f"{columns['price'][-1]:,.{places}f}",
                *since,
                str(columns["constituents"][-1]),
                sparkline(columns["price"], _CHART),
            )
        )
    left = [(heading, "left") for heading in ("index", "title", "since")]
    right = [(heading, "right") for heading in ("level", *VARIANTS, "names")]
    last = max(columns["date"][-1] for columns in series)
    caption = (
        "returns since the base; the line is the price level; for every session: --format csv, for one index: run INDEX"
    )
    table(f"{len(rows)} indices on {last}", [*left, *right, ("", "left")], rows, caption)
