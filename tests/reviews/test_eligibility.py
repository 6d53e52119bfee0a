from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.calendar import ReviewDates
from fintech_index.errors import ReviewError
from fintech_index.reviews._eligibility import screen


def market_of(rows, status=None):
    """Securities with a price on 2020-06-01 and 2020-06-02, unless they say otherwise."""
    securities = pd.DataFrame(
        [
            {
                "security": code,
                "name": code,
                "exchange": "XSHG",
                "board": "main",
                "currency": "CNY",
                "listed": None,
                "delisted": None,
            }
            | row
            for code, row in rows.items()
        ]
    )
    prices = pd.DataFrame(
        [
            {"date": date, "security": code, "close": 10.0}
            for code, row in rows.items()
            for date in row.get("traded", ["2020-06-01", "2020-06-02"])
        ]
    )
    sessions = pd.DataFrame({"date": ["2020-06-01", "2020-06-02", "2020-06-03"]})
    return fi.MarketData.from_tables(
        prices, securities=securities.drop(columns="traded", errors="ignore"), status=status, sessions=sessions
    )


def screened(method, market, cutoff=1):
    return screen(method, market, ReviewDates(cutoff, cutoff, cutoff + 1))


def names(method, market, cutoff=1):
    return [market.securities.codes[who] for who in screened(method, market, cutoff).eligible]


def why(method, market, code):
    return screened(method, market).why([market.securities.index[code]], "seasoning")[0]


RULES = """
[eligibility.seasoning]
months = 6
months_by_board = { star = 12, bse = 12 }
[eligibility.status]
exclude = ["st"]
"""


def test_listing_age_is_strict(make_method):
    market = market_of(
        {
            "A": {"listed": dt.date(2019, 12, 1)},  # 6 months later is 2020-06-01, before the cut-off 2020-06-02
            "B": {"listed": dt.date(2019, 12, 2)},  # 2020-06-02 itself is not before it
            "C": {"listed": None},
            "D": {"listed": dt.date(2019, 6, 1), "board": "star"},
            "E": {"listed": dt.date(2019, 6, 2), "board": "star"},
            "F": {"listed": dt.date(2019, 6, 2), "board": "bse"},
        }
    )
    method = make_method(RULES)
    assert names(method, market) == ["A", "C", "D"]
    assert why(method, market, "B") == "listed on 2019-12-02, not more than 6 months before 2020-06-02"


def test_the_listing_day_is_clipped_to_the_month(make_method):
    market = market_of({"A": {"listed": dt.date(2019, 8, 31)}})
    assert names(make_method("eligibility.seasoning.months = 9"), market) == ["A"]  # 31 May, before 2 June
    assert names(make_method("eligibility.seasoning.months = 10"), market) == []


def test_st_on_the_cut_off_date_keeps_out(make_method):
    rows = [
        ("A", "st", "2020-06-02", None),
        ("B", "ST", "2020-05-01", "2020-06-02"),
        ("C", "st", "2020-05-01", "2020-06-01"),
        ("D", "loss", "2020-05-01", None),
    ]
    status = pd.DataFrame(rows, columns=["security", "kind", "start", "end"])
    market = market_of({code: {} for code in "ABCDE"}, status)
    assert names(make_method(RULES), market) == ["C", "D", "E"]


def test_a_rule_that_is_not_applied_keeps_nobody_out(make_method):
    status = pd.DataFrame([("A", "loss", "2020-05-01", None)], columns=["security", "kind", "start", "end"])
    market = market_of({"A": {}, "B": {}}, status)
    assert names(make_method('eligibility.conduct = { exclude = ["loss"] }'), market) == ["B"]
    unapplied = make_method('eligibility.conduct = { exclude = ["loss"], label = "published, not applied" }')
    assert names(unapplied, market) == ["A", "B"]
    assert unapplied.notices() == ("small: the rule eligibility.conduct (loss) is published but not applied",)


def test_a_price_by_the_cut_off_is_enough_even_when_suspended(make_method):
    market = market_of({"A": {"traded": ["2020-06-01"]}, "B": {"traded": ["2020-06-03"]}})
    assert names(make_method(), market) == ["A"]


def test_a_delisted_security_is_out(make_method):
    market = market_of({"A": {"delisted": dt.date(2020, 6, 2)}, "B": {"delisted": dt.date(2020, 6, 3)}})
    assert names(make_method(), market) == ["B"]


def test_a_universe_of_ones_own(make_method):
    market = market_of({code: {} for code in "ABC"})
    assert names(make_method('universe.securities = ["C", "A"]'), market) == ["A", "C"]
    with pytest.raises(ReviewError, match="1 of the securities in universe.securities are not in the market data"):
        names(make_method('universe.securities = ["C", "Z"]'), market)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('status = { exclude = ["stt"] }', r"eligibility.status.exclude: unknown status 'stt' \(did you mean 'st'"),
        (
            "seasoning = { months_by_board = { stra = 12 } }",
            r"months_by_board: unknown board 'stra' \(did you mean 'star'",
        ),
    ],
)
def test_a_rule_that_would_decide_nothing_is_refused(make_method, rule, message):
    with pytest.raises(ReviewError, match=message):
        names(make_method(f"eligibility.{rule}"), market_of({"A": {}}))


def test_boards_are_known_by_their_letters_alone(make_method):
    market = market_of({"A": {"listed": dt.date(2020, 1, 1), "board": "STAR "}, "B": {"listed": dt.date(2020, 1, 1)}})
    assert names(make_method("eligibility.seasoning.months_by_board = { Star = 12 }"), market) == ["B"]


def test_st_may_be_written_as_the_market_does(make_method):
    status = pd.DataFrame([("A", "*ST", "2020-06-01", None)], columns=["security", "kind", "start", "end"])
    for kind in ("st", "ST", "*ST"):
        assert names(
            make_method(f'eligibility.status.exclude = ["{kind}"]'), market_of({"A": {}, "B": {}}, status)
        ) == ["B"]
