"""The rules of eligibility that look at numbers, places and statuses; listing ages are in test_eligibility."""

from __future__ import annotations

import pytest

import fintech_index as fi
from fintech_index.errors import ReviewError
from review_worlds import CODES, members, review_market

BASE = "2020-01-06"
THERE = [code for code in CODES if code not in ("688007.SH", "300006.SZ")]  # listed later, and on the day itself


def reviewed(make_method, settings, market=None, months="[6]"):
    return fi.review(make_method(f"review.months = {months}\n{settings}"), market or review_market())


def at_the_review(baskets):
    return set(members(baskets, "2020-06-15"))


@pytest.mark.parametrize(
    ("settings", "out"),
    [
        ("", set()),
        ('eligibility.scope.exchanges = ["XSHG"]', {"300005.SZ", "300006.SZ", "300008.SZ"}),
        ('eligibility.scope.boards = ["main", "chinext"]', {"688007.SH"}),
        ('eligibility.scope.cities = ["Beijing", "Wuhan"]', {"600001.SH", "600002.SH"}),
        (
            'eligibility.scope = { categories = ["SEC", "DLT"], cities = ["Wuhan"] }',
            set(CODES) - {"688007.SH", "300008.SZ"},
        ),
        ("eligibility.price.at_least = 8", {"300005.SZ", "300006.SZ"}),  # 8 itself is enough
        ("eligibility.price.at_least = 8.01", {"300005.SZ", "300006.SZ", "300008.SZ"}),
        ("eligibility.float.cap_at_least = 30700", {"300005.SZ", "300006.SZ", "688007.SH"}),  # 10 x 3,070
        ("eligibility.float.cap_at_least = 30700.01", {"600001.SH", "300005.SZ", "300006.SZ", "688007.SH"}),
        (
            "eligibility.float.ratio_at_least = 0.5025",
            {"600001.SH", "300005.SZ", "300006.SZ", "688007.SH"},
        ),  # 2,010 of 4,000
        ("eligibility.turnover.at_least = 400", {"688007.SH", "300008.SZ"}),
        ("eligibility.turnover.at_least = 400.01", {"300006.SZ", "688007.SH", "300008.SZ"}),
        ("eligibility.turnover.drop_bottom = 0.24", {"300008.SZ"}),  # 8 x 0.24 = 1.92
        ("eligibility.turnover.drop_bottom = 0.25", {"300008.SZ", "688007.SH"}),
        (
            "eligibility.turnover = { at_least = 60, drop_bottom = 0.25 }",
            {"300008.SZ", "688007.SH"},
        ),  # 7 are left: one more
    ],
)
def test_who_is_out(make_method, settings, out):
    baskets = reviewed(make_method, settings)
    assert at_the_review(baskets) == set(CODES) - out


def test_suspended_sessions_are_left_out_of_an_average(make_method):
    # 600004 traded 600 on each of its days, and was suspended on 40 of the 84 sessions of the look-back.
    assert "600004.SH" in at_the_review(reviewed(make_method, "eligibility.turnover.at_least = 600"))


def test_of_equal_amounts_the_later_code_goes_first(make_method):
    rows = {"300008.SZ": (8.0, 8000, 5000, 100.0, None, "Wuhan", "DLT", "safe", "eight", 1.0)}  # as 688007
    baskets = reviewed(make_method, "eligibility.turnover.drop_bottom = 0.125", review_market(rows=rows))
    assert at_the_review(baskets) == set(CODES) - {"688007.SH"}


STATUSES = [
    ("600001.SH", "st", "2020-04-30", None),  # the cut-off date
    ("600002.SH", "st", "2020-05-01", None),
    ("600003.SH", "*ST", "2020-01-31", "2020-02-28"),
    ("600004.SH", "violation", "2019-01-01", "2019-10-30"),
    ("300005.SZ", "violation", "2019-01-01", "2019-04-30"),
]


