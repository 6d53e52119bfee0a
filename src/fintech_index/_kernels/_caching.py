"""Compiling with a cache on disk, wherever there is a folder for it that nobody else can write to."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function at its first call, once for each kind of arguments and machine.

    Numba keeps what it compiles beside the module, or in the user's cache folder, or where NUMBA_CACHE_DIR says. Where
    neither can be written, a folder of the user's own among temporary files serves; without that, each process
    compiles anew.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
        except RuntimeError:  # numba: "cannot cache function: no locator available"
            folder = private_folder()
        if folder is None:
            return numba.njit(**options)(function)  # type: ignore[no-any-return]
        before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
        try:
            return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
        finally:
            numba.config.CACHE_DIR = before  # other people's functions keep their place

    return decorate


def private_folder() -> Path | None:
    """Give a folder among temporary files that only this user can write to, or None.

    Compiled code is loaded from it, so that one that is somebody else's, or that others may write to, is not used.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"fintech-index-kernels-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    others = stat.S_IWGRP | stat.S_IWOTH
    return folder if stat.S_ISDIR(found.st_mode) and mine and not found.st_mode & others else None
