"""From a file, text or numbers in memory to a methodology."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fintech_index.methodology._caps import Caps
from fintech_index.methodology._model import Methodology
from fintech_index.methodology._plain import tables_of_mapping
from fintech_index.methodology._validation import all_at_once, validated


def load(name_or_path: str | Path) -> Methodology:
    """Read a methodology by its name in the catalogue or its path; see `Methodology.load`."""
    return Methodology.load(name_or_path)


def parse(text: str, *, where: str, folder: Path | None = None) -> Methodology:
    """Make a methodology of TOML text; `where` names the text in errors, `folder` is where parents are looked for."""
    return Methodology.from_toml(text, where=where, folder=folder)


def caps_from(given: Mapping[str, Any]) -> Caps:
    """Make caps of the keys of ``[weighting]`` in memory, where numbers may be floats or fractions of their kind.

    Raises
    ------
    MethodologyError
        An unknown cap, a value that it cannot have, caps that do not go together.
    """
    where = "the rules of `cap`"
    tables, problems = tables_of_mapping(given, Caps, text_is_read=False)
    with all_at_once(where, problems):
        return validated(Caps, tables, where)
