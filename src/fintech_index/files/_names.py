"""What files of ours are called while they are written, so that the next run knows them for leftovers."""

from __future__ import annotations

import re
import secrets

MARKER = "fintech-index-is-writing"
"""The name of the file that a folder of unfinished files begins with: without it a folder is somebody else's."""

_ENDING = re.compile(r"\.fintech-index-[0-9a-f]{16}")


def aside_name(name: str) -> str:
    """Give a name for what is written aside, to take the place of `name`."""
    return f".{name}.fintech-index-{secrets.token_hex(8)}"


def is_aside(name: str, of: str) -> bool:
    """Tell whether a name is one that `aside_name` gives for `of`."""
    begin = f".{of}"
    return name.startswith(begin) and _ENDING.fullmatch(name, len(begin)) is not None


def lock_name(name: str) -> str:
    """Give the name of the lock of a place."""
    return f".{name}.fintech-index-lock"
