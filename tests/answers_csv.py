"""Answer files: inputs and outcomes worked out by hand, one row each."""

from __future__ import annotations

import csv
from pathlib import Path


def answers(name):
    """The rows of an answer file, as dicts of text."""
    with (Path(__file__).parent / "answers" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
