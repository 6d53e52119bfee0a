from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from fintech_index.market._codes import read_code


@pytest.mark.parametrize(
    ("text", "usual", "exchange", "board", "currency"),
    [
        ("601318.SH", "601318.SH", "XSHG", "main", "CNY"),
        ("601318.SS", "601318.SH", "XSHG", "main", "CNY"),
        ("601318.xshg", "601318.SH", "XSHG", "main", "CNY"),
        ("SH601318", "601318.SH", "XSHG", "main", "CNY"),
        ("sh.601318", "601318.SH", "XSHG", "main", "CNY"),
        ("SHSE.601318", "601318.SH", "XSHG", "main", "CNY"),
        ("601318", "601318.SH", "XSHG", "main", "CNY"),
        ("688111.XSHG", "688111.SH", "XSHG", "star", "CNY"),
        ("900901.SH", "900901.SH", "XSHG", "b", "USD"),
        ("510300", "510300.SH", "XSHG", "fund", "CNY"),
        ("000300.SH", "000300.SH", "XSHG", "main", "CNY"),
        ("2594", "002594.SZ", "XSHE", "main", "CNY"),
        ("sz300750", "300750.SZ", "XSHE", "chinext", "CNY"),
        ("200725", "200725.SZ", "XSHE", "b", "HKD"),
        ("872808.BJ", "872808.BJ", "XBSE", "bse", "CNY"),
        ("bj920002", "920002.BJ", "XBSE", "bse", "CNY"),
        ("430047", "430047.BJ", "XBSE", "bse", "CNY"),
        ("HK.09988", "09988.HK", "XHKG", "main", "HKD"),
        ("9988.hk", "09988.HK", "XHKG", "main", "HKD"),
        ("BRK.B.N", "BRK.B.N", "XNYS", "main", "USD"),
        ("MSFT.O", "MSFT.O", "XNAS", "main", "USD"),
        ("A.SZ", "A.SZ", "XSHE", "main", "CNY"),
    ],
)
def test_one_parser_for_every_spelling(text, usual, exchange, board, currency):
    code = read_code(text)
    assert (code.text, code.exchange, code.board, code.currency) == (usual, exchange, board, currency)


@pytest.mark.parametrize(
    "text", ["MSFT", "MSFT.US", "09988", "123456", "7203.T", "872808.SZ", "300750.SH", "601318.SZ", "1234567", "", "?"]
)
def test_what_a_code_does_not_tell_is_not_guessed(text):
    assert read_code(text) is None
    with pytest.raises(MarketDataError, match="nothing is known of"):
        fi.MarketData.from_tables({"date": ["2020-03-02"], "security": [text], "close": [1.0]})


def test_a_calendar_tells_the_exchange_of_all():
    assert read_code("MSFT", "XNAS").exchange == "XNAS"
    assert read_code("9988", "XHKG").text == "09988.HK"


def test_tables_in_different_spellings_are_of_one_security():
    prices = {"date": ["2020-03-02", "2020-03-03"], "security": ["SZ000651"] * 2, "close": [58.0, 60.9]}
    shares = {"effective": [20200302], "security": [651], "total": [6], "float": [6], "free_float": [6]}
    market = fi.MarketData.from_tables(prices, shares, fx=None)
    assert market.securities.codes == ("SZ000651",)
    basket = fi.Baskets.from_frame({"effective": ["2020-03-02"], "security": ["000651.XSHE"], "index_shares": [100]})
    assert market.securities.find("000651.SZ") == 0
    assert market.shares.total(np.array([0]), market.sessions[0]).tolist() == [6]
    assert len(basket) == 1


def test_two_spellings_in_one_table_become_the_usual_one():
    rows = [("2020-03-02", "600519.SH", 1000.0), ("2020-03-03", "sh600519", 1001.0)]
    market = fi.MarketData.from_tables(pd.DataFrame(rows, columns=["date", "security", "close"]))
    assert market.securities.codes == ("600519.SH",)
    assert market.panel.price(0, 1) == 1001


def test_numbers_that_have_lost_their_zeros():
    market = fi.MarketData.from_tables({"date": ["2020-03-02"] * 2, "security": [1, 600519], "close": [14.0, 1000.0]})
    assert market.securities.codes == ("000001", "600519")
    assert market.securities.exchange == ("XSHE", "XSHG")
