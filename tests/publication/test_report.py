from __future__ import annotations

import pytest

import fintech_index as fi
from fintech_index.market._trading import Trading
from fintech_index.methodology._loading import parse
from fintech_index.publication import report
from review_worlds import review_market

# Close x free float: 600001 30,700; 600002 40,200; 300006 5,400 at the base. Its count is 3,070 later.
SETTINGS = """
name = "three"
base.date = 2020-01-06
universe.securities = ["600001.SH", "600002.SH", "300006.SZ"]
weighting.single_cap = 0.5
review.months = [6]
"""
OLD = {"300006.SZ": (6.0, 8000, 900, 400.0, None, "Beijing", "SEC", "ledger", "six", 1.0)}
GROWN = {"effective": "2020-02-03", "security": "300006.SZ", "total": 8000, "float": 8000, "free_float": 3070}


@pytest.fixture(scope="module")
def reviewed():
    method, market = parse(SETTINGS, where="test"), review_market(shares=[GROWN], rows=OLD)
    baskets = fi.review(method, market)
    return [report(method, market, baskets, outcome, 1000) for outcome in baskets.outcomes]


def test_the_first_review_has_nothing_before_it(reviewed):
    first, _ = reviewed
    assert first.turnover == 1
    assert first.changes["before"].tolist() == [0, 0, 0]
    assert first.summary["additions"] == ["300006.SZ", "600001.SH", "600002.SH"]


def test_changes_of_weight(reviewed):
    _, second = reviewed
    # 600002 is capped at half at the base: the others are 30,700 and 5,400 of 36,100, so half of that each. At the review
    # 30,700 and 40,200 and 18,420 are 89,320 in all, and no cap binds.
    changes = second.changes.set_index("security")
    assert changes["before"].to_dict() == pytest.approx(
        {"600001.SH": 30700 / 72200, "600002.SH": 0.5, "300006.SZ": 5400 / 72200}, abs=1e-4
    )
    assert changes["after"].to_dict() == pytest.approx(
        {"600001.SH": 30700 / 89320, "600002.SH": 40200 / 89320, "300006.SZ": 18420 / 89320}
    )
    grows = 18420 / 89320 - changes["before"]["300006.SZ"]
    assert float(second.turnover) == pytest.approx(grows)  # what one gains the two others lose
    assert changes["amount"].to_dict() == {"600001.SH": 900, "600002.SH": 800, "300006.SZ": 400}
    assert changes["days"]["300006.SZ"] == pytest.approx(grows * 1000 / 400)
    assert changes["decision"].tolist() == ["stays", "stays", "stays"]


def test_the_summary_says_what_caps_do(reviewed):
    first, second = (each.summary for each in reviewed)
    assert first["caps_binding"] == ["single_cap: 1 name"]
    assert first["weight_moved_by_caps"] == pytest.approx(40200 / 76300 - 0.5)
    assert second["caps_binding"] == []
    assert (second["cutoff"], second["price_date"], second["effective"]) == ("2020-04-30", "2020-06-08", "2020-06-15")


def test_without_amounts_there_are_no_days():
    method, market = parse(SETTINGS, where="test"), review_market()
    market.trading = Trading(None)
    baskets = fi.review(method, market)
    assert report(method, market, baskets, baskets.outcomes[1]).changes["days"].isna().all()
