"""Errors: one base class, and problems that say where, what, and what to do about it."""

from __future__ import annotations

import difflib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import UnionType

LINES_SHOWN = 20
VALUE_SHOWN = 200  # characters of a value
_LINE_SHOWN = 2_000  # characters of all that is said at once
_COMPARED, _COMPARED_LETTERS = 1_000, 80  # of names that a hint looks through
_LONG_WORD = re.compile(rf"[^\s]{{{VALUE_SHOWN + 1},}}")
_LONG_QUOTE = re.compile(rf"'[^']{{{VALUE_SHOWN + 1},}}'")
_LINES = {"\n", "\t"}


def shortened(text: str, most: int = VALUE_SHOWN) -> str:
    """Cut the middle out of a long text, and say how long it is."""
    if len(text) <= most:
        return text
    begin, end = most * 2 // 3, most // 4
    return f"{text[:begin]}[...]{text[-end:]} ({len(text):,} characters)"


def shown(value: object) -> str:
    """Write a value as an error shows it: in one line, without control characters, of some 200 characters at most."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError, MemoryError):  # a number of too many digits, for one
        text = f"a {type(value).__name__} too long to be written"
    text = shortened(text)
    return repr(text) if isinstance(value, str) else printable(text)


def printable(text: str) -> str:
    """Write control characters, and what no encoding can write, as escapes; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in _LINES else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _fit_to_print(text: str) -> str:
    """Cut long values out of a message, whoever made it, and what a terminal would take for a command."""
    text = shortened(text, _LINE_SHOWN) if len(text) > 10 * _LINE_SHOWN else text
    if len(text) > VALUE_SHOWN:
        text = _LONG_QUOTE.sub(lambda found: f"'{shortened(found[0][1:-1])}'", text)
        text = _LONG_WORD.sub(lambda found: shortened(found[0]), text)
    return printable(shortened(text, _LINE_SHOWN))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what to do."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return _fit_to_print(f"{self.where}: {self.what}{hint}")


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
        summary = _fit_to_print(summary)
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


class WriteError(RequestError):
    """Files cannot be written. All of before are there; where the disk failed last of all, all of the new ones."""


def require_kind(value: object, kind: type | UnionType, name: str) -> None:
    """Raise `RequestError` where an argument is of another kind than it must be."""
    if not isinstance(value, kind):
        raise RequestError(f"{name} must be a {getattr(kind, '__name__', kind)}, not {shown(value)}")


@contextmanager
def translated(what: str, error: type[FintechIndexError]) -> Iterator[None]:
    """Turn whatever a library raises on data from outside into an error of ours; errors of ours pass as they are.

    Parameters
    ----------
    what : str
        What was being done, as the message begins: ``cannot read prices.csv``.
    error : type
        The error to raise.
    """
    try:
        yield
    except FintechIndexError:
        raise
    except MemoryError as failure:
        raise error(f"{what}: there is not memory enough for it") from failure
    except RecursionError as failure:
        raise error(f"{what}: it is nested too deeply") from failure
    except OSError as failure:
        raise error(f"{what}: {failure.strerror or first_line(failure)}") from failure
    except UnicodeError as failure:
        raise error(f"{what}: {encoding_problem(failure)}") from failure
    except Exception as failure:  # whatever it is: the data is not what the library takes
        raise error(f"{what}: {first_line(failure)}") from failure


def encoding_problem(failure: UnicodeError) -> str:
    """Say where text is not in its encoding."""
    if isinstance(failure, UnicodeDecodeError):
        return f"byte {failure.start:,} is not {failure.encoding.upper()} text"
    return first_line(failure)


def first_line(failure: BaseException) -> str:
    """Give the first line of what a library says, or the kind of its error where it says nothing."""
    try:
        messages = str(failure).partition("\n")[0].rstrip(".")
    except Exception:  # noqa: BLE001 - a library's own message may fail
        messages = ""
    return messages or type(failure).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give a hint that names the likeliest of `known`, or all of them where none is near."""
    known = sorted(each for each in islice(known, _COMPARED) if len(each) <= _COMPARED_LETTERS)
    near = difflib.get_close_matches(name[:_COMPARED_LETTERS], known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= LINES_SHOWN else ""
