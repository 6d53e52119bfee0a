"""What terms of a corporate action cannot be, whoever holds the security."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fintech_index.errors import Problem, did_you_mean
from fintech_index.market._contract import ACTION_COLUMNS, BONUS_SOURCES, OTHER_SECURITIES
from fintech_index.market._terms import REMOVAL_KINDS, SPLIT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from fintech_index.market._renames import Aliases

Row = dict[str, Any]
_NOT_ZERO = {
    **dict.fromkeys(SPLIT_KINDS, "what one share becomes, such as 0.1"),
    "spin_off": "how many shares of the child each share brings",
}


def check_terms(actions: pa.Table, problems: list[Problem]) -> None:
    """Report kinds that there are none of, columns that a kind needs, and values that it cannot have."""
    for at, row in enumerate(actions.to_pylist()):
        where = f"actions, row {at + 1} ({row['security']}, {row['ex_date']})"
        kind = row["kind"]
        if kind is None:
            continue  # reported already
        if kind not in ACTION_COLUMNS:
            problems.append(Problem(where, f"kind is {kind!r}", did_you_mean(kind, ACTION_COLUMNS)))
            continue
        missing = [name for name in ACTION_COLUMNS[kind] if row[name] is None]
        problems += [Problem(where, f"a {kind} needs {name}") for name in missing]
        if not missing:
            problems += [Problem(where, what) for what in _impossible(kind, row)]


def _impossible(kind: str, row: Row) -> Iterator[str]:
    if row["cash"] is not None and row["cash"] < 0 and kind != "dividend_correction":
        yield f"cash is {row['cash']!r}, which is below 0"
    if row["price"] == 0 and kind != "delisting":
        yield f"price of a {kind} is 0: it must be above"
    if row["ratio"] == 0 and kind in _NOT_ZERO:
        yield f"ratio of a {kind} is 0: it is {_NOT_ZERO[kind]}"
    if kind == "merger" and not (row["ratio"] or row["cash"]):
        yield "a merger needs ratio or cash: what one share of the target brings"
    for name in OTHER_SECURITIES:
        if row[name] is not None and row[name] == row["security"]:
            yield f"the {name} of a {kind} is the security itself"
    yield from _impossible_details(row)


def _impossible_details(row: Row) -> Iterator[str]:
    if row["source"] is not None and row["source"] not in BONUS_SOURCES:
        yield f"source is {row['source']!r}: a bonus is paid from {' or '.join(BONUS_SOURCES)}"
    if row["total"] is not None and row["free_float"] is not None and row["free_float"] > row["total"]:
        yield f"free_float {row['free_float']} is more than total {row['total']}"
    if row["original_ex_date"] is not None and row["ex_date"] is not None and row["original_ex_date"] >= row["ex_date"]:
        yield f"original_ex_date is {row['original_ex_date']}, which is not before its own ex_date"


def check_parties(actions: pa.Table, securities: pa.Table, aliases: Aliases, problems: list[Problem]) -> None:
    """Report other parties that `securities` does not have, actions ahead of a listing, and second removals."""
    known = set(securities.column("security").to_pylist())
    listed = {row["security"]: row["listed"] for row in securities.select(["security", "listed"]).to_pylist()}
    removed: dict[str, Any] = {}
    for at, row in enumerate(actions.to_pylist()):
        code, date, kind = row["security"], row["ex_date"], row["kind"]
        if code is None or date is None:
            continue  # reported already
        where = f"actions, row {at + 1} ({code}, {date})"
        for name in OTHER_SECURITIES:
            if row[name] is not None and row[name] not in known and row[name] not in aliases:
                near = [each for each in known if each[:3] == row[name][:3]][:50]
                problems.append(Problem(where, f"unknown {name} {row[name]!r}", did_you_mean(row[name], near)))
        since = listed.get(code)
        if since is not None and date < since:
            problems.append(Problem(where, f"a {kind} before the security is listed, on {since}"))
        if kind in REMOVAL_KINDS:
            if code in removed:
                problems.append(Problem(where, f"a {kind}, and the security has left on {removed[code]} already"))
            removed.setdefault(code, date)
