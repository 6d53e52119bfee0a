"""From a file, text or numbers in memory to a methodology."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from fintech_index.errors import MethodologyError
from fintech_index.methodology._caps import Caps
from fintech_index.methodology._model import Methodology
from fintech_index.methodology._sources import filled_by_parents
from fintech_index.methodology._toml import tables_in
from fintech_index.methodology._validation import problem_of, validated
from fintech_index.rounding import exact_decimal, finite_places

if TYPE_CHECKING:
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


def written(value: Any) -> Any:
    """Give numbers as a file writes them."""
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if hasattr(value, "dtype"):  # a number of numpy's
        try:
            return Decimal(str(value))
        except ArithmeticError:  # it is something else of numpy's, and what reads it says so
            return value
    if isinstance(value, float) or (isinstance(value, Rational) and not isinstance(value, int)):
        return Decimal(str(float(value))) if isinstance(value, float) else _finite(value)
    return value


def _finite(value: Rational) -> Decimal:
    fraction = Fraction(value)
    if finite_places(fraction) is None:
        raise MethodologyError(f"the rules of `cap`: {fraction} is no finite decimal, which a methodology can write")
    return exact_decimal(fraction)
