"""Errors: one base class, and problems that say where, what, and what to do about it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import UnionType

LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what to do."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.what}{hint}"


class FintechIndexError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    summary : str
        One line: what failed, and what to do where that is one thing.
    problems : iterable of Problem
        All that is wrong, where there may be more than one thing.
    """

    def __init__(self, summary: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.summary, *(f"  {problem}" for problem in self.problems[:LINES_SHOWN])]
        if len(self.problems) > LINES_SHOWN:
            lines.append(f"  ... and {len(self.problems) - LINES_SHOWN} more")
        return "\n".join(lines)


class MethodologyError(FintechIndexError):
    """A methodology file cannot be found, read, or understood."""


class MarketDataError(FintechIndexError):
    """Market data breaks the data contract, or lacks what a calculation needs."""


class VendorDataError(FintechIndexError):
    """A vendor's tables cannot be imported."""


class CorporateActionError(FintechIndexError):
    """A corporate action cannot be applied as it stands."""


class ReviewError(FintechIndexError):
    """A review cannot be carried out: its dates, its names or its caps do not work out."""


class NotStartedError(ReviewError):
    """An index has too few eligible names to start, up to the end of the data."""


class CalculationError(FintechIndexError):
    """Levels cannot be calculated from these baskets and prices."""


class OutcomeFileError(FintechIndexError):
    """A published review outcome cannot be read, was changed, or is there twice."""


class RequestError(FintechIndexError):
    """What was asked for does not exist: a date, a window, a name, a place to write to."""


def require_kind(value: object, kind: type | UnionType, name: str) -> None:
    """Raise `RequestError` where an argument is of another kind than it must be."""
    if not isinstance(value, kind):
        raise RequestError(f"{name} must be a {getattr(kind, '__name__', kind)}, not {value!r:.80}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give a hint that names the likeliest of `known`, or all of them where none is near."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= LINES_SHOWN else ""
