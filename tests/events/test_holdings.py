from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

import fintech_index as fi
from answers_csv import answers
from fintech_index.errors import CalculationError, CorporateActionError
from fintech_index.market import ExDate

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=12)]
PRICE_DATE, EFFECTIVE = 2, 7


def baskets(*rows, price_dates=True):
    columns = ["effective", "security", "index_shares", "price_date"]
    frame = pd.DataFrame([(SESSIONS[start], who, n, SESSIONS[price]) for price, start, who, n in rows], columns=columns)
    return fi.Baskets.from_frame(frame if price_dates else frame.drop(columns="price_date"))


@pytest.mark.parametrize("row", answers("announced_basket"), ids=lambda row: f"{row['kind']} on {row['ex_session']}")
def test_an_announced_basket(row, make_method, make_market):
    """A basket priced on session 2 and effective on session 7: 1,000 shares, a close of 10 before the ex-date."""
    ex = int(row["ex_session"])
    terms = {name: float(row[name]) if row[name] else None for name in ("ratio", "price")}
    terms |= {"cash": 0.5} if row["kind"] == "cash_dividend" else {}
    action = {"ex_date": SESSIONS[ex], "security": "A.SH", "kind": row["kind"], **terms}
    grown = float(
        ExDate("A.SH", SESSIONS[ex], ex, (fi.market.Action(row["kind"], **_exact(terms)),)).reference_price(10)
    )
    market = make_market({"A.SH": [10.0] * ex + [round(grown, 2)] * (12 - ex), "B.SH": [5.0] * 12}, [action])
    history = fi.calculate(
        make_method(base="2020-01-06"), market, baskets((0, 0, "B.SH", 100), (PRICE_DATE, EFFECTIVE, "A.SH", 1000))
    )
    assert int(history.constituents(SESSIONS[EFFECTIVE]).loc["A.SH", "index_shares"]) == int(row["held_shares"])
    opening = history.divisor_changes.query("cause == 'review' and variant == 'price'")["amount"].iloc[0] + 500
    close = market.panel.price(0, EFFECTIVE - 1)
    assert opening == int(row["opening_shares"]) * close  # what the review brought in, at the close before


def _exact(terms):
    from fintech_index.rounding import exact

    return {name: exact(number or 0) for name, number in terms.items()}


def test_index_shares_are_the_baskets_times_all_ratios_rounded_once(make_method, make_market):
    # 1001 x 1.5 = 1501.5, half up 1502; x 1.5 x 2/3 = 1001 again, where rounding twice would give 1001.33
    actions = [
        {"ex_date": SESSIONS[1], "security": "A.SH", "kind": "bonus", "ratio": 0.5},
        {"ex_date": SESSIONS[2], "security": "A.SH", "kind": "bonus", "ratio": 1.0},
    ]
    market = make_market({"A.SH": [30.0, 20.0, 10.0]}, actions)
    history = fi.calculate(make_method(), market, baskets((0, 0, "A.SH", 1001)))
    assert history.holdings["index_shares"].tolist() == [1001, 1502, 3003]
    assert history.holdings["stop"].isna().tolist() == [False, False, True]


def test_on_an_effective_date_entrants_take_part_and_leavers_do_not(make_method, make_market):
    actions = [
        {"ex_date": SESSIONS[2], "security": who, "kind": "cash_dividend", "cash": 0.5} for who in ("A.SH", "B.SH")
    ]
    market = make_market({"A.SH": [10.0, 10.0, 9.5], "B.SH": [20.0, 20.0, 19.5]}, actions)
    history = fi.calculate(make_method(), market, baskets((0, 0, "A.SH", 100), (1, 2, "B.SH", 50)))
    changes = history.divisor_changes
    assert changes[["security", "cause", "variant", "amount"]].values.tolist() == [
        ["", "review", "price", 0],  # 50 x 20 for 100 x 10
        ["", "review", "gross", 0],
        ["", "review", "net", 0],
        ["B.SH", "cash_dividend", "gross", -25],
        ["B.SH", "cash_dividend", "net", Decimal("-22.5")],
    ]


def test_actions_of_the_base_date_multiply_ones_own_baskets_and_move_no_divisor(make_method, make_market):
    actions = [{"ex_date": SESSIONS[1], "security": "A.SH", "kind": "bonus", "ratio": 1.0}]
    market = make_market({"A.SH": [10.0, 5.0, 6.0]}, actions)
    own = fi.calculate(make_method(), market, baskets((0, 1, "A.SH", 100), price_dates=False))
    assert own.holdings["index_shares"].tolist() == [200]
    assert own.levels["price"].tolist() == [1000, 1200]
    reviewed = fi.calculate(make_method(), market, baskets((1, 1, "A.SH", 100)))
    assert reviewed.holdings["index_shares"].tolist() == [100]
    assert own.divisor_changes.empty


