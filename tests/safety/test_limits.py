"""Limits on what is taken from outside: each is looked at before the work that it bounds, and its error says how to raise it."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fintech_index as fi
from fintech_index import conventions
from fintech_index.errors import FintechIndexError, MarketDataError, MethodologyError, OutcomeFileError, RequestError
from fintech_index.market._parquet import read_parquet
from fintech_index.market.importers import import_tushare
from fintech_index.publication import read_outcome
from safety.kill_points import DAYS, TOML, vendor

SECURITIES = "security,name,exchange,board,currency\n600000.SH,A,XSHG,main,CNY\n"
PRICES = "date,security,close\n2020-01-06,600000.SH,10\n2020-01-07,600000.SH,11\n"
SHARES = "effective,security,total,float,free_float\n2020-01-01,600000.SH,9,9,9\n"
ACTIONS = "ex_date,security,kind,cash,ratio,price\n"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "market"
    path.mkdir()
    for name, text in (("securities", SECURITIES), ("prices", PRICES), ("shares", SHARES), ("actions", ACTIONS)):
        (path / f"{name}.csv").write_text(text)
    return path


@pytest.mark.parametrize("table", ["securities", "prices", "shares", "actions", "status"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_tables_are_ordinary_files(folder, table, kind):
    (folder / f"{table}.csv").unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(folder / f"{table}.csv")
    else:
        (folder / f"{table}.csv").symlink_to("/dev/zero")
    with pytest.raises(MarketDataError, match=f"it is a {kind}, not an ordinary file"):
        fi.MarketData.open(folder)


def test_other_files_are_ordinary_too(tmp_path):
    os.mkfifo(tmp_path / "it.toml")
    with pytest.raises(MethodologyError, match="it is a pipe"):
        fi.Methodology.load(tmp_path / "it.toml")
    os.mkfifo(tmp_path / "it.csv")
    with pytest.raises(OutcomeFileError, match="it is a pipe"):
        read_outcome(tmp_path / "it.csv")
    source = vendor(tmp_path / "vendor", DAYS)
    for option in ("actions", "securities", "corrections"):
        with pytest.raises(FintechIndexError, match="it is a pipe"):
            import_tushare(source, tmp_path / "out", **{option: tmp_path / "it.csv"})
    import_tushare(source, tmp_path / "out")
    (tmp_path / "out" / "import.json").unlink()
    os.mkfifo(tmp_path / "out" / "import.json")
    assert import_tushare(source, tmp_path / "out", append=True).outcomes == {}  # nothing to append, and no waiting


def hostile(folder, **columns):
    (folder / "prices.csv").unlink()
    pq.write_table(pa.table(columns), folder / "prices.parquet", compression="zstd")
    assert (folder / "prices.parquet").stat().st_size < 2**20


def test_a_few_bytes_that_stand_for_many_rows(folder):
    """30 million rows of one value, in some kilobytes."""
    rows = 30_000_000
    code = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array(["600000.SH"]))
    hostile(
        folder, date=pa.array(np.full(rows, 18_000, np.int32)).cast(pa.date32()), security=code, close=np.ones(rows)
    )
    with pytest.raises(MarketDataError, match=r"would take more than 1,024 times its size .*MOST_TABLE_BYTES to raise"):
        fi.MarketData.open(folder)


def test_a_long_value_that_is_repeated(folder, monkeypatch):
    code = pa.DictionaryArray.from_arrays(pa.array(np.zeros(50_000, np.int32)), pa.array(["x" * 100_000]))
    hostile(folder, date=["2020-01-06"] * 50_000, security=code, close=np.ones(50_000))
    with pytest.raises(MarketDataError, match=r"100,000 characters in one value .*FINTECH_INDEX_MOST_TEXT"):
        fi.MarketData.open(folder)
    for store in (True, False):
        monkeypatch.setattr("fintech_index.market._opening.STORED_FROM", 1)
        with pytest.raises(MarketDataError, match="too long"):
            fi.MarketData.open(folder, store=store)


def varint(number, length=None):
    """An integer as the footer of a Parquet file has it, in so many bytes."""
    groups = [number * 2 >> at & 0x7F for at in range(0, max(number.bit_length() + 1, 7 * (length or 1)), 7)]
    return bytes([*(each | 0x80 for each in groups[:-1]), groups[-1]])


def denied(path, sizes):
    """Let the footer of a file say 100 instead of some sizes."""
    content = path.read_bytes()
    for size in {size for size in sizes if size > 100_000}:
        assert varint(size) in content
        content = content.replace(varint(size), varint(100, len(varint(size))))
    path.write_bytes(content)


def test_a_footer_that_denies_what_pages_take(folder):
    """A page is unpacked into as much memory as it says itself: here 300 MB of some kilobytes."""
    hostile(folder, date=["2020-01-06"], security=["x" * 300_000_000], close=[1.0])
    path = folder / "prices.parquet"
    group = pq.ParquetFile(path).metadata.row_group(0)
    denied(path, [group.column(1).total_uncompressed_size, group.total_byte_size])
    assert pq.ParquetFile(path).metadata.row_group(0).column(1).total_uncompressed_size == 100
    with pytest.raises(MarketDataError, match=r"would take more than 1,024 times its size"):
        fi.MarketData.open(folder)


def test_a_footer_that_denies_its_rows(folder):
    rows = 10_000_000
    hostile(folder, date=np.zeros(rows, "datetime64[s]"), security=pa.nulls(rows, pa.string()), close=np.ones(rows))
    path = folder / "prices.parquet"
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    at = content.index(varint(rows), footer)  # of the file; its row group still says how many
    path.write_bytes(content[:at] + varint(1, len(varint(rows))) + content[at + len(varint(rows)) :])
    with pytest.raises(MarketDataError, match=r"would take more than 1,024 times its size"):
        fi.MarketData.open(folder)


def test_text_that_is_written_by_what_it_has_of_the_text_before(folder):
    (folder / "prices.csv").unlink()
    codes = ["x" * length for length in range(1_000)]
    table = pa.table({"date": ["2020-01-06"] * 1_000, "security": codes, "close": [1.0] * 1_000})
    written = {"use_dictionary": False, "column_encoding": {"security": "DELTA_BYTE_ARRAY"}}
    pq.write_table(table, folder / "prices.parquet", **written)
    with pytest.raises(MarketDataError, match="DELTA_BYTE_ARRAY, where a few bytes can stand for"):
        fi.MarketData.open(folder)


def test_pages_that_are_none(folder):
    hostile(folder, date=["2020-01-06"], security=["600000.SH"], close=[1.0])
    path = folder / "prices.parquet"
    for filler in (b"\xff", b"\x1c", b"\x19", b"\x00"):
        content = path.read_bytes()
        begin = pq.ParquetFile(path).metadata.row_group(0).column(0).dictionary_page_offset or 4
        path.write_bytes(content[:begin] + filler * 40 + content[begin + 40 :])
        with pytest.raises(MarketDataError, match=r"cannot be read as Parquet"):
            fi.MarketData.open(folder)


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_pages_of_columns_without_values(folder, rows, compression):
    columns = {"security": pa.nulls(rows, pa.string()), "kind": pa.nulls(rows), "start": ["2020-01-01"] * rows}
    pq.write_table(pa.table(columns), folder / "status.parquet", compression=compression)
    table = read_parquet(folder / "status.parquet", None)
    assert table.num_rows == rows


@pytest.mark.parametrize("kind", [pa.string_view(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_any_kind_of_text_is_text(folder, kind):
    (folder / "prices.csv").unlink()
    columns = {"date": pa.array(["2020-01-06"]), "security": pa.array(["600000.SH"]).cast(kind), "close": [1.0]}
    pq.write_table(pa.table(columns), folder / "prices.parquet")
    assert len(fi.MarketData.open(folder).sessions) == 1


def test_more_rows_and_columns_than_may_be(folder, monkeypatch):
    monkeypatch.setenv("FINTECH_INDEX_MOST_DESCRIBED", "0")
    with pytest.raises(MarketDataError, match=r"1 rows .*FINTECH_INDEX_MOST_DESCRIBED to raise this limit"):
        fi.MarketData.open(folder)
    monkeypatch.delenv("FINTECH_INDEX_MOST_DESCRIBED")
    (folder / "prices.csv").write_text(",".join(f"c{at}" for at in range(5_000)) + "\n")
    with pytest.raises(MarketDataError, match=r"5,000 columns of a table; at most 1,000"):
        fi.MarketData.open(folder)
    (folder / "prices.csv").write_text("c" * 70_000)
    with pytest.raises(MarketDataError, match="first line has 65,536 bytes or more"):
        fi.MarketData.open(folder)


def test_prices_that_are_too_sparse(monkeypatch):
    """300 securities with a price on a day each would be 300 x 300 places; a limit of 80,000 is not enough for them."""
    monkeypatch.setattr(
        conventions.SPARSE.__class__, "most", property(lambda own: 80_000 if own.name == "SPARSE" else own.usual)
    )
    codes = [f"6{at:05d}.SH" for at in range(300)]
    prices = pd.DataFrame({"date": pd.bdate_range("2010-01-04", periods=300), "security": codes, "close": 1.0})
    with pytest.raises(MarketDataError, match=r"90,000 places .*FINTECH_INDEX_MOST_SPARSE to raise"):
        fi.MarketData.from_tables(prices)


def test_a_limit_can_be_raised(folder, monkeypatch):
    (folder / "securities.csv").write_text(SECURITIES.replace(",A,", f",{'A' * 1_500},"))
    with pytest.raises(MarketDataError, match="FINTECH_INDEX_MOST_TEXT"):
        fi.MarketData.open(folder)
    monkeypatch.setenv("FINTECH_INDEX_MOST_TEXT", "2000")
    assert len(fi.MarketData.open(folder).securities.name("600000.SH")) == 1_500
    monkeypatch.setenv("FINTECH_INDEX_MOST_TEXT", "many")
    with pytest.raises(RequestError, match="FINTECH_INDEX_MOST_TEXT is 'many': it must be a whole number"):
        fi.MarketData.open(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".".join(["a"] * 100_000) + " = 1", "nested too deeply"),
        ("x = " + "[" * 20_000, "nested too deeply"),
        ("x = " + "{ a = " * 60 + "1" + " }" * 60, "nested too deeply"),
        ("x = " + "9" * 5_000, "a number that is too long"),
        ("selection.count = 0x" + "f" * 5_000, "wrong in the methodology"),
        ("returns.withholding_tax = 1e999999999", "wrong in the methodology"),
        ('parent = "' + "p" * 5_000 + '"', "no parent"),
        ("#" * (1 << 20) + "\n", "FINTECH_INDEX_MOST_METHODOLOGY_BYTES"),
    ],
)
def test_methodologies(tmp_path, text, message):
    (tmp_path / "it.toml").write_text(f"{text}\n{TOML}" if "parent" in text else f"{TOML}\n{text}")
    with pytest.raises(MethodologyError, match=message) as error:
        fi.Methodology.load(tmp_path / "it.toml")
    assert len(str(error.value)) < 3_000


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("latin-1", "neither UTF-8 nor GBK"), ("big5", "neither UTF-8 nor GBK"), ("utf-16", "UTF-16")],
)
def test_encodings_are_not_guessed(folder, encoding, said):
    name = {"latin-1": "Société Générale", "big5": "中國建設銀行股份有限公司", "utf-16": "浦发"}[encoding]
    (folder / "securities.csv").write_text(SECURITIES.replace(",A,", f",{name},"), encoding=encoding)
    with pytest.raises(MarketDataError, match=said):
        fi.MarketData.open(folder)


def test_gbk_is_read_rare_characters_and_all(folder):
    (folder / "securities.csv").write_text(
        SECURITIES.replace(",A,", ",浦发银行堃喆股份有限公司股份有限公司（集团）,"), encoding="gbk"
    )
    assert fi.MarketData.open(folder).securities.name("600000.SH").startswith("浦发银行堃喆")
