"""Folders of tables, and tables that conform to the contract."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_index.errors import MarketDataError, Problem, require_kind
from fintech_index.market._action_checks import check_parties, check_terms
from fintech_index.market._conforming import (
    check_duplicates,
    check_known_securities,
    conform,
    empty,
    newest_known,
)
from fintech_index.market._contract import ACTIONS, PRICES, SHARES, STATUS, TABLES, USUAL_CALENDAR, zone_of
from fintech_index.market._dates import AsOf, moment
from fintech_index.market._reading import find_table, read_table
from fintech_index.market._renames import resolve_renames
from fintech_index.market._respelling import respell
from fintech_index.market._securities import described
from fintech_index.market._units import doubt_units
from fintech_index.market._untraded import traded

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pyarrow as pa

    from fintech_index.market._aliases import Aliases
    from fintech_index.market._contract import Table

_IN_EVERY_FOLDER = ("securities", "prices", "shares", "actions")


def existing_folder(folder: str | Path) -> Path:
    """Give the path of a folder that is there."""
    require_kind(folder, str | Path, "the folder")
    folder = Path(folder)
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises on a name that is too long
        raise MarketDataError(f"there is no folder {folder}: give one that holds {', '.join(_IN_EVERY_FOLDER)}")
    return folder


def read_folder(folder: Path, but: str = "") -> tuple[dict[str, pa.Table], list[Problem]]:
    """Read the tables that a folder has, all but one; a file that cannot be read is a problem."""
    raw: dict[str, pa.Table] = {}
    problems = []
    for name, table in TABLES.items():
        if name == but:
            continue
        try:
            path = find_table(folder, name)
            if path is not None:
                raw[name] = read_table(path, table.column_names)
            elif name in _IN_EVERY_FOLDER:
                hint = "a table without rows is fine" if name == "actions" else ""
                problems.append(
                    Problem(str(folder), f"the table {name} is missing ({name}.parquet or {name}.csv)", hint)
                )
        except MarketDataError as error:
            problems.append(Problem(name, error.summary))
    return raw, problems


def conforming(
    raw: Mapping[str, pa.Table],
    problems: list[Problem],
    *,
    as_of: AsOf = None,
    calendar: str | None = None,
    prices_apart: bool = False,
    missing: str = "",
) -> tuple[dict[str, pa.Table], Aliases, tuple[str, ...]]:
    """Give all tables of the contract, typed and seen as of a time, and the later codes of securities.

    Add to `problems` what is wrong with them. With `prices_apart` the rows of `prices` are looked at elsewhere;
    `missing` is what helps where a column is missing. The third result is what is read, and may be meant otherwise.
    """
    known_by, zone = moment(as_of), zone_of(calendar or USUAL_CALENDAR)
    tables: dict[str, pa.Table] = {}
    doubts: list[str] = []
    for name, contract in TABLES.items():
        if name in raw:
            found = len(problems)
            table = conform(raw[name], contract, problems, zone=zone, doubts=doubts, missing=missing)
            if name == "prices" and len(problems) == found:
                table = traded(table, doubts)
                doubt_units(table, doubts)
            tables[name] = _as_of(table, contract, known_by, problems, found)
        elif name != "sessions":
            tables[name] = empty(contract)
    if "securities" not in raw:
        named = tables["prices"].column("security").drop_null()
        try:
            tables["securities"] = described(named.unique().to_pylist(), calendar)
        except MarketDataError as error:
            problems += error.problems or [Problem("prices", error.summary)]
            return tables, {}, tuple(doubts)
    respell(tables, problems, calendar)
    if len(tables["prices"]) == 0 and not problems and not prices_apart:
        problems.append(Problem("prices", "the table has no rows"))
    check_terms(tables["actions"], problems)
    aliases = resolve_renames(tables, problems) if not problems else {}
    check_parties(tables["actions"], tables["securities"], aliases, problems)
    known = tables["securities"].column("security").combine_chunks()
    for contract in (PRICES, SHARES, ACTIONS, STATUS):
        check_known_securities(tables[contract.name], contract, known, aliases, problems)
    return tables, aliases, tuple(doubts)


def _as_of(
    table: pa.Table, contract: Table, known_by: dt.datetime | None, problems: list[Problem], found: int
) -> pa.Table:
    """Give the rows that were known at a time; of a table in which `found` problems were there before."""
    if len(problems) == found:
        table = newest_known(table, contract, known_by)
    if len(problems) == found or table.column("known").null_count == len(table):
        check_duplicates(table, contract, problems)
    return table


def raise_all(where: str, problems: list[Problem]) -> None:
    """Raise one error that has all problems, if there are any."""
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise MarketDataError(f"{where}: {len(problems)} problem{plural} with the market data", problems)
