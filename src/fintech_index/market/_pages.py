"""The footer and the pages of a Parquet file: what it would take in memory, of which the footer may say too little.

The footer is read here and not by pyarrow, in which one wrong byte of it can end the process. A page is unpacked as a
whole, into as much memory as its own header says, so the headers are gone through before anything is read. All of these
are structures of Thrift's compact protocol.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable

_HEADER, _LONGEST_HEADER = 1 << 10, 1 << 24  # bytes
_DEEPEST = 16  # structures within each other
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_LENGTHS = {_BYTE: 1, _DOUBLE: 8}
_INTEGERS = (4, 5, 6)
_LONG_LIST = 15
_UNPACKED, _PACKED = 2, 3  # fields of a page's header
_ENCODINGS = ((5, 2), (8, 4))  # the field of a kind of header, and of the encoding in it
_DELTA_BYTE_ARRAY = 7
_TEXT = 6  # BYTE_ARRAY
_MAGIC, _END = b"PAR1", 8  # bytes of the length of the footer and of the magic


class Chunk(NamedTuple):
    """What the footer says of a column in a group of rows; `begin` is 0 where it has no pages."""

    column: str
    is_text: bool
    values: int
    unpacked: int
    packed: int
    begin: int


class Group(NamedTuple):
    """A group of rows."""

    rows: int
    chunks: tuple[Chunk, ...]


def groups_in(file: io.FileIO) -> list[Group]:
    """Read the groups of rows that the footer of a file has.

    Raises
    ------
    ValueError
        It is no footer.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _END, 0))
    end = file.read(_END)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or length > size - _END:
        raise ValueError("it does not end as Parquet does")
    file.seek(size - _END - length)
    try:
        footer, _ = _structure(file.read(length), 0, _DEEPEST)
        return [Group(group[3], tuple(map(_chunk, group[1]))) for group in footer.get(4) or ()]
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("its footer is damaged") from error


def _chunk(given: dict[int, Any]) -> Chunk:
    about = given[3]
    places = [place for place in (about[9], about.get(11, 0)) if place > 0]  # without rows there is no page of data
    name = ".".join(part.decode("utf-8", "replace") for part in about[3])
    return Chunk(name, about[1] == _TEXT, about[5], about[6], about[7], min(places, default=0))


class Pages(NamedTuple):
    """What the pages of some columns take.

    Attributes
    ----------
    unpacked : int
        Bytes of all of them.
    by_prefix : bool
        Whether text is written as what it has of the text before, so that a few bytes can stand for long values.
    """

    unpacked: int
    by_prefix: bool


def pages_of(file: io.FileIO, chunks: Iterable[Chunk]) -> Pages:
    """Go through the headers of the pages of column chunks.

    Raises
    ------
    ValueError
        One of them is no header of a page.
    """
    unpacked, by_prefix = 0, False
    for chunk in chunks:
        at = chunk.begin
        stop = at + chunk.packed if at else 0
        while at < stop:
            header, length = _header(file, at)
            size, packed = header.get(_UNPACKED), header.get(_PACKED)
            if not (isinstance(size, int) and isinstance(packed, int) and min(size, packed) >= 0):
                raise ValueError(f"no page begins at byte {at:,}, as the file says")
            unpacked += size
            by_prefix |= chunk.is_text and _DELTA_BYTE_ARRAY in _encodings(header)
            at += length + packed
    return Pages(unpacked, by_prefix)


def _encodings(header: dict[int, Any]) -> list[object]:
    kinds = [(header.get(kind), field) for kind, field in _ENCODINGS]
    return [own.get(field) for own, field in kinds if isinstance(own, dict)]


def _header(file: io.FileIO, at: int) -> tuple[dict[int, Any], int]:
    """Give the header of the page at a place, and its length."""
    length = _HEADER
    while True:
        file.seek(at)
        content = file.read(length)
        try:
            return _structure(content, 0, _DEEPEST)
        except IndexError as error:
            if len(content) < length or length >= _LONGEST_HEADER:
                raise ValueError(f"no page begins at byte {at:,}, as the file says") from error
            length *= 16


def _structure(content: bytes, at: int, deepest: int) -> tuple[dict[int, Any], int]:
    """Read a structure: its fields by number, and where it ends."""
    if deepest == 0:
        raise ValueError("its footer or a page is nested too deeply")
    found: dict[int, Any] = {}
    number = 0
    while (head := content[at]) != _STOP:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(content, at)
        found[number], at = _value(content, at, head & 15, deepest)
    return found, at + 1


def _value(content: bytes, at: int, kind: int, deepest: int) -> tuple[Any, int]:
    """Read a value of some kind, and where it ends."""
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in _INTEGERS:
        return _integer(content, at)
    if kind == _STRUCT:
        return _structure(content, at, deepest - 1)
    if kind in (_LIST, _SET):
        return _list(content, at, deepest)
    if kind == _BINARY:
        length, at = _unsigned(content, at)
    elif kind in _LENGTHS:
        length = _LENGTHS[kind]
    else:
        raise ValueError("its footer or a page has a field of a kind that there is none of")
    if at + length > len(content):
        raise IndexError
    return content[at : at + length], at + length


def _list(content: bytes, at: int, deepest: int) -> tuple[list[Any], int]:
    head = content[at]
    count, at = (head >> 4, at + 1) if head >> 4 < _LONG_LIST else _unsigned(content, at + 1)
    kind = head & 15
    kind = _BYTE if kind in (_TRUE, _FALSE) else kind  # in a list each takes a byte
    if count > len(content) - at:  # each takes one at least
        raise IndexError
    found = []
    for _ in range(count):
        value, at = _value(content, at, kind, deepest - 1)
        found.append(value)
    return found, at


def _integer(content: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(content, at)
    return (value >> 1) ^ -(value & 1), at


def _unsigned(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte
            return value, at
        if shift > 63:  # noqa: PLR2004 - bits
            raise ValueError("its footer or a page has a number of more than 64 bits")
