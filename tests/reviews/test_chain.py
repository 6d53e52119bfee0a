"""Reviews one after another: who is an incumbent, late starts, kept baskets, rules that are dropped, who stands ready."""

from __future__ import annotations

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import NotStartedError, RequestError, ReviewError
from review_worlds import CODES, SESSIONS, members, review_market, risen

BASE = "2020-01-06"
JUNE = "2020-06-15"


def test_a_ranked_index_with_a_limit_of_one(make_method):
    # At the base 600001, 600002, 300008, 600003 lead (90, 80, 64, 60 thousand). Then 300006 and 300005 pass them.
    market = review_market(shares=[risen("300006.SZ", 20000), risen("300005.SZ", 20000)])
    settings = "review.months = [6]\nselection = { count = 4, turnover_limit = 0.25 }"
    baskets = fi.review(make_method(settings), market)
    assert members(baskets, BASE) == ["300008.SZ", "600001.SH", "600002.SH", "600003.SH"]
    assert members(baskets, JUNE) == ["300006.SZ", "300008.SZ", "600001.SH", "600002.SH"]  # the worst leaves, one only
    frame = baskets.outcome(JUNE).waterfall.set_index("security")
    told = frame.loc[["300006.SZ", "300005.SZ", "600003.SH"], ["decision", "rule", "why", "rank"]]
    assert told.to_dict("index") == {
        "300006.SZ": {"decision": "new", "rule": "", "why": "enters: rank 1", "rank": 1},
        "300005.SZ": {"decision": "ranked", "rule": "selection", "why": "rank 2 of 8", "rank": 2},
        "600003.SH": {"decision": "leaves", "rule": "selection", "why": "rank 6 of 8, beyond 4", "rank": 6},
    }


def test_an_incumbent_that_fails_is_replaced_and_nothing_else_changes(make_method):
    market = review_market(
        shares=[risen("300006.SZ", 20000), risen("300005.SZ", 20000)], status=[("600002.SH", "st", "2020-04-01", None)]
    )
    settings = (
        "review.months = [6]\neligibility.status.exclude = ['st']\nselection = { count = 4, turnover_limit = 0.25 }"
    )
    baskets = fi.review(make_method(settings), market)
    assert members(baskets, JUNE) == ["300006.SZ", "300008.SZ", "600001.SH", "600003.SH"]
    outcome = baskets.outcome(JUNE)
    codes = outcome.market.securities.codes
    assert [codes[who] for who in outcome.deletions] == ["600002.SH"]
    assert outcome.waterfall.set_index("security").loc["600002.SH", "decision"] == "leaves"


def test_a_window_gives_the_same_baskets_as_the_whole(make_method):
    market = review_market(shares=[risen("300006.SZ", 20000)])
    method = make_method("review.months = [3, 6]\nreview.cutoff = { sessions_before = 10 }\nselection.count = 3")
    whole, part = fi.review(method, market), fi.review(method, market, start="2020-04-01")
    assert members(part, JUNE) == members(whole, JUNE)
    assert part.frame.equals(whole.frame[whole.frame["effective"] == JUNE].reset_index(drop=True))
    assert [str(each.effective) for each in part.outcomes] == [JUNE]


def test_fewer_eligible_than_the_count(make_method):
    with pytest.raises(
        ReviewError,
        match=r"7 securities are eligible for the review effective 2020-01-06, fewer than selection.count \(8\)",
    ):
        fi.review(make_method("selection.count = 8"), review_market())


def test_rules_are_dropped_in_their_order_while_too_few_are_eligible(make_method):
    settings = """
eligibility.seasoning.months = 6
eligibility.price.at_least = 20
eligibility.turnover.at_least = 600
selection = { count = 4, relax = ["price", "seasoning", "turnover"] }
"""
    (outcome,) = fi.review(make_method(settings), review_market()).outcomes
    assert outcome.relaxed == ("price",)  # 600001 comes in; enough
    assert outcome.notices[-1] == "small: the review effective 2020-01-06 was possible only without price"
    (outcome,) = fi.review(make_method(settings.replace("count = 4", "count = 5")), review_market()).outcomes
    assert outcome.relaxed == ("price", "seasoning", "turnover")
    with pytest.raises(ReviewError, match="fewer than selection.count"):
        fi.review(make_method(settings.replace("count = 4", "count = 8")), review_market())


