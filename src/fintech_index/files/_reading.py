"""Reading files that come from outside: ordinary files only, and never more of them than may be."""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)  # opening a pipe that nobody writes to would never end
_BINARY = getattr(os, "O_BINARY", 0)


class NotOrdinaryError(OSError):
    """What is there is no ordinary file."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"it is {kind}, not an ordinary file")


def open_ordinary(path: Path) -> io.FileIO:
    """Open an ordinary file for reading; a pipe, device, socket or folder is refused without waiting for it.

    Raises
    ------
    NotOrdinaryError
        It is something else than a file.
    OSError
        It cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | _NOT_WAITING | _BINARY)
    try:
        _require_ordinary(os.fstat(handle).st_mode)
        return io.FileIO(handle)
    except BaseException:
        os.close(handle)
        raise


def _require_ordinary(mode: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind != stat.S_IFREG:
        raise NotOrdinaryError(_KINDS.get(kind, "something else"))


def read_at_most(path: Path, most: int) -> bytes | None:
    """Read an ordinary file; None where it is larger than `most` bytes."""
    with io.BufferedReader(open_ordinary(path)) as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None
