"""A laid-out market as files: arrays, small tables, and a JSON file of what else there is to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from fintech_index.errors import CorporateActionError
from fintech_index.market._actions import Actions
from fintech_index.market._contract import TABLES
from fintech_index.market._laid_out import LaidOut
from fintech_index.market._panel import PricePanel
from fintech_index.market._renames import Alias
from fintech_index.market._securities import Securities
from fintech_index.market._trading import Amounts, Trading

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException)


class Stored(NamedTuple):
    """What a market is made of: all tables but `prices`, its securities, and the prices laid out."""

    tables: dict[str, pa.Table]
    securities: Securities
    laid_out: LaidOut


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
        "first": panel.first,
        "gaps": panel.gap_table,
        "sessions": laid_out.sessions,
        "announced": laid_out.announced,
    }
    if laid_out.trading.known:
        sums = laid_out.trading.sums
        arrays |= {"offsets": sums.offsets, "running": sums.running, "missing": sums.missing}
    for number, days in enumerate(laid_out.open_on.values()):
        arrays[f"open_on_{number}"] = days
    for name, array in arrays.items():
        if array is not None and not _is_at(array, folder / f"{name}.npy"):
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    tables = {name: table for name, table in market.tables.items() if name != "prices"}
    tables["securities"] = market.securities.table
    for name, table in tables.items():
        with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as file:
            file.write_table(table)
    about = {
        "decimals": panel.decimals,
        "open_on": list(laid_out.open_on),
        "tables": list(tables),
        "aliases": {
            code: [[alias.permanent, alias.since.isoformat()] for alias in own]
            for code, own in market.securities.aliases.items()
        },
        "unresolved": [
            [who, start, stop, error.summary]
            for who, stretches in panel.unresolved.items()
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


def load(folder: Path) -> Stored | None:
    """Open a market that was saved; None where there is none, or it is damaged."""
    try:
        return _load(folder)
    except _DAMAGED:
        return None


def _load(folder: Path) -> Stored:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    tables = {name: _table(folder, name) for name in TABLES if name in about["tables"]}
    aliases = {
        code: [Alias(permanent, np.datetime64(since, "D").item()) for permanent, since in own]
        for code, own in about["aliases"].items()
    }
    securities = Securities(tables["securities"], aliases)  # ordered when they were saved
    sessions = _array(folder, "sessions", ("datetime64[D]",), (None,))
    shape = len(securities), len(sessions)
    closes = _array(folder, "closes", ("float64",) if about["decimals"] is None else ("int32", "int64"), shape)
    first = _array(folder, "first", ("int64",), shape[:1])
    gaps = _array(folder, "gaps", ("int64",), (None, 3))
    _require_within(first, gaps, shape)
    panel = PricePanel(closes, about["decimals"], first, _by_security(gaps))
    for who, start, stop, what in about["unresolved"]:
        panel.unresolved.setdefault(int(who), []).append((int(start), int(stop), CorporateActionError(what)))
    return Stored(
        tables,
        securities,
        LaidOut(
            sessions=sessions,
            announced=_array(folder, "announced", ("datetime64[D]",), (None,)),
            actions=Actions(tables["actions"], securities, sessions),
            panel=panel,
            trading=_trading(folder, shape[0]),
            open_on={
                str(name): _array(folder, f"open_on_{number}", ("int64",), (None,))
                for number, name in enumerate(about["open_on"])
            },
        ),
    )


def _table(folder: Path, name: str) -> pa.Table:
    with pa.memory_map(str(folder / f"{name}.arrow")) as source:
        return pa.ipc.open_file(source).read_all()


def _trading(folder: Path, securities: int) -> Trading:
    if not (folder / "offsets.npy").exists():
        return Trading(None)
    offsets = _array(folder, "offsets", ("int64",), (securities + 1,))
    rows = (int(offsets[-1]) + 1,)
    missing = _array(folder, "missing", ("int64",), rows) if (folder / "missing.npy").exists() else None
    amounts = Amounts(offsets, _array(folder, "running", ("int64",), rows), missing)
    return Trading(lambda: amounts)


def _array(folder: Path, name: str, kinds: tuple[str, ...], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Map an array, and see that it is what it should be: files from outside are data."""
    array: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
    )
    if str(array.dtype) not in kinds or not fits or not array.flags.c_contiguous:
        raise ValueError(f"{name}: {array.dtype} {array.shape}")
    plain: NDArray[Any] = array.view(np.ndarray)
    return plain


def _require_within(first: NDArray[np.int64], gaps: NDArray[np.int64], shape: tuple[int, int]) -> None:
    """Refuse sessions and securities that the market does not have."""
    inside = (first >= 0).all() and (first <= shape[1]).all() and (gaps >= 0).all()
    if not (inside and (gaps[:, 0] < shape[0]).all() and (gaps[:, 1:] <= shape[1]).all()):
        raise ValueError("suspensions of no session")


def _by_security(gaps: NDArray[np.int64]) -> dict[int, tuple[tuple[int, int], ...]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for who, start, stop in gaps.tolist():
        found.setdefault(who, []).append((start, stop))
    return {who: tuple(stretches) for who, stretches in found.items()}
