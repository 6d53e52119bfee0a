"""Open, high, low, pre_close, volume and amount: as the price table has them, on demand, stored beside the closes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError, RequestError
from fintech_index.market import _opening

DAYS = [dt.date(2020, 1, 6), dt.date(2020, 1, 7), dt.date(2020, 1, 8)]
ROWS = [  # B has no row on the second day, and no open on the third
    (DAYS[0], "600000.SH", 10.0, 9.9, 10.2, 9.8, 9.95, 1000, 10_050.5),
    (DAYS[1], "600000.SH", 10.5, 10.0, 10.6, 9.9, 10.0, 2000, 20_500.0),
    (DAYS[2], "600000.SH", 10.4, 10.5, 10.5, 10.3, 10.5, 1500, 15_600.0),
    (DAYS[0], "600001.SH", 20.0, 20.1, 20.2, 19.8, 20.1, 100, 2_000.0),
    (DAYS[2], "600001.SH", 21.0, None, 21.2, 20.5, 20.0, 300, 6_300.0),
]
COLUMNS = ["date", "security", "close", "open", "high", "low", "pre_close", "volume", "amount"]


def prices():
    return pd.DataFrame(ROWS, columns=COLUMNS)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "market"
    folder.mkdir()
    prices().to_parquet(folder / "prices.parquet", index=False)
    counts = {
        "effective": DAYS[0],
        "security": ["600000.SH", "600001.SH"],
        "total": 100,
        "float": 100,
        "free_float": 50,
    }
    pd.DataFrame(counts).to_csv(folder / "shares.csv", index=False)
    (folder / "actions.csv").write_text("ex_date,security,kind\n")
    known = {"security": counts["security"], "name": "x", "exchange": "XSHG", "board": "main", "currency": "CNY"}
    pd.DataFrame(known).to_csv(folder / "securities.csv", index=False)
    return folder


def test_quotes_are_those_of_the_table():
    quotes = fi.MarketData.from_tables(prices()).quotes
    assert quotes.high.tolist()[0] == [10.2, 10.6, 10.5]
    assert np.isnan(quotes.open[1]).tolist() == [False, True, True]
    assert quotes.volume[1, 2] == 300
    assert quotes.field("pre_close")[0, 1] == 10.0
    with pytest.raises(ValueError, match="read-only"):
        quotes.low[0, 0] = 1.0


def test_a_column_that_the_table_does_not_have_is_not_known():
    quotes = fi.MarketData.from_tables(prices().drop(columns="volume")).quotes
    assert np.isnan(quotes.volume).all()


@pytest.mark.parametrize("stored", [True, False])
def test_quotes_of_a_folder(folder, stored, monkeypatch):
    """With a store they are read once, and mapped from then on; with or without it they are the same."""
    monkeypatch.setattr(_opening, "STORED_FROM", 1)
    market = fi.MarketData.open(folder, store=stored)
    assert market.quotes.amount.tolist()[0] == [10_050.5, 20_500.0, 15_600.0]
    again = fi.MarketData.open(folder, store=stored)
    if stored:
        monkeypatch.setattr("fintech_index.market._stored_quotes.read_table", None)  # nothing is read again
    np.testing.assert_array_equal(again.quotes.amount, market.quotes.amount)
    assert len(list((folder / ".fintech-index" / "quotes").glob("*/quotes.npy")) if stored else []) == stored


def test_a_damaged_column_is_read_anew(folder, monkeypatch):
    monkeypatch.setattr(_opening, "STORED_FROM", 1)
    expected = np.array(fi.MarketData.open(folder).quotes.high)
    (stored,) = (folder / ".fintech-index" / "quotes").glob("*/quotes.npy")
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.chmod(0o644)
    stored.write_bytes(content)
    np.testing.assert_array_equal(fi.MarketData.open(folder).quotes.high, expected)


def test_tables_that_have_changed_since_are_not_mixed(folder, monkeypatch):
    monkeypatch.setattr("fintech_index.market._data._HELD_FOR_QUOTES", 0)  # as though there were many rows
    market = fi.MarketData.open(folder)
    prices().assign(high=99.0).to_parquet(folder / "prices.parquet", index=False)
    with pytest.raises(MarketDataError, match="the tables have changed since they were opened"):
        _ = market.quotes.high


def test_quotes_follow_the_sessions_of_a_view():
    market = fi.MarketData.from_tables(prices())
    assert market.until(DAYS[1]).quotes.high.tolist()[0] == [10.2, 10.6]
    longer = market.with_sessions_to_come(np.array(["2020-01-09"], "datetime64[D]")).quotes
    assert longer.high.shape == (2, 4)
    assert np.isnan(longer.high[:, 3]).all()


def test_an_unknown_column_is_named():
    with pytest.raises(RequestError, match="quotes have no 'vwap'"):
        fi.MarketData.from_tables(prices()).quotes.field("vwap")
