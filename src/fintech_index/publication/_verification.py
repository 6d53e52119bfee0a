"""Published outcomes verified: recomputed from today's rules and data, and compared byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_index.errors import MethodologyError, NotStartedError, OutcomeFileError, Problem, RequestError
from fintech_index.index_view import with_future_sessions
from fintech_index.methodology import Methodology, load, methodology_hash, shipped
from fintech_index.publication._hashes import inputs_hash
from fintech_index.publication._outcome_file import encode_outcome, read_outcomes
from fintech_index.reviews import review

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from fintech_index.market import MarketData
    from fintech_index.publication._outcome_file import OutcomeFile
    from fintech_index.reviews import Baskets

FOLDER = Path("constituents")
HOLDS, DIFFERS, MISSING, NOT_CHECKED = "holds", "differs", "missing", "not checked"
_NAMED = 15


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one published outcome.

    Attributes
    ----------
    index, effective : str
        The date is "" where the index as a whole could not be checked.
    result : str
        ``holds``, ``differs``, ``missing`` or ``not checked``.
    what : str
        In words.
    """

    index: str
    effective: str
    result: str
    what: str


def outcome_folder(out: Path | None) -> Path:
    """Give the folder of outcomes: the one named, else that of here, else the one that comes with the package."""
    return out if out is not None else FOLDER if FOLDER.is_dir() else shipped("constituents")


def reviews_up_to(index: str, market: MarketData, effective: dt.date | None) -> tuple[Methodology, Baskets]:
    """Carry out the reviews of an index up to a date, which may lie ahead.

    Raises
    ------
    RequestError
        No review takes effect on the date, or what it needs lies after the end of the data.
    """
    method = load(index)
    if effective is None:
        return method, review(method, market)
    if effective < method.base.date:
        raise RequestError(f"{method.name}: {effective} is before its base date {method.base.date}")
    known = market.sessions[-1]
    baskets = review(method, with_future_sessions(method, market, effective), end=effective)
    if all(outcome.effective != effective for outcome in baskets.outcomes):
        every = review(method, market).outcomes
        dates = ", ".join(str(outcome.effective) for outcome in every)
        raise RequestError(f"{method.name}: no review takes effect on {effective}; in the data: {dates}")
    outcome = baskets.outcome(effective)
    needed = {"cut-off": outcome.dates.cutoff, "price date": outcome.dates.price_date, "counts": outcome.shares_date}
    date_name, session = max(needed.items(), key=lambda each: each[1])
    when = outcome.market.sessions[session]
    if when > known:
        raise RequestError(
            f"{method.name}: the review effective {effective} has its {date_name} on {when}, and the data ends on "
            f"{known}: wait for that close"
        )
    return method, baskets


def verify(index: str | None, effective: dt.date | None, market: MarketData, folder: Path) -> list[Verified]:
    """Recompute the published outcomes of an index, or of all that have some.

    Raises
    ------
    RequestError
        There are none.
    OutcomeFileError
        Files that cannot be taken, all of them.
    """
    names = [index] if index is not None else sorted(path.parent.name for path in folder.glob("*/????-??-??.csv"))
    if not names:
        raise RequestError(f"there are no published outcomes in {folder}: `fintech-index review INDEX` writes them")
    found: list[Verified] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        try:
            load(name)
        except MethodologyError:
            if index is not None:
                raise
            why = "no such index in the catalogue: --check PATH of its methodology"
            found.append(Verified(name, "", NOT_CHECKED, why))
            continue
        try:
            found += _of_index(name, effective, market, folder)
        except OutcomeFileError as error:
            problems += error.problems or [Problem(name, error.summary)]
    if problems:
        raise OutcomeFileError(f"{folder}: {len(problems)} of the outcome files cannot be taken", problems)
    return found


def _of_index(name: str, effective: dt.date | None, market: MarketData, folder: Path) -> Iterator[Verified]:
    """Compare the outcomes of an index; those between its first and its last that have no file are missing."""
    index = load(name).name
    found = read_outcomes(folder, index)
    wanted = [each for each in found if effective in (None, each.effective)]
    if not wanted:
        dates = ", ".join(str(each.effective) for each in found) or "none"
        which = f" effective {effective}" if effective else ""
        raise RequestError(f"{index}: no published outcome{which} in {folder}; there: {dates}")
    try:
        _, baskets = reviews_up_to(name, market, max(each.effective for each in wanted))
    except NotStartedError as error:
        yield from (Verified(index, str(each.effective), DIFFERS, error.summary) for each in wanted)
        return
    yield from (Verified(index, str(each.effective), *_compared(baskets, each)) for each in wanted)
    if effective is None:
        published = {each.effective for each in found}
        for outcome in baskets.outcomes:
            if outcome.effective > min(published) and outcome.effective not in published:
                why = "reviews before and after it have files, and it has none"
                yield Verified(index, str(outcome.effective), MISSING, why)


def _compared(baskets: Baskets, published: OutcomeFile) -> tuple[str, str]:
    """Recompute one outcome; say whether it holds, and what differs."""
    outcome = next((each for each in baskets.outcomes if each.effective == published.effective), None)
    if outcome is None:
        return DIFFERS, "no review takes effect on that date"
    if encode_outcome(outcome) == published.content:
        return HOLDS, f"{len(published.rows)} constituents, byte for byte"
    differs = []
    if methodology_hash(outcome.method) != published.methodology:
        differs.append("the methodology is another one")
    if inputs_hash(outcome) != published.inputs:
        differs.append("the data that the review reads is not the same")
    codes = outcome.market.securities.codes
    now, then = {codes[security] for security in outcome.securities}, {row["security"] for row in published.rows}
    differs += [f"in now: {names_of(sorted(now - then))}"] if now - then else []
    differs += [f"no longer in: {names_of(sorted(then - now))}"] if then - now else []
    return DIFFERS, "; ".join(differs) or "the same rules and data give other figures: another version of the program"


def names_of(codes: list[str]) -> str:
    """Write some of many codes."""
    more = len(codes) - _NAMED
    return (", ".join(codes[:_NAMED]) + (f" and {more} more" if more > 0 else "")) or "none"
