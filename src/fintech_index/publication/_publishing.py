"""Outcomes of reviews written to their folder: one date has one outcome, which is never replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.errors import OutcomeFileError, RequestError
from fintech_index.files import writing
from fintech_index.publication._outcome_file import encode_outcome, read_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fintech_index.methodology import Methodology
    from fintech_index.reviews import Outcome


def publish(method: Methodology, outcomes: Sequence[Outcome], out: Path) -> dict[Path, bool]:
    """Write outcomes to ``out/INDEX/DATE.csv``; give each file, and whether it is new.

    Raises
    ------
    OutcomeFileError
        An outcome of the date is there, and is another one.
    RequestError, WriteError
        The name of the index, or the folder, cannot be.
    """
    if method.name == "market":
        raise RequestError('outcomes of an index "market" would lie among market data: give it another name')
    folder = out / method.name
    files = {f"{outcome.effective}.csv": encode_outcome(outcome) for outcome in outcomes}
    with writing(folder) as target:
        new = {name: content for name, content in files.items() if not _is_there(folder / name, content)}
        target.replace(new)
    return {folder / name: name in new for name in files}


def _is_there(path: Path, content: bytes) -> bool:
    """Tell whether an outcome is there as it would be written."""
    if not path.exists():
        return False
    if read_outcome(path).content != content:
        raise OutcomeFileError(
            f"{path} is there, and recomputing gives another outcome: one date has one outcome; --check says what "
            "differs, --out writes elsewhere"
        )
    return True
