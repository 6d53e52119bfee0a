"""`fintech-index sweep`."""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import contextmanager
from itertools import product
from math import isnan
from typing import TYPE_CHECKING, Any

import click

from fintech_index.cli._options import PATH, VARIANTS, data_option, format_option, in_common, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, percent, sparkline, table
from fintech_index.errors import Problem, RequestError
from fintech_index.files import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fintech_index.methodology import Methodology
    from fintech_index.sweeps import Executor, Sweep

_ROWS_SHOWN = 60
_REASONS_SAID = 5
_CHART = 24  # characters
# What is in quotes, and what stands bare: numbers, dates, and text, which TOML would have in quotes.
_WORDS = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,=\[\]{}\"']+")
_NONE = "\0none"
_FORM = "KEY=VALUE,... with values such as 30, 0.05, true, text, 2020-06-15, [6, 12] or none"


@click.command(
    epilog="Example: fintech-index sweep xiangmihu --change selection.count=30,40 --change weighting.single_cap=0.1"
)
@click.argument("index")
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    metavar="KEY=VALUE,...",
    help="A key of the methodology and the values that it takes in turn, written as in the file; none leaves it out. "
    "Several give every combination, the last key changing fastest.",
)
@click.option("--returns", type=click.Choice(VARIANTS), default="price", show_default=True, help="Which levels.")
@data_option
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="How many share the work.")
@click.option(
    "--out",
    type=PATH,
    metavar="DIR",
    help="Write the rows, and the levels of every session, into a folder; they then do not go to standard output.",
)
@format_option
def sweep(
    index: str, changes: tuple[str, ...], returns: str, data: Path | None, processes: int, out: Path | None, form: str
) -> None:
    """Calculate variants of INDEX, a name of the catalogue or a path: one row each, with what its levels come to.

    Variants that cannot be calculated are named with the reason, and change nothing for the others. Exit code 0: some
    are there; 2: none is, or bad input.
    """
    values = _parsed(changes)

    from fintech_index._kernels.dispatch import notices as not_kept
    from fintech_index.market import MarketData
    from fintech_index.methodology import load
    from fintech_index.sweeps import as_written, variants
    from fintech_index.sweeps import sweep as calculate

    method = load(index)
    every = variants(method, values)
    market = MarketData.open(data)
    with _executor(processes) as executor:
        swept = calculate(every, market, returns=returns, executor=executor)
    if swept.levels.empty:
        raise RequestError("no variant can be calculated", [Problem(name, why) for name, why in swept.refused.items()])
    written = [[as_written(value) for value in own] for own in values.values()]
    settings = dict(zip(every, product(*written), strict=True))
    columns = _columns(swept, list(values), settings)
    if form == "csv" or (out is not None and form == "table"):
        columns["level"] = [_written(level, each) for level, each in zip(columns["level"], every.values(), strict=True)]
    if out is not None:
        _write(out, method, swept, columns, "csv" if form == "table" else form)
    if form == "table":
        _show(method, swept, list(values), settings)
    elif out is None:
        emit(encode(columns, form), form)
    # All variants change the same sections, so that one speaks for all of them.
    notice(*in_common([*next(iter(every.values())).notices(), *market.notices, *not_kept()]), *_refused(swept))


def _parsed(changes: tuple[str, ...]) -> dict[str, list[Any]]:
    """Read keys and values."""
    found: dict[str, list[Any]] = {}
    problems = []
    for change in changes:
        key, _, text = change.partition("=")
        key = key.strip()
        try:
            values = _values(text)
        except (ValueError, RecursionError) as error:  # TOML's errors are ValueErrors, as is a number too long to read
            why = str(error).partition(" (at ")[0]  # the place is not one of what was typed
            problems.append(Problem(f"--change {change:.80}", f"values that cannot be read: {why}", _FORM))
            continue
        if not key or not values:
            problems.append(Problem(f"--change {change}", "a key and its values are missing", _FORM))
        elif key in found:
            problems.append(Problem(f"--change {change}", f"{key} is changed twice", "give all of its values at once"))
        else:
            found[key] = [None if value == _NONE else _with_text(value) for value in values]
    if problems:
        raise RequestError("changes that cannot be made", problems)
    return found


