"""Codes of all tables in one spelling: that of `securities`, or the usual one where there is no such table."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import Problem
from fintech_index.market._codes import read_code
from fintech_index.market._conforming import check_duplicates
from fintech_index.market._contract import ACTIONS, OTHER_SECURITIES, PRICES, SHARES, STATUS


def respell(tables: dict[str, pa.Table], problems: list[Problem], calendar: str | None) -> None:
    """Replace codes that `securities` has in another spelling; others stay, for whoever finds them unknown."""
    known = tables["securities"].column("security").combine_chunks()
    usual: dict[str, str] = {}
    for code in known.drop_null().to_pylist():
        read = read_code(code, calendar)
        if read is not None and (other := usual.setdefault(read.text, code)) != code:
            problems.append(Problem("securities", f"{other} and {code} are one security: keep one of them"))
    for contract in (PRICES, SHARES, ACTIONS, STATUS):
        table = tables[contract.name]
        for name in ("security", *((*OTHER_SECURITIES, "new_security") if contract is ACTIONS else ())):
            table = _respelled(table, name, known, usual, calendar)
        if table is not tables[contract.name]:
            tables[contract.name] = table
            check_duplicates(table, contract, problems)


def _respelled(table: pa.Table, name: str, known: pa.Array, usual: dict[str, str], calendar: str | None) -> pa.Table:
    """Give a table with a column of codes in the spelling of `securities`; the table itself where all of them are."""
    column = table.column(name)
    if pc.all(pc.is_in(column, known, skip_nulls=False)).as_py() is not False:
        return table
    encoded = pc.dictionary_encode(column).combine_chunks()
    encoded = encoded if isinstance(encoded, pa.DictionaryArray) else pa.concat_arrays(encoded.chunks)
    found = encoded.dictionary.to_pylist()
    exact = set(known.to_pylist())
    spelled = [code if code in exact else _known(code, usual, calendar) for code in found]
    if spelled == found:
        return table
    values = pa.array(spelled, pa.string()).take(encoded.indices)
    return table.set_column(table.column_names.index(name), name, values)


def _known(code: str, usual: dict[str, str], calendar: str | None) -> str:
    read = read_code(code, calendar)
    return code if read is None else usual.get(read.text, code)
