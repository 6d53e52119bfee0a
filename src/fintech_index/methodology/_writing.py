"""Tables as TOML text, tidy: the keys of the index first, then a section after another."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from fintech_index.methodology._family import DEEPER

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 110  # characters of a list in one line

Tables = dict[str, Any]


def tidy(tables: Tables) -> str:
    """Write tables as a file has them."""
    first = [f"{key_of(key)} = {written(value)}\n" for key, value in tables.items() if not isinstance(value, dict)]
    return "\n".join(["".join(first), *sections(tables)] if first else sections(tables))


def sections(tables: Tables) -> list[str]:
    """Write the sections among some tables, each with its heading."""
    found = []
    for name, table in tables.items():
        if isinstance(table, dict) and name in DEEPER:
            found += [_section(f"{key_of(name)}.{key_of(key)}", below) for key, below in _deeper(table)]
        elif isinstance(table, dict):
            found.append(_section(key_of(name), table))
    return found


def _deeper(table: Tables) -> list[tuple[str, Tables]]:
    return [(key, below) for key, below in table.items() if isinstance(below, dict)]


def _section(name: str, table: Tables) -> str:
    return "".join([f"[{name}]\n", *(f"{key_of(key)} = {written(value)}\n" for key, value in table.items())])


def key_of(name: str) -> str:
    """Write a key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else written(name)


def written(value: Any) -> str:
    """Write one value as it is read back: a decimal with all of its places, a table in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        # A positive exponent is kept: 1E+2 is a decimal, and 100 would be a whole number.
        return str(value) if isinstance(exponent, int) and exponent > 0 else format(value, "f")
    if isinstance(value, dict | list):
        return _collection(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _collection(value: Tables | list[Any]) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key_of(key)} = {written(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    items = [written(each) for each in value]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _WIDE else "".join(["[\n", *(f"    {item},\n" for item in items), "]"])


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in a file: 1 and 1.0 are not, which are a rank and a part of a count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return Decimal(one).as_tuple() == Decimal(other).as_tuple()
    return type(one) is type(other) and bool(one == other)
