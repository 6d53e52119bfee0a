"""A laid-out market as files: arrays, small tables, and a JSON file of what else there is to know."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from fintech_index.errors import CorporateActionError
from fintech_index.market._actions import Actions
from fintech_index.market._aliases import Alias
from fintech_index.market._carried_closes import PricePanel
from fintech_index.market._conforming import empty
from fintech_index.market._contract import TABLES
from fintech_index.market._laid_out import LaidOut
from fintech_index.market._securities import Securities
from fintech_index.market._trading import Amounts, Trading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException)


class Stored(NamedTuple):
    """What a market is made of: all tables but `prices`, its securities, the prices laid out, and what is in doubt."""

    tables: dict[str, pa.Table]
    securities: Securities
    laid_out: LaidOut
    doubts: tuple[str, ...] = ()


def save(folder: Path, market: Stored) -> None:
    """Write a market into a folder, but for arrays that were laid out in it.

    Raises
    ------
    ValueError
        Amounts that do not fit 64 bits.
    """
    laid_out, panel = market.laid_out, market.laid_out.panel
    arrays: dict[str, NDArray[Any] | None] = {
        "closes": panel.values,
        "first": panel.first_session,
        "gaps": panel.suspension_table,
        "sessions": laid_out.sessions,
        "announced": laid_out.future_sessions,
    }
    if laid_out.trading.known:
        sums = laid_out.trading.sums
        arrays |= {"offsets": sums.offsets, "running": sums.running, "missing": sums.missing}
    for number, days in enumerate(laid_out.sessions_by_calendar.values()):
        arrays[f"open_on_{number}"] = days
    for name, array in arrays.items():
        if array is not None and not _is_at(array, folder / f"{name}.npy"):
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    tables = {name: table for name, table in market.tables.items() if name != "prices"}
    tables["securities"] = market.securities.table
    filled = {name: table for name, table in tables.items() if len(table)}
    for name, table in filled.items():
        with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as file:
            file.write_table(table)
    about = {
        "decimals": panel.decimals,
        "doubts": list(market.doubts),
        "open_on": list(laid_out.sessions_by_calendar),
        "every": list(tables),
        "tables": list(filled),
        "aliases": {
            code: [[alias.permanent, alias.since.isoformat()] for alias in own]
            for code, own in market.securities.aliases.items()
        },
        "unresolved": [
            [security, start, stop, error.summary]
            for security, stretches in panel.uncarriable.items()
            for start, stop, error in stretches
        ],
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _is_at(array: NDArray[Any], path: Path) -> bool:
    """Flush an array that is mapped from its place already."""
    mapped = array if isinstance(array, np.memmap) else array.base
    if not isinstance(mapped, np.memmap) or mapped.filename is None or Path(mapped.filename) != path.resolve():
        return False
    mapped.flush()
    return True


class _Files:
    """The files of a store: small ones as they were read and proved, large ones to be mapped."""

    def __init__(self, folder: Path, contents: Mapping[str, bytes]) -> None:
        self.folder, self.contents = folder, contents

    def table(self, name: str) -> pa.Table:
        content = self.contents.get(f"{name}.arrow")
        if content is not None:
            return pa.ipc.open_file(pa.BufferReader(content)).read_all()
        with pa.memory_map(str(self.folder / f"{name}.arrow")) as source:
            return pa.ipc.open_file(source).read_all()

    def has(self, name: str) -> bool:
        return f"{name}.npy" in self.contents or (self.folder / f"{name}.npy").exists()

    def array(self, name: str, kinds: tuple[str, ...], shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Give an array, and see that it is what it should be: files from outside are data."""
        content = self.contents.get(f"{name}.npy")
        array: NDArray[Any]
        if content is not None:
            array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
            array.flags.writeable = False
        else:
            array = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
        )
        if str(array.dtype) not in kinds or not fits or not array.flags.c_contiguous:
            raise ValueError(f"{name}: {array.dtype} {array.shape}")
        return array


def load(folder: Path, contents: Mapping[str, bytes]) -> Stored:
    """Open a market that was saved; `contents` has what was read of it already, by name.

    Raises
    ------
    ValueError
        It is not what `save` writes.
    """
    try:
        return _loaded(_Files(folder, contents))
    except _DAMAGED as error:
        raise ValueError(f"{folder} is not a market that was saved: {error}") from error


def _loaded(files: _Files) -> Stored:
    about = json.loads(files.contents["about.json"])
    tables = {name: files.table(name) if name in about["tables"] else empty(TABLES[name]) for name in about["every"]}
    aliases = {
        code: [Alias(permanent, np.datetime64(since, "D").item()) for permanent, since in own]
        for code, own in about["aliases"].items()
    }
    securities = Securities(tables["securities"], aliases)  # ordered when they were saved
    sessions = files.array("sessions", ("datetime64[D]",), (None,))
    shape = len(securities), len(sessions)
    closes = files.array("closes", ("float64",) if about["decimals"] is None else ("int32", "int64"), shape)
    first = files.array("first", ("int64",), shape[:1])
    gaps = files.array("gaps", ("int64",), (None, 3))
    _require_within(first, gaps, shape)
    panel = PricePanel(closes, about["decimals"], first, _by_security(gaps))
    for security, start, stop, what in about["unresolved"]:
        panel.uncarriable.setdefault(int(security), []).append((int(start), int(stop), CorporateActionError(what)))
    return Stored(
        tables,
        securities,
        LaidOut(
            sessions=sessions,
            future_sessions=files.array("announced", ("datetime64[D]",), (None,)),
            actions=Actions(tables["actions"], securities, sessions),
            panel=panel,
            trading=_trading(files, shape[0]),
            sessions_by_calendar={
                str(name): files.array(f"open_on_{number}", ("int64",), (None,))
                for number, name in enumerate(about["open_on"])
            },
        ),
        tuple(map(str, about["doubts"])),
    )


def _trading(files: _Files, securities: int) -> Trading:
    if not files.has("offsets"):
        return Trading(None)
    offsets = files.array("offsets", ("int64",), (securities + 1,))
    rows = (int(offsets[-1]) + 1,)
    missing = files.array("missing", ("int64",), rows) if files.has("missing") else None
    amounts = Amounts(offsets, files.array("running", ("int64",), rows), missing)
    return Trading(lambda: amounts)


def _require_within(first: NDArray[np.int64], gaps: NDArray[np.int64], shape: tuple[int, int]) -> None:
    """Refuse sessions and securities that the market does not have."""
    inside = (first >= 0).all() and (first <= shape[1]).all() and (gaps >= 0).all()
    if not (inside and (gaps[:, 0] < shape[0]).all() and (gaps[:, 1:] <= shape[1]).all()):
        raise ValueError("suspensions of no session")


def _by_security(gaps: NDArray[np.int64]) -> dict[int, tuple[tuple[int, int], ...]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for security, start, stop in gaps.tolist():
        found.setdefault(security, []).append((start, stop))
    return {security: tuple(stretches) for security, stretches in found.items()}


def reserved(path: Path, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Map a new array of zeros whose place on the disk is reserved: a full disk is an error now, not a signal later.

    Raises
    ------
    OSError
        There is no room for it.
    """
    with path.open("xb") as file:
        about = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, about)
        file.flush()
        begin, size = file.tell(), int(np.prod(shape, dtype=object)) * kind.itemsize
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, begin + size)
        else:
            _write_zeros(file, size)
    return np.lib.format.open_memmap(path, "r+")


def _write_zeros(file: IO[bytes], size: int) -> None:
    part = bytes(min(size, 1 << 20))
    while size > 0:
        size -= file.write(part[:size])
