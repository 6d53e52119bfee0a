"""TOML text from outside, as tables: of bounded size and depth, with decimals as decimals."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fintech_index.conventions import METHODOLOGY_BYTES, NESTED
from fintech_index.errors import MethodologyError, first_line, translated
from fintech_index.files import read_at_most
from fintech_index.methodology._encodings import text_of

if TYPE_CHECKING:
    from pathlib import Path

_PARTS = 64  # of a dotted key: the parser's time grows with their square
_LONG_KEY = re.compile(rf"""(?:(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_PARTS}}}""")


def read_toml(path: Path) -> dict[str, Any]:
    """Read the tables of a file; as `read_text` and `tables_in`."""
    return tables_in(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read the text of a file.

    Raises
    ------
    MethodologyError
        It cannot be read, is not UTF-8 text, or is larger than a methodology may be.
    """
    with translated(f"cannot read {path}", MethodologyError):
        content = read_at_most(path, METHODOLOGY_BYTES.most)
    if content is None:
        raise MethodologyError(
            f"{path} is larger than {METHODOLOGY_BYTES.most:,} {METHODOLOGY_BYTES.what} ({METHODOLOGY_BYTES.advice})"
        )
    return text_of(content, str(path))


def tables_in(text: str, where: str) -> dict[str, Any]:
    """Parse TOML text; `where` names it in errors.

    Raises
    ------
    MethodologyError
        It is no TOML, has numbers that are too long, or is nested more deeply than a methodology may be.
    """
    if _LONG_KEY.search(text):
        raise MethodologyError(f"{where} has a key of {_PARTS} parts or more: it is nested too deeply")
    try:
        return _parsed(text)
    except tomllib.TOMLDecodeError as error:
        raise MethodologyError(f"{where} is not TOML: {first_line(error)}") from error
    except (ValueError, ArithmeticError) as error:
        raise MethodologyError(f"{where} has a number that is too long to be one") from error
    except (RecursionError, MemoryError) as error:
        raise MethodologyError(f"{where} is nested too deeply to be a methodology") from error


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Parse TOML; a family has one parent, which is parsed once."""
    tables = tomllib.loads(text, parse_float=Decimal)
    _require_shallow(tables)
    return tables


def _require_shallow(tables: dict[str, Any]) -> None:
    """Refuse tables within tables beyond what a methodology can have, before anybody walks down them."""
    level: list[Any] = [tables]
    for _ in range(NESTED):
        level = [
            below
            for each in level
            for below in (each.values() if isinstance(each, dict) else each)
            if isinstance(below, dict | list)
        ]
        if not level:
            return
    raise RecursionError
