from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError, ReviewError


def test_the_reviews_of_the_embedded_data(xiangmihu, market):
    frame = fi.review(xiangmihu, market).frame
    sizes = frame.groupby("effective").size()
    assert {str(date.date()): n for date, n in sizes.items()} == {"2020-01-02": 46, "2020-06-15": 47, "2020-12-14": 48}
    capped = frame[frame["capping_factor"] < 1]
    assert [(str(row.effective.date()), row.security, row.capping_factor) for row in capped.itertuples()] == [
        ("2020-01-02", "300059.SZ", Decimal("0.423389431030")),
        ("2020-01-02", "600570.SH", Decimal("0.626676579415")),
        ("2020-06-15", "300059.SZ", Decimal("0.374658676265")),
        ("2020-06-15", "600570.SH", Decimal("0.455183476969")),
        ("2020-12-14", "300059.SZ", Decimal("0.207597554213")),
        ("2020-12-14", "600570.SH", Decimal("0.455903483394")),
    ]


def test_two_names_are_at_ten_percent_on_each_price_date(xiangmihu, market):
    for _, basket in fi.review(xiangmihu, market).frame.groupby("effective"):
        session = market.session(basket["price_date"].iloc[0].date())
        values = [
            float(market.panel.price(market.securities.index[row.security], session)) * row.index_shares
            for row in basket.itertuples()
        ]
        weights = sorted((value / sum(values) for value in values), reverse=True)
        assert weights[:2] == pytest.approx([0.1, 0.1], abs=1e-9)
        assert weights[2] < 0.1


def test_weights_shares_and_factors_by_hand(make_method, make_market):
    # 60, 20 and 20 with a cap of one half: the first becomes 40, factor 2/3, and 40/80 is a half.
    market = make_market({"A": [6.0], "B": [2.0], "C": [2.0]}, free_float=dict.fromkeys("ABC", 10))
    frame = fi.review(make_method("weighting.single_cap = 0.5"), market).frame
    assert frame["capping_factor"].tolist() == [Decimal("0.666666666667"), 1, 1]
    assert frame["index_shares"].tolist() == [7, 10, 10]  # 10 x 0.666666666667, half up
    finer = fi.review(make_method("weighting.single_cap = 0.5\nrounding.share_decimals = 3"), market).frame
    assert finer["index_shares"].tolist() == [Decimal("6.667"), 10, 10]


def test_only_the_baskets_of_a_window(xiangmihu, market):
    assert len(fi.review(xiangmihu, market, start="2020-06-15", end="2020-06-15")) == 1
    assert len(fi.review(xiangmihu, market, end="2020-12-13")) == 2


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (("2020-06-16", "2020-06-15"), "the start 2020-06-16 is after the end 2020-06-15"),
        (("2020-06-16", "2020-12-13"), "no basket takes effect"),
        (("yesterday", None), "'yesterday' is not a date"),
    ],
)
def test_windows_that_cannot_be(xiangmihu, market, window, message):
    with pytest.raises(RequestError, match=message):
        fi.review(xiangmihu, market, *window)


def test_a_base_that_is_no_session(make_method, make_market):
    with pytest.raises(
        ReviewError,
        match="the base date 2020-01-11 is no session of the market data; the nearest: 2020-01-10, 2020-01-13",
    ):
        fi.review(make_method(base="2020-01-11"), make_market({"A": [1.0] * 10}))


def test_nobody_is_eligible(make_method, make_market):
    with pytest.raises(ReviewError, match="no security is eligible for the review effective 2020-01-06"):
        fi.review(make_method(), make_market({"A": [None, 1.0]}))


def test_a_missing_share_count_names_the_security(make_method, make_market):
    market = make_market({"A": [1.0], "B": [1.0]}, free_float={"A": 10})
    with pytest.raises(ReviewError, match="B: no row of `shares` on or before 2020-01-06"):
        fi.review(make_method(), market)


def test_a_cap_that_too_few_names_can_meet_says_which_review(make_method, make_market):
    market = make_market({name: [1.0] for name in "ABCDEFGHI"})
    with pytest.raises(
        ReviewError, match=r"small, review effective 2020-01-06: the caps cannot be met: 9 names can fill at most 90 %"
    ):
        fi.review(make_method("weighting.single_cap = 0.10"), market)


def test_a_price_date_before_a_first_price_is_refused(make_method):
    dates = list(pd.bdate_range("2019-12-31", "2020-06-30"))
    rows = [
        (day, who, 10.0) for day in dates for who in ("A.SH", "B.SH") if who == "A.SH" or str(day.date()) > "2020-04-30"
    ]
    prices = pd.DataFrame(rows, columns=["date", "security", "close"])
    shares = {
        "effective": [dates[0]] * 2,
        "security": ["A.SH", "B.SH"],
        "total": [1] * 2,
        "float": [1] * 2,
        "free_float": [1] * 2,
    }
    rule = (
        "review = { months = [6], cutoff = { months_before = 1, session = -1 }, price_date = { sessions_before = 60 } }"
    )
    with pytest.raises(ReviewError, match="B.SH: eligible on the cut-off date, and no price by 2020-03-23"):
        fi.review(make_method(rule, base="2019-12-31"), fi.MarketData.from_tables(prices, shares, calendar="XSHG"))


@pytest.mark.parametrize("arguments", [("xiangmihu", None), (None, "market")])
def test_arguments_of_another_kind(xiangmihu, market, arguments):
    method, data = (given or own for given, own in zip(arguments, (xiangmihu, market), strict=True))
    with pytest.raises(RequestError, match="must be a"):
        fi.review(method, data)
    with pytest.raises(RequestError, match="must be a"):
        fi.calculate(method, data)


def test_two_reviews_of_one_effective_date_are_refused(make_method):
    dates = [
        day for day in pd.bdate_range("2019-12-02", "2020-04-30") if not "2020-02-13" < str(day.date()) < "2020-03-19"
    ]
    market = fi.MarketData.from_tables(
        {"date": dates, "security": ["A.SH"] * len(dates), "close": [1.0] * len(dates)},
        {"effective": [dates[0]], "security": ["A.SH"], "total": [1], "float": [1], "free_float": [1]},
    )
    method = make_method(
        "review = { months = [2, 3], cutoff = { months_before = 1, session = -1 } }", base="2019-12-31"
    )
    with pytest.raises(ReviewError, match="two reviews take effect on 2020-03-19"):
        fi.review(method, market)