def test_caps_are_dropped_in_their_order(make_method):
    settings = 'weighting = { single_cap = 0.25, group_cap = 0.1, relax = ["group_cap", "single_cap"] }'
    (outcome,) = fi.review(make_method(settings), review_market()).outcomes
    assert outcome.relaxed == ("group_cap",)
    assert max(outcome.weighted.weights) == pytest.approx(0.25, abs=1e-3)


def test_an_index_starts_when_it_has_enough_names(make_method):
    method = make_method("review.months = [6]\nselection.at_least = 8")  # two are listed after the base
    baskets = fi.review(method, review_market())
    assert members(baskets, JUNE) == sorted(CODES)
    assert len(baskets) == 1
    history = fi.calculate(method, review_market())
    assert str(history.sessions[0]) == JUNE
    assert history.levels.iloc[0].tolist() == [1000, 1000, 1000]
    with pytest.raises(
        NotStartedError, match="small: it has not started: no review up to 2020-06-15 has 9 eligible names"
    ):
        fi.review(make_method("review.months = [6]\nselection.at_least = 9"), review_market())


def test_with_too_few_names_later_the_basket_is_kept_and_flagged(make_method):
    status = [(code, "st", "2020-04-01", None) for code in CODES[:3]]
    method = make_method("review.months = [6]\nselection.at_least = 6\neligibility.status.exclude = ['st']")
    market = review_market(status=status)
    baskets = fi.review(method, market)
    assert len(baskets) == 1
    notice = "small: fewer than 6 eligible names on 2020-06-15: the basket is kept"
    assert baskets.notices == (notice,)
    assert notice in fi.calculate(method, market).notices
    with pytest.raises(RequestError, match="no basket takes effect from 2020-06-01"):
        fi.review(method, market, start="2020-06-01")


LEAVES = {"ex_date": "2020-07-01", "security": "600001.SH", "kind": "delisting"}
RESERVED = """
review.months = [6]
actions.replacement = "newcomer"
eligibility.status.exclude = ["st"]
selection = { count = 4, reserve = 2, turnover_limit = 0.25 }
"""


def test_the_first_of_the_reserve_that_can_takes_a_leavers_place(make_method):
    market = review_market([LEAVES])
    history = fi.calculate(make_method(RESERVED), market)
    outcome = history.baskets.outcome(JUNE)
    codes = outcome.market.securities.codes
    assert [codes[who] for who in outcome.after.reserve] == ["600004.SH", "300005.SZ"]
    after = history.constituents("2020-07-01")
    assert sorted(after.index) == ["300008.SZ", "600002.SH", "600003.SH", "600004.SH"]
    # 3,070 shares at 10 are 30,700, which buy 767.5 of 600004 at 40: 900 x 0.852777777778 = 767.5, half up.
    assert after.loc["600004.SH", "index_shares"] == 768
    assert str(after.loc["600004.SH", "capping_factor"]) == "0.853333333333"
    barred = review_market([LEAVES], status=[("600004.SH", "st", "2020-06-20", None)])
    again = fi.calculate(make_method(RESERVED), barred).constituents("2020-07-01")
    assert sorted(again.index) == ["300005.SZ", "300008.SZ", "600002.SH", "600003.SH"]


