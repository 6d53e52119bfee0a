"""The outcome of a review as a file: ``constituents/INDEX/DATE.csv``, which proves itself.

One row a constituent, ordered by code. The last three columns are the same in every row: the hash of the methodology,
the hash of the values that the review read, and the hash of all that comes before it in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_index.conventions import OUTCOME_BYTES
from fintech_index.errors import OutcomeFileError, Problem, require_kind, translated
from fintech_index.files import read_at_most
from fintech_index.methodology import methodology_hash
from fintech_index.publication._hashes import inputs_hash
from fintech_index.rounding import decimal_of, exact_decimal, plain, published_amount, round_half_up

if TYPE_CHECKING:
    from fintech_index.reviews import Outcome

COLUMNS = (
    "index",
    "effective",
    "announcement",
    "price_date",
    "cutoff",
    "security",
    "name",
    "free_float",
    "capping_factor",
    "index_shares",
    "price",
    "weight",
    "rank",
    "decision",
    "methodology_sha256",
    "inputs_sha256",
    "outcome_sha256",
)
_WEIGHT_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class OutcomeFile:
    """What an outcome file says.

    Attributes
    ----------
    path : Path
    content : bytes
    index, methodology, inputs : str
        The name of the index, and the hashes.
    effective : date
    rows : tuple of dict
        By column, as text.
    """

    path: Path
    content: bytes
    index: str
    effective: dt.date
    methodology: str
    inputs: str
    rows: tuple[dict[str, str], ...]


def encode_outcome(outcome: Outcome) -> bytes:
    """Write an outcome as the bytes of its file."""
    method, market, weighted = outcome.method, outcome.market, outcome.weighted
    dates, codes = outcome.dates, market.securities.codes
    names = market.securities.table.column("name").to_pylist()
    unit = method.rounding.share_decimals
    announced = "" if dates.announcement is None else str(market.sessions[dates.announcement])
    hashes = [methodology_hash(method), inputs_hash(outcome)]
    rows, weights = [], weighted.weights
    for at, security in enumerate(outcome.securities):
        factor, floats = weighted.factors[at], weighted.free_float[at]
        rows.append(
            [
                method.name,
                str(outcome.effective),
                announced,
                str(market.sessions[dates.price_date]),
                str(market.sessions[dates.cutoff]),
                codes[security],
                names[security],
                "" if floats < 0 else str(floats),
                "" if factor is None else plain(factor),
                plain(decimal_of(weighted.index_shares[at], -unit)),
                plain(exact_decimal(published_amount(weighted.prices[at]))),
                plain(decimal_of(round_half_up(weights[at], _WEIGHT_DECIMALS), -_WEIGHT_DECIMALS)),
                str(outcome.ranks.get(security, "")),
                outcome.decision(security),
                *hashes,
            ]
        )
    return _sealed(rows)


def _sealed(rows: list[list[str]]) -> bytes:
    """Write rows with the hash of them all in the last column."""
    seal = hashlib.sha256(_csv([list(COLUMNS[:-1]), *rows]).encode()).hexdigest()
    return _csv([list(COLUMNS), *([*row, seal] for row in rows)]).encode()


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def read_outcome(path: Path) -> OutcomeFile:
    """Read an outcome file, and make sure that it is as it was written.

    Raises
    ------
    OutcomeFileError
        It cannot be read, is no outcome file, or its hash does not match: it was edited.
    """
    require_kind(path, str | Path, "the path of an outcome")
    with translated(f"cannot read {path}", OutcomeFileError):
        content = read_at_most(path, OUTCOME_BYTES.most)
    if content is None:
        raise OutcomeFileError(
            f"{path} is larger than {OUTCOME_BYTES.most:,} {OUTCOME_BYTES.what} ({OUTCOME_BYTES.advice})"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OutcomeFileError(f"{path} is no outcome file: it is not UTF-8 text") from error
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise OutcomeFileError(f"{path} is no outcome file: {error}") from error
    if not rows or tuple(rows[0]) != COLUMNS or len(rows) == 1:
        raise OutcomeFileError(
            f"{path} is no outcome file: its columns must be {', '.join(COLUMNS)}, and it must have rows"
        )
    problems = [
        Problem(f"line {number}", f"has {len(row)} fields, not {len(COLUMNS)}")
        for number, row in enumerate(rows[1:], start=2)
        if len(row) != len(COLUMNS)
    ]
    if problems:
        raise OutcomeFileError(f"{path} is no outcome file", problems)
    if _sealed([row[:-1] for row in rows[1:]]) != content:
        raise OutcomeFileError(
            f"{path} was changed after it was written: its outcome_sha256 does not match; restore it, or delete it "
            "and make it anew with `fintech-index review`"
        )
    first = dict(zip(COLUMNS, rows[1], strict=True))
    try:
        effective = dt.date.fromisoformat(first["effective"])
    except ValueError as error:
        raise OutcomeFileError(f"{path}: {first['effective']!r} is no date") from error
    return OutcomeFile(
        path=path,
        content=content,
        index=first["index"],
        effective=effective,
        methodology=first["methodology_sha256"],
        inputs=first["inputs_sha256"],
        rows=tuple(dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]),
    )


def read_outcomes(folder: Path, index: str) -> list[OutcomeFile]:
    """Read all outcome files of an index, ``folder/INDEX/*.csv``, by effective date.

    Raises
    ------
    OutcomeFileError
        A file cannot be taken, is of another index or date than its name says, or two are of one date: all at once.
    """
    found: dict[dt.date, OutcomeFile] = {}
    problems: list[Problem] = []
    require_kind(folder, Path, "the folder of outcomes")
    require_kind(index, str, "the name of an index")
    with translated(f"cannot read the outcomes of {index!r} in {folder}", OutcomeFileError):
        paths = sorted((folder / index).glob("*.csv"))
    for path in paths:
        try:
            outcome = read_outcome(path)
        except OutcomeFileError as error:
            problems.append(Problem(path.name, error.summary))
            continue
        if outcome.index != index:
            problems.append(Problem(path.name, f"is of the index {outcome.index!r}, in the folder of {index!r}"))
        elif outcome.effective in found:
            first = found[outcome.effective].path.name
            problems.append(
                Problem(path.name, f"is effective {outcome.effective}, as {first} is: one date has one outcome")
            )
        elif path.stem != str(outcome.effective):
            problems.append(Problem(path.name, f"is effective {outcome.effective}, which its name does not say"))
        else:
            found[outcome.effective] = outcome
    if problems:
        raise OutcomeFileError(f"{folder / index}: {len(problems)} of the outcome files cannot be taken", problems)
    return [found[date] for date in sorted(found)]
