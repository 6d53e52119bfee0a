"""Breaches of the data contract: each once, and all at once."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from small_tables import PRICES, SECURITIES


def spoilt(**columns):
    return PRICES | columns


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"prices": {"date": ["2020-01-06"], "security": ["A"]}}, "prices: the column 'close' is missing"),
        ({"prices": spoilt(security=[None, "B.SH", "A.SH", "C.SH"])}, "prices, row 1: security is null or NaN"),
        ({"prices": spoilt(close=[10.0, 0.0, 1.0, 1.0])}, "prices, row 2: close is 0.0, which is not above 0"),
        ({"prices": spoilt(close=[10.0, -1.0, 1.0, 1.0])}, "prices, row 2: close is -1.0, which is not above 0"),
        (
            {"prices": spoilt(close=[10.0, float("inf"), 1.0, 1.0])},
            "prices, row 2: close is inf, which is not below 1e.18",
        ),
        ({"prices": spoilt(close=["10", "NaN", "1", "1"])}, "prices, row 2: close is 'NaN', which is not a number"),
        (
            {"prices": spoilt(date=["2020-W01-4", "2020-01-06", "2020-01-07", "2020-01-07"])},
            "date is '2020-W01-4', which is not a date",
        ),
        (
            {"prices": spoilt(date=["0202-01-06", "2020-01-06", "2020-01-07", "2020-01-07"])},
            "which is not from 1800-01-01 on",
        ),
        ({"prices": pa.table([pa.array(["A"])] * 2, ["security", "security"])}, "names a column twice: security"),
        ({"prices": spoilt(close=["1_0", "10", "1", "1"])}, "close is '1_0', which is not a number"),
        ({"prices": spoilt(close=["１０", "10", "1", "1"])}, "close is '１０', which is not a number"),
        ({"prices": spoilt(close=[True, True, False, True])}, "close is True, which is not a number"),
        ({"prices": pd.Series([1.0])}, "prices: the column 'date' is missing"),
        ({"prices": spoilt(close=["10", "ten", "1", "1"])}, "prices, row 2: close is 'ten', which is not a number"),
        (
            {"prices": spoilt(date=["2020-01-06", "2020-02-30", "2020-01-07", "2020-01-07"])},
            "row 2: date is '2020-02-30', which is not a date",
        ),
        ({"prices": spoilt(security=["A", None, "A", "B"])}, "prices, row 2: security is null"),
        (
            {"prices": spoilt(date=["2020-01-06"] * 4, security=["A", "A", "A", "B"])},
            "3 rows have the key date, security = 2020-01-06, A",
        ),
        ({"prices": {name: [] for name in PRICES}}, "prices: the table has no rows"),
        (
            {"prices": spoilt(security=["600000.SH", "300001.SZ", "600000.SH", "300002.SZ"]), "securities": SECURITIES},
            "unknown security '300002.SZ' .did you mean '300001.SZ'",
        ),
        ({"securities": SECURITIES | {"exchange": [None, "XSHE"]}}, "securities, row 1: exchange is null"),
        ({"securities": SECURITIES | {"tick": [0.0, 0.01]}}, "securities, row 1: tick is 0.0, which is not above 0"),
        (
            {
                "shares": {
                    "effective": ["2020-01-06"],
                    "security": ["600000.SH"],
                    "total": [1],
                    "float": [1],
                    "free_float": [1.5],
                }
            },
            "free_float is 1.5, which is not a whole number",
        ),
        (
            {
                "shares": {
                    "effective": ["2020-01-06"],
                    "security": ["600000.SH"],
                    "total": [1],
                    "float": [1],
                    "free_float": [-1],
                }
            },
            "free_float is -1, which is below 0",
        ),
        (
            {"actions": {"ex_date": ["2020-01-07"], "security": ["600000.SH"], "kind": ["bonuss"]}},
            "kind is 'bonuss' .did you mean 'bonus'",
        ),
        (
            {"actions": {"ex_date": ["2020-01-07"], "security": ["600000.SH"], "kind": ["rights"], "ratio": [0.3]}},
            "a rights needs price",
        ),
        (
            {
                "actions": {
                    "ex_date": ["2020-01-07"],
                    "security": ["600000.SH"],
                    "kind": ["cash_dividend"],
                    "cash": [-1.0],
                }
            },
            "cash is -1.0, which is below 0",
        ),
        (
            {"actions": {"ex_date": ["2020-01-07"], "security": ["Z"], "kind": ["bonus"], "ratio": [1.0]}},
            "actions, row 1: unknown security 'Z'",
        ),
        (
            {"fx": {"date": ["2020-01-07"], "currency": ["HKD"], "rate": [0.0]}},
            "fx, row 1: rate is 0.0, which is not above 0",
        ),
        ({"prices": 7}, "cannot take a int as a table"),
    ],
)
def test_breaches_of_the_contract_name_table_row_and_value(tables, message):
    with pytest.raises(MarketDataError, match=message):
        fi.MarketData.from_tables(**{"prices": PRICES} | tables)


def test_all_breaches_are_said_at_once():
    with pytest.raises(MarketDataError) as raised:
        fi.MarketData.from_tables(
            spoilt(close=[-1.0, 1.0, 1.0, 1.0], security=["600000.SH", None, "600000.SH", "300001.SZ"]),
            fx={"date": ["x"], "currency": ["HKD"], "rate": [1.0]},
            actions={"ex_date": [], "kind": []},
        )
    assert [problem.where for problem in raised.value.problems] == [
        "prices, row 2",
        "prices, row 1",
        "actions",
        "fx, row 1",
    ]


def spoil_missing(folder):
    (folder / "prices.parquet").unlink()


def spoil_truncated(folder):
    content = (folder / "prices.parquet").read_bytes()
    (folder / "prices.parquet").write_bytes(content[: len(content) // 2])


def spoil_junk_csv(folder):
    (folder / "actions.csv").write_bytes(b"\x00\xff" * 100)


def spoil_empty_csv(folder):
    (folder / "actions.csv").write_bytes(b"")


def spoil_quote(folder):
    (folder / "actions.csv").write_text(
        'ex_date,security,kind,cash,note\n2020-05-21,300059.SZ,cash_dividend,0.1,"see\n'
    )


def spoil_ragged_csv(folder):
    (folder / "actions.csv").write_text("ex_date,security,kind,cash\n2020-05-21,300059.SZ\n")


def spoil_repeated_column(folder):
    (folder / "actions.csv").write_text("ex_date,security,kind,cash,cash\n")


def spoil_optional(folder):
    (folder / "status.csv").symlink_to(folder / "nowhere.csv")


def spoil_text(folder):
    table = pa.table(
        {
            "ex_date": ["2020-05-21"],
            "security": pa.array([b"\xff\xfe"]).cast(pa.string(), safe=False),
            "kind": ["bonus"],
        }
    )
    (folder / "actions.csv").unlink()
    pa.parquet.write_table(table, folder / "actions.parquet")


def spoil_two_files(folder):
    (folder / "prices.csv").write_text("date,security,close\n")


def spoil_directory(folder):
    (folder / "shares.parquet").unlink()
    (folder / "shares.parquet").mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_missing, "the table prices is missing"),
        (spoil_truncated, "cannot be read as Parquet"),
        (spoil_junk_csv, "actions"),
        (spoil_empty_csv, "is empty: its first line must name the columns"),
        (spoil_quote, "actions.csv, line 2: a quote does not end on its line"),
        (spoil_ragged_csv, "cannot be read as CSV"),
        (spoil_repeated_column, "names a column twice: cash"),
        (spoil_optional, "cannot read .*status.csv"),
        (spoil_text, "actions.parquet cannot be read as Parquet"),
        (spoil_two_files, "has both prices.parquet and prices.csv"),
        (spoil_directory, "cannot read .*shares.parquet"),
    ],
)
def test_folders_that_cannot_be_opened(folder, spoil, message):
    spoil(folder)
    with pytest.raises(MarketDataError, match=message):
        fi.MarketData.open(folder)