@pytest.mark.parametrize("rule", ["", 'actions.reference_price = "exchange"'])
def test_actions_apply_to_who_came_in_from_the_reserve(make_method, rule):
    """600004 is in no basket; its bonus of 1 for 20, after it came in, counts all the same: 806.4."""
    bonus = {"ex_date": "2020-07-02", "security": "600004.SH", "kind": "bonus", "ratio": 0.05}
    history = fi.calculate(make_method(f"{RESERVED}\n{rule}"), review_market([LEAVES, bonus]))
    assert history.constituents("2020-07-01").loc["600004.SH", "index_shares"] == 768
    assert history.constituents("2020-07-02").loc["600004.SH", "index_shares"] == 806


def test_who_came_in_from_the_reserve_is_an_incumbent_of_the_next_review(make_method):
    early = LEAVES | {"ex_date": "2020-02-03"}
    baskets = fi.review(make_method(RESERVED), review_market([early], shares=[risen("300006.SZ", 20000)]))
    assert members(baskets, BASE) == ["300008.SZ", "600001.SH", "600002.SH", "600003.SH"]
    # 600004 has replaced 600001, and is the worst of the incumbents when 300006 takes one place.
    assert members(baskets, JUNE) == ["300006.SZ", "300008.SZ", "600002.SH", "600003.SH"]
    codes = baskets.outcome(JUNE).market.securities.codes
    assert [codes[who] for who in baskets.outcome(JUNE).deletions] == ["600004.SH"]


def test_without_a_reserve_the_place_is_filled_at_the_review_and_does_not_count(make_method):
    early = LEAVES | {"ex_date": "2020-02-03"}
    settings = "review.months = [6]\nselection = { count = 4, turnover_limit = 0.25 }"
    baskets = fi.review(make_method(settings), review_market([early], shares=[risen("300006.SZ", 20000)]))
    # 300006 ranks first and fills the place of 600001; one swap is allowed, and no newcomer ranks better.
    assert members(baskets, JUNE) == ["300006.SZ", "300008.SZ", "600002.SH", "600003.SH"]


def test_a_reserve_without_anybody_who_can_is_told(make_method):
    from fintech_index.errors import CorporateActionError

    barred = [(code, "st", "2020-06-20", None) for code in ("600004.SH", "300005.SZ")]
    with pytest.raises(CorporateActionError, match="or a selection.reserve with a name that can enter"):
        fi.calculate(make_method(RESERVED), review_market([LEAVES], status=barred))


def test_a_security_too_young_but_large_enters_by_its_size(make_method):
    rows = {"688007.SH": (70.0, 60000, 300, 100.0, "2020-03-02", "Wuhan", "DLT", "ledger", "seven", 1.0)}
    settings = (
        "review.months = [6]\neligibility.seasoning.months = 6\nselection = {{ count = 4, turnover_limit = 0.25{} }}"
    )
    market = review_market(rows=rows)
    plain = fi.review(make_method(settings.format("")), market)
    assert "688007.SH" not in members(plain, JUNE)
    fast = fi.review(make_method(settings.format(", fast_entry_rank = 1")), market)
    assert members(fast, JUNE) == ["300008.SZ", "600001.SH", "600002.SH", "688007.SH"]
    row = fast.outcome(JUNE).waterfall.set_index("security").loc["688007.SH"]
    assert (row["decision"], row["why"], row["rank"]) == ("fast", "enters by its size", 1)


def test_ftse_bands_remember_the_ratio_of_the_review_before(make_method):
    # 600004 has 900 of 1,300: 69.23 %, 70 %. Later 936 (72 %) is within 3 points, and 962 (74 %) is not.
    def counted(free):
        later = {"effective": "2020-05-04", "security": "600004.SH", "total": 1300, "float": 1300, "free_float": free}
        baskets = fi.review(make_method("review.months = [6]\nfree_float.by = 'ftse'"), review_market(shares=[later]))
        frame = baskets.frame.set_index(["effective", "security"])
        return frame.loc[(pd.Timestamp(JUNE), "600004.SH"), "free_float"]

    assert counted(936) == 910
    assert counted(949) == 910  # 73 % is just 3 points away
    assert counted(962) == 962