@pytest.mark.parametrize(
    ("settings", "out"),
    [
        ('eligibility.status.exclude = ["st"]', {"600001.SH"}),
        (
            'eligibility.status = { exclude = ["st"], lookback_months = 2 }',
            {"600001.SH", "600003.SH"},
        ),  # since 29 February... the 28th is before it
        ('eligibility.status = { exclude = ["st"], lookback_months = 3 }', {"600001.SH", "600003.SH"}),
        ('eligibility.conduct = { exclude = ["violation"], lookback_months = 12 }', {"600004.SH", "300005.SZ"}),
        ('eligibility.conduct = { exclude = ["violation"], lookback_months = 11 }', {"600004.SH"}),
        ('eligibility.conduct = { exclude = ["violation"] }', set()),
    ],
)
def test_statuses(make_method, settings, out):
    if "lookback_months = 2" in settings:
        out = {"600001.SH"}  # 30 April less 2 months is 29 February, after the end of 600003's
    assert at_the_review(reviewed(make_method, settings, review_market(status=STATUSES))) == set(CODES) - out


def test_the_first_rule_that_fails_is_told_in_words(make_method):
    settings = """
eligibility.scope.cities = ["Beijing", "Shenzhen"]
eligibility.seasoning.months = 6
eligibility.status.exclude = ["st"]
eligibility.price.at_least = 20
eligibility.float = { ratio_at_least = 0.6, cap_at_least = 36000.01 }
eligibility.turnover.at_least = 700.5
"""
    rows = {"600003.SH": (50.0, 2000, 1990, 700.0, None, "Beijing", "BNK", "ledger", "two", 1.0)}
    market = review_market(status=STATUSES[:1], rows=rows)
    with pytest.raises(ReviewError, match="no security is eligible"):
        reviewed(make_method, settings, market)
    more = settings.replace("700.5", "700")
    frame = reviewed(make_method, more, market).outcome("2020-06-15").waterfall.set_index("security")
    assert frame[["decision", "rule", "why"]].to_dict("index") == {
        "600003.SH": {"decision": "stays", "rule": "", "why": "stays"},
        "300008.SZ": {"decision": "out", "rule": "scope", "why": "city Wuhan, not Beijing or Shenzhen"},
        "688007.SH": {"decision": "out", "rule": "scope", "why": "city Wuhan, not Beijing or Shenzhen"},
        "300006.SZ": {
            "decision": "out",
            "rule": "seasoning",
            "why": "listed on 2020-01-06, not more than 6 months before 2020-04-30",
        },
        "600001.SH": {"decision": "out", "rule": "status", "why": "status st on 2020-04-30"},
        "300005.SZ": {"decision": "out", "rule": "price", "why": "close 5 on 2020-04-30, less than 20"},
        "600002.SH": {"decision": "out", "rule": "float", "why": "free float 50.25% of all shares, less than 60.00%"},
        "600004.SH": {
            "decision": "out",
            "rule": "float",
            "why": "free-float capitalisation 36,000, less than 36,000.01",
        },
    }
    words = reviewed(make_method, "eligibility.turnover = { at_least = 60, drop_bottom = 0.15 }").outcome("2020-06-15")
    told = words.waterfall.set_index("security")["why"]
    assert told["300008.SZ"] == "average daily amount 50 over 6 months, less than 60"
    assert told["688007.SH"] == "average daily amount 100 over 6 months, among the lowest 15%"


def test_a_look_back_that_begins_before_the_data_is_told(make_method):
    baskets = reviewed(make_method, "eligibility.turnover.at_least = 1")
    assert baskets.notices == (
        "small: the look-back of the review with cut-off 2020-01-06 begins on 2019-07-07, and the market data on 2020-01-06: averages are over what there is",
        "small: the look-back of the review with cut-off 2020-04-30 begins on 2019-10-31, and the market data on 2020-01-06: averages are over what there is",
    )


def test_rules_that_would_decide_nothing_are_refused(make_method):
    with pytest.raises(ReviewError, match=r"eligibility.scope.exchanges: unknown 'XSHH' \(did you mean 'XSHG'\?\)"):
        reviewed(make_method, 'eligibility.scope.exchanges = ["XSHH"]')
    with pytest.raises(ReviewError, match="eligibility.scope.boards: unknown 'mian'"):
        reviewed(make_method, 'eligibility.scope.boards = ["mian"]')


def test_amounts_that_are_not_there_are_asked_for(make_method, make_market):
    market = make_market({"A.SH": [1.0, 1.0], "B.SH": [2.0, 2.0]})
    for settings in ("eligibility.turnover.at_least = 1", 'selection.count = 1\nranking.by = "turnover"'):
        with pytest.raises(ReviewError, match="`prices` has no column amount"):
            fi.review(make_method(settings), market)
