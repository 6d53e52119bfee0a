"""Where a methodology is read from: a name of the catalogue or a path, and the files of its parents."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from fintech_index.errors import MethodologyError, did_you_mean, require_kind
from fintech_index.methodology._catalogue import catalogue
from fintech_index.methodology._family import with_parents
from fintech_index.methodology._toml import read_text, read_toml

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # of an index, and so of the file of a parent


def source_of(name_or_path: str | Path) -> tuple[str, Path]:
    """Read the text of a methodology; give it, and the path of its file."""
    path = _locate(name_or_path)
    return read_text(path), path


def filled_by_parents(data: dict[str, Any], where: str, folder: Path | None) -> dict[str, Any]:
    """Fill what tables leave to their parents, which are looked for in a folder and in the catalogue."""
    files = catalogue()

    def parent(name: str) -> dict[str, Any] | None:
        beside = None if folder is None or not _NAME.fullmatch(name) else folder / f"{name}.toml"
        path = beside if beside is not None and os.path.isfile(beside) else files.get(name)  # noqa: PTH113 - as below
        return None if path is None else read_toml(path)

    return with_parents(data, parent, where=where, known=set(files))


def _locate(name_or_path: str | Path) -> Path:
    require_kind(name_or_path, str | Path, "a methodology")
    known = catalogue()
    if isinstance(name_or_path, str) and name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.suffix == ".toml" or os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises on a name that is too long
        return path
    hint = did_you_mean(str(name_or_path), known)
    raise MethodologyError(
        f"no index {str(name_or_path)!r} in the catalogue: {hint}{'' if hint.endswith('?') else '.'} "
        "A methodology of your own is given by its path, which ends in .toml."
    )