def test_on_the_first_session_of_a_market_a_bonus_needs_no_close_before(make_method, make_market):
    bonus = {"ex_date": SESSIONS[0], "security": "A.SH", "kind": "bonus", "ratio": 1.0}
    own = baskets((0, 0, "A.SH", 100), price_dates=False)
    history = fi.calculate(make_method(), make_market({"A.SH": [5.0, 6.0]}, [bonus]), own)
    assert history.holdings["index_shares"].tolist() == [200]
    rights = {"ex_date": SESSIONS[0], "security": "A.SH", "kind": "rights", "ratio": 0.3, "price": 4.0}
    with pytest.raises(CorporateActionError, match="A.SH has an action on 2020-01-06 and no close before it"):
        fi.calculate(make_method(), make_market({"A.SH": [5.0, 6.0]}, [rights]), own)


def test_two_ex_dates_before_one_session_apply_in_date_order(make_method, make_market):
    # Saturday 1 for 1, Sunday 0.10 a share: the dividend is paid on twice the shares
    actions = [
        {"ex_date": "2020-01-11", "security": "A.SH", "kind": "bonus", "ratio": 1.0},
        {"ex_date": "2020-01-12", "security": "A.SH", "kind": "cash_dividend", "cash": 0.10},
    ]
    market = make_market({"A.SH": [10.0] * 5 + [4.9]}, actions)
    history = fi.calculate(make_method(), market)
    assert history.divisor_changes["amount"].tolist() == [-200, -180]  # 1,000 free-float shares
    assert history.constituents("2020-01-13").loc["A.SH", "index_shares"] == 2000


def test_rights_subscribe_through_the_opening_value(make_method, make_market):
    actions = [{"ex_date": SESSIONS[1], "security": "A.SH", "kind": "rights", "ratio": 0.3, "price": 6.0}]
    market = make_market({"A.SH": [10.0, 9.08]}, actions)  # (10 + 1.8) / 1.3 = 9.0769
    history = fi.calculate(make_method(), market)
    assert history.divisor_changes["amount"].tolist() == [1800] * 3
    # the divisor goes from 10 to 10 x 11800/10000 = 11.8, and 1300 x 9.08 / 11.8 = 1000.339
    assert history.divisors["price"].tolist() == [Decimal(10), Decimal("11.8")]
    assert history.levels["price"].tolist() == [1000, 1000.339]


DAY = [  # a day that has everything, of a close of 24
    {"kind": "split", "ratio": 2.0},
    {"kind": "bonus", "ratio": 0.5},
    {"kind": "cash_dividend", "cash": 1.0},
    {"kind": "rights", "ratio": 0.5, "price": 3.2},
]


@pytest.mark.parametrize("row", answers("basis"), ids=lambda row: row["basis"])
def test_a_day_that_has_everything(row, make_method, make_market):
    """The same terms at once and one after another, whatever the order of the rows."""
    actions = [action | {"ex_date": SESSIONS[1], "security": "A.SH"} for action in DAY]
    close = float(row["reference"])
    method = make_method(f'actions.basis = "{row["basis"]}"')
    for order in (actions, actions[::-1]):
        history = fi.calculate(method, make_market({"A.SH": [24.0, close]}, order), baskets((0, 0, "A.SH", 1000)))
        assert history.holdings["index_shares"].tolist()[-1] == int(row["shares"])
        amounts = history.divisor_changes.query("variant == 'gross'").set_index("cause")["amount"]
        assert amounts.to_dict() == {"cash_dividend": int(row["paid"]), "rights": int(row["subscribed"])}


def test_a_split_and_its_opposite_cancel(make_method, make_market):
    actions = [
        {"ex_date": SESSIONS[1], "security": "A.SH", "kind": "consolidation", "ratio": 0.3},
        {"ex_date": SESSIONS[2], "security": "A.SH", "kind": "split", "ratio": 10.0},
        {"ex_date": SESSIONS[3], "security": "A.SH", "kind": "consolidation", "ratio": 0.5},
        {"ex_date": SESSIONS[4], "security": "A.SH", "kind": "split", "ratio": 2.0},
    ]
    market = make_market({"A.SH": [3.0, 10.0, 1.0, 2.0, 1.0]}, actions)
    history = fi.calculate(make_method(), market, baskets((0, 0, "A.SH", 1001)))
    assert history.holdings["index_shares"].tolist() == [1001, 300, 3003, 1502, 3003]  # 300.3, and 1501.5 half up
    assert history.divisor_changes.empty
    assert (history.divisors["price"] == history.divisors["price"].iloc[0]).all()


