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

if TYPE_CHECKING:
    from pathlib import Path

_PARTS = 64  # of a dotted key: the parser's time grows with their square
_LONG_KEY = re.compile(rf"""(?:(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_PARTS}}}""")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file.

    Raises
    ------
    MethodologyError
        It cannot be read, is no TOML in UTF-8, or is larger or nested more deeply than a methodology may be.
    """
    return tables_in(text_in(path), str(path))


def text_in(path: Path) -> str:
    """Read the text of a file, in UTF-8 with or without a byte order mark.

    Raises
    ------
    MethodologyError
        It cannot be read, is larger than a methodology may be, or in another encoding, which is named.
    """
    with translated(f"cannot read {path}", MethodologyError):
        content = read_at_most(path, METHODOLOGY_BYTES.most)
    if content is None:
        raise MethodologyError(
            f"{path} is larger than {METHODOLOGY_BYTES.most:,} {METHODOLOGY_BYTES.what} ({METHODOLOGY_BYTES.advice})"
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MethodologyError(f"{path} is {_encoding(content)} (byte {error.start}): save it as UTF-8") from error


def _encoding(content: bytes) -> str:
    """Name the encoding of what is no UTF-8, as far as it tells."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text, as its byte order mark says, and not UTF-8"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "not UTF-8 text"
    return "not UTF-8 text, but GBK it may be"


def tables_in(text: str, where: str) -> dict[str, Any]:
    """Parse TOML text; `where` names it in errors."""
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
