from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import ReviewError

DAYS = ["2020-07-30", "2020-07-31", "2020-08-03"]
CLOSES = {"600009.SH": (60.0, 66.0, 66.0), "000069.SZ": (7.5, 7.5, 6.0)}
PRICES = pd.DataFrame(CLOSES, index=pd.to_datetime(DAYS))


@pytest.fixture
def market():
    return fi.MarketData.from_tables(PRICES)


def weights(*rows, columns=("trade_date", "con_code", "weight")):
    return pd.DataFrame(rows, columns=list(columns))


def test_weights_hold_from_the_close_of_their_date(make_method, market):
    """75 and 25 parts: the first grows by a tenth, 75 x 1.1 + 25 = 107.5; then the second falls by a fifth."""
    given = weights(("20200730", "600009.SH", 75.0), ("20200730", "SZ000069", 25.0))
    baskets = fi.Baskets.from_weights(given, market)
    history = fi.calculate(make_method(base="2020-07-30"), market, baskets)
    assert history.levels["price"].tolist() == [1000.0, 1075.0, 1025.0]


def test_later_weights_hold_from_the_session_after(make_method, market):
    """107.5 on the 31st, then half each: (1 + 0.8) / 2 = 0.9 of it."""
    rows = [("2020-07-30", "600009.SH", 0.75), ("2020-07-30", "000069.SZ", 0.25)]
    rows += [("2020-07-31", "600009.SH", 0.5), ("2020-07-31", "000069.SZ", 0.5)]
    history = fi.calculate(make_method(base="2020-07-30"), market, fi.Baskets.from_weights(weights(*rows), market))
    assert history.levels["price"].tolist() == [1000.0, 1075.0, 967.5]


def test_one_of_several_indices(market):
    columns = ("date", "security", "weight", "index_code")
    given = weights(("2020-07-30", "600009.SH", 100, "a"), ("2020-07-30", "000069.SZ", 100, "b"), columns=columns)
    assert fi.Baskets.from_weights(given, market, index="b").security == ("000069.SZ",)
    with pytest.raises(ReviewError, match=r"the weights are of 2 indices \(a, b\): say which by index="):
        fi.Baskets.from_weights(given, market)
    with pytest.raises(ReviewError, match="the weights have no index 'c'"):
        fi.Baskets.from_weights(given, market, index="c")


def test_the_names_of_the_providers(market):
    columns = ("日期Date", "成份券代码Constituent Code", "权重(%)weight")
    given = weights((20200730, 600009, 60.1), (20200730, 69, 39.9), columns=columns)
    assert fi.Baskets.from_weights(given, market).security == ("600009", "69")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([("2020-07-30", "600009.SH", 70), ("2020-07-30", "000069.SZ", 25)], "2 weights add up to 95, and not to 1 or 100"),
        ([("2020-08-01", "600009.SH", 100)], "2020-08-01 is no session of the market data"),
        ([("2020-07-30", "600010.SH", 100)], "unknown security '600010.SH'"),
        ([("2020-07-30", "600009.SH", 50), ("2020-07-30", "600009.SH", 50)], "2 rows have the key"),
        ([("2020-07-30", "600009.SH", -100)], "weight is -100, which is below 0"),
        ([("2020-07-30", "600009.SH", None)], "weight is null or NaN"),
        ([], "the table has no rows"),
    ],
)  # fmt: skip
def test_weights_that_cannot_be(market, rows, what):
    with pytest.raises(ReviewError, match=what):
        fi.Baskets.from_weights(weights(*rows), market)


def test_weights_given_as_shares_say_where_they_belong():
    with pytest.raises(ReviewError, match="Baskets.from_weights"):
        fi.Baskets.from_frame({"effective": ["2020-07-30"], "security": ["600009.SH"], "weight": [1.0]})


def test_rounded_weights_may_miss_the_whole_by_their_rounding(market):
    """Two of three decimals may each be half a thousandth off."""
    good, bad = ("2020-07-30", "000069.SZ", 33.334), ("2020-07-30", "000069.SZ", 33.336)
    assert len(fi.Baskets.from_weights(weights(("2020-07-30", "600009.SH", 66.667), good), market)) == 1
    with pytest.raises(ReviewError, match="add up to 100.003"):
        fi.Baskets.from_weights(weights(("2020-07-30", "600009.SH", 66.667), bad), market)
