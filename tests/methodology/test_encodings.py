from __future__ import annotations

import codecs

import pytest

from fintech_index.errors import MethodologyError
from fintech_index.methodology import Methodology

TEXT = '# 乳业指数, 每年两次\r\nname = "dairy"\r\ntitle_zh = "乳业"\r\nbase.date = 2021-03-01\r\n'


def test_a_byte_order_mark_of_utf_8_is_read(tmp_path):
    path = tmp_path / "dairy.toml"
    path.write_bytes(codecs.BOM_UTF8 + TEXT.encode())
    method = Methodology.load(path)
    assert method.title_zh == "乳业"
    assert method.to_toml() == TEXT.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEXT.encode("utf-16"), "is UTF-16 text, by its byte order mark, not UTF-8: save it as UTF-8"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "is UTF-16 text, by its byte order mark"),
        (TEXT.encode("utf-32"), "is UTF-32 text, by its byte order mark"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "is UTF-32 text, by its byte order mark"),
        (TEXT.encode("utf-16-le"), "looks like UTF-16 without a byte order mark, not UTF-8: save it as UTF-8"),
        (TEXT.encode("utf-16-be"), "looks like UTF-16 without a byte order mark"),
        (TEXT.encode("utf-32-le"), "looks like UTF-32 without a byte order mark"),
        (TEXT.encode("gbk"), r"is not UTF-8 text \(byte 2\): it looks like GBK; save it as UTF-8"),
        ('# Käse und Müsli\nname = "x"'.encode("latin-1"), "it looks like Windows-1252; save it as UTF-8"),
        ('# 10 %\x85\nname = "x"'.encode("cp437", "replace") + b"\x81 ", r"is not UTF-8 text \(byte \d+\); save"),
    ],
    ids=["16", "16 be", "32", "32 be", "16 no mark", "16 be no mark", "32 no mark", "GBK", "1252", "unknown"],
)
def test_other_encodings_are_named(tmp_path, content, message):
    path = tmp_path / "dairy.toml"
    path.write_bytes(content)
    with pytest.raises(
        MethodologyError, match=rf"dairy.toml {message}" if message.startswith(("is", "looks")) else message
    ):
        Methodology.load(path)


def test_zero_bytes_in_utf_8_are_no_other_encoding(tmp_path):
    path = tmp_path / "dairy.toml"
    path.write_bytes(TEXT.encode() + b"\0\0\0")
    with pytest.raises(MethodologyError, match="is not TOML"):
        Methodology.load(path)
