"""Status between reviews: who becomes ST leaves in the following month, and comes back after it."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import ReviewError
from review_worlds import CODES, members, review_market

BASE = "2020-01-06"
JUNE = "2020-06-15"


MONTHLY = 'review.months = [6]\neligibility.status = { exclude = ["st"], when = "monthly" }\n'


def test_who_becomes_st_leaves_in_the_following_month_and_comes_back_after_it(make_method):
    status = [("600002.SH", "st", "2020-06-29", "2020-08-20"), ("600003.SH", "st", "2020-07-01", None)]
    market = review_market(status=status)
    baskets = fi.review(make_method(MONTHLY), market)
    dates = sorted({str(day)[:10] for day in baskets.frame["effective"]})
    # Second Fridays: 10 July, 14 August, 11 September, 9 October.
    assert dates == [BASE, JUNE, "2020-07-13", "2020-08-17", "2020-09-14"]
    assert set(members(baskets, JUNE)) - set(members(baskets, "2020-07-13")) == {"600002.SH"}
    assert set(members(baskets, "2020-07-13")) - set(members(baskets, "2020-08-17")) == {"600003.SH"}
    assert set(members(baskets, "2020-09-14")) - set(members(baskets, "2020-08-17")) == {"600002.SH"}
    frame = baskets.frame.set_index(["effective", "security"])["index_shares"]
    assert frame.loc[pd.Timestamp("2020-09-14"), "600002.SH"] == frame.loc[pd.Timestamp(JUNE), "600002.SH"]


def test_who_only_st_kept_out_at_the_review_comes_in_uncapped(make_method):
    status = [("600002.SH", "st", "2020-04-01", "2020-06-20")]
    baskets = fi.review(make_method(MONTHLY + "weighting.single_cap = 0.2"), review_market(status=status))
    assert "600002.SH" not in members(baskets, JUNE)
    assert "600002.SH" in members(baskets, "2020-07-13")
    frame = baskets.frame.set_index(["effective", "security"])
    assert frame.loc[(pd.Timestamp("2020-07-13"), "600002.SH"), "index_shares"] == 2010


def test_a_counted_index_is_made_up_from_its_reserve_month_by_month(make_method):
    status = [("600002.SH", "st", "2020-06-29", "2020-07-20")]
    settings = MONTHLY + "selection = { count = 4, reserve = 1 }"
    baskets = fi.review(make_method(settings), review_market(status=status))
    assert members(baskets, "2020-07-13") == ["300008.SZ", "600001.SH", "600003.SH", "600004.SH"]
    assert len(baskets) == 3  # it does not come back before the next review


def test_corporate_actions_reach_a_basket_of_the_month(make_method):
    bonus = {"ex_date": "2020-06-17", "security": "600001.SH", "kind": "bonus", "ratio": 0.05}
    status = [("600002.SH", "st", "2020-06-29", None)]
    history = fi.calculate(make_method(MONTHLY), review_market([bonus], status=status))
    assert history.constituents("2020-07-13").loc["600001.SH", "index_shares"] == round(3070 * 1.05)
    assert "600002.SH" not in history.constituents("2020-07-13").index
    moved = history.divisor_changes[history.divisor_changes["date"] == "2020-07-13"]
    assert set(moved["cause"]) == {"review"}


@pytest.mark.parametrize(
    "rule",
    [
        'eligibility.conduct.exclude = ["violation"]',
        "eligibility.price.at_least = 21",
        "eligibility.float.cap_at_least = 40201",
        "eligibility.turnover.at_least = 801",
    ],
)
def test_who_fails_another_rule_as_well_does_not_come_in_by_the_month(make_method, rule):
    status = [("600002.SH", "st", "2020-04-01", "2020-06-20"), ("600002.SH", "violation", "2020-01-01", None)]
    status += [("600001.SH", "st", "2020-04-01", "2020-06-20")] if "conduct" in rule else []
    baskets = fi.review(make_method(f"{MONTHLY}{rule}"), review_market(status=status))
    assert "600002.SH" not in set(baskets.security)
    assert ("600001.SH" in members(baskets, "2020-07-13")) == ("conduct" in rule)


def test_who_came_from_the_reserve_and_left_does_not_come_back_either(make_method):
    status = [("600002.SH", "st", "2020-06-29", None), ("600004.SH", "st", "2020-07-20", "2020-08-10")]
    baskets = fi.review(make_method(MONTHLY + "selection = { count = 4, reserve = 1 }"), review_market(status=status))
    assert "600004.SH" in members(baskets, "2020-07-13")
    assert members(baskets, "2020-08-17") == ["300008.SZ", "600001.SH", "600003.SH"]
    assert len(baskets) == 4


def test_an_incumbent_is_who_is_in_at_the_price_date(make_method):
    status = [("600002.SH", "st", "2020-01-20", "2020-03-20")]  # out from 17 February on
    settings = MONTHLY.replace("[6]", "[3, 6]").replace(
        "review.months", "review.cutoff = { sessions_before = 9 }\nreview.months"
    )
    settings = settings.replace("months = [3, 6]", "months = [6]")
    baskets = fi.review(make_method(settings), review_market(status=status))
    assert "600002.SH" in members(baskets, "2020-04-13")
    assert baskets.outcome(JUNE).waterfall.set_index("security").loc["600002.SH", "decision"] == "stays"
    longer = fi.review(make_method(settings), review_market(status=[("600002.SH", "st", "2020-01-20", "2020-05-29")]))
    assert longer.outcome(JUNE).waterfall.set_index("security").loc["600002.SH", "decision"] == "new"


def test_who_came_by_the_month_and_left_the_market_is_no_incumbent(make_method):
    gone = {"ex_date": "2020-05-04", "security": "600004.SH", "kind": "delisting"}
    status = [("600002.SH", "st", "2020-01-20", None)]  # out from 17 February on, and 600004 in
    settings = MONTHLY + "selection = { count = 4, reserve = 1, turnover_limit = 0.25 }"
    baskets = fi.review(make_method(settings), review_market([gone], status))
    assert "600004.SH" in members(baskets, "2020-02-17")
    outcome = baskets.outcome(JUNE)
    codes = outcome.market.securities.codes
    assert sorted(codes[who] for who in outcome.before.members) == ["300008.SZ", "600001.SH", "600003.SH"]
    assert outcome.waterfall.set_index("security").loc["600004.SH", "decision"] == "out"


def test_a_month_leaves_a_place_empty_that_the_market_has(make_method):
    gone = {"ex_date": "2020-06-24", "security": "600001.SH", "kind": "delisting"}
    settings = MONTHLY + "selection = { count = 4, reserve = 2 }"
    baskets = fi.review(make_method(settings), review_market([gone], [("600002.SH", "st", "2020-06-29", None)]))
    assert members(baskets, "2020-07-13") == ["300008.SZ", "600003.SH", "600004.SH"]  # for 600002


def test_a_month_that_leaves_nobody_is_refused(make_method):
    status = [(code, "st", "2020-06-29", None) for code in CODES]
    with pytest.raises(ReviewError, match="small: by its monthly status rule no constituent is left on 2020-07-13"):
        fi.review(make_method(MONTHLY), review_market(status=status))


def test_what_the_month_cannot_go_together_with_is_refused_by_name(make_method):
    with pytest.raises(fi.FintechIndexError, match='replacement = "newcomer" with .*"monthly" is not finished'):
        make_method(MONTHLY + 'actions.replacement = "newcomer"')
