"""Files written aside, in a folder that says what it is, and what becomes of it when a run is cut off.

The folder is made by `begin`: its marker names the files that are on their way and the folder that they are in. Whoever
holds the lock of the place may do away with it, since nobody else can be at work there.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from fintech_index.files._names import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

NEW, COMMIT = "new", "commit"
_LARGEST_MARKER = 1 << 24  # bytes
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Marker(NamedTuple):
    """What a folder of unfinished files says of itself: the files, those that go, and the inode of its `new`."""

    files: tuple[str, ...]
    removed: tuple[str, ...]
    inode: int


def begin(aside: Path, files: Iterable[str], removed: Iterable[str]) -> Path:
    """Make the folder, and in it the one for the files; give that one."""
    aside.mkdir(mode=0o700)
    new = aside / NEW
    new.mkdir()
    marker = Marker(tuple(files), tuple(removed), new.stat().st_ino)
    write_whole(aside / MARKER, json.dumps(marker._asdict()).encode())
    return new


def write_whole(path: Path, content: bytes) -> None:
    """Write a new file, all of it on the disk when this returns; its mode is the umask's."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_all(new: Path, files: Mapping[str, bytes | Callable[[Path], object]], folder: Path) -> None:
    """Write files into `new`, each with the mode and owner of the one in `folder` that it will replace."""
    for name, content in files.items():
        path = new / name
        if isinstance(content, bytes):
            write_whole(path, content)
        else:
            content(path)
            sync(path)
        with suppress(FileNotFoundError):
            keep_mode(folder / name, path)
    sync(new)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_mode(old: Path, new: Path) -> None:
    """Give a new file or folder the mode and access list and, where that is allowed, the owner of an old one."""
    before, now = old.stat(follow_symlinks=False), new.stat(follow_symlinks=False)
    if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        with suppress(PermissionError):
            os.chown(new, before.st_uid, before.st_gid)
    _keep_attributes(old, new)
    new.chmod(before.st_mode & 0o7777)


def _keep_attributes(old: Path, new: Path) -> None:
    """Copy access lists, and what people have noted at a file, where the file system has such things."""
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(old, follow_symlinks=False):
                if name.startswith(("user.", "system.posix_acl_")):
                    os.setxattr(new, name, os.getxattr(old, name, follow_symlinks=False), follow_symlinks=False)


def marker_of(aside: Path) -> Marker | None:
    """Read the marker; None where there is none, or it is not as `begin` writes it."""
    try:
        handle = os.open(aside / MARKER, os.O_RDONLY | _NO_LINK)
        with os.fdopen(handle, "rb") as file:
            marked = json.loads(file.read(_LARGEST_MARKER))
        marker = Marker(tuple(marked["files"]), tuple(marked["removed"]), int(marked["inode"]))
        names = (*marker.files, *marker.removed)
        return marker if all(isinstance(name, str) and is_plain(name) for name in names) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_plain(name: str) -> bool:
    """Tell whether a name is that of a file in a folder, and leads nowhere else."""
    return name not in ("", ".", "..") and "/" not in name and "\\" not in name and "\0" not in name


def commit(aside: Path) -> None:
    """Decide that the files of `new` are to take their places, whatever happens from here on."""
    write_whole(aside / f"{COMMIT}.new", b"")
    (aside / f"{COMMIT}.new").rename(aside / COMMIT)
    try:
        sync(aside)
    except OSError:
        (aside / COMMIT).unlink()  # nothing has been done yet
        raise


def finish(aside: Path, folder: Path) -> None:
    """Let staged files take their places, and take out those that go; a failure in the midst of that is met once."""
    try:
        _finish(aside, folder)
    except OSError:
        _finish(aside, folder)


def _finish(aside: Path, folder: Path) -> None:
    marker = marker_of(aside)
    if marker is None:
        return
    for name in marker.files:
        if os.path.lexists(aside / NEW / name):
            (aside / NEW / name).replace(folder / name)
    for name in marker.removed:
        (folder / name).unlink(missing_ok=True)
    sync(folder)
    (aside / COMMIT).unlink(missing_ok=True)


def is_committed(aside: Path) -> bool:
    """Tell whether the files are to take their places."""
    return os.path.lexists(aside / COMMIT)


def discard(aside: Path, folder: Path) -> None:
    """Do away with a folder of unfinished files; what is somebody else's in it goes back into `folder`, or stays."""
    marker = marker_of(aside)
    if marker is None:  # cut off before its marker was written, and so without files, or not ours
        with suppress(OSError):
            (aside / NEW).rmdir()
            (aside / MARKER).unlink(missing_ok=True)
        with suppress(OSError):
            aside.rmdir()
        return
    new = aside / NEW
    with suppress(FileNotFoundError):
        if new.stat(follow_symlinks=False).st_ino == marker.inode:
            shutil.rmtree(new, ignore_errors=True)  # made here, all of it; links are removed and not followed
        else:
            _give_back(new, folder, (*marker.files, *marker.removed))
    for name in (COMMIT, f"{COMMIT}.new"):
        (aside / name).unlink(missing_ok=True)
    if not new.exists():
        (aside / MARKER).unlink(missing_ok=True)
        with suppress(OSError):
            aside.rmdir()


def _give_back(old: Path, folder: Path, ours: tuple[str, ...] = ()) -> None:
    """Empty a folder that was replaced: our files go, links to what the new one has go, and the rest moves there."""
    for path in list(old.iterdir()):
        twin = folder / path.name
        is_folder = path.is_dir() and not path.is_symlink()
        if path.name in ours and not is_folder:
            path.unlink()
        elif not os.path.lexists(twin):
            path.rename(twin)
        elif is_folder:
            if twin.is_dir() and not twin.is_symlink():
                _give_back(path, twin)
        elif _is_one(path, twin):
            path.unlink()
        elif path.lstat().st_mtime_ns > twin.lstat().st_mtime_ns:  # written by another while ours were
            path.replace(twin)
    with suppress(OSError):
        old.rmdir()


def _is_one(path: Path, twin: Path) -> bool:
    if path.is_symlink() and twin.is_symlink():
        return path.readlink() == twin.readlink()
    return os.path.samestat(path.lstat(), twin.lstat())
