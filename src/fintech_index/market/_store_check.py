"""Every byte of a store is looked at before any of it is used.

Half of the time that it takes to open a large market is spent on that, so that a second thread takes part in it, from
before the market's own tables have been hashed on.
"""

from __future__ import annotations

import os
import stat
import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import xxhash

from fintech_index.files import open_ordinary, read_at_most

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PART = 1 << 22  # bytes that are hashed by themselves
KEPT = 1 << 20  # bytes of a file that is read rather than mapped
_READ_AT_ONCE = 1 << 19  # bytes


class Recorded(NamedTuple):
    """What the manifest says of a file: its size, and the hash of each of its parts."""

    size: int
    parts: tuple[str, ...]


class Part(NamedTuple):
    """A part of a file that is to be looked at."""

    name: str
    number: int
    digest: str


def record(path: Path) -> Recorded:
    """Hash a file, part by part."""
    size = path.stat().st_size
    numbers = range(max(1, -(-size // PART)))
    return Recorded(size, tuple(_digest(path, number) for number in numbers))


def _digest(path: Path, number: int) -> str:
    """Hash a part of a file; it is read, not mapped, so that a disk's failure is an error."""
    hashed, left, buffer = xxhash.xxh3_128(), PART, memoryview(bytearray(_READ_AT_ONCE))
    with open_ordinary(path) as file:
        file.seek(number * PART)
        while left > 0 and (read := file.readinto(buffer[: min(left, _READ_AT_ONCE)])):
            hashed.update(buffer[:read])
            left -= read
    return hashed.hexdigest()


class Check:
    """The files of a store beside what its manifest says of them, looked at by two threads.

    Parameters
    ----------
    store : Path
    files : mapping of str to Recorded
    """

    def __init__(self, store: Path, files: Mapping[str, Recorded]) -> None:
        self.store, self.contents = store, dict[str, bytes]()
        self._left: deque[Part] = deque()
        self._wrong: list[str] = []
        large = {name for name, recorded in files.items() if recorded.size > KEPT and not name.endswith(".json")}
        for name in large:
            if self._has_its_size(name, files[name].size):
                self._left.extend(Part(name, number, digest) for number, digest in enumerate(files[name].parts))
        self._thread = threading.Thread(target=self._work, daemon=True)
        if self._left:
            self._thread.start()
        for name in files.keys() - large:
            if self._has_its_size(name, files[name].size):
                self._look_at_small(name, files[name])

    def _has_its_size(self, name: str, size: int) -> bool:
        try:
            found = (self.store / name).lstat()
        except OSError as error:
            self._wrong.append(f"{name}: {error.strerror or error}")
            return False
        fits = not stat.S_ISLNK(found.st_mode) and found.st_size == size
        if not fits:
            self._wrong.append(f"{name} is not what was written")
        return fits

    def _look_at_small(self, name: str, recorded: Recorded) -> None:
        try:
            content = self.contents[name] = read_at_most(self.store / name, recorded.size) or b""
        except OSError as error:
            self._wrong.append(f"{name}: {error.strerror or error}")
            return
        begins = range(0, max(1, len(content)), PART)
        if tuple(xxhash.xxh3_128_hexdigest(content[at : at + PART]) for at in begins) != recorded.parts:
            self._wrong.append(f"{name} is not what was written")

    def _work(self) -> None:
        while True:
            try:
                part = self._left.popleft()
            except IndexError:
                return
            try:
                if _digest(self.store / part.name, part.number) != part.digest:
                    self._wrong.append(f"{part.name} is not what was written")
            except OSError as error:
                self._wrong.append(f"{part.name}: {error.strerror or os.strerror(error.errno or 0)}")

    def problem(self) -> str:
        """Take part in what is left to look at; give what is wrong, "" where nothing is."""
        self._work()
        if self._thread.ident is not None:
            self._thread.join()
        return self._wrong[0] if self._wrong else ""

    def give_up(self) -> None:
        """Look at no more of it: it is not the store that is wanted."""
        self._left.clear()
