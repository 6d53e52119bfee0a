"""Tables in the four formats."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from fintech_index.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDEST = 1000
Columns = dict[str, list[Any]]


def columns_of(frame: Any) -> Columns:
    """Give a DataFrame's columns as lists, with None for what is missing and dates as dates."""
    return {str(name): [_plain(value) for value in frame[name]] for name in frame.columns}


def _plain(value: Any) -> Any:
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def encode(columns: Columns, form: str) -> bytes:
    """Write columns as csv, json or parquet.

    Decimals are text in json and parquet, so that none of their digits is lost.
    """
    if form == "csv":
        return _csv(columns).encode()
    if form == "json":
        names = list(columns)
        rows: Iterable[tuple[Any, ...]] = zip(*columns.values(), strict=True)
        records = [dict(zip(names, (_jsonable(value) for value in row), strict=True)) for row in rows]
        return (json.dumps(records, ensure_ascii=False, indent=1) + "\n").encode()
    return _parquet(columns)


def _csv(columns: Columns) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    shown = ([_text(value) for value in values] for values in columns.values())
    writer.writerows(zip(*shown, strict=True))
    return out.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, dt.date) else value


def _parquet(columns: Columns) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet

    plain = {
        name: [format(value, "f") if isinstance(value, Decimal) else value for value in values]
        for name, values in columns.items()
    }
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(pa.table(plain), sink)
    return bytes(sink.getvalue())


def emit(content: bytes, form: str) -> None:
    """Write to standard output."""
    if form == "parquet" and sys.stdout.isatty():
        raise RequestError("Parquet is not for a terminal: redirect it to a file, or choose another --format")
    click.echo(content, nl=False)


def table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], caption: str = "") -> None:
    """Print a table for people; each column is its heading (which may be empty) and ``left`` or ``right``."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(show_header=any(heading for heading, _ in columns))
    for heading, justify in columns:
        shown.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=bool(heading))
    for row in rows:
        shown.add_row(*(_cell(text) for text in row))
    console = Console(highlight=False)
    # A table is never cut: on a narrow terminal its lines wrap, and a pipe has no width.
    widest = shown.__rich_measure__(console, console.options.update(max_width=_WIDEST)).maximum
    console = Console(highlight=False, width=widest)
    click.echo(click.style(title, bold=True))
    console.print(shown)
    if caption:
        click.echo(caption)


def _cell(text: str) -> Any:
    from rich.text import Text

    colour = {"+": "green", "-": "red"}.get(text[:1], "") if text.endswith("%") else ""
    return Text(text, style=colour)


def percent(fraction: float) -> str:
    """Write a fraction as a signed percentage."""
    return f"{fraction:+.2%}"


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """Draw a series in one line of text."""
    bars = "▁▂▃▄▅▆▇█"
    step = max(1, -(-len(values) // width))
    shown = [values[at] for at in range(len(values) - 1, -1, -step)][::-1]
    low, high = min(shown), max(shown)
    spread = (high - low) or 1
    return "".join(bars[min(len(bars) - 1, int((value - low) / spread * len(bars)))] for value in shown)
