"""Going on from a close gives the bits of the whole, where a review looks at the one before it."""

from __future__ import annotations

import numpy as np
import pytest

import fintech_index as fi
from fintech_index.errors import ReviewError
from review_worlds import SESSIONS, review_market, risen

LEAVES = [
    {"ex_date": "2020-03-02", "security": "600001.SH", "kind": "delisting"},
    {"ex_date": "2020-06-10", "security": "600003.SH", "kind": "delisting"},  # between price date and effective date
    {"ex_date": "2020-08-03", "security": "600002.SH", "kind": "delisting"},
]
STATUS = [("300008.SZ", "st", "2020-06-20", "2020-07-20")]
RANKED = """
review.months = [3, 6, 9]
review.cutoff = { sessions_before = 10 }
eligibility.status.exclude = ["st"]
eligibility.seasoning.months = 1
ranking.lookback_months = 2
selection = { count = 3, buffer = { enter = 2, stay = 4 }, turnover_limit = 0.34, reserve = 3 }
actions.replacement = "newcomer"
free_float.by = "ftse"
weighting.single_cap = 0.5
"""


@pytest.fixture(scope="module")
def world():
    return review_market(
        LEAVES, STATUS, [risen("300006.SZ", 20000, "2020-04-01"), risen("300005.SZ", 30000, "2020-07-01")]
    )


@pytest.mark.parametrize(
    "date",
    [
        "2020-01-06",
        "2020-02-28",
        "2020-03-02",
        "2020-06-09",
        "2020-06-10",
        "2020-06-15",
        "2020-07-08",
        "2020-07-14",
        "2020-08-03",
        "2020-09-10",
        "2020-10-29",
    ],
)
def test_from_the_same_market(make_method, world, date):
    method = make_method(RANKED)
    whole = fi.calculate(method, world)
    state = type(whole.state(date)).from_json(whole.state(date).to_json())
    rest = fi.calculate(method, world, resume=state)
    later = whole.levels.index > date
    assert rest.levels.equals(whole.levels[later])
    assert rest.divisors.equals(whole.divisors[later])
    last = SESSIONS[-1]
    assert rest.constituents(last).equals(whole.constituents(last))
    assert rest.state(last) == whole.state(last)


@pytest.mark.parametrize("date", ["2020-02-28", "2020-03-02", "2020-07-14", "2020-08-03"])
def test_from_a_market_that_begins_after_the_base(make_method, world, date):
    """It has what the next review looks back at, and no review before the state."""
    rules = RANKED.replace("lookback_months = 2", "lookback_months = 1")
    method = make_method(rules)
    whole = fi.calculate(method, world)
    late = world.on_sessions(np.arange(world.session(date), len(SESSIONS)))
    rest = fi.calculate(method, late, resume=whole.state(date))
    assert rest.levels.equals(whole.levels[whole.levels.index > date])


def test_a_state_knows_the_incumbents(make_method):
    settings = "review.months = [6]\nranking.lookback_months = 1\nselection = { count = 4, turnover_limit = 0.25 }"
    method = make_method(settings)
    market = review_market(shares=[risen("300006.SZ", 20000, "2020-02-03"), risen("300005.SZ", 20000, "2020-02-03")])
    late = market.on_sessions(np.arange(market.session("2020-03-02"), len(SESSIONS)))
    rest = fi.calculate(method, late, resume=fi.calculate(method, market).state("2020-03-02"))
    assert sorted(rest.constituents("2020-06-15").index) == ["300006.SZ", "300008.SZ", "600001.SH", "600002.SH"]


MONTHLY = 'review.months = [6]\neligibility.status = { exclude = ["st"], when = "monthly" }\n'


def test_months_after_the_last_review_are_not_lost(make_method):
    market = review_market(status=[("600002.SH", "st", "2020-06-29", "2020-08-20")])
    method = make_method(MONTHLY)
    whole = fi.calculate(method, market)
    rest = fi.calculate(method, market, resume=whole.state("2020-07-08"))
    assert rest.levels.equals(whole.levels[whole.levels.index > "2020-07-08"])
    assert "600002.SH" not in rest.constituents("2020-07-13").index
    assert "600002.SH" in rest.constituents("2020-09-14").index
    late = market.on_sessions(np.arange(market.session("2020-07-08"), len(SESSIONS)))
    with pytest.raises(ReviewError, match="needs market data from the base date 2020-01-06 on"):
        fi.calculate(method, late, resume=whole.state("2020-07-08"))