def _values(text: str) -> list[Any]:
    line = " ".join(text.splitlines())  # a second line would be another key
    values: list[Any] = tomllib.loads(f"values = [{_WORDS.sub(_quoted, line)}]")["values"]
    return values


def _quoted(word: re.Match[str]) -> str:
    """Put text into quotes, as TOML has it."""
    text = word[0]
    if text[0] in "\"'":
        return text
    try:
        tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return json.dumps(_NONE if text == "none" else text, ensure_ascii=False)
    return text


def _with_text(value: Any) -> Any:
    """Give a value in which none is text within lists and tables: only a whole key can be left out."""
    if isinstance(value, list):
        return [_with_text(each) for each in value]
    if isinstance(value, dict):
        return {_with_text(key): _with_text(each) for key, each in value.items()}
    return "none" if value == _NONE else value


@contextmanager
def _executor(processes: int) -> Iterator[Executor | None]:
    """Give a pool of processes, or None for this one."""
    if processes == 1:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    beside_threads = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"  # Windows
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context(beside_threads))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # who interrupts a sweep does not wait for what is left of it


def _columns(swept: Sweep, keys: Sequence[str], settings: dict[str, tuple[str, ...]]) -> Columns:
    """Give one row a variant: its settings, its statistics, or why it has none."""
    summary = swept.summary
    rows = summary.reindex(list(swept.variants))
    return {
        "variant": list(swept.variants),
        **{key: [own[at] for own in settings.values()] for at, key in enumerate(keys)},
        **columns_of(rows),
        "refused": [swept.refused.get(name, "") for name in swept.variants],
    }


def _written(level: float | None, variant: Methodology) -> str:
    """Write a level with all decimals that its variant has."""
    from fintech_index.levels import level_text

    return "" if level is None else level_text(level, variant.rounding.level_decimals)


def _write(out: Path, method: Methodology, swept: Sweep, columns: Columns, form: str) -> None:
    levels = columns_of(swept.levels)
    if form == "csv":
        levels = {name: [_written(level, swept.variants[name]) for level in own] for name, own in levels.items()}
    dates = [date.date() for date in swept.levels.index]
    files = {
        f"{method.name}-sweep.{form}": encode(columns, form),
        f"{method.name}-sweep-levels-{swept.returns}.{form}": encode({"date": dates, **levels}, form),
    }
    notice(f"wrote {len(write_files(out, files))} files to {out}")


def _show(method: Methodology, swept: Sweep, keys: Sequence[str], settings: dict[str, tuple[str, ...]]) -> None:
    summary = swept.summary
    rows = []
    for name, row in summary.head(_ROWS_SHOWN).iterrows():
        levels, places = swept.levels[name].dropna(), swept.variants[str(name)].rounding.level_decimals
        numbers = [
            "" if isnan(value) else percent(value)  # of too few sessions
            for value in (row["period_return"], row["yearly_return"], -row["drawdown"])
        ]
        volatility = "" if isnan(row["volatility"]) else f"{row['volatility']:.2%}"
        rows.append(
            (
                *settings[str(name)],
                f"{row['level']:,.{places}f}",
                *numbers,
                volatility,
                sparkline(levels.tolist(), _CHART),
            )
        )
    headings = [(key, "right") for key in keys]
    headings += [(each, "right") for each in ("level", "return", "a year", "drawdown", "volatility")]
    dates = swept.levels.index
    span = f"{dates[0].date()} to {dates[-1].date()}, {len(dates)} sessions"
    more = len(summary) - len(rows)
    caption = f"{span}; the line is the {swept.returns} level"
    caption += f"; {more:,} more rows: --format csv" if more else ""
    table(f"{method.name}: {len(summary):,} variants, {swept.returns} return", [*headings, ("", "left")], rows, caption)


def _refused(swept: Sweep) -> list[str]:
    """Say which variants cannot be calculated, those with one reason together."""
    of_reason: dict[str, list[str]] = {}
    for name, why in swept.refused.items():
        of_reason.setdefault(why, []).append(name)
    messages = [
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''} cannot be calculated: {why}"
        for why, names in list(of_reason.items())[:_REASONS_SAID]
    ]
    more = len(of_reason) - len(messages)
    return [*messages, f"and for {more} more reasons: --format csv has them all"] if more else messages