def test_weights_by_all_shares_and_by_score(make_method):
    frame = fi.review(make_method('weighting.by = "total_cap"'), review_market()).frame.set_index("security")
    assert frame.loc["600001.SH", ["free_float", "index_shares"]].tolist() == [9000, 9000]
    scored = fi.review(make_method('weighting.by = "score"'), review_market()).frame.set_index("security")
    assert scored.loc["600002.SH", ["free_float", "index_shares"]].tolist() == [2010, 4020]
    assert str(scored.loc["600002.SH", "capping_factor"]) == "2.000000000000"
    rows = {"600002.SH": (20.0, 4000, 2010, 800.0, None, "Shenzhen", "PAY", "net", "two", None)}
    with pytest.raises(ReviewError, match="600002.SH: `score` of `securities` is empty"):
        fi.review(make_method('weighting.by = "score"'), review_market(rows=rows))


def test_prices_and_counts_as_of_the_effective_date(make_method):
    happened = [
        {"ex_date": "2020-06-10", "security": "600002.SH", "kind": "cash_dividend", "cash": 1.0},
        {
            "ex_date": "2020-06-15",
            "security": "600002.SH",
            "kind": "cash_dividend",
            "cash": 5.0,
        },  # on the effective date
    ]
    later = {"effective": "2020-06-12", "security": "600001.SH", "total": 9000, "float": 9000, "free_float": 4000}
    settings = "review.months = [6]\nweighting = {{ single_cap = 0.5, {} }}"
    market = review_market(happened, shares=[later])

    def reviewed(setting):
        outcome = fi.review(make_method(settings.format(setting)), market).outcome(JUNE)
        codes = outcome.market.securities.codes
        at = [codes[who] for who in outcome.securities]
        weighted = outcome.weighted
        return dict(zip(at, weighted.prices, strict=True)), dict(zip(at, weighted.free_float, strict=True)), outcome

    prices, counts, _ = reviewed('prices_as_of = "effective"')
    assert (prices["600002.SH"], counts["600001.SH"]) == (19, 3070)
    prices, counts, outcome = reviewed('shares_as_of = "effective"')
    assert (prices["600002.SH"], counts["600001.SH"]) == (20, 4000)
    assert str(outcome.market.sessions[outcome.shares_date]) == "2020-06-12"


def test_the_sessions_of_the_world_are_weekdays():
    assert SESSIONS[0] == BASE
    assert len(SESSIONS) == 215


def test_a_security_is_in_the_waterfall_once(make_method):
    settings = "review.months = [6]\neligibility.seasoning.months = 6\nselection = { count = 4, fast_entry_rank = 1 }"
    frame = fi.review(make_method(settings), review_market()).outcome(JUNE).waterfall
    assert frame["security"].is_unique
    young = frame.set_index("security").loc["688007.SH"]
    assert (young["decision"], young["rule"], str(young["rank"])) == ("out", "seasoning", "<NA>")


@pytest.mark.parametrize(
    "settings", ['prices_as_of = "effective"', 'shares_as_of = "effective"', 'prices_as_of = "price_date"', None]
)
def test_a_bonus_between_the_dates_moves_no_weight(make_method, settings):
    """Whichever of price and count is of the effective date: a share for each one halves the price."""
    both = 'prices_as_of = "effective", shares_as_of = "effective"'
    bonus = {"ex_date": "2020-06-10", "security": "600003.SH", "kind": "split", "ratio": 2.0}
    grown = {"effective": "2020-06-10", "security": "600003.SH", "total": 4000, "float": 4000, "free_float": 3980}
    market = review_market([bonus], shares=[grown], moves={"600003.SH": ("2020-06-10", 15.0)})
    caps = f"weighting = {{ single_cap = 0.2, {both if settings is None else settings} }}"
    method = make_method(f"review.months = [6]\nuniverse.securities = {CODES[:6]}\n{caps}")
    outcome = fi.review(method, market).outcome(JUNE)
    codes = outcome.market.securities.codes
    weights = {codes[who]: weight for who, weight in zip(outcome.securities, outcome.weighted.weights, strict=True)}
    assert float(weights["600003.SH"]) == pytest.approx(0.2, abs=1e-3)
    held = fi.calculate(method, market).constituents(JUNE)["index_shares"]
    plain = fi.calculate(
        make_method(f"review.months = [6]\nuniverse.securities = {CODES[:6]}\nweighting.single_cap = 0.2"), market
    )
    assert held.to_dict() == pytest.approx(plain.constituents(JUNE)["index_shares"].to_dict(), abs=1)


