"""Changed codes: a security keeps the code that it began with, and a later one is an alias from its date on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import Problem
from fintech_index.market._conforming import check_duplicates
from fintech_index.market._contract import ACTIONS, OTHER_SECURITIES, PRICES, SHARES, STATUS

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.market._contract import Table

Aliases = dict[str, tuple[str, "dt.date"]]
"""By later code: the permanent one, and the date from which on the later one means it."""

_DATE_OF = {"prices": "date", "shares": "effective", "actions": "ex_date", "status": "start"}


def resolve_renames(tables: dict[str, pa.Table], problems: list[Problem]) -> Aliases:
    """Write the permanent code into every row that has a later one; add to `problems` renames that cannot be.

    A code that another security had before the rename stays that one's up to the day before.
    """
    aliases = _aliases(tables["actions"], problems)
    for code, (permanent, since) in aliases.items():
        for contract in (PRICES, SHARES, ACTIONS, STATUS):
            tables[contract.name] = _replaced(tables[contract.name], contract, code, permanent, since)
        before = pc.and_(
            pc.equal(tables["prices"].column("security"), code), pc.less(tables["prices"].column("date"), since)
        )
        if not pc.any(before).as_py():
            tables["securities"] = _described_once(tables["securities"], code, permanent)
    if aliases:
        check_duplicates(tables["prices"], PRICES, problems)
        check_duplicates(tables["shares"], SHARES, problems)
    return aliases


def _aliases(actions: pa.Table, problems: list[Problem]) -> Aliases:
    renames = actions.filter(pc.equal(actions.column("kind"), "rename"))
    aliases: Aliases = {}
    for row in renames.sort_by("ex_date").to_pylist():
        old, new, since = row["security"], row["new_security"], row["ex_date"]
        if old is None or new is None or since is None:
            continue  # reported already
        permanent = aliases[old][0] if old in aliases else old
        if new in aliases or new == permanent:
            what = f"a rename to {new}, which already is " + (f"{aliases[new][0]}" if new in aliases else "its code")
            problems.append(Problem(f"actions ({old}, {since})", what))
            continue
        aliases[new] = (permanent, since)
    return aliases


def _replaced(table: pa.Table, contract: Table, code: str, permanent: str, since: dt.date) -> pa.Table:
    later = pc.greater_equal(table.column(_DATE_OF[contract.name]), since)
    for name in ("security", *(OTHER_SECURITIES if contract is ACTIONS else ())):
        named = table.column(name)
        meant = pc.fill_null(pc.and_(pc.equal(named, code), later), fill_value=False)
        values = pc.if_else(meant, pa.scalar(permanent, named.type), named)
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def _described_once(securities: pa.Table, code: str, permanent: str) -> pa.Table:
    """Leave one row for the security, under its permanent code."""
    named = securities.column("security")
    if pc.any(pc.equal(named, permanent)).as_py():
        return securities.filter(pc.not_equal(named, code))
    values = pc.if_else(pc.equal(named, code), pa.scalar(permanent, named.type), named)
    return securities.set_column(securities.column_names.index("security"), "security", values)