def test_a_restructuring_is_carried_and_absorbed(make_method, make_market):
    actions = [{"ex_date": SESSIONS[1], "security": "A.SH", "kind": "restructuring", "price": 4.0}]
    market = make_market({"A.SH": [10.0, None, 5.0]}, actions)
    assert market.panel.values[0].tolist() == [10, 4, 5]
    absorbed = fi.calculate(make_method('actions.restructuring = "absorbed"'), market)
    assert absorbed.levels["price"].tolist() == [1000, 1000, 1250]
    assert absorbed.divisor_changes["amount"].tolist() == [-6000] * 3
    assert fi.calculate(make_method(), market).levels["price"].tolist() == [1000, 400, 500]


def test_one_after_another_over_a_suspension(make_method, make_market):
    """A close of 24, a split of 2 and cash of 1: (24 - 1) / 2 = 11.50 at once, 24 / 2 - 1 = 11 one after another."""
    actions = [
        {"ex_date": SESSIONS[1], "security": "A.SH", "kind": "split", "ratio": 2.0},
        {"ex_date": SESSIONS[1], "security": "A.SH", "kind": "cash_dividend", "cash": 1.0},
    ]
    market = make_market({"A.SH": [24.0, None, 11.5], "B.SH": [1.0] * 3}, actions)
    held = baskets((0, 0, "A.SH", 1000))
    for basis, value in (("pre", 23000), ("sequential", 22000)):
        history = fi.calculate(make_method(f'actions.basis = "{basis}"'), market, held)
        assert history.market_values.iloc[1] == value
        assert history.levels["gross"].iloc[1] == 1000


def test_a_suspension_that_cannot_be_carried_is_refused_where_it_is_held(make_method, make_market):
    actions = [{"ex_date": SESSIONS[1], "security": "A.SH", "kind": "spin_off", "child": "B.SH", "ratio": 1.0}]
    market = make_market({"A.SH": [10.0, None, 4.0, 4.1], "B.SH": [1.0] * 4}, actions)
    with pytest.raises(CorporateActionError, match="A.SH is suspended over its spin-off on 2020-01-07, so that nobody"):
        fi.calculate(make_method(), market, baskets((0, 0, "A.SH", 1), price_dates=False))
    fi.calculate(make_method(), market, baskets((2, 2, "A.SH", 1)))


def test_a_dividend_above_the_price_names_the_action(make_method, make_market):
    actions = [{"ex_date": SESSIONS[1], "security": "A.SH", "kind": "cash_dividend", "cash": 11.0}]
    with pytest.raises(
        CorporateActionError, match=r"A.SH on 2020-01-07: the reference price is -1.0, .*check the terms"
    ):
        fi.calculate(make_method(), make_market({"A.SH": [10.0, 9.0]}, actions))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 0, "A.SH", 1), (0, 0, "Z.SH", 1)], "unknown security 'Z.SH'"),
        (
            [(0, 0, "A.SH", 1), (0, 0, "C.SH", 1)],
            "C.SH: has its first price on 2020-01-08, and is held from an earlier open on",
        ),
        (
            [(0, 0, "A.SH", 1), (1, 2, "C.SH", 1)],
            "C.SH: has its first price on 2020-01-08",
        ),  # a review values it at the close before
        ([(0, 0, "D.SH", 1)], "D.SH: has no price at all"),
        (
            [(0, 0, "A.SH", 1), (2, 2, "A.SH", 1)],
            "the price date of the basket effective 2020-01-08 is the same day: only the first one's may be",
        ),
        ([(1, 0, "A.SH", 1)], "the price date of the basket effective 2020-01-06 is after it"),
        ([(0, 0, "A.SH", 0)], "the basket of 2020-01-06 has no market value"),
    ],
)
def test_baskets_that_the_market_cannot_value(rows, message, make_method, make_market):
    securities = pd.DataFrame({"security": [f"{name}.SH" for name in "ABCD"], "name": list("ABCD")})
    securities = securities.assign(exchange="XSHG", board="main", currency="CNY")
    market = make_market({"A.SH": [1.0] * 4, "C.SH": [None, None, 1.0, 1.0]}, securities=securities)
    with pytest.raises(CalculationError, match=message):
        fi.calculate(make_method(), market, baskets(*rows))


def test_an_effective_date_that_is_no_session(make_method, make_market):
    own = fi.Baskets.from_frame({"effective": ["2020-01-11"], "security": ["A.SH"], "index_shares": [1]})
    with pytest.raises(CalculationError, match="the effective date 2020-01-11 is no session"):
        fi.calculate(make_method(), make_market({"A.SH": [1.0] * 8}), own)
