"""Compiling with a cache on disk: it never stops a run, and nothing of it is loaded that fails its checksum."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAY = 86_400.0  # seconds
DIGEST = 32  # bytes
# A kernel has the constants of other modules compiled into it: when any of them changes, all are compiled anew.
_SOURCES = sorted(
    (each.name, each.stat().st_mtime_ns, each.stat().st_size)
    for each in (Path(__file__).parent / "_kernels").glob("*.py")
)

notices: list[str] = []
"""Why compiled code is not kept, for standard error: empty, or one sentence, however often it happens."""


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function at its first call, once for each kind of arguments and machine.

    What is compiled is kept where NUMBA_CACHE_DIR says, or beside the module, or in the user's cache folder. Where none
    can be written, a folder of the user's own among temporary files serves; without that, or when the disk fails,
    each process compiles anew and `notices` says why. A damaged file is compiled anew and written again.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        kernel = numba.njit(**options)(function)
        if kernel is not function:  # as it is under NUMBA_DISABLE_JIT
            try:
                _give_cache(kernel, function)
            except Exception as error:  # noqa: BLE001 - whatever it is, the function works without
                _notice(error)
        return kernel  # type: ignore[no-any-return]

    return decorate


def private_folder() -> Path | None:
    """Give a folder among temporary files that only this user can write to, or None.

    Compiled code is loaded from it, so that one that is somebody else's, or that others may write to, is not used.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    try:
        folder = Path(tempfile.gettempdir()) / f"fintech-index-kernels-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    others = stat.S_IWGRP | stat.S_IWOTH
    return folder if stat.S_ISDIR(found.st_mode) and mine and not found.st_mode & others else None


def _notice(error: Exception, folder: str = "") -> None:
    """Keep the first thing that went wrong; the others have the same cause, mostly."""
    if not notices:
        what = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        notices.append(
            f"compiled kernels are not kept{folder and f' in {folder}'}, so that each run compiles them again: {what}"
            " (set NUMBA_CACHE_DIR to a folder that can be written)"
        )


def _give_cache(kernel: Any, function: Callable[..., Any]) -> None:
    """Give a kernel numba's cache, with our files in the place of numba's, and no error coming out of it."""
    if not hasattr(kernel, "_cache"):
        raise AttributeError("this version of numba has its cache elsewhere")
    cache = _with_a_folder(function)
    theirs, name = cache._cache_file, cache._impl.filename_base  # noqa: SLF001 - numba has no public way
    cache._cache_file = _Files(Path(cache.cache_path), name, (theirs._source_stamp, _SOURCES))  # noqa: SLF001
    for call in ("load_overload", "save_overload", "flush"):
        setattr(cache, call, _without_errors(getattr(cache, call), cache.cache_path))
    kernel._cache = cache  # noqa: SLF001


def _with_a_folder(function: Callable[..., Any]) -> Any:
    """Give numba's cache of a function, in the first place that can be written."""
    from numba.core.caching import FunctionCache

    before = numba.config.CACHE_DIR
    why = ""
    for place in _places(before):
        numba.config.CACHE_DIR = place
        try:
            return FunctionCache(function)
        except (OSError, RuntimeError) as error:  # numba: "cannot cache function: no locator available"
            why = f": {error}"
        finally:
            numba.config.CACHE_DIR = before  # other people's functions keep their place
    raise OSError(f"there is no folder for them{why}")


def _places(told: str) -> Iterator[str]:
    """Give what to set numba's CACHE_DIR to, in turn; the empty string lets numba look by itself.

    Without HOME and without an account, numba takes `~` for a folder of the working directory. It must not get there:
    code would be loaded from wherever the process was started.
    """
    from numba.misc.appdirs import AppDirs

    if Path(AppDirs(appname="numba", appauthor=False).user_cache_dir).is_absolute():
        yield str(Path(told).absolute()) if told else ""
    elif told and _can_be_written(Path(told)):
        yield str(Path(told).absolute())
    private = private_folder()
    if private is not None and _can_be_written(private):
        yield str(private)


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _without_errors(call: Callable[..., Any], folder: str) -> Callable[..., Any]:
    """Give a call that answers None, as for what is not in the cache, where this one raises."""

    def guarded(*arguments: Any, **named: Any) -> Any:
        try:
            return call(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, compiling goes on without
            _notice(error, folder)
            return None

    return guarded


class _Files:
    """The compiled code of a function: a file for each kind of arguments and machine, in the place of numba's files.

    A file is a checksum, then a pickle of what it was compiled from and for, then the code. It takes its place whole,
    so that processes that compile at once replace each other's files by their equals. There is no index to disagree
    with: the name follows from the kind of arguments, and a file that holds another kind, or code of another source,
    is one that is not there.

    Parameters
    ----------
    folder
        Where the files are.
    name
        What their names begin with: module, function, line and version of Python.
    stamp
        A hash of the source file.
    """

    def __init__(self, folder: Path, name: str, stamp: object) -> None:
        self._folder, self._name, self._stamp = folder, name, stamp

    def load(self, key: tuple[Any, ...]) -> Any:
        """Give what was kept under a key, or None: no file, or one that is damaged or of something else."""
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        checksum, rest = content[:DIGEST], content[DIGEST:]
        if checksum != _checksum(rest):
            return None
        of, data = pickle.loads(rest)  # noqa: S301 - written by `save`, as its checksum says
        return data if of == (self._name, self._stamp, key) else None

    def save(self, key: tuple[Any, ...], data: object) -> None:
        """Keep something under a key, in the place of what was there."""
        from numba.core.serialize import dumps

        self._sweep()
        rest = dumps(((self._name, self._stamp, key), data))
        path = self._path(key)
        temporary = path.with_name(f"{path.name}.tmp.{os.urandom(8).hex()}")
        try:
            temporary.write_bytes(_checksum(rest) + rest)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def flush(self) -> None:
        """Remove all that is kept of the function."""
        for path in self._folder.iterdir():
            if path.name.startswith(f"{self._name}."):
                path.unlink(missing_ok=True)

    def _path(self, key: tuple[Any, ...]) -> Path:
        """Give the file of a key: arguments and machine, without the hashes of the code at its end.

        So that code that was edited takes the place of what it was before.
        """
        kind = hashlib.blake2b(repr(key[:-1]).encode(), digest_size=8).hexdigest()
        return self._folder / f"{self._name}.{kind}.nbc"

    def _sweep(self) -> None:
        """Remove what processes that were killed have left half written, a day and more ago."""
        for path in self._folder.glob("*.nb[ci].tmp.*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > DAY:
                    path.unlink()


def _checksum(content: bytes) -> bytes:
    """Give a hash of what is kept, another one for another version of numba: its pickles may not be readable."""
    return hashlib.blake2b(content, digest_size=DIGEST, key=numba.__version__.encode()[:64]).digest()
