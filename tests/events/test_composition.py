"""Leavers and entrants around reviews: what the answer files of single days do not show."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

import fintech_index as fi
from announced import ANNOUNCED, EFFECTIVE, PRICE_DATE, SESSIONS, STEADY, changes, held, on, own, until
from fintech_index.errors import CalculationError, CorporateActionError


def test_a_name_that_leaves_before_the_effective_date_does_not_enter(make_method, make_market):
    market = make_market(STEADY | {"C.SH": until(4)}, [on(4, "C.SH", "delisting")])
    history = fi.calculate(make_method(), market, own(*ANNOUNCED))
    assert held(history, 7) == {"B.SH": 50}
    assert changes(history) == [(EFFECTIVE, "", "review", -1500)]  # 500 for 2000, and never 2500
    assert (history.levels == 1000).all(axis=None)


def test_its_newcomer_enters_in_its_place(make_method, make_market):
    market = make_market(STEADY | {"C.SH": until(4)}, [on(4, "C.SH", "delisting", newcomer="D.SH")])
    history = fi.calculate(make_method('actions.replacement = "newcomer"'), market, own(*ANNOUNCED))
    assert held(history, 4) == {"A.SH": 100, "B.SH": 100}  # C was not in this one
    assert held(history, 7) == {"B.SH": 50, "D.SH": 200}
    assert changes(history) == [(EFFECTIVE, "", "review", 500)]


def test_a_name_that_leaves_on_the_effective_date_is_revalued_for_who_has_held_it(make_method, make_market):
    """B is in both baskets: 600 are lost on the 100 of the old one, and the 50 of the new one leave at 4."""
    market = make_market(STEADY | {"B.SH": until(EFFECTIVE)}, [on(EFFECTIVE, "B.SH", "delisting", price=4.0)])
    history = fi.calculate(make_method(), market, own(*ANNOUNCED))
    assert changes(history) == [
        (EFFECTIVE, "B.SH", "revaluation", -600),  # first of all, as at a session's open
        (EFFECTIVE, "", "review", 800),  # 50 x 4 + 200 x 10 = 2200 for the 1400 that are left
        (EFFECTIVE, "B.SH", "delisting", -200),
    ]
    assert history.levels["price"].tolist() == [1000] * 5 + [700] * 3  # 1400 of 2000
    assert history.divisors["price"].iloc[-1] == Decimal("2.85714285714285714")  # 2 x 2000/1400


def test_a_merger_before_the_effective_date_lets_the_acquirer_of_the_coming_basket_grow(make_method, make_market):
    market = make_market(STEADY | {"C.SH": until(4)}, [on(4, "C.SH", "merger", acquirer="B.SH", ratio=0.5)])
    history = fi.calculate(make_method(), market, own(*ANNOUNCED))
    # 0.5 x 400 free-float shares x 0.5 = 100 more of the 50; today's basket holds no C, and its B stays
    assert held(history, 4) == {"A.SH": 100, "B.SH": 100}
    assert held(history, 7) == {"B.SH": 150}


def test_a_child_of_a_coming_basket_is_held_from_its_effective_date_on(make_method, make_market):
    closes = STEADY | {"C.SH": [10.0] * 4 + [8.0] * 4, "K.SH": [None] * 4 + [4.0] * 4}
    spin_off = on(4, "C.SH", "spin_off", child="K.SH", ratio=0.5)
    stays = fi.calculate(make_method('actions.spin_off = "stays"'), make_market(closes, [spin_off]), own(*ANNOUNCED))
    assert held(stays, 7) == {"B.SH": 50, "C.SH": 200, "K.SH": 100}
    leaves = fi.calculate(make_method(), make_market(closes, [spin_off]), own(*ANNOUNCED))
    assert held(leaves, 7) == {"B.SH": 50, "C.SH": 200}  # its first close was before
    closes["K.SH"] = [None] * 5 + [4.0] * 3
    later = fi.calculate(make_method(), make_market(closes, [spin_off]), own(*ANNOUNCED))
    assert held(later, 5) == {"B.SH": 50, "C.SH": 200, "K.SH": 100}
    assert held(later, 6) == {"B.SH": 50, "C.SH": 200}


def test_an_acquirers_shares_are_counted_anew(make_method, make_market):
    """(1001 + 0.333 x 1000) x 0.5 = 667, where 501 + 166.5 would round to 668."""
    market = make_market(STEADY | {"A.SH": until(2)}, [on(2, "A.SH", "merger", acquirer="B.SH", ratio=0.333)])
    frame = pd.DataFrame({"effective": SESSIONS[0], "security": ["A.SH", "B.SH"], "index_shares": [500, 501]})
    frame = frame.assign(free_float=[1000, 1001], capping_factor=0.5)
    history = fi.calculate(make_method(), market, fi.Baskets.from_frame(frame))
    assert history.constituents(SESSIONS[3]).loc["B.SH", ["free_float", "index_shares"]].tolist() == [1334, 667]


def test_a_child_that_is_delisted_before_its_first_close(make_method, make_market):
    """It leaves at 3: that is performance, since it counted nothing."""
    closes = STEADY | {"A.SH": [10.0] * 3 + [8.0] * 5, "K.SH": [None] * 7 + [1.0]}
    happened = [on(3, "A.SH", "spin_off", child="K.SH", ratio=1.0), on(5, "K.SH", "delisting", price=3.0)]
    history = fi.calculate(make_method(), make_market(closes, happened), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert changes(history) == [(5, "K.SH", "revaluation", 300), (5, "K.SH", "delisting", -300)]
    assert history.levels["price"].tolist() == [1000] * 3 + [900] * 2 + [1050] * 3  # (1800 + 300) / 2


def test_points_of_a_child_that_was_listed_before(make_method, make_market):
    closes = STEADY | {"A.SH": [10.0] * 3 + [8.0] * 5, "D.SH": [4.0] * 8}
    spin_off = on(3, "A.SH", "spin_off", child="D.SH", ratio=0.5)
    history = fi.calculate(
        make_method(), make_market(closes, [spin_off]), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100))
    )
    told = history.explain(SESSIONS[3]).set_index("security")["price"]
    assert told.round(9).to_dict() == {"A.SH": -100, "D.SH": 100, "B.SH": 0, "": 0}


def test_two_splits_of_one_day_are_one_upon_another(make_method, make_market):
    happened = [on(2, "A.SH", "split", ratio=3.0), on(2, "A.SH", "consolidation", ratio=0.5)]
    market = make_market(STEADY | {"A.SH": [12.0] * 2 + [8.0] * 6}, happened)
    history = fi.calculate(make_method(), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert held(history, 2)["A.SH"] == 150
    assert (history.levels == 1000).all(axis=None)


def test_a_basket_that_holds_what_has_left_is_refused(make_method, make_market):
    market = make_market(STEADY | {"C.SH": until(1)}, [on(1, "C.SH", "delisting")])
    with pytest.raises(CorporateActionError, match="C.SH has left the market on 2020-01-07, and is in the basket eff"):
        fi.calculate(make_method(), market, own(*ANNOUNCED))


def test_a_review_does_not_take_in_what_has_left(make_method, make_market):
    market = make_market(STEADY | {"C.SH": until(1)}, [on(1, "C.SH", "delisting")])
    method = make_method(base=str(SESSIONS[3]))
    assert sorted(fi.review(method, market).security) == ["A.SH", "B.SH", "D.SH"]
    assert sorted(fi.calculate(method, market).weights(SESSIONS[5]).index) == ["A.SH", "B.SH", "D.SH"]


@pytest.mark.parametrize(
    ("rules", "action", "closes", "message"),
    [
        (
            'actions.replacement = "newcomer"',
            on(2, "A.SH", "delisting"),
            {},
            'A.SH leaves on 2020-01-08 by its delisting, and actions.replacement = "newcomer" needs a `newcomer`',
        ),
        (
            'actions.replacement = "newcomer"',
            on(2, "A.SH", "delisting", newcomer="N.SH"),
            {"N.SH": [None] * 4 + [1.0] * 4},
            "the replacement on 2020-01-08 needs a close of N.SH before it, and there is none",
        ),
        (
            "",
            on(2, "A.SH", "spin_off", child="K.SH", ratio=1.0),
            {"K.SH": [None] * 8},
            "K.SH, spun off by A.SH on 2020-01-08, has no price in the data: add its prices, or its coming `listed`",
        ),
        (
            'actions.replacement = "newcomer"',
            [on(2, "N.SH", "delisting"), on(3, "A.SH", "delisting", newcomer="N.SH")],
            {"N.SH": until(2)},
            "N.SH is to enter by the replacement on 2020-01-09, and has left the market on 2020-01-08",
        ),
        (
            "",
            [on(3, "N.SH", "delisting"), on(3, "A.SH", "spin_off", child="N.SH", ratio=1.0)],
            {"N.SH": until(3)},
            "N.SH is to enter by the spin_off on 2020-01-09, and has left the market on 2020-01-09",
        ),
        (
            'weighting.by = "price"\nactions.replacement = "newcomer"',
            on(2, "A.SH", "delisting", newcomer="B.SH"),
            {},
            "the newcomer B.SH on 2020-01-08 is in the index already, and a price-weighted index holds one share",
        ),
    ],
)
def test_what_cannot_enter(rules, action, closes, message, make_method, make_market):
    securities = pd.DataFrame({"security": ["A.SH", "B.SH", "C.SH", "D.SH", "K.SH", "N.SH"], "name": ""})
    securities = securities.assign(exchange="XSHG", board="main", currency="CNY")
    actions = action if isinstance(action, list) else [action]
    market = make_market(STEADY | closes, actions, securities=securities)
    with pytest.raises(CorporateActionError, match=message.replace("[", r"\[")):
        fi.calculate(make_method(rules), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))


def test_a_child_that_is_to_be_listed_is_waited_for(make_method, make_market):
    securities = pd.DataFrame({"security": ["A.SH", "B.SH", "C.SH", "D.SH", "K.SH"], "name": "", "listed": None})
    securities = securities.assign(exchange="XSHG", board="main", currency="CNY")
    securities.loc[4, "listed"] = "2020-02-03"
    spin_off = on(7, "A.SH", "spin_off", child="K.SH", ratio=1.0)
    market = make_market(STEADY, [spin_off], dict.fromkeys(STEADY, 1000), securities=securities)
    history = fi.calculate(make_method(), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert held(history, 7) == {"A.SH": 100, "B.SH": 100, "K.SH": 100}
    assert history.weights(SESSIONS[7])["K.SH"] == 0


def test_capping_cannot_be_reset_without_free_floats(make_method, make_market):
    method = make_method('weighting.single_cap = 0.6\nactions.capping_factors = "reset"')
    market = make_market(STEADY | {"A.SH": until(2)}, [on(2, "A.SH", "delisting")])
    baskets = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100), (0, 0, "C.SH", 100), floats=False)
    with pytest.raises(
        CalculationError, match="capping factors cannot be reset, since the free float of B.SH, C.SH is"
    ):
        fi.calculate(method, market, baskets)


def test_a_reset_that_too_few_names_can_meet(make_method, make_market):
    method = make_method('weighting.single_cap = 0.6\nactions.capping_factors = "reset"')
    market = make_market(STEADY | {"A.SH": until(2)}, [on(2, "A.SH", "delisting")])
    with pytest.raises(
        CalculationError, match="capping reset on 2020-01-08: the caps cannot be met: 1 name can fill at most 60 %"
    ):
        fi.calculate(method, market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))


@pytest.mark.parametrize("kind", ["delisting", "issuance"])
def test_off_sessions_are_refused_for_every_kind(kind, make_method, make_market):
    terms = {"total": 1100, "free_float": 300} if kind == "issuance" else {}
    action = on(2, "A.SH", kind, **terms) | {"ex_date": "2020-01-11"}
    baskets = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100))
    rules = 'actions.share_changes = "at_once"\nactions.off_session = "{}"'
    fi.calculate(make_method(rules.format("move")), make_market(STEADY, [action]), baskets)
    with pytest.raises(
        CorporateActionError, match="the ex-date 2020-01-11 of A.SH is no session, and actions.off_sess"
    ):
        fi.calculate(make_method(rules.format("refuse")), make_market(STEADY, [action]), baskets)


def test_the_last_constituent_leaves(make_method, make_market):
    market = make_market(STEADY | {"A.SH": until(2)}, [on(2, "A.SH", "delisting")])
    with pytest.raises(
        CalculationError, match="nothing of value is left in the index at the open of 2020-01-08, after"
    ):
        fi.calculate(make_method(), market, own((0, 0, "A.SH", 100)))


def test_shares_that_no_integer_holds(make_method, make_market):
    spin_off = on(2, "A.SH", "spin_off", child="D.SH", ratio=10.0**17)
    with pytest.raises(CalculationError, match="headroom exceeded: D.SH would have 10000000000000000000 index shares"):
        fi.calculate(make_method(), make_market(STEADY, [spin_off]), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))


def test_who_was_delisted_without_an_action_is_noticed(make_method, make_market):
    securities = pd.DataFrame({"security": list(STEADY), "name": "", "delisted": ["2020-01-09", None, None, None]})
    securities = securities.assign(exchange="XSHG", board="main", currency="CNY")
    market = make_market(STEADY | {"A.SH": until(3)}, securities=securities)
    history = fi.calculate(make_method(), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert any(
        "A.SH is held after it was delisted on 2020-01-09, at its last price" in text for text in history.notices
    )


def test_a_deal_in_shares_that_have_no_close(make_method, make_market):
    merger = on(3, "A.SH", "merger", acquirer="N.SH", ratio=0.5)
    closes = STEADY | {"A.SH": [10.0, 10.0] + [None] * 6, "N.SH": [None] * 6 + [1.0] * 2}
    baskets = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100))
    with pytest.raises(
        CorporateActionError, match="A.SH no longer trades, and leaves on 2020-01-09 for shares of N.SH"
    ):
        fi.calculate(make_method(), make_market(closes, [merger]), baskets)
    fi.calculate(make_method(), make_market(closes, [merger]), own((0, 0, "B.SH", 100)))  # who does not hold it


def test_who_has_not_traded_for_long_is_noticed(make_method):
    dates = [str(day.date()) for day in pd.bdate_range("2020-01-06", periods=62)]
    rows = [(date, "B.SH", 10.0) for date in dates] + [(date, "A.SH", 10.0) for date in dates[:2]]
    market = fi.MarketData.from_tables(pd.DataFrame(rows, columns=["date", "security", "close"]))
    history = fi.calculate(make_method(), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert history.notices == (
        "small: 1 constituents count at their last prices, with none for 60 sessions or more: A.SH since 2020-01-07",
    )


def test_two_children_come_in_the_order_of_their_codes(make_method, make_market):
    closes = {"A.SH": [20.0, 8.0], "B.SH": [10.0, 10.0], "K.SH": [None, 4.0], "L.SH": [None, 5.0]}
    rows = [on(1, "A.SH", "spin_off", child=child, ratio=1.0, price=4.0) for child in ("K.SH", "L.SH")]
    rows[1]["price"] = 8.0
    method = make_method('weighting.by = "price"')
    baskets = own((0, 0, "A.SH", 1), (0, 0, "B.SH", 1), floats=False)
    one, other = (fi.calculate(method, make_market(closes, order), baskets) for order in (rows, rows[::-1]))
    pd.testing.assert_frame_equal(one.divisor_changes, other.divisor_changes)
    assert one.divisor_changes["amount"].tolist() == [-4] * 3 + [-8] * 3


def test_two_parents_of_one_child(make_method, make_market):
    """50 of K from A and 100 from B enter at zero, and all 150 leave at the first close."""
    closes = STEADY | {"A.SH": [10.0] * 3 + [8.0] * 5, "B.SH": [10.0] * 3 + [6.0] * 5, "K.SH": [None] * 3 + [4.0] * 5}
    rows = [on(3, who, "spin_off", child="K.SH", ratio=ratio) for who, ratio in (("A.SH", 0.5), ("B.SH", 1.0))]
    history = fi.calculate(make_method(), make_market(closes, rows), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert held(history, 3) == {"A.SH": 100, "B.SH": 100, "K.SH": 150}
    assert held(history, 4) == {"A.SH": 100, "B.SH": 100}
    assert changes(history) == [(4, "K.SH", "spin_off", -600)]
    to_parent = make_method('actions.spin_off = "to_parent"')
    with pytest.raises(CorporateActionError, match="two parents of one child are not calculated yet"):
        fi.calculate(to_parent, make_market(closes, rows), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert (history.levels == 1000).all(axis=None)


def test_a_child_without_a_price_is_left_alone_by_a_reset(make_method, make_market):
    method = make_method('weighting.single_cap = 0.6\nactions.capping_factors = "reset"')
    closes = STEADY | {"A.SH": [10.0] * 2 + [8.0] * 6, "K.SH": [None] * 4 + [4.0] * 4, "C.SH": until(3)}
    happened = [on(2, "A.SH", "spin_off", child="K.SH", ratio=0.5), on(3, "C.SH", "delisting")]
    baskets = own(*((0, 0, who, 100) for who in ("A.SH", "B.SH", "C.SH")))
    history = fi.calculate(method, make_market(closes, happened), baskets)
    assert held(history, 3)["K.SH"] == held(history, 4)["K.SH"] == 50
    assert "K.SH" not in held(history, 5)


def test_a_coming_basket_is_capped_anew_as_well(make_method, make_market):
    """C leaves before the effective date: B, at 2 x 50 free float, and D, at 2 x 200, must be of one weight."""
    method = make_method('weighting.single_cap = 0.5\nactions.capping_factors = "reset"')
    market = make_market(STEADY | {"C.SH": until(4)}, [on(4, "C.SH", "delisting")])
    announced = [(EFFECTIVE, PRICE_DATE, who, n) for who, n in (("B.SH", 50), ("C.SH", 100), ("D.SH", 200))]
    history = fi.calculate(method, market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100), *announced))
    assert held(history, EFFECTIVE) == {"B.SH": 100, "D.SH": 100}


def test_a_security_that_left_before_the_first_price_is_refused_all_the_same(make_method, make_market):
    """The only action there is lies before the market data: nothing happens on any session, and A is gone."""
    gone = {"ex_date": dt.date(2019, 12, 2), "security": "A.SH", "kind": "delisting"}
    market = make_market({"A.SH": [10.0] * 3, "B.SH": [5.0] * 3}, [gone])
    with pytest.raises(CorporateActionError, match="A.SH has left the market on 2020-01-06, and is in the basket"):
        fi.calculate(make_method(), market, fi.Baskets.from_frame(
            {"effective": [dt.date(2020, 1, 6)], "security": ["A.SH"], "index_shares": [100]}))  # fmt: skip
