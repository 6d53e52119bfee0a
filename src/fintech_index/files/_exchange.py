"""Two folders exchange their names in one step, where the operating system can do that."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_CWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h
# What a kernel, a file system or a mount says that cannot do it; anything else is a failure.
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV, errno.EBUSY, errno.EPERM}


def exchange(one: Path, other: Path) -> bool:
    """Let two folders take each other's name at once; give False where that cannot be done here.

    Raises
    ------
    OSError
        It can be done here, and has failed.
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if rename(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))
