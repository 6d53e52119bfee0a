"""A set of files takes its place as a whole or not at all, beside files of others that nobody touches.

A set is written aside and brought to the disk first. Then the folder that has it, and hard links to all that others
have in the old one, exchanges its name with the old one: one step, before which there is the old set and after which
there is the new one. Where folders cannot be exchanged (see `_exchangeable`), a note that all of the set is there is
written, the files are renamed one after another, and who comes next finishes that.
"""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_index.errors import WriteError, translated
from fintech_index.files import _staging
from fintech_index.files._exchange import exchange
from fintech_index.files._locks import locked
from fintech_index.files._names import aside_name, is_aside, lock_name
from fintech_index.files._signals import unbroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Files = Mapping[str, bytes | Callable[[Path], object]]

_INSIDE = "set"  # what a set is called that is written within its folder
_MOST_LINKS = 10_000  # entries of others: a folder with more is not laid anew


class _CannotExchangeError(Exception):
    """The set has to take its place file by file."""


@dataclass(frozen=True, slots=True)
class Target:
    """A folder in which this process alone writes sets of files, as long as `writing` holds it."""

    folder: Path

    def replace(self, files: Files, removed: Sequence[str] = ()) -> list[Path]:
        """Put a set of files into the folder, and take others of ours out, in one step.

        Parameters
        ----------
        files : mapping of str to bytes or callable
            By name, what is in each; or what writes it to the path that it is given.
        removed : sequence of str
            Files that an earlier set may have left, and this one does not have.

        Raises
        ------
        WriteError
            A place is a folder, a link or a device, or the disk does not take the files. All of those
            before are there; where it failed at the last step of all, all of the new ones.
        """
        with translated(f"cannot write to {self.folder}", WriteError):
            gone = [name for name in removed if name not in files and os.path.lexists(self.folder / name)]
            for name in (*files, *gone):
                _require_replaceable(self.folder / name)
            if files or gone:
                self._put(files, gone)
        return [self.folder / name for name in files]

    def _put(self, files: Files, removed: Sequence[str]) -> None:
        there = self.folder.is_dir()
        if not (there and len(files) + len(removed) == 1) and _exchangeable(self.folder):
            with suppress(_CannotExchangeError):
                self._put_at_once(files, removed, there=there)
                return
        self._put_one_by_one(files, removed)

    def _put_at_once(self, files: Files, removed: Sequence[str], *, there: bool) -> None:
        aside = self.folder.parent / aside_name(self.folder.name)
        try:
            with unbroken():
                new = _staging.begin(aside, files, removed)
            _staging.write_all(new, files, self.folder)
            if there:
                _link_others(self.folder, new, {*files, *removed})
                _staging.keep_mode(self.folder, new)
                _staging.sync(new)
            with unbroken():
                _take_place(new, self.folder)
                _staging.sync(self.folder.parent)
                _staging.discard(aside, self.folder)
        except BaseException:
            with unbroken():
                _staging.discard(aside, self.folder)
            raise

    def _put_one_by_one(self, files: Files, removed: Sequence[str]) -> None:
        self.folder.mkdir(exist_ok=True)
        aside = self.folder / aside_name(_INSIDE)
        try:
            with unbroken():
                new = _staging.begin(aside, files, removed)
            _staging.write_all(new, files, self.folder)
            with unbroken():
                if len(files) + len(removed) > 1:
                    _staging.commit(aside)
                _staging.finish(aside, self.folder)
                _staging.discard(aside, self.folder)
        except BaseException:
            with unbroken():
                if not _staging.is_committed(aside):
                    _staging.discard(aside, self.folder)
            raise


def _take_place(new: Path, folder: Path) -> None:
    """Give a new folder the name of an old one, in one step."""
    if not folder.is_dir() or not any(folder.iterdir()):
        new.rename(folder)
    elif not exchange(new, folder):
        raise _CannotExchangeError


