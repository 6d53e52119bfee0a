from __future__ import annotations

from fractions import Fraction

import pytest

import fintech_index as fi
from fintech_index.errors import RequestError
from review_worlds import review_market


def exact_return(history, variant, start, end):
    """The return of the unrounded level: market value over divisor."""

    def level(date):
        session = history.market.session(date)
        return history._calculation.valuation.exact(session) / Fraction(
            history._calculation.divisors.at(variant, session)
        )

    return level(end) / level(start) - 1


@pytest.mark.parametrize("variant", ["price", "gross", "net"])
@pytest.mark.parametrize("by", ["category", "cni_field", "city", "security"])
def test_the_categories_of_the_composite_add_up_to_its_return_exactly(market, by, variant):
    history = fi.calculate(fi.Methodology.load("composite"), market)
    window = ("2020-05-20", "2020-07-10")  # dividends, bonuses and a review
    frame = history.contributions(*window, by=by, variant=variant)
    assert sum(frame["contribution"]) == exact_return(history, variant, *window)


def test_a_day_by_hand(make_method, make_market):
    # A 10 -> 12 and B 20 -> 19 with 100 shares each: 3000 -> 3100; A gives 200 of 3000 and B takes 100.
    market = make_market({"A.SH": [10.0, 12.0], "B.SH": [20.0, 19.0]}, free_float={"A.SH": 100, "B.SH": 100})
    frame = fi.calculate(make_method(), market).contributions(by="security")
    assert frame["contribution"].to_dict() == {"A.SH": Fraction(2, 30), "B.SH": Fraction(-1, 30)}
    assert frame["percent"].to_dict() == pytest.approx({"A.SH": 100 * 2 / 30, "B.SH": -100 / 30})


ACTIONS = [
    {"ex_date": "2020-06-15", "security": "600001.SH", "kind": "delisting", "price": 4.0},  # on an effective date
    {"ex_date": "2020-06-15", "security": "600002.SH", "kind": "cash_dividend", "cash": 1.0},
    {"ex_date": "2020-06-16", "security": "600003.SH", "kind": "rights", "ratio": 0.09, "price": 12.0},
    {"ex_date": "2020-06-17", "security": "300005.SZ", "kind": "special_dividend", "cash": 0.5},
    {"ex_date": "2020-06-18", "security": "600004.SH", "kind": "restructuring", "price": 39.0},
]
SETTINGS = [
    "",
    'actions.special_dividend = "gross"\nactions.restructuring = "absorbed"',
    'actions.replacement = "pro_rata"\nactions.reference_price = "exchange"',
    'chaining.on = "published"\nreturns.dividends = "points"',
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("variant", ["price", "gross", "net"])
def test_they_add_up_over_any_action(make_method, settings, variant):
    history = fi.calculate(make_method(f"review.months = [6]\n{settings}"), review_market(ACTIONS))
    for window in (("2020-06-12", "2020-06-15"), ("2020-06-01", "2020-06-30")):
        frame = history.contributions(*window, variant=variant)
        assert sum(frame["contribution"]) == exact_return(history, variant, *window)
    loss = history.contributions("2020-06-12", "2020-06-15", variant="price")["contribution"]
    assert loss["PAY"] < 0  # 600001 leaves at 4 of 10


def test_what_cannot_be_asked(make_method):
    history = fi.calculate(make_method(), review_market())
    with pytest.raises(
        RequestError,
        match="contributions are by category, .* or security, of price, gross, net, not by colour of price",
    ):
        history.contributions(by="colour")
    with pytest.raises(RequestError, match="not by city of total"):
        history.contributions(by="city", variant="total")


def test_a_day_without_a_session_has_the_close_before(market):
    history = fi.calculate(fi.Methodology.load("composite"), market)
    sunday, friday = (history.contributions(day, "2020-06-30") for day in ("2020-06-14", "2020-06-12"))
    assert sunday.equals(friday)
    with pytest.raises(RequestError, match="there are no closes from 2019-12-31"):
        history.contributions("2019-12-31")
