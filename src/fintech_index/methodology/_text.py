"""The text of a methodology: read as one, and written so that it is read back as the same rules."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from fintech_index.errors import MethodologyError
from fintech_index.methodology._editing import in_step
from fintech_index.methodology._family import WHENCE
from fintech_index.methodology._origin import Origin
from fintech_index.methodology._plain import given_tables
from fintech_index.methodology._sections import Sections
from fintech_index.methodology._sources import filled_by_parents
from fintech_index.methodology._toml import tables_in
from fintech_index.methodology._treatments import with_default_treatments
from fintech_index.methodology._validation import validated
from fintech_index.methodology._writing import same, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fintech_index.methodology._writing import Tables

M = TypeVar("M", bound=Sections)


def read_as(kind: type[M], text: str, where: str, folder: Path | None) -> M:
    """Make a methodology of TOML text.

    Raises
    ------
    MethodologyError
        It is no TOML or no methodology, or a parent is not found in the folder or the catalogue.
    """
    return validated(kind, filled_by_parents(tables_in(text, where), where, folder), where)


def text_on_parent(method: Sections, origin: Origin | None, folder: Path | None) -> str | None:
    """Write a methodology as a file that has the same parent; None where no such file could have these rules."""
    wanted = given_tables(method)
    try:
        filled = _filled(wanted, folder)
    except MethodologyError:
        return None  # its parent is not there
    wanted = _with_defaults(wanted, given_tables(method, every=True), filled)
    texts = _texts(wanted, filled, origin, method.name)
    return next((text for text in texts if _reads_as(text, method, folder)), None)


def text_alone(method: Sections, origin: Origin | None) -> str:
    """Write a methodology as a file that needs no parent.

    Raises
    ------
    MethodologyError
        The rules would not be read back as they are.
    """
    wanted = {name: value for name, value in given_tables(method).items() if name != "parent"}
    texts = _texts(wanted, _filled(wanted, None), origin, method.name)
    found = next((text for text in texts if _reads_as(text, method, None, parent=False)), None)
    if found is None:
        read_as(type(method), tidy(wanted), f"{method.name}, as it would be written", None)
        raise MethodologyError(f"{method.name} would not be read back from a file as the same methodology")
    return found


def _with_defaults(wanted: Tables, every: Tables, filled: Tables) -> Tables:
    """Give tables with defaults written down where a parent has something else and the methodology nothing."""
    more = {name: value for name, value in wanted.items() if not isinstance(value, dict)}
    for name, value in every.items():
        own, given = wanted.get(name), filled.get(name)
        if isinstance(value, dict) and isinstance(given, dict):
            below = _with_defaults(own if isinstance(own, dict) else {}, value, given)
            more |= {name: below} if below else {}
        elif own is not None:
            more[name] = own
        elif given is not None and name not in WHENCE:
            more[name] = value
    return more


def _filled(wanted: Tables, folder: Path | None) -> Tables:
    """Give what a file with these tables need not write: what its parent has, and treatments by its weighting."""
    parent = {"parent": wanted["parent"]} if "parent" in wanted else {}
    filled = filled_by_parents(parent, wanted["name"], folder) if parent else {}
    filled = {name: value for name, value in filled.items() if name != "parent"}
    own = filled.get("weighting", {})
    by = wanted.get("weighting", {}).get("by")
    return dict(with_default_treatments(filled | {"weighting": {"by": by}})) | {"weighting": own}


def _texts(wanted: Tables, filled: Tables, origin: Origin | None, where: str) -> Iterator[str]:
    """Give texts that may be read back as wanted, the one that keeps most of the original first."""
    if origin is not None:
        with suppress(MethodologyError):
            yield in_step(origin.text, wanted, filled, where)
    yield tidy(wanted)


def _reads_as(text: str, method: Sections, folder: Path | None, *, parent: bool = True) -> bool:
    try:
        read = read_as(type(method), text, method.name, folder)
    except MethodologyError:
        return False
    return same(_every_key(read, parent=parent), _every_key(method, parent=parent))


def _every_key(method: Sections, *, parent: bool) -> dict[str, Any]:
    tables = given_tables(method, every=True)
    return tables if parent else {name: value for name, value in tables.items() if name != "parent"}
