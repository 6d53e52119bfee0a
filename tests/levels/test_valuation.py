from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index._kernels import dispatch
from fintech_index.errors import CalculationError, MarketDataError


def test_market_value_by_hand(make_method, make_market):
    market = make_market({"A.SH": [10.0, 10.5], "B.SH": [2.25, 2.5]}, free_float={"A.SH": 100, "B.SH": 40})
    history = fi.calculate(make_method(), market)
    assert [float(value) for value in history.market_values] == [1090, 1150]  # 1000 + 90, 1050 + 100
    assert history.levels["price"].tolist() == [1000, 1055.0459]  # 1150 / 1.09


def test_every_kernel_gives_the_same_history(monkeypatch, xiangmihu, market, history):
    for loaded, parallel in ((False, 10**9), (True, 10**9), (True, 0)):
        monkeypatch.setattr(dispatch, "loaded", lambda loaded=loaded: loaded)
        monkeypatch.setattr(dispatch.Products, "done", 0)
        monkeypatch.setattr(dispatch, "PARALLEL_FROM", parallel)
        again = fi.calculate(xiangmihu, market)
        assert again.levels.equals(history.levels)
        assert again.market_values.equals(history.market_values)


def test_headroom(make_method, make_market):
    # 2**62 is 4.61e18 units: at 10**10 shares and two decimals a close of 4.6e6 still fits, and 4.7e6 does not
    fits = make_market({"A.SH": [4_600_000.01]}, free_float={"A.SH": 10**10})
    assert fi.calculate(make_method(), fits).exact
    with pytest.raises(
        CalculationError, match=r"small: headroom exceeded: the market value may reach 4\.7e\+18 units of 1/100"
    ):
        fi.calculate(make_method(), make_market({"A.SH": [4_700_000.01]}, free_float={"A.SH": 10**10}))


def test_index_shares_have_headroom_too(make_method, make_market):
    bonus = {"ex_date": "2020-01-07", "security": "A.SH", "kind": "rights", "ratio": 1e13, "price": 0.01}
    market = make_market({"A.SH": [10.0, 10.0]}, [bonus], free_float={"A.SH": 10**8})
    with pytest.raises(CalculationError, match="headroom exceeded: A.SH would have .* index shares"):
        fi.calculate(make_method(), market)


def test_headroom_is_of_what_is_held_at_once(make_method, make_market):
    market = make_market({"A.SH": [3_000_000.01] * 3, "B.SH": [3_000_000.01] * 3})
    rows = [("2020-01-06", "A.SH", 10**10), ("2020-01-07", "B.SH", 10**10)]
    baskets = fi.Baskets.from_frame(pd.DataFrame(rows, columns=["effective", "security", "index_shares"]))
    assert fi.calculate(make_method(), market, baskets).levels["price"].tolist() == [1000, 1000, 1000]


@pytest.mark.parametrize(
    "closes", [[10 / 3, 10.1, 10.2], np.array([10.05, 10.1, 10.2], np.float32).tolist()], ids=["adjusted", "float32"]
)
def test_prices_that_are_no_decimals_take_the_float_path_and_say_so(closes, make_method, make_market):
    history = fi.calculate(make_method(), make_market({"A.SH": closes}))
    assert not history.exact
    assert "calculated in floats, not exactly" in history.notices[-1]
    assert history.levels["price"].tolist() == [round(1000 * close / closes[0], 4) for close in closes]


def test_two_currencies_are_added_apart_and_converted_at_the_end(make_method, make_market):
    fx = pd.DataFrame({"date": ["2020-01-06", "2020-01-07"], "currency": "HKD", "rate": [0.9, 0.8]})
    market = make_market({"1.HK": [100.0, 100.0], "A.SH": [10.0, 10.0]}, free_float={"1.HK": 10, "A.SH": 10}, fx=fx)
    history = fi.calculate(make_method(), market)
    assert [float(value) for value in history.market_values] == [1000, 900]  # 1000 x 0.9 + 100, 1000 x 0.8 + 100
    assert history.weights("2020-01-07").to_dict() == pytest.approx({"1.HK": 8 / 9, "A.SH": 1 / 9})


def test_a_missing_rate_is_an_error(make_method, make_market):
    fx = pd.DataFrame({"date": ["2020-01-06"], "currency": "HKD", "rate": [0.9]})
    market = make_market({"1.HK": [100.0, 100.0]}, fx=fx)
    with pytest.raises(MarketDataError, match="fx, 2020-01-07: no rate for HKD"):
        fi.calculate(make_method(), market)


def test_rates_are_asked_for_only_while_something_is_held(make_method, make_market):
    fx = pd.DataFrame({"date": ["2020-01-06", "2020-01-07"], "currency": "HKD", "rate": [0.9, 0.8]})
    market = make_market({"1.HK": [100.0] * 4, "A.SH": [10.0] * 4}, fx=fx)
    rows = [("2020-01-06", "1.HK", 1), ("2020-01-08", "A.SH", 1)]
    baskets = fi.Baskets.from_frame(pd.DataFrame(rows, columns=["effective", "security", "index_shares"]))
    assert fi.calculate(make_method(), market, baskets).levels["price"].tolist() == [1000, 888.8889, 888.8889, 888.8889]
