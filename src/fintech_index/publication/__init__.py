"""What an index publishes: outcomes of reviews, with hashes, and reports on them."""

from __future__ import annotations

from fintech_index.methodology import methodology_hash
from fintech_index.publication._hashes import inputs_hash
from fintech_index.publication._outcome_file import OutcomeFile, encode_outcome, read_outcome, read_outcomes
from fintech_index.publication._publishing import publish
from fintech_index.publication._report import ReviewReport, report
from fintech_index.publication._verification import (
    FOLDER,
    HOLDS,
    Verified,
    names_of,
    outcome_folder,
    reviews_up_to,
    verify,
)

__all__ = [
    "FOLDER",
    "HOLDS",
    "OutcomeFile",
    "ReviewReport",
    "Verified",
    "encode_outcome",
    "inputs_hash",
    "methodology_hash",
    "names_of",
    "outcome_folder",
    "publish",
    "read_outcome",
    "read_outcomes",
    "report",
    "reviews_up_to",
    "verify",
]
