"""`import.json`: what a folder was imported from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fintech_index.files import read_at_most
from fintech_index.market.importers._writing import IMPORT_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_MOST = 1 << 20  # bytes


def _read(out: Path) -> dict[str, Any]:
    """Read the file of a folder; empty where there is none, or none that can be read."""
    try:
        about = json.loads(read_at_most(out / IMPORT_FILE, _MOST) or b"")
    except (OSError, ValueError, TypeError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def source_of(
    files: Mapping[str, str | Path | None],
    vendor: dict[str, pd.DataFrame],
    window: tuple[pd.Timestamp, pd.Timestamp],
) -> dict[str, object]:
    """Say what an import has added: from which tables and files, over which sessions."""
    return {
        "tables": sorted(vendor),
        "files": {name: Path(file).name for name, file in files.items() if file is not None},
        "first": str(window[0].date()),
        "last": str(window[1].date()),
    }


def sources_before(out: Path, before: dict[str, pd.DataFrame] | None) -> list[object]:
    """Give what earlier imports have added to a folder."""
    if before is None:
        return []
    sources = _read(out).get("sources")
    return sources if isinstance(sources, list) else []


def restricted_to(out: Path, before: dict[str, pd.DataFrame] | None) -> pd.Series | None:
    """Give the securities that a folder was imported for, where it was not for all."""
    if before is None:
        return None
    restricted = _read(out).get("only_these_securities")
    return before["securities"]["security"] if restricted else None
