"""A methodology on another one: what its file does not say is as its parent has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fintech_index.errors import MethodologyError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

_OWN = ("name", "parent", "title", "title_zh", "description")  # of each index alone
WHENCE = ("label", "source", "effective")  # of the rule that stands beside them
DEEPER = ("eligibility",)  # whose keys are sections themselves
_GENERATIONS = 8

Source = dict[str, Any]


def with_parents(data: Source, find: Callable[[str], Source | None], *, where: str, known: set[str]) -> Source:
    """Fill what a file leaves to its parent, and that one to its own.

    Parameters
    ----------
    data : dict
        The tables of a file.
    find : callable
        Gives the tables of a parent by its name, None where there is no such file.
    where, known
        The file and the names that a parent could have, for errors.
    """
    line = [str(data.get("name", where))]
    filled = data
    while isinstance(parent := data.get("parent"), str):
        if parent in line or len(line) >= _GENERATIONS:
            raise MethodologyError(f"{where}: parents go round or on for too long: {' > '.join([*line, parent])}")
        line.append(parent)
        found = find(parent)
        if found is None:
            near = did_you_mean(parent, known)
            raise MethodologyError(
                f"{where}: no parent {parent!r}: there is no file {parent}.toml beside it, and no such index in the "
                f"catalogue: {near}"
            )
        filled = _over(found, filled)
        data = found
    return filled


def _over(parent: Source, child: Source) -> Source:
    """Give the tables of a child over those of its parent."""
    merged = {key: value for key, value in parent.items() if key not in _OWN}
    for key, value in child.items():
        own = merged.get(key)
        if key in DEEPER and isinstance(own, dict) and isinstance(value, dict):
            merged[key] = own | {each: _section(own.get(each), below) for each, below in value.items()}
        else:
            merged[key] = _section(own, value)
    return merged


def _section(parent: Any, child: Any) -> Any:
    """Give a section key by key; where the child has a rule in it, it does not take over where the parent's is from."""
    if not isinstance(parent, dict) or not isinstance(child, dict):
        return child
    changed = any(key not in WHENCE for key in child)
    return {key: value for key, value in parent.items() if not (changed and key in WHENCE)} | child