def test_why_a_constituent_is_in_or_not_is_told_by_its_rank(make_method):
    shares = [risen("300006.SZ", 20000), risen("300005.SZ", 20000)]
    settings = "review.months = [6]\nselection = { count = 4, buffer = { enter = 1, stay = 7 }, turnover_limit = 0.25 }"
    frame = fi.review(make_method(settings), review_market(shares=shares)).outcome(JUNE).waterfall
    assert frame.set_index("security")["why"].to_dict() == {
        "300006.SZ": "enters: rank 1, within 1",
        "600001.SH": "stays: rank 3, within 7",
        "600002.SH": "stays: rank 4, within 7",
        "300008.SZ": "stays: rank 5, within 7",
        "600003.SH": "rank 6 of 8, for 300006.SZ",
        "300005.SZ": "rank 2 of 8, beyond 1",
        "600004.SH": "rank 7 of 8",
        "688007.SH": "rank 8 of 8",
    }


def test_where_all_enter_ranks_are_by_uncapped_value(make_method):
    (outcome,) = fi.review(make_method("weighting.single_cap = 0.2"), review_market()).outcomes
    ranks = outcome.waterfall.set_index("security")["rank"].dropna().to_dict()
    assert [code for code, _ in sorted(ranks.items(), key=lambda each: each[1])][:3] == [
        "600003.SH",
        "600002.SH",
        "300008.SZ",
    ]


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ("group_caps = { BKN = 0.2 }", r"weighting.group_caps: unknown category 'BKN' \(did you mean 'BNK'\?\)"),
        ("single_caps = { BKN = 0.2 }", "weighting.single_caps: unknown category 'BKN'"),
        ('group_cap = 0.2, group_by = "city"', "weighting.group_by: `securities` has no city at all"),
    ],
)
def test_caps_of_groups_that_hold_nobody_are_refused(make_method, settings, what):
    rows = dict.fromkeys(CODES, (10.0, 9000, 3070, 900.0, None, None, "BNK", "net", "one", 1.0))
    with pytest.raises(ReviewError, match=what):
        fi.review(make_method(f"weighting = {{ {settings} }}"), review_market(rows=rows))


def test_constituents_that_no_group_has_are_told(make_method):
    rows = {"600001.SH": (10.0, 9000, 3070, 900.0, None, "Shenzhen", None, "net", "one", 1.0)}
    (outcome,) = fi.review(make_method("weighting.group_cap = 0.5"), review_market(rows=rows)).outcomes
    assert outcome.notices == (
        "small: the review effective 2020-01-06 has constituents without a category, which no cap of groups holds: 600001.SH",
    )


def test_those_that_could_enter_only_by_their_size_count_in_no_rank(make_method):
    """688007 is young: last by capitalisation, and by amount before 300008, which its going away does not lift."""
    settings = "review.months = [6]\neligibility.seasoning.months = 6\nranking.by = { total_cap = 1, turnover = 1 }\n"
    plain, fast = (
        fi.review(make_method(f"{settings}selection = {{ count = 4{more} }}"), review_market()).outcome(JUNE)
        for more in ("", ", fast_entry_rank = 1")
    )
    assert plain.ranks == fast.ranks
    assert len(fast.ranked.looked_at) == len(plain.ranked.looked_at) + 2
