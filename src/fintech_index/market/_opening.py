"""Opening a folder of market data: from its store where there is one, and into a store where it is worth it.

A store is a convenience: where it is damaged, cannot be read or cannot be written, the folder is opened without it, and
a notice says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fintech_index.errors import MarketDataError, RequestError, WriteError, first_line, require_kind
from fintech_index.files import is_half_written, writing
from fintech_index.market import _store, _stored
from fintech_index.market._building import Builder, UnfitError
from fintech_index.market._folder import conforming, raise_all, read_folder
from fintech_index.market._laid_out import lay_out
from fintech_index.market._reading import find_table
from fintech_index.market._securities import Securities
from fintech_index.market._store import Manifest, UnusableError
from fintech_index.market._stored import Stored

if TYPE_CHECKING:
    from fintech_index.market._dates import AsOf

STORED_FROM = 1 << 22  # bytes of `prices`: smaller tables are read in less time than anybody notices
_ATTEMPTS = 3


class Opened(NamedTuple):
    """A market as it was opened, and where stores of it are kept, if they are.

    `key` is the hash of its tables, "" where a table cannot be read; `notices` are what to know of it.
    """

    market: Stored
    key: str
    notices: tuple[str, ...] = ()
    place: Path | None = None


def open_folder(folder: Path, *, as_of: AsOf, store: bool | str | Path) -> Opened:
    """Open the tables of a folder, all of them as they are at one time.

    Raises
    ------
    MarketDataError
        The tables break the contract: all problems at once. Or they change while they are read.
    """
    notices: list[str] = []
    for _ in range(_ATTEMPTS):
        _finish_writing(folder)
        place = None if as_of is not None else _place(folder, notices, store=store)
        candidate = _store.Candidate(place)
        try:
            key = _store.content_hash(folder)
        except (OSError, MarketDataError):  # reading says what is wrong, all of it
            candidate.give_up()
            return Opened(read(folder, as_of), "")
        found = _found(candidate, key, notices)
        if found is not None and not is_half_written(folder):
            return Opened(found, key, tuple(dict.fromkeys(notices)), place)
        try:
            market = read(folder, as_of) if place is None else _build(folder, place, key, notices)
        except MarketDataError:
            if _is_still(folder, key):
                raise
            continue  # tables of before beside those of now
        if _is_still(folder, key):
            return Opened(market, key, tuple(dict.fromkeys(notices)), place)
    raise MarketDataError(f"{folder}: the tables change while they are read: open it when they are written")


def _is_still(folder: Path, key: str) -> bool:
    """Tell whether the tables are those of a hash, and all of one set."""
    try:
        return _store.content_hash(folder) == key and not is_half_written(folder)
    except (OSError, MarketDataError):
        return False


def read(folder: Path, as_of: AsOf = None) -> Stored:
    """Read and lay out the tables of a folder in memory."""
    raw, problems = read_folder(folder)
    tables, aliases, doubts = conforming(raw, problems, as_of=as_of)
    raise_all(str(folder), problems)
    securities = Securities.from_table(tables["securities"], aliases)
    return Stored(tables, securities, lay_out(tables, securities), doubts)


def _finish_writing(folder: Path) -> None:
    """Let a set of tables that was being written when its process was killed take its places."""
    if not is_half_written(folder):
        return
    try:
        with writing(folder):
            pass
    except WriteError as error:
        raise MarketDataError(
            f"{folder} was being written when the process was killed, and that cannot be finished: {error.summary}"
        ) from error


def _place(folder: Path, notices: list[str], *, store: bool | str | Path) -> Path | None:
    """Give where the store of a folder is; None where there is to be none, or no place for it."""
    if isinstance(store, bool):
        prices = find_table(folder, "prices") if store else None
        large = prices is not None and prices.exists() and prices.stat().st_size >= STORED_FROM
        if not large:
            return None
        try:
            return _store.place_for(folder)
        except UnusableError as error:
            notices.append(_without_store(str(error)))
            return None
    require_kind(store, str | Path, "store")
    if str(store) == "":
        raise RequestError("store is empty: it must be true, false, or the path of a folder to keep stores in")
    try:
        return _store.prepared(Path(store))
    except (UnusableError, OSError, ValueError) as error:
        raise MarketDataError(f"the store cannot be in {store}: {first_line(error)}") from error


def _without_store(why: str) -> str:
    return f"the market is laid out anew each time it is opened, since it has no store: {why}"


def _found(candidate: _store.Candidate, key: str, notices: list[str]) -> Stored | None:
    """Open a store, once every byte of it has been checked."""
    try:
        contents = candidate.contents(key)
        return None if candidate.place is None or contents is None else _stored.load(candidate.place / key, contents)
    except (UnusableError, OSError, ValueError) as error:
        notices.append(f"a store is built anew: {first_line(error)}")
        return None


def _build(folder: Path, place: Path, key: str, notices: list[str]) -> Stored:
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

    manifest = Manifest(_store.FORMAT, key, _store.owner_of(place, folder), {})
    try:
        _store.keep(place, manifest, build, lambda: _store.content_hash(folder) == key)
    except ValueError:  # amounts beyond 64 bits: such a market is laid out anew each time
        pass
    except (UnusableError, OSError) as error:
        notices.append(_without_store(first_line(error)))
    return _found(_store.Candidate(place), key, notices) or (built[0] if built else read(folder))


def _in_parts(folder: Path, building: Path) -> Stored:
    prices = find_table(folder, "prices")
    if prices is None or prices.suffix != ".parquet":
        raise UnfitError("prices that are no Parquet file")
    raw, problems = read_folder(folder, but="prices")
    if problems:
        raise UnfitError(str(problems[0]))
    tables, aliases, doubts = conforming(raw, problems, prices_apart=True)
    if problems or aliases or doubts:
        raise UnfitError("tables with problems or doubts, or codes that change")
    securities = Securities.from_table(tables["securities"])
    return Stored(tables, securities, Builder(prices, tables, securities, building.resolve()).lay_out())
