"""Quotes of a folder: a column is read from the price table when it is asked for, and stored beside the closes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xxhash

from fintech_index.errors import MarketDataError
from fintech_index.market import _store
from fintech_index.market._folder import conforming, raise_all, read_folder
from fintech_index.market._quotes import Quotes, laid_out
from fintech_index.market._reading import find_table, read_table
from fintech_index.market._store import Manifest, UnusableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from fintech_index.market._securities import Securities

_FOLDER = "quotes"
_ARRAY = "quotes.npy"


class QuotesOfFolder(NamedTuple):
    """Where quotes come from: the folder with the hash of its tables, and where its store is, if it has one."""

    folder: Path
    key: str
    place: Path | None
    securities: Securities
    sessions: NDArray[np.datetime64]

    def quotes(self) -> Quotes:
        """Give the quotes."""
        return Quotes(self._column)

    def _column(self, name: str) -> NDArray[np.float64]:
        if self.place is None:
            return self._read(name)
        place, key = self.place / _FOLDER, xxhash.xxh3_128_hexdigest(f"{self.key} {name}".encode())
        with suppress(UnusableError, OSError, ValueError):  # a store that cannot be used is done without
            found = self._stored(_store.prepared(place), key)
            if found is not None:
                return found
        values = self._read(name)
        with suppress(UnusableError, OSError):
            self._keep(place, key, name, values)
        return values

    def _stored(self, place: Path, key: str) -> NDArray[np.float64] | None:
        """Map a column that is stored, once every byte of it has been checked; None where it is not there."""
        try:
            if _store.Candidate(place).contents(key) is None:
                return None
        except UnusableError:  # damaged: built anew
            return None
        values: NDArray[np.float64] = np.load(place / key / _ARRAY, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        fits = values.shape == (len(self.securities), len(self.sessions)) and values.dtype == np.float64
        return values if fits else None

    def _keep(self, place: Path, key: str, name: str, values: NDArray[np.float64]) -> None:
        """Store a column that was read."""
        owner = f"{_store.owner_of(place.parent, self.folder)} {name}"

        def build(building: Path) -> None:
            np.save(building / _ARRAY, values, allow_pickle=False)

        _store.keep(place, Manifest(_store.FORMAT, key, owner, {}), build, self._is_still)

    def _read(self, name: str) -> NDArray[np.float64]:
        """Read a column of the price table, under the permanent codes of securities."""
        raw, problems = read_folder(self.folder, but="prices")
        path = find_table(self.folder, "prices")
        if path is not None:
            raw["prices"] = read_table(path, ("date", "security", "close", "known", name))
        if not self._is_still():
            raise MarketDataError(f"{self.folder}: the tables have changed since they were opened: open them again")
        tables, _, _ = conforming(raw, problems)
        raise_all(str(self.folder), problems)
        return laid_out(tables["prices"], name, self.securities, self.sessions)

    def _is_still(self) -> bool:
        try:
            return _store.content_hash(self.folder) == self.key
        except (OSError, MarketDataError):
            return False
