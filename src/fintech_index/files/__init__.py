"""Files of users: read with care, and written whole or not at all."""

from __future__ import annotations

from fintech_index.files._locks import BusyError, locked
from fintech_index.files._reading import NotOrdinaryError, open_ordinary, read_at_most
from fintech_index.files._signals import unbroken
from fintech_index.files._writing import Target, is_half_written, write_file, write_files, writing

__all__ = [
    "BusyError",
    "NotOrdinaryError",
    "Target",
    "is_half_written",
    "locked",
    "open_ordinary",
    "read_at_most",
    "unbroken",
    "write_file",
    "write_files",
    "writing",
]
