"""What terms of a corporate action cannot be, whoever holds the security."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fintech_index.errors import Problem, did_you_mean
from fintech_index.market._contract import (
    ACTION_COLUMNS,
    ACTION_OPTIONS,
    ACTION_TERMS,
    BONUS_SOURCES,
    OTHER_SECURITIES,
)
from fintech_index.market._terms import CASH_KINDS, REMOVAL_KINDS, SHARE_CHANGE_KINDS, SPLIT_KINDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    import pyarrow as pa

    from fintech_index.market._aliases import Aliases

Row = dict[str, Any]
_NOT_ZERO = {
    **dict.fromkeys(SPLIT_KINDS, "what one share becomes, such as 0.1"),
    "spin_off": "how many shares of the child each share brings",
}


def check_terms(actions: pa.Table, problems: list[Problem]) -> None:
    """Report kinds that there are none of, columns that a kind needs or does not read, and values that it cannot have.

    Values that are reported already are nulls here.
    """
    reported = {(problem.where, problem.what.split(" ")[0]) for problem in problems}
    for at, row in enumerate(actions.to_pylist()):
        where = f"actions, row {at + 1} ({row['security']}, {row['ex_date']})"
        kind = row["kind"]
        if kind is None:
            continue  # reported already
        if kind not in ACTION_COLUMNS:
            problems.append(unknown_kind(where, kind))
            continue
        missing = missing_terms(row)
        unsaid = [name for name in missing if (f"actions, row {at + 1}", name) not in reported]
        problems += [Problem(where, f"a {kind} needs {name}") for name in unsaid]
        problems += [Problem(where, what) for what in (() if missing else _impossible(kind, row))]


def faults_of(row: Row) -> list[str]:
    """Say what is wrong with the terms of one action, all of it."""
    if row["kind"] not in ACTION_COLUMNS:
        return [str(unknown_kind("", row["kind"]).what)]
    missing = [f"a {row['kind']} needs {name}" for name in missing_terms(row)]
    return missing or list(_impossible(row["kind"], row))


def missing_terms(row: Row) -> list[str]:
    """Give the columns that the kind of an action needs and its row does not have."""
    return [name for name in ACTION_COLUMNS[row["kind"]] if row[name] is None or row[name] == ""]


def unknown_kind(where: str, kind: str) -> Problem:
    """Say that there is no such kind, and which there are."""
    kinds = f"kinds: {', '.join(ACTION_COLUMNS)}"
    near = did_you_mean(kind, ACTION_COLUMNS)
    return Problem(where, f"kind is {kind!r}", f"{near} {kinds}" if near.startswith("did") else kinds)


def _impossible(kind: str, row: Row) -> Iterator[str]:
    read = (*ACTION_COLUMNS[kind], *ACTION_OPTIONS.get(kind, ()))
    for name in ACTION_TERMS:
        if row[name] and name not in read:  # vendors write 0 for what there is not
            yield f"a {kind} does not read {name} (it is {row[name]!r}): give each action a row of its own"
    if row["cash"] is not None and row["cash"] < 0 and kind != "dividend_correction":
        yield f"cash is {row['cash']!r}, which is below 0"
    if row["price"] == 0 and "price" in read and kind != "delisting":
        yield f"price of a {kind} is 0: it must be above"
    if row["ratio"] == 0 and kind in _NOT_ZERO:
        yield f"ratio of a {kind} is 0: it is {_NOT_ZERO[kind]}"
    if kind == "merger" and not (row["ratio"] or row["cash"]):
        yield "a merger needs ratio or cash: what one share of the target brings"
    yield from _impossible_details(row)


def _impossible_details(row: Row) -> Iterator[str]:
    if row["source"] is not None and row["source"] not in BONUS_SOURCES:
        yield f"source is {row['source']!r}: a bonus is paid from {' or '.join(BONUS_SOURCES)}"
    if row["total"] is not None and row["free_float"] is not None and row["free_float"] > row["total"]:
        yield f"free_float {row['free_float']} is more than total {row['total']}"
    if row["original_ex_date"] is not None and row["ex_date"] is not None and row["original_ex_date"] >= row["ex_date"]:
        yield f"original_ex_date is {row['original_ex_date']}, which is not before its own ex_date"


def check_parties(actions: pa.Table, securities: pa.Table, aliases: Aliases, problems: list[Problem]) -> None:
    """Report what rows say of each other: other parties, listings, second removals, counts, corrections.

    Later codes have been replaced by permanent ones.
    """
    described = securities.select(["security", "listed"]).to_pylist()
    listed = {row["security"]: row["listed"] for row in described if row["security"] is not None}
    rows = [row for row in actions.to_pylist() if None not in (row["security"], row["ex_date"], row["kind"])]
    dividends = _dividends(rows)
    mergers = {(row["security"], row["ex_date"], row["acquirer"]) for row in rows if row["kind"] == "merger"}
    removed: dict[str, dt.date] = {}
    counted: dict[tuple[str, dt.date], tuple[int, int]] = {}
    for row in sorted(rows, key=lambda row: row["ex_date"]):
        code, date, kind = row["security"], row["ex_date"], row["kind"]
        where = f"actions ({code}, {date})"
        problems += [Problem(where, what, hint) for what, hint in _strange_parties(row, listed, aliases)]
        if kind == "merger" and (row["acquirer"], date, code) in mergers:
            problems.append(Problem(where, f"{code} and {row['acquirer']} cannot take each other over on one day"))
        since = listed.get(code)
        if since is not None and date < since:
            problems.append(Problem(where, f"a {kind} before the security is listed, on {since}"))
        if kind in REMOVAL_KINDS:
            if code in removed:
                problems.append(Problem(where, f"a {kind}, and the security has left on {removed[code]} already"))
            removed.setdefault(code, date)
        elif code in removed and date > removed[code] and kind != "dividend_correction":
            problems.append(Problem(where, f"a {kind} after the security has left on {removed[code]}"))
        if kind in SHARE_CHANGE_KINDS:
            now = (row["total"], row["free_float"])
            if counted.setdefault((code, date), now) != now:
                problems.append(Problem(where, f"a {kind}, and another change of this day has other counts"))
        if kind == "dividend_correction" and row["original_ex_date"] is not None:
            what = _correction(row, dividends)
            problems += [Problem(where, what)] if what else []


def _strange_parties(row: Row, listed: dict[str, Any], aliases: Aliases) -> Iterator[tuple[str, str]]:
    for name in OTHER_SECURITIES:
        other = row[name]
        if not other:
            continue
        if other == row["security"]:
            yield f"the {name} of a {row['kind']} is the security itself", ""
        elif other in aliases and other not in listed:
            yield f"the {name} {other!r} has this code from {aliases[other][-1].since} on only", ""
        elif other not in listed:
            near = [each for each in listed if each[:3] == other[:3]][:50]
            yield f"unknown {name} {other!r}", did_you_mean(other, near)


def _dividends(rows: list[Row]) -> dict[tuple[str, dt.date], list[Row]]:
    """Give the dividends of each security and ex-date."""
    found: dict[tuple[str, dt.date], list[Row]] = {}
    for row in rows:
        if row["kind"] in CASH_KINDS:
            found.setdefault((row["security"], row["ex_date"]), []).append(dict(row))
    return found


def _correction(row: Row, dividends: dict[tuple[str, dt.date], list[Row]]) -> str:
    """Say what is wrong with a correction, and take what it changes into the dividend; "" where nothing is."""
    original = row["original_ex_date"]
    corrected = dividends.get((row["security"], original), [])
    if not corrected:
        return ""  # before the data, or one that was forgotten: a notice says so
    if len(corrected) > 1:
        return f"there are an ordinary and a special dividend of {original}; a correction cannot say of which it is"
    paid = corrected[0]
    if paid["cash"] is None or row["cash"] is None:
        return ""  # reported already
    paid["cash"] = round(paid["cash"] + row["cash"], 12)
    return f"takes back more than the dividend of {original} was" if paid["cash"] < 0 else ""
