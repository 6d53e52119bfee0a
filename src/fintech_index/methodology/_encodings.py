"""Bytes of a file as text: UTF-8, with or without a byte order mark; of any other encoding, an error that names it."""

from __future__ import annotations

import codecs
import re

from fintech_index.errors import MethodologyError

_MARKS = (  # the longer ones first: that of UTF-32 begins as that of UTF-16 does
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_LOOKED_AT = 4_096


def text_of(content: bytes, where: str) -> str:
    """Decode a file.

    Raises
    ------
    MethodologyError
        It is not UTF-8 text; what it is or looks like is named.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            raise MethodologyError(f"{where} is {encoding} text, by its byte order mark, not UTF-8: save it as UTF-8")
    if encoding := _wide(content[:_LOOKED_AT]):
        raise MethodologyError(f"{where} looks like {encoding} without a byte order mark, not UTF-8: save it as UTF-8")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        looks = _narrow(content)
        looks = f": it looks like {looks}" if looks else ""
        raise MethodologyError(f"{where} is not UTF-8 text (byte {error.start}){looks}; save it as UTF-8") from error


def _wide(content: bytes) -> str:
    """Name an encoding of two or four bytes a character, by the zero bytes beside what TOML is mostly made of."""
    zeros = [content[at::4].count(0) for at in range(4)]
    quarter = len(content) // 4
    if quarter and sum(zeros) > 2 * quarter:
        return "UTF-32"
    if quarter and max(zeros[0] + zeros[2], zeros[1] + zeros[3]) > quarter:
        return "UTF-16"
    return ""


def _narrow(content: bytes) -> str:
    """Name the encoding that bytes over 127 are likely of: those of GBK stand in pairs, those of Windows-1252 alone."""
    runs = [len(run) for run in _HIGH.findall(content)]
    paired = sum(length for length in runs if length % 2 == 0)
    likely = ("gb18030", "GBK"), ("cp1252", "Windows-1252")
    for codec, name in likely if paired * 2 >= sum(runs) else likely[::-1]:
        try:
            content.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return ""
