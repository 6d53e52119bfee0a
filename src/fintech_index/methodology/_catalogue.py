"""Where the shipped files are: beside the sources in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

from fintech_index.errors import FintechIndexError

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "_shipped", _PACKAGE.parent.parent)

_MAIN = {"xiangmihu": 0, "composite": 1}


def shipped(*parts: str) -> Path:
    """Give the path of a shipped file or folder, such as ``shipped("methodology")``."""
    for place in _PLACES:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    raise FintechIndexError(f"this installation lacks its own files ({'/'.join(parts)}): install fintech-index again")


def catalogue() -> dict[str, Path]:
    """Give the methodology files that come with the package, by the name of their index, the main ones first."""
    paths = sorted(shipped("methodology").glob("*.toml"))
    return {path.stem: path for path in sorted(paths, key=lambda path: _MAIN.get(path.stem, len(_MAIN)))}
