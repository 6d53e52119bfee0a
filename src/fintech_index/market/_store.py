"""Where laid-out markets are kept: arrays to be mapped into memory, under the hash of the tables that they come from.

A store is a folder of arrays and small tables, named by its key. It is built under another name beside, and renamed
when it is whole, so that nobody sees half of one: not after a crash, and not while two processes build the same.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from fintech_index.market._contract import TABLES
from fintech_index.market._reading import find_table
from fintech_index.market._stored import load

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = 1  # of the files, and of how prices are laid out: another number, and every store is built anew
FOLDER = ".fintech-index"
_UNFINISHED = ".building-"
_A_DAY = 86_400  # seconds
_READ_AT_ONCE = 1 << 20  # bytes


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
            with path.open("rb", buffering=0) as file:
                while read := file.readinto(part):
                    together.update(part[:read])
    return together.hexdigest()


def place_for(folder: Path) -> Path | None:
    """Give where the stores of a folder are: in it, in the user's cache where it is read-only, or nowhere."""
    own = xxhash.xxh3_64_hexdigest(str(folder.resolve()).encode())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "fintech-index" / own
    return next((place for place in (folder / FOLDER, cache) if _can_be_written(place)), None)


def _can_be_written(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(place, os.W_OK | os.X_OK)


def keep(place: Path, key: str, build: Callable[[Path], None], is_current: Callable[[], bool]) -> None:
    """Build a store in a folder of its own, and give it its name if what it was built from is still the same."""
    building = place / f"{_UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    building.mkdir()
    try:
        build(building)
        if is_current():
            _finish(building, place / key)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _tidy(place, key)


def _finish(building: Path, target: Path) -> None:
    """Give a store its name, once all of it is on the disk; where another process was faster, its store stays."""
    for path in building.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    try:
        building.rename(target)
    except OSError:
        if load(target) is None:  # damaged: it makes place
            target.rename(building.with_name(f"{building.name}-old"))
            building.rename(target)


def _tidy(place: Path, key: str) -> None:
    """Remove stores of older contents, and what builds that were killed have left."""
    for path in place.iterdir():
        unfinished = path.name.startswith(_UNFINISHED)
        if path.name != key and not (unfinished and _may_be_at_work(path)):
            shutil.rmtree(path, ignore_errors=True)


def _may_be_at_work(building: Path) -> bool:
    process, _, name = building.name.removeprefix(_UNFINISHED).partition("-")
    try:
        old = time.time() - building.stat().st_mtime > _A_DAY
        if old or name.endswith("-old"):
            return False
        os.kill(int(process), 0)
    except (ProcessLookupError, FileNotFoundError):
        return False
    except (OSError, ValueError, OverflowError):  # somebody else's
        return True
    return True
