"""The text of a methodology brought in step with its rules: what has changed, and no other line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fintech_index.errors import MethodologyError, translated
from fintech_index.methodology._family import DEEPER, WHENCE
from fintech_index.methodology._toml import tables_in
from fintech_index.methodology._writing import same, sections, tidy, written

if TYPE_CHECKING:
    from fintech_index.methodology._writing import Tables

_NAME = re.compile(r"""^[ \t]*(name|"name"|'name')[ \t]*=.*\n""", re.MULTILINE)


def in_step(text: str, wanted: Tables, filled: Tables, where: str) -> str:
    """Change the keys of a text that differ from what is wanted; comments and order stay.

    Parameters
    ----------
    text : str
        TOML.
    wanted : dict
        The tables that a reader of the text is to have.
    filled : dict
        What a parent fills in, or a default: such a key need not be in the text.
    where : str
        The methodology, for errors.

    Raises
    ------
    MethodologyError
        tomlkit cannot change this text.
    """
    has = tables_in(text, where)
    needed = _needed(has, wanted, filled, headings=True)
    if same(has, needed):
        return text
    import tomlkit

    with translated(f"cannot change the text of {where}", MethodologyError):
        document = tomlkit.parse(text if text.endswith("\n") else f"{text}\n")
        _edit(document, has, needed, headings=True)
        changed = tomlkit.dumps(document).rstrip("\n") + "\n"
    first = {name: value for name, value in needed.items() if name not in has and not isinstance(value, dict)}
    return "\n".join([_behind_the_name(changed, tidy(first)), *sections(_new(tables_in(changed, where), needed))])


def _behind_the_name(text: str, lines: str) -> str:
    """Put keys of the index behind its name, which every text has."""
    found = _NAME.search(text) if lines else None
    return text if found is None else text[: found.end()] + lines + text[found.end() :]


def _needed(has: Tables, wanted: Tables, filled: Tables, *, headings: bool) -> Tables:
    """Give what of the wanted tables the text must have: what it has already, and what nothing fills in."""
    needed: Tables = {name: {} for name, own in has.items() if own == {}}
    for name, value in wanted.items():
        own, given = has.get(name), filled.get(name)
        if headings and isinstance(value, dict):
            below = _needed(_table(own), value, _table(given), headings=name in DEEPER)
            if name not in DEEPER and _would_say(_table(given), value, below):
                below = dict(value)
            if below or name in has:
                needed[name] = below
        elif name in has or not same(given, value):
            needed[name] = value
    return needed


def _would_say(filled: Tables, wanted: Tables, needed: Tables) -> bool:
    """Whether a section would say where the rule of its parent is from, as one without a rule of its own does."""
    return any(key in filled and key not in wanted for key in WHENCE) and not needed.keys() - set(WHENCE)


def _table(value: Any) -> Tables:
    return value if isinstance(value, dict) else {}


def _edit(table: Any, has: Tables, needed: Tables, *, headings: bool) -> None:
    """Change a table of tomlkit in place; where tables have headings, new keys are left to `in_step`."""
    import tomlkit

    for name, value in needed.items():  # before others are left out, so that a comment above them stays above
        own = has.get(name)
        if isinstance(value, dict) and isinstance(own, dict):
            _edit(table[name], own, value, headings=headings and name in DEEPER)
        elif name in has:
            if not same(own, value):
                table[name] = tomlkit.value(written(value))
        elif not headings or isinstance(table, tomlkit.items.InlineTable):
            _add(table, name, value)
    for name in has:
        if name not in needed:
            del table[name]


def _add(table: Any, name: str, value: Any) -> None:
    """Add a key behind the last one of a table, before the comment that belongs to the next table."""
    import tomlkit

    body = table.value.body if isinstance(table, tomlkit.items.Table) else []
    behind = []
    while body and body[-1][0] is None:
        behind.append(body.pop())
    table[name] = tomlkit.value(written(value))
    body.extend(reversed(behind))


def _new(has: Tables, needed: Tables) -> Tables:
    """Give the tables that the text does not have."""
    new: Tables = {}
    for name, value in needed.items():
        if not isinstance(value, dict):
            continue
        if name not in has:
            new[name] = value
        elif name in DEEPER and (below := {key: each for key, each in value.items() if key not in has[name]}):
            new[name] = below
    return new
