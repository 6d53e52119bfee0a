"""From an Arrow table to the columns of the contract; every breach is a problem that names table, row and value."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.conventions import NUMBERS_END
from fintech_index.errors import Problem, did_you_mean, shown
from fintech_index.market._casting import TYPES, cast, is_scientific
from fintech_index.market._contract import DATES, EXCHANGES, USUAL_CALENDAR, Column, Kind, Table
from fintech_index.market._plain_arrow import is_text, plain, python_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fintech_index.market._aliases import Aliases

_MOST_PROBLEMS_A_COLUMN = 100_000  # memory is bounded; the rest is counted
_ZONE = EXCHANGES[USUAL_CALENDAR].zone


def conform(
    table: pa.Table,
    contract: Table,
    problems: list[Problem],
    *,
    zone: str = _ZONE,
    doubts: list[str] | None = None,
    missing: str = "",
) -> pa.Table:
    """Give a table with exactly the contract's columns and types; add to `problems` what is wrong with it.

    A column that the contract does not require and the table lacks comes out as nulls. Further columns are ignored.
    Values that are wrong come out as null, so that one fault is reported once. Rows without what makes them rows, such
    as a close, are left out. `zone` is whose midnight an instant has to be to be a date; `doubts` takes what is read,
    and may have been meant otherwise; `missing` is what helps where a column is missing.
    """
    columns = {}
    kept = None
    for column in contract.columns:
        if column.name in table.column_names:
            values = plain(table.column(column.name))
            columns[column.name] = _conform_column(values, column, contract, problems, zone)
            if column.kind is Kind.COUNT and doubts is not None:
                doubts += _lost_digits(values, column, contract)
            if column.or_no_row and values.null_count:
                kept = pc.is_valid(values) if kept is None else pc.and_(kept, pc.is_valid(values))
        else:
            if column.required:
                hint = "; ".join(filter(None, (did_you_mean(column.name, table.column_names), missing)))
                problems.append(Problem(contract.name, f"the column {column.name!r} is missing", hint))
            columns[column.name] = pa.nulls(table.num_rows, TYPES[column.kind])
    for name in contract.key:  # a key that may be empty is compared as such, where a null would be like no other
        if pa.types.is_string(columns[name].type):
            columns[name] = pc.fill_null(columns[name], "") if not _required(contract, name) else columns[name]
    conforming = pa.table(columns)
    return conforming if kept is None else conforming.filter(kept)


@cache
def empty(contract: Table) -> pa.Table:
    """Give a table without rows, as `conform` gives it."""
    return conform(pa.table({column.name: [] for column in contract.columns}), contract, [])


def _required(contract: Table, name: str) -> bool:
    return next(column.required for column in contract.columns if column.name == name)


def _conform_column(values: pa.Array, column: Column, contract: Table, problems: list[Problem], zone: str) -> pa.Array:
    if column.numeric and not column.required and is_text(values.type):  # an empty cell, as some programs write it
        values = pc.if_else(pc.match_substring_regex(values, "^(?i:nan)$"), pa.scalar(None, values.type), values)
    typed = cast(values, column.kind, zone)
    strange = pc.and_(pc.is_valid(values), pc.is_null(typed))
    faults = [(strange, f"which is not {_meant(column.kind, values.type, zone)}"), *_bounds(values, typed, column)]
    for mask, what in faults:
        wrong = pc.fill_null(mask, fill_value=False)
        rows = _where(wrong)
        if len(rows):
            typed = pc.if_else(wrong, pa.scalar(None, typed.type), typed)
            problems += _problems(rows, values, f"{contract.name}, row", f"{column.name} is", what)
    return typed


def _bounds(values: pa.Array, typed: pa.Array, column: Column) -> list[tuple[pa.Array, str]]:
    """Give what a column may not be, each as a mask and in words."""
    faults = []
    if column.required and not column.or_no_row:
        faults.append((pc.is_null(values), "null or NaN"))
    if column.above is not None:
        faults.append((pc.less_equal(typed, column.above), f"which is not above {column.above:g}"))
    if column.least is not None:
        small = pc.and_(pc.greater(typed, 0), pc.less(typed, column.least))
        faults.append((small, f"which is below {column.least:g}, the smallest price there is"))
    if column.at_least is not None:
        faults.append((pc.less(typed, column.at_least), f"which is below {column.at_least:g}"))
    if column.below is not None:
        faults.append((pc.greater_equal(typed, column.below), f"which is not below {column.below:g}"))
    if column.numeric:
        end = NUMBERS_END if column.kind is Kind.COUNT else float(NUMBERS_END)
        faults.append(
            (
                pc.greater_equal(pc.abs(typed), end),
                f"which is not below {NUMBERS_END:.0e}",
            )
        )
    if column.kind is Kind.DATE:
        faults.append(
            (pc.or_(pc.less(typed, DATES[0]), pc.greater(typed, DATES[1])), f"which is not from {DATES[0]} on")
        )
    return faults


def _meant(kind: Kind, found: pa.DataType, zone: str) -> str:
    """Say what a value should be, and what about its type stands in the way."""
    if kind is Kind.DATE and pa.types.is_timestamp(found):
        return f"midnight in {zone}: give days" if found.tz else "midnight; is it one of another zone? Give days"
    if kind is Kind.COUNT and pa.types.is_float32(found):
        return f"{kind.value} that a float32 holds"
    return kind.value


def _lost_digits(values: pa.Array, column: Column, contract: Table) -> list[str]:
    """Say which counts are in scientific notation, as spreadsheets write long ones: 1.23E+08 may have been any."""
    if not is_text(values.type):
        return []
    rows = _where(is_scientific(values))
    if not len(rows):
        return []
    first = values[int(rows[0])].as_py()
    written = f"{len(rows)} of {column.name} are written like {first} (row {rows[0] + 1})"
    return [f"{contract.name}: {written}: digits may be lost; write the counts out"]


def _problems(rows: NDArray[np.int64], values: pa.Array, where: str, subject: str, what: str) -> list[Problem]:
    found = []
    for row in rows[:_MOST_PROBLEMS_A_COLUMN].tolist():
        (value,) = python_values(values.slice(row, 1))
        shown_value = what if value is None else f"{shown(value)}, {what}"
        found.append(Problem(f"{where} {row + 1}", f"{subject} {shown_value}"))
    if len(rows) > len(found):
        found.append(Problem(where, f"{subject} {what} in {len(rows) - len(found)} more rows"))
    return found


def _where(mask: pa.Array) -> NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def newest_known(table: pa.Table, contract: Table, as_of: Any) -> pa.Table:
    """Give what was known at `as_of`: of the rows with one key, the one that became known last.

    A null `known` means that the row was always known. Rows with one key and one `known` all stay: they are
    duplicates.
    """
    known = table.column("known")
    if known.null_count == table.num_rows:
        return table
    if as_of is not None:
        table = table.filter(pc.fill_null(pc.less_equal(known, pa.scalar(as_of, known.type)), fill_value=True))
    ever = pc.fill_null(table.column("known").cast(pa.int64()), np.iinfo(np.int64).min)
    keyed = table.append_column("_known", ever)
    last = keyed.group_by(list(contract.key)).aggregate([("_known", "max")])
    joined = keyed.append_column("_row", pa.array(np.arange(keyed.num_rows))).join(last, list(contract.key))
    keep = joined.filter(pc.equal(joined.column("_known"), joined.column("_known_max"))).column("_row")
    return table.take(keep.combine_chunks().sort())


def check_duplicates(table: pa.Table, contract: Table, problems: list[Problem]) -> None:
    """Report rows whose key another row has."""
    key = list(contract.key)
    counts = table.group_by(key).aggregate([([], "count_all")])
    for group in counts.filter(pc.greater(counts.column("count_all"), 1)).to_pylist():
        if None in group.values():
            continue  # reported already
        filled = [name for name in key if group[name] != ""]
        values = ", ".join(str(group[name]) for name in filled)
        problems.append(
            Problem(contract.name, f"{group['count_all']} rows have the key {', '.join(filled)} = {values}")
        )


def check_known_securities(
    table: pa.Table, contract: Table, known: pa.Array, aliases: Aliases, problems: list[Problem]
) -> None:
    """Report securities that the `securities` table does not have."""
    named = table.column("security")
    strange = pc.and_(pc.is_valid(named), pc.invert(pc.is_in(named, known)))
    rows = _where(strange.combine_chunks() if isinstance(strange, pa.ChunkedArray) else strange)
    reported: dict[str, tuple[int, int]] = {}
    for row in rows:
        security = named[int(row)].as_py()
        first, count = reported.get(security, (int(row), 0))
        reported[security] = (first, count + 1)
    for security, (first, count) in sorted(reported.items()):
        rest = f" and {count - 1} more" if count > 1 else ""
        hint = did_you_mean(security, _near(security, known))
        if security in aliases:
            hint = f"it is the code of {aliases[security][0].permanent} from {aliases[security][0].since} on only"
        problems.append(Problem(f"{contract.name}, row {first + 1}{rest}", f"unknown security {security!r}", hint))


def _near(security: str, known: pa.Array) -> Iterable[str]:
    """Keep a hint short: only names that begin alike."""
    return [name for name in known.drop_null().to_pylist() if name[:3] == security[:3]][:50]
