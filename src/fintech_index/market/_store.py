"""Where laid-out markets are kept: arrays to be mapped into memory, under the hash of the tables that they come from.

A store is a folder of arrays and small tables, named by its key, with a manifest: whose it is, and the size and hash of
each of its files. It is built under another name beside, and renamed when it is whole, so that nobody sees half of one.
Nothing is removed but files of names that a store has, in a folder that is proved to be one; links are never followed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import xxhash

from fintech_index.files import locked, open_ordinary, read_at_most, unbroken
from fintech_index.market._contract import TABLES
from fintech_index.market._reading import find_table
from fintech_index.market._store_check import Check, Recorded, record

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = 3  # of the files, and of how prices are laid out: another number, and every store is built anew
FOLDER = ".fintech-index"
MANIFEST = "store.json"
_UNFINISHED = ".building-"
_READ_AT_ONCE = 1 << 19  # bytes
_LARGEST_MANIFEST = 1 << 20  # bytes
_KEY = re.compile(r"[0-9a-f]{32}")
_ARRAYS = ("closes", "first", "gaps", "sessions", "announced", "offsets", "running", "missing", "amounts", "quotes")
_FILES = re.compile(
    rf"(?:{'|'.join(_ARRAYS)}|open_on_[0-9]{{1,6}})\.npy|(?:{'|'.join(TABLES)})\.arrow|about\.json|{re.escape(MANIFEST)}"
)


class UnusableError(Exception):
    """A store that is not there, cannot be written, or is not what it should be; the message says why."""


class Manifest(NamedTuple):
    """What a store says of itself: its format and key, the market that it is of, and its files with size and hash."""

    format: int
    key: str
    market: str
    files: dict[str, Recorded]


def content_hash(folder: Path) -> str:
    """Give a hash of the tables of a folder, all their bytes: 128 bits of XXH3, which is for accidents, not attacks.

    Raises
    ------
    OSError, MarketDataError
        A table that cannot be read, or is there twice.
    """
    together, part = xxhash.xxh3_128(f"fintech-index {FORMAT}".encode()), memoryview(bytearray(_READ_AT_ONCE))
    for name in TABLES:
        path = find_table(folder, name)
        size = 0 if path is None else path.stat().st_size
        together.update(f"{path.name if path else name} {size}".encode())
        if path is not None and size:
            with open_ordinary(path) as file:
                while read := file.readinto(part):
                    together.update(part[:read])
    return together.hexdigest()


def place_for(folder: Path) -> Path:
    """Give where the stores of a folder are: in it, or in the user's cache where it cannot be written to.

    Raises
    ------
    UnusableError
        There is no such place.
    """
    reasons = []
    for place_of in (_beside, _in_users_cache):
        try:
            return _writable(prepared(place_of(folder)))
        except (UnusableError, OSError, RuntimeError) as error:  # no HOME, and nobody of that number
            reasons.append(str(error))
    raise UnusableError("; ".join(reasons))


def _beside(folder: Path) -> Path:
    return folder / FOLDER


def _in_users_cache(folder: Path) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(cache) / "fintech-index" / xxhash.xxh3_64_hexdigest(str(folder.resolve()).encode())


def prepared(place: Path) -> Path:
    """Make the folder that stores are in.

    Raises
    ------
    UnusableError, OSError
        It is a link, or cannot be made.
    """
    if place.is_symlink():
        raise UnusableError(f"{place} is a link, which is not followed")
    place.mkdir(parents=True, exist_ok=True)
    return place


def _writable(place: Path) -> Path:
    if not os.access(place, os.W_OK | os.X_OK):
        raise UnusableError(f"{place} cannot be written to")
    return place


def owner_of(place: Path, folder: Path) -> str:
    """Name the market whose stores are in a place: the way to it where they lie in it, else its full path."""
    return ".." if place.parent == folder else str(folder.resolve())


class Candidate:
    """The store that a place has, which is being looked at before it is known whether it is the one that is wanted."""

    def __init__(self, place: Path | None) -> None:
        self.place = place
        self._manifest: Manifest | None = None
        self._check: Check | None = None
        try:
            stores = [] if place is None else [path for path in place.iterdir() if _KEY.fullmatch(path.name)]
        except OSError:
            stores = []
        if len(stores) == 1:
            self._begin(stores[0])

    def _begin(self, store: Path) -> None:
        self._manifest = manifest_of(store)
        self._check = None if self._manifest is None else Check(store, self._manifest.files)

    def contents(self, key: str) -> dict[str, bytes] | None:
        """Give the small files of the store with a key, once all of its files are proved; None where there is none.

        Raises
        ------
        UnusableError
            Something in it is not what was written.
        """
        if self.place is None or not os.path.lexists(store := self.place / key):
            return None
        if self._check is None or self._check.store != store:
            self.give_up()
            self._begin(store)
        if self._check is None or self._manifest is None or self._manifest.key != key:
            raise UnusableError(f"{store} is damaged: its manifest is not what was written")
        if problem := self._check.problem():
            raise UnusableError(f"{store} is damaged: {problem}")
        return self._check.contents

    def give_up(self) -> None:
        """Stop looking at it."""
        if self._check is not None:
            self._check.give_up()


def manifest_of(store: Path) -> Manifest | None:
    """Read what a folder says of itself; None where it is no store of ours, of this format, or a link."""
    try:
        if store.is_symlink():
            return None
        content, _, seal = (read_at_most(store / MANIFEST, _LARGEST_MANIFEST) or b"").partition(b"\n")
        if seal.decode() != xxhash.xxh3_128_hexdigest(content):
            return None
        data = json.loads(content)
        files = {str(name): Recorded(int(size), tuple(parts)) for name, (size, parts) in data["files"].items()}
        manifest = Manifest(int(data["format"]), str(data["key"]), str(data["market"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    known = all(_FILES.fullmatch(name) for name in manifest.files)
    return manifest if manifest.format == FORMAT and known and _KEY.fullmatch(manifest.key) else None


def keep(place: Path, manifest: Manifest, build: Callable[[Path], None], is_current: Callable[[], bool]) -> None:
    """Build a store in a folder of its own, and give it its name if what it was built from is still the same.

    Of two processes that would build stores of one market at once, one waits, and finds the store of the other.

    Raises
    ------
    UnusableError, OSError
        It cannot be built or kept; nothing of it is left.
    """
    own = xxhash.xxh3_64_hexdigest(manifest.market.encode())
    with locked(place / f".{own}.lock"):
        _tidy(place, manifest)
        store = place / manifest.key
        with suppress(UnusableError):
            if Candidate(place).contents(manifest.key) is not None:
                return
        building = place / f"{_UNFINISHED}{own}-{secrets.token_hex(8)}"
        try:
            building.mkdir()
            build(building)
            if is_current():
                _seal(building, manifest)
                _remove(store)
                if os.path.lexists(store):
                    raise UnusableError(f"{store} is no store of ours, and in the place of one: remove it")
                building.rename(store)
        finally:
            with unbroken():
                _remove(building)


def _seal(building: Path, manifest: Manifest) -> None:
    """Write the manifest of a store, and wait until all of it is on the disk."""
    files = {}
    for path in building.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
        files[path.name] = record(path)
    content = json.dumps(manifest._replace(files=files)._asdict()).encode()
    with (building / MANIFEST).open("xb") as file:
        file.write(content + b"\n" + xxhash.xxh3_128_hexdigest(content).encode())
        file.flush()
        os.fsync(file.fileno())


def _tidy(place: Path, manifest: Manifest) -> None:
    """Remove stores of the market's older contents, and what builds of it that were killed have left."""
    unfinished = f"{_UNFINISHED}{xxhash.xxh3_64_hexdigest(manifest.market.encode())}-"
    for path in list(place.iterdir()):
        if path.name.startswith(unfinished):
            _remove(path)
        elif path.name != manifest.key and _KEY.fullmatch(path.name):
            other = manifest_of(path)
            if other is not None and other.key == path.name and other.market == manifest.market:
                _remove(path)


def _remove(store: Path) -> None:
    """Remove the files of a store, and the folder if nothing else is in it."""
    if store.is_symlink() or not store.is_dir():
        return
    for path in list(store.iterdir()):
        if _FILES.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        store.rmdir()
