"""From a file, text or numbers in memory to a methodology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from fintech_index.errors import MethodologyError
from fintech_index.methodology._caps import Caps
from fintech_index.methodology._model import Methodology
from fintech_index.methodology._sources import filled_by_parents
from fintech_index.methodology._toml import tables_in
from fintech_index.methodology._validation import problem_of, validated
from fintech_index.methodology._written import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def load(name_or_path: str | Path) -> Methodology:
    """Read a methodology by its name in the catalogue or its path; see `Methodology.load`."""
    return Methodology.load(name_or_path)


def parse(text: str, *, where: str, folder: Path | None = None) -> Methodology:
    """Make a methodology of TOML text; `where` names the text in errors, `folder` is where parents are looked for."""
    return validated(Methodology, filled_by_parents(tables_in(text, where), where, folder), where)


def caps_from(given: Mapping[str, Any]) -> Caps:
    """Make caps of the keys of ``[weighting]`` in memory, where numbers may be floats or fractions of their kind.

    Raises
    ------
    MethodologyError
        An unknown cap, a value that it cannot have, caps that do not go together.
    """
    where = "the rules of `cap`"
    try:
        return Caps.model_validate(written(given))
    except ValidationError as error:
        problems = [problem_of(details, Caps) for details in error.errors(include_url=False)]
        raise MethodologyError(f"{where}: {len(problems)} wrong", problems) from error
