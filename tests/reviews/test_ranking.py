from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import ReviewError
from fintech_index.reviews._lookback import Averages, LookBack
from review_worlds import SESSIONS, review_market


def order_of(make_method, settings, market=None, effective="2020-06-15"):
    text = f"review.months = [6]\nselection.count = 2\n{settings}"
    outcome = fi.review(make_method(text), market or review_market()).outcome(effective)
    codes = outcome.market.securities.codes
    return [codes[who].split(".")[0] for who in outcome.ranked.order]


BY_TOTAL = ["600001", "600002", "300008", "600003", "600004", "300005", "300006", "688007"]


@pytest.mark.parametrize(
    ("settings", "order"),
    [
        # 90,000 80,000 64,000 60,000 52,000 49,500 48,000 42,000
        ("", BY_TOTAL),
        # 10 x 3,070, 20 x 2,010, 8 x 5,000 ...
        ('ranking.by = "free_float_cap"', ["600003", "600002", "300008", "600004", "600001", "688007", "300005", "300006"]),
        ('ranking.by = "turnover"', ["600001", "600002", "600003", "600004", "300005", "300006", "688007", "300008"]),
        # ranks 1+1, 2+2, 3+8, 4+3, 5+4, 6+5, 7+6, 8+7: 300005 and 300008 tie at 11, by code
        ("ranking.by = { total_cap = 1, turnover = 1 }", ["600001", "600002", "600003", "600004", "300005", "300008", "300006", "688007"]),
        ('ranking.by = { total_cap = 1, turnover = 1 }\nranking.ties = "total_cap"', ["600001", "600002", "600003", "600004", "300008", "300005", "300006", "688007"]),
        # 2 x 3 + 8 = 14 against 2 x 4 + 3 and 2 x 5 + 4 = 14 and 2 x 6 + 5
        ("ranking.by = { total_cap = 1.0, turnover = 0.5 }", ["600001", "600002", "600003", "300008", "600004", "300005", "300006", "688007"]),
    ],
)  # fmt: skip
def test_orders(make_method, settings, order):
    assert order_of(make_method, settings) == order


TIED = {
    "300006.SZ": (6.0, 8000, 900, 400.0, "2020-01-06", "Beijing", "SEC", "ledger", "six", 1.0),
    "300005.SZ": (5.0, 9600, 4000, 500.0, "2019-10-01", "Beijing", "SEC", "ledger", "five", 3.0),
    "688007.SH": (80.0, 600, 300, 100.0, "2020-03-02", "Wuhan", "DLT", "ledger", "seven", 1.0),
}  # 48,000 each


@pytest.mark.parametrize(
    ("ties", "last"),
    [
        ("security", ["300005", "300006", "688007"]),
        ("listed", ["300005", "300006", "688007"]),
        ("turnover", ["300005", "300006", "688007"]),
        ("free_float_cap", ["688007", "300005", "300006"]),  # 24,000 20,000 5,400
    ],
)
def test_ties(make_method, ties, last):
    assert order_of(make_method, f'ranking.ties = "{ties}"', review_market(rows=TIED))[-3:] == last


def test_the_earlier_listed_goes_first(make_method):
    rows = TIED | {"300005.SZ": (5.0, 9600, 4000, 500.0, "2020-02-03", "Beijing", "SEC", "ledger", "five", 3.0)}
    assert order_of(make_method, 'ranking.ties = "listed"', review_market(rows=rows))[-3:] == [
        "300006",
        "300005",
        "688007",
    ]


def test_an_average_is_over_the_days_of_trade_at_the_count_of_each(make_method):
    # 600001 has 9,000 shares for 10 sessions and 9,500 from the eleventh on; 84 sessions up to the cut-off.
    more = {"effective": SESSIONS[10], "security": "600001.SH", "total": 9500, "float": 9500, "free_float": 3070}
    market = review_market(shares=[more])
    cutoff = SESSIONS.index("2020-04-30")
    back = LookBack(make_method("review.months = [6]"), market, cutoff, 6)
    one, suspended = (market.securities.index[code] for code in ("600001.SH", "600004.SH"))
    caps = back.average("total_cap", np.array(sorted([one, suspended])))
    exact = dict(zip(sorted([one, suspended]), (caps.exact(0), caps.exact(1)), strict=True))
    assert cutoff == 83
    assert exact[one] == Fraction(10 * (10 * 9000 + 74 * 9500), 84)
    assert exact[suspended] == 52000  # over the 44 sessions on which it traded
    assert caps.days.tolist() == ([84, 44] if one < suspended else [44, 84])


def test_a_look_back_of_no_months_is_the_cut_off_date(make_method):
    back = LookBack(make_method(), review_market(), 83, 0)
    assert (back.start, back.stop, back.notices) == (83, 84, ())


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=12), st.integers(0, 40))
def test_places_are_exact_whatever_the_size(pairs, exponent):
    totals = [total * 3**exponent for total, _ in pairs]
    averages = Averages(np.array(totals, object), np.array([days for _, days in pairs]), 100, None)
    exact = [Fraction(total, days) for total, (_, days) in zip(totals, pairs, strict=True)]
    assert averages.places().tolist() == [1 + sum(other > own for other in exact) for own in exact]


def test_a_limit_is_compared_exactly():
    averages = Averages(np.array([10**17 - 1, 10**17]), np.array([3, 3]), 1, None)
    assert averages.at_least(Fraction(10**17, 3)).tolist() == [False, True]


def test_sizes_beyond_64_bits_are_counted_all_the_same(make_method):
    rows = {"600001.SH": (10.0, 9 * 10**17, 3070, 900.0, None, "Shenzhen", "PAY", "net", "one", 1.0)}
    assert order_of(make_method, "", review_market(rows=rows)) == BY_TOTAL


def test_another_currency_counts_at_the_rate_of_the_cut_off(make_method, make_market):
    fx = [{"date": date, "currency": "HKD", "rate": rate} for date, rate in (("2020-01-06", 0.5), ("2020-01-07", 3.0))]
    import pandas as pd

    market = make_market({"600001.SH": [10.0, 10.0], "00001.HK": [10.0, 10.0]}, fx=pd.DataFrame(fx))
    method = make_method("selection.count = 1\nranking.lookback_months = 1", base="2020-01-07")
    (outcome,) = fi.review(method, market).outcomes
    assert outcome.waterfall["security"].tolist() == ["00001.HK", "600001.SH"]


def test_a_security_suspended_over_the_whole_look_back_counts_at_its_last_price(make_method):
    # 600004 is suspended on sessions 20 to 59; the cut-off of a base on session 40 is in it.
    text = "selection.count = 2\nranking.lookback_months = {}"
    for months in (0, 1):
        method = make_method(text.format(months), base=SESSIONS[45])
        (outcome,) = fi.review(method, review_market()).outcomes
        codes = outcome.market.securities.codes
        assert [codes[who] for who in outcome.ranked.order].index("600004.SH") == 4  # 52,000, as ever


def test_rows_without_an_amount_are_refused_where_a_rule_looks_at_them(make_method):
    market = review_market(rows={"600001.SH": (10.0, 9000, 3070, None, None, "Shenzhen", "PAY", "net", "one", 1.0)})
    with pytest.raises(ReviewError, match="600001.SH: 1 rows without an amount up to 2020-01-06"):
        fi.review(make_method("eligibility.turnover.at_least = 1"), market)
    assert len(fi.review(make_method("review.months = [6]"), market)) == 2  # nobody asks
