"""Changed codes: a security keeps the code that it began with, and a later one is an alias from its date on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import Problem
from fintech_index.market._aliases import Alias
from fintech_index.market._conforming import check_duplicates
from fintech_index.market._contract import ACTIONS, OTHER_SECURITIES, PRICES, SHARES, STATUS
from fintech_index.market._terms import REMOVAL_KINDS

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.market._aliases import Aliases
    from fintech_index.market._contract import Table


_DATE_OF = {"prices": "date", "shares": "effective", "actions": "ex_date", "status": "start"}


def resolve_renames(tables: dict[str, pa.Table], problems: list[Problem]) -> Aliases:
    """Write the permanent code into every row that has a later one; add to `problems` renames that cannot be."""
    aliases = _aliases(tables, problems)
    if not aliases or problems:
        return {}
    for contract in (PRICES, SHARES, ACTIONS, STATUS):
        tables[contract.name] = _replaced(tables[contract.name], contract, aliases)
    named = set(tables["prices"].column("security").to_pylist())
    for code, own in aliases.items():
        if code not in named:
            tables["securities"] = _described_once(tables["securities"], code, own[0].permanent)
    for contract in (PRICES, SHARES, ACTIONS):
        check_duplicates(tables[contract.name], contract, problems)
    return aliases


def _aliases(tables: dict[str, pa.Table], problems: list[Problem]) -> Aliases:
    """Follow every code through the days on which one is given up or taken."""
    rows = tables["actions"].to_pylist()
    rows = [row for row in rows if row["security"] is not None and row["ex_date"] is not None]
    aliases: Aliases = {}
    bearer: dict[str, str] = {}  # by later code, who has it
    code_of: dict[str, str] = {}  # by permanent code, the later one
    given_up: set[str] = set()
    for since in sorted(
        {row["ex_date"] for row in rows if row["new_security"] is not None or row["kind"] in REMOVAL_KINDS}
    ):
        today = [row for row in rows if row["ex_date"] == since]
        renames = []
        for row in today:  # codes are given up before any of them is taken
            permanent = bearer.get(row["security"], row["security"])
            renamed = row["kind"] == "rename" and row["new_security"] is not None
            if renamed or row["kind"] in REMOVAL_KINDS:
                given_up.add(code_of.get(permanent, permanent))
            if renamed:
                renames.append((permanent, row["new_security"]))
        bearer = {code: own for code, own in bearer.items() if code not in given_up}
        for permanent, new in renames:
            wrong = _wrong(tables["prices"], permanent, new, since, bearer, given_up - {permanent})
            if wrong is not None:
                problems.append(wrong)
                continue
            aliases.setdefault(new, []).append(Alias(permanent, since))
            bearer[new], code_of[permanent] = permanent, new
            given_up.discard(new)
    return aliases


def _wrong(
    prices: pa.Table, permanent: str, new: str, since: dt.date, bearer: dict[str, str], given_up: set[str]
) -> Problem | None:
    """Say why a security cannot take a code."""
    where = f"actions ({permanent}, {since})"
    if new == permanent:
        return Problem(where, f"a rename to {new}, which already is its code")
    if new in bearer:
        return Problem(where, f"a rename to {new}, which already is the code of {bearer[new]}")
    own = prices.filter(pc.equal(prices.column("security"), new)).column("date")
    last = pc.max(own.filter(pc.less(own, since))).as_py()
    if last is None or new in given_up:
        return None
    hint = f"say what became of that {new}: a delisting, a merger, or a rename by this date"
    return Problem(where, f"a rename to {new}, which has prices of its own up to {last}", hint)


def _replaced(table: pa.Table, contract: Table, aliases: Aliases) -> pa.Table:
    """Replace later codes, each by what it meant on the date of the row."""
    dates = table.column(_DATE_OF[contract.name])
    for name in ("security", *(OTHER_SECURITIES if contract is ACTIONS else ())):
        given = values = table.column(name)
        for code, own in aliases.items():
            for alias in own:
                meant = pc.and_(pc.equal(given, code), pc.greater_equal(dates, alias.since))
                values = pc.if_else(
                    pc.fill_null(meant, fill_value=False), pa.scalar(alias.permanent, given.type), values
                )
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def _described_once(securities: pa.Table, code: str, permanent: str) -> pa.Table:
    """Leave one row for the security, under its permanent code."""
    named = securities.column("security")
    if pc.any(pc.equal(named, permanent)).as_py():
        return securities.filter(pc.not_equal(named, code))
    values = pc.if_else(pc.equal(named, code), pa.scalar(permanent, named.type), named)
    return securities.set_column(securities.column_names.index("security"), "security", values)
