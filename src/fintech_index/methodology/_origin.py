"""What a methodology was made of."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Origin(NamedTuple):
    """The text of a methodology, with its comments, and the folder that its parents are looked for in."""

    text: str
    folder: Path | None
