"""Locks between processes: one file a place, locked by the operating system, gone when its holder is.

A lock of a process that was killed is free at once. The file itself is removed when the lock is given back; who waited
for it sees that it is no longer the one on the disk, and begins anew.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from fintech_index.conventions import SECONDS_WAITED
from fintech_index.files._signals import unbroken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BETWEEN_TRIES = 0.02  # seconds
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class BusyError(OSError):
    """Another process holds a lock, and has not given it back in time."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock whose file is `path`; wait for who has it.

    Raises
    ------
    BusyError
        Somebody else held it for as long as `conventions.SECONDS_WAITED` allows.
    OSError
        The file cannot be made, or its place has no locks.
    """
    deadline = time.monotonic() + SECONDS_WAITED.most
    held: list[int] = []
    try:
        while True:
            with unbroken():
                holder = _try(path, held)
            if held:
                break
            if time.monotonic() > deadline:
                raise BusyError(f"another process ({holder}) is writing here; wait for it to end")
            time.sleep(_BETWEEN_TRIES)
        yield
    finally:
        with unbroken():
            for handle in held:
                with suppress(OSError):  # on Windows an open file stays
                    path.unlink()
                os.close(handle)


def _try(path: Path, held: list[int]) -> str:
    """Add the handle of the lock to `held` where nobody else holds it; else say who does."""
    from filelock import lock_descriptor

    how, made = os.O_RDWR | os.O_CREAT | _NO_LINK, True
    try:
        handle = os.open(path, how | os.O_EXCL, 0o666)
    except FileExistsError:
        handle, made = os.open(path, how, 0o666), False
    holder = "of unknown number"
    try:
        if not lock_descriptor(handle, blocking=False):
            holder = _holder(handle) or holder
        elif _is_still_at(path, handle):
            with suppress(OSError):  # on a full disk nobody reads who holds it
                os.truncate(handle, 0)
                os.write(handle, f"process {os.getpid()}".encode())
            held.append(handle)
    except OSError:  # there are no locks here
        if made:
            path.unlink(missing_ok=True)
        raise
    finally:
        if not held:
            os.close(handle)
    return holder


def _is_still_at(path: Path, handle: int) -> bool:
    """Tell whether the file that was locked is the one on the disk: its holder before may have removed it."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder(handle: int) -> str:
    with suppress(OSError):
        os.lseek(handle, 0, os.SEEK_SET)
        return os.read(handle, 40).decode("ascii", "replace")
    return ""