@contextmanager
def writing(folder: Path) -> Iterator[Target]:
    """Hold a folder, which need not be there yet, so that no other process of ours writes to it.

    What a run that was killed has left there is finished or removed.

    Raises
    ------
    WriteError
        The folder cannot be one, or another process holds it for longer than is waited.
    """
    with ExitStack() as held:
        with translated(f"cannot write to {folder}", WriteError):
            real = Path(os.path.realpath(folder))
            if os.path.lexists(real) and not real.is_dir():
                raise NotADirectoryError(f"{real} is there, and is no folder")
            missing = [each for each in (real.parent, *real.parent.parents) if not os.path.lexists(each)]
            held.callback(_remove_empty, missing)
            real.parent.mkdir(parents=True, exist_ok=True)
            beside = os.access(real.parent, os.W_OK | os.X_OK) and real.name
            lock = real.parent / lock_name(real.name) if beside else real / lock_name(_INSIDE)
            held.enter_context(locked(lock))
            with unbroken():
                settle(real)
        yield Target(real)


def settle(folder: Path) -> None:
    """Finish what a run that was killed had decided, and remove what it had not; only who holds the lock may."""
    for aside in leftovers(folder):
        if aside.parent == folder and _staging.is_committed(aside):
            _staging.finish(aside, folder)
        with suppress(PermissionError):  # another user's, who will remove it
            _staging.discard(aside, folder)


def leftovers(folder: Path) -> list[Path]:
    """Give the folders of unfinished files that are there for a folder."""
    found = []
    for place, name in ((folder.parent, folder.name), (folder, _INSIDE)):
        with suppress(OSError):
            found += [path for path in place.iterdir() if is_aside(path.name, name) and _is_folder(path)]
    return found


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def is_half_written(folder: Path) -> bool:
    """Tell whether a set of files was taking its places one by one when its run was killed."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - this happens at every opening
    except OSError:
        return False
    return any(is_aside(name, _INSIDE) and _staging.is_committed(folder / name) for name in names)


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write a set of files into a folder: all of them or none.

    Raises
    ------
    WriteError
        As `Target.replace` and `writing`.
    """
    with writing(folder) as target:
        target.replace(files)
    return [folder / name for name in files]


def write_file(path: Path, content: bytes) -> None:
    """Write one file whole or not at all; a device or a pipe, such as /dev/stdout, is written to as it is.

    Raises
    ------
    WriteError
        As `Target.replace` and `writing`.
    """
    with translated(f"cannot write {path}", WriteError), suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
            path.write_bytes(content)
            return
    write_files(path.parent, {path.name: content})


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders that were made for a set that did not come."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _require_replaceable(path: Path) -> None:
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(f"{path}: it is a folder")
        if stat.S_ISLNK(mode):
            raise WriteError(f"cannot write {path}: it is a link; name the file that it leads to, or remove the link")
        if not stat.S_ISREG(mode):
            raise WriteError(f"cannot write {path}: it is a pipe, a socket or a device")


def _exchangeable(folder: Path) -> bool:
    """Tell whether a new folder may take the place of this one.

    Not where somebody stands in it: a shell in that folder would be left in one that is gone. Not where it is another
    file system's root, or where its place cannot be written to.
    """
    if not folder.name or not os.access(folder.parent, os.W_OK | os.X_OK):
        return False
    if not folder.is_dir():
        return True
    with suppress(OSError):
        here = Path.cwd()
        return folder != here and folder not in here.parents and not folder.is_mount()
    return False


def _link_others(folder: Path, new: Path, ours: set[str], left: int = _MOST_LINKS) -> int:
    """Give a new folder all that others have in the old one: files as hard links, so that they stay the very same."""
    for path in folder.iterdir():
        twin = new / path.name
        if path.name in ours or is_aside(path.name, _INSIDE):
            continue
        left -= 1
        if left < 0:
            raise _CannotExchangeError
        try:
            if path.is_symlink():
                twin.symlink_to(path.readlink())
            elif path.is_dir():
                twin.mkdir()
                left = _link_others(path, twin, set(), left)
                _staging.keep_mode(path, twin)
            else:
                os.link(path, twin, follow_symlinks=False)
        except OSError as error:
            raise _CannotExchangeError from error
    return left
