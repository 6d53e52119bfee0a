"""From an Arrow table to the columns of the contract, with every breach of it as a problem that names table, row and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import Problem, did_you_mean
from fintech_index.market._contract import ACTION_COLUMNS, Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.COUNT: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
}
_MOST_PROBLEMS_A_COLUMN = 1000  # a column that is wrong throughout need not be listed to its last row


def conform(table: pa.Table, contract: Table, problems: list[Problem]) -> pa.Table:
    """Give a table with exactly the contract's columns and types; add to `problems` what is wrong with it.

    A column that the contract does not require and the table lacks comes out as nulls. Further columns are ignored.
    Values that are wrong come out as null, so that one fault is reported once.
    """
    columns = {}
    for column in contract.columns:
        if column.name in table.column_names:
            values = table.column(column.name).combine_chunks()
            columns[column.name] = _conform_column(values, column, contract, problems)
        else:
            if column.required:
                hint = did_you_mean(column.name, table.column_names)
                problems.append(Problem(contract.name, f"the column {column.name!r} is missing", hint))
            columns[column.name] = pa.nulls(table.num_rows, _TYPES[column.kind])
    return pa.table(columns)


def _conform_column(values: pa.Array, column: Column, contract: Table, problems: list[Problem]) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):  # combine_chunks keeps an empty or a very long column in chunks
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)

    def report(rows: NDArray[np.int64], what: str) -> None:
        for row in rows[:_MOST_PROBLEMS_A_COLUMN]:
            value = repr(values[int(row)].as_py())
            problems.append(Problem(f"{contract.name}, row {row + 1}", f"{column.name} {what.format(value)}"))
        if len(rows) > _MOST_PROBLEMS_A_COLUMN:
            rest = len(rows) - _MOST_PROBLEMS_A_COLUMN
            problems.append(Problem(contract.name, f"{column.name}: the same in {rest} more rows"))

    typed = _cast(values, column.kind)
    report(_where(pc.and_(pc.is_valid(values), pc.is_null(typed))), "is {}, which is not " + column.kind.value)
    if column.required:
        report(_where(pc.is_null(values)), "is null or NaN")
    if column.above is not None:
        low = pc.fill_null(pc.less_equal(typed, column.above), fill_value=False)
        report(_where(low), f"is {{}}, which is not above {column.above:g}")
        typed = pc.if_else(low, None, typed)
    if column.at_least is not None:
        low = pc.fill_null(pc.less(typed, column.at_least), fill_value=False)
        report(_where(low), f"is {{}}, which is below {column.at_least:g}")
        typed = pc.if_else(low, None, typed)
    if pa.types.is_floating(typed.type):
        endless = pc.fill_null(pc.is_inf(typed), fill_value=False)
        report(_where(endless), "is {}, which is not finite")
        typed = pc.if_else(endless, None, typed)
    return typed


def _where(mask: pa.Array) -> NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def _cast(values: pa.Array, kind: Kind) -> pa.Array:
    """Cast to the kind's type; what cannot be cast becomes null."""
    target = _TYPES[kind]
    if values.type == target:
        return values
    try:
        if kind is Kind.COUNT and pa.types.is_string(values.type):
            return pc.cast(values, target) if not _any(pc.match_substring(values, ".")) else _one_by_one(values, kind)
        if kind is Kind.DATE and not _is_temporal(values.type):
            return _one_by_one(values, kind) if not pa.types.is_string(values.type) else _iso_dates(values)
        if kind is Kind.TIME and not pa.types.is_timestamp(values.type):
            return _one_by_one(values, kind)
        if kind is Kind.TIME and values.type.tz is None:
            return pc.assume_timezone(values.cast(pa.timestamp("us")), "UTC")
        if kind is Kind.DATE:
            return pc.cast(values, target, safe=False)
        return pc.cast(values, target)
    except pa.ArrowInvalid:
        return _one_by_one(values, kind)
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return pa.nulls(len(values), target)


def _iso_dates(values: pa.Array) -> pa.Array:
    return pc.cast(values, pa.date32())


def _is_temporal(kind: pa.DataType) -> bool:
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind)


def _any(mask: pa.Array) -> bool:
    return bool(pc.any(mask).as_py())


def _one_by_one(values: pa.Array, kind: Kind) -> pa.Array:
    return pa.array([_parse(value, kind) for value in values.to_pylist()], _TYPES[kind])


def _parse(value: Any, kind: Kind) -> Any:
    """Read one value that its column could not be cast with, or None."""
    import datetime as dt

    if value is None:
        return None
    try:
        match kind:
            case Kind.TEXT:
                return str(value)
            case Kind.DATE:
                text = str(value).strip()
                return dt.date.fromisoformat(text)
            case Kind.COUNT:
                whole = int(float(value)) if not isinstance(value, str) or "." in value else int(value)
                return whole if float(whole) == float(value) and abs(whole) < 2**63 else None
            case Kind.NUMBER:
                return float(value)
            case Kind.TIME:
                moment = dt.datetime.fromisoformat(str(value).strip())
                return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
    except (ValueError, OverflowError):
        return None


def check_action_kinds(actions: pa.Table, problems: list[Problem]) -> None:
    """Report actions of an unknown kind, and those that lack a column of their kind."""
    kinds = actions.column("kind").to_pylist()
    for kind in sorted({kind for kind in kinds if kind is not None}):
        rows = [row for row, found in enumerate(kinds) if found == kind]
        if kind not in ACTION_COLUMNS:
            problems += [_action_problem(actions, row, f"kind is {kind!r}", did_you_mean(kind, ACTION_COLUMNS)) for row in rows]
            continue
        for name in ACTION_COLUMNS[kind]:
            filled = actions.column(name).is_valid().to_pylist()
            problems += [_action_problem(actions, row, f"a {kind} needs {name}") for row in rows if not filled[row]]


def _action_problem(actions: pa.Table, row: int, what: str, hint: str = "") -> Problem:
    security, ex_date = actions.column("security")[row].as_py(), actions.column("ex_date")[row].as_py()
    return Problem(f"actions, row {row + 1} ({security}, {ex_date})", what, hint)


def newest_known(table: pa.Table, contract: Table, as_of: Any) -> pa.Table:
    """Give what was known at `as_of`: of the rows with one key, the one that became known last.

    A null `known` means that the row was always known. Rows with one key and one `known` all stay: they are duplicates.
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
        values = ", ".join(str(group[name]) for name in key)
        problems.append(Problem(contract.name, f"{group['count_all']} rows have the key {', '.join(key)} = {values}"))


def check_known_securities(table: pa.Table, contract: Table, known: pa.Array, problems: list[Problem]) -> None:
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
        problems.append(Problem(f"{contract.name}, row {first + 1}{rest}", f"unknown security {security!r}", hint))


def _near(security: str, known: pa.Array) -> Iterable[str]:
    """Keep a hint short: only names that begin alike."""
    return [name for name in known.to_pylist() if name[:3] == security[:3]][:50]
