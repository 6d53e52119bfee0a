from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import MarketDataError
from fintech_index.market._carried_closes import build_panel, decimal_places


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([1.0, 250.0], 0),
        ([1.5], 1),
        ([8.55, 10.0], 2),
        ([0.000001], 6),
        ([1 / 3], None),
        ([1e-7], None),
        ([1e300], None),
        ([], 0),
    ],
)
def test_decimal_places(values, places):
    assert decimal_places(np.array(values)) == places


def test_float32_prices_are_no_decimals():
    assert decimal_places(np.array([8.55], np.float32).astype(np.float64)) is None


def row(market, code="A"):
    unit = 10**market.panel.decimals
    return [value / unit for value in market.panel.values[market.securities.index[code]].tolist()]


def test_a_suspended_security_carries_its_last_close(make_market):
    market = make_market({"A.SH": [None, 5.5, None, None, 6.0, None], "B.SH": [1.0] * 6})
    assert row(market, "A.SH") == [0, 5.5, 5.5, 5.5, 6.0, 6.0]
    assert market.panel.first_session[market.securities.index["A.SH"]] == 1
    assert [market.panel.suspended(0, at) for at in range(6)] == [False, False, True, True, False, True]


def test_from_an_ex_date_within_a_suspension_the_reference_price_is_carried(make_market):
    # 10.05 after a bonus of 1: 5.025, half up 5.03; after cash of 0.10: 4.93
    actions = [
        {"ex_date": "2020-01-08", "security": "A.SH", "kind": "bonus", "ratio": 1.0},
        {"ex_date": "2020-01-09", "security": "A.SH", "kind": "cash_dividend", "cash": 0.10},
    ]
    market = make_market({"A.SH": [10.05, None, None, None, None, 5.0], "B.SH": [1.0] * 6}, actions)
    assert row(market, "A.SH") == [10.05, 10.05, 5.03, 4.93, 4.93, 5.0]


def test_rights_out_of_the_money_do_not_move_a_carried_price(make_market):
    actions = [{"ex_date": "2020-01-08", "security": "A.SH", "kind": "rights", "ratio": 0.3, "price": 10.0}]
    market = make_market({"A.SH": [10.0, None, None, None], "B.SH": [1.0] * 4}, actions)
    assert row(market, "A.SH") == [10.0] * 4


def test_a_tick_finer_than_every_close_makes_the_unit_finer(make_market):
    actions = [{"ex_date": "2020-01-07", "security": "A.SH", "kind": "bonus", "ratio": 0.5}]
    market = make_market({"A.SH": [10.0, None], "B.SH": [1.0, 2.0]}, actions)
    assert market.panel.decimals == 2  # 10/1.5 = 6.67
    assert row(market, "A.SH") == [10.0, 6.67]


def test_int64_where_int32_does_not_suffice(make_market):
    assert make_market({"A.SH": [21474836.47]}).panel.values.dtype == np.int32
    assert make_market({"A.SH": [21474836.48]}).panel.values.dtype == np.int64


def test_an_unknown_tick_matters_only_to_who_holds_the_security_through_it():
    prices = pd.DataFrame(
        [
            ("2020-01-06", "1.HK", 10.0),
            ("2020-01-06", "2.HK", 1.0),
            ("2020-01-07", "2.HK", 1.0),
            ("2020-01-08", "2.HK", 1.0),
        ],
        columns=["date", "security", "close"],
    )
    actions = pd.DataFrame(
        [("2020-01-07", "1.HK", "cash_dividend", 0.5)], columns=["ex_date", "security", "kind", "cash"]
    )
    market = fi.MarketData.from_tables(prices, actions=actions)
    ((start, stop, error),) = market.panel.uncarriable[market.securities.index["1.HK"]]
    assert (start, stop) == (1, 3)
    assert "fill `tick` in `securities`" in str(error)


def test_a_panel_has_a_size_that_a_file_cannot_exceed():
    nothing = np.zeros(0, np.int32)
    with pytest.raises(MarketDataError, match="prices by security and session; at most"):
        build_panel(nothing, nothing, np.zeros(0), shape=(10**6, 10**6), ex_dates=lambda _: (), ticks=())


def test_prices_are_exact_fractions(market):
    assert market.panel.price(market.securities.index["300059.SZ"], 0) == Fraction("15.9")
    assert not market.panel.values.flags.writeable


def test_a_carried_price_that_is_wider_than_every_close(make_market):
    """1 for 1,000 of a close with six decimals: 10123.46 in millionths is more than an int32 holds."""
    consolidation = {"ex_date": "2020-01-07", "security": "A.SH", "kind": "consolidation", "ratio": 0.001}
    market = make_market({"A.SH": [10.123457, None, 10000.0], "B.SH": [1.0] * 3}, [consolidation])
    assert float(market.panel.price(market.securities.index["A.SH"], 1)) == 10123.46
    tiny = consolidation | {"ratio": 1e-17}
    with pytest.raises(
        MarketDataError, match="a reference price of 1.01235e.18 does not fit the price unit: check the rat"
    ):
        make_market({"A.SH": [10.123457, None, 10.0], "B.SH": [1.0] * 3}, [tiny])
