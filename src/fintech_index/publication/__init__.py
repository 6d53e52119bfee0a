"""What an index publishes: outcomes of reviews, with hashes, and reports on them."""

from __future__ import annotations

from fintech_index.methodology import methodology_hash
from fintech_index.publication._hashes import inputs_hash
from fintech_index.publication._outcome_file import OutcomeFile, encode_outcome, read_outcome, read_outcomes
from fintech_index.publication._report import ReviewReport, report

__all__ = [
    "OutcomeFile",
    "ReviewReport",
    "encode_outcome",
    "inputs_hash",
    "methodology_hash",
    "read_outcome",
    "read_outcomes",
    "report",
]
