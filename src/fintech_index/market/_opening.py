"""Opening a folder of market data: from its store where there is one, and into a store where it is worth it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_index.errors import MarketDataError
from fintech_index.market import _store, _stored
from fintech_index.market._building import Builder, UnfitError
from fintech_index.market._folder import conforming, raise_all, read_folder
from fintech_index.market._laid_out import lay_out
from fintech_index.market._reading import find_table
from fintech_index.market._securities import Securities
from fintech_index.market._stored import Stored

if TYPE_CHECKING:
    from fintech_index.market._dates import AsOf

STORED_FROM = 1 << 22  # bytes of `prices`: smaller tables are read in less time than anybody notices
_ATTEMPTS = 3


def open_folder(folder: Path, *, as_of: AsOf, store: bool | str | Path) -> tuple[Stored, str]:
    """Open the tables of a folder, all of them as they are at one time; give their hash as well.

    Raises
    ------
    MarketDataError
        The tables break the contract: all problems at once. Or they change while they are read.
    """
    place = None if as_of is not None else _place(folder, store=store)
    for _ in range(_ATTEMPTS):
        try:
            key = _store.content_hash(folder)
        except (OSError, MarketDataError):  # reading says what is wrong, all of it
            return read(folder, as_of), ""
        found = None if place is None else _stored.load(place / key)
        if found is not None:
            return found, key
        market = read(folder, as_of) if place is None else _build(folder, place, key)
        if _store.content_hash(folder) == key:
            return market, key
    raise MarketDataError(f"{folder}: the tables change while they are read: open it when they are written")


def read(folder: Path, as_of: AsOf = None) -> Stored:
    """Read and lay out the tables of a folder in memory."""
    raw, problems = read_folder(folder)
    tables, aliases = conforming(raw, problems, as_of=as_of)
    raise_all(str(folder), problems)
    securities = Securities.from_table(tables["securities"], aliases)
    return Stored(tables, securities, lay_out(tables, securities))


def _place(folder: Path, *, store: bool | str | Path) -> Path | None:
    """Give where the store of a folder is; None where there is to be none."""
    if not isinstance(store, bool):
        place = Path(store)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MarketDataError(f"the store cannot be in {place}: {error}") from error
        return place
    prices = find_table(folder, "prices") if store else None
    large = prices is not None and prices.exists() and prices.stat().st_size >= STORED_FROM
    return _store.place_for(folder) if large else None


def _build(folder: Path, place: Path, key: str) -> Stored:
    """Lay out a folder, part by part or as a whole, and keep what comes of it."""
    built: list[Stored] = []

    def build(building: Path) -> None:
        try:
            built.append(_in_parts(folder, building))
        except UnfitError:
            for path in building.iterdir():
                path.unlink()
            built.append(read(folder))
        _stored.save(building, built[0])

    with contextlib.suppress(ValueError):  # amounts beyond 64 bits: such a market is laid out anew each time
        _store.keep(place, key, build, lambda: _store.content_hash(folder) == key)
    return _stored.load(place / key) or built[0]


def _in_parts(folder: Path, building: Path) -> Stored:
    prices = find_table(folder, "prices")
    if prices is None or prices.suffix != ".parquet":
        raise UnfitError("prices that are no Parquet file")
    raw, problems = read_folder(folder, but="prices")
    if problems:
        raise UnfitError(str(problems[0]))
    tables, aliases = conforming(raw, problems, prices_apart=True)
    if problems or aliases:
        raise UnfitError("tables with problems, or codes that change")
    securities = Securities.from_table(tables["securities"])
    return Stored(tables, securities, Builder(prices, tables, securities, building.resolve()).lay_out())
