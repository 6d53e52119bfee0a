"""One answer file a kind of action."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from answers_csv import answers
from fintech_index.errors import CorporateActionError
from fintech_index.events._bonus import bonus
from fintech_index.events._cash_dividend import cash_dividend
from fintech_index.events._effect import Effect, Holding
from fintech_index.events._holdings import TREATMENTS
from fintech_index.events._restructuring import restructuring
from fintech_index.events._rights import rights
from fintech_index.events._special_dividend import special_dividend
from fintech_index.market import HOLDER_KINDS, Action, ExDate


def on_a_day(*actions):
    return ExDate("600000.SH", dt.date(2020, 6, 1), 1, actions)


@pytest.mark.parametrize("row", answers("cash_dividend"), ids=lambda row: row["worked"][:30])
def test_cash_dividend(row, make_method):
    action = Action("cash_dividend", cash=Fraction(row["cash"]))
    day = on_a_day(Action("bonus", ratio=Fraction(row["bonus"])), action)
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    expected = Effect(*(Fraction(row[name]) for name in ("new_shares", "price", "gross", "net")))
    assert cash_dividend(holding, action, day, make_method(f"returns.withholding_tax = {row['tax']}")) == expected


@pytest.mark.parametrize("row", answers("bonus"), ids=lambda row: row["worked"][:30])
def test_bonus(row, make_method):
    action = Action("bonus", ratio=Fraction(row["ratio"]))
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    assert bonus(holding, action, on_a_day(action), make_method()) == Effect(new_shares=Fraction(row["new_shares"]))


@pytest.mark.parametrize("row", answers("rights"), ids=lambda row: row["worked"][:30])
def test_rights(row, make_method):
    action = Action("rights", ratio=Fraction(row["ratio"]), price=Fraction(row["price"]))
    day = on_a_day(
        Action("bonus", ratio=Fraction(row["bonus"])), Action("cash_dividend", cash=Fraction(row["cash"])), action
    )
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    opening = Fraction(row["opening"])
    assert rights(holding, action, day, make_method()) == Effect(Fraction(row["new_shares"]), opening, opening, opening)


@pytest.mark.parametrize("row", answers("split"), ids=lambda row: row["kind"])
def test_split(row, make_method):
    action = Action(row["kind"], ratio=Fraction(row["ratio"]))
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    effect = TREATMENTS[row["kind"]](holding, action, on_a_day(action), make_method())
    assert effect == Effect(new_shares=Fraction(row["new_shares"]))


@pytest.mark.parametrize("row", answers("special_dividend"), ids=lambda row: row["treatment"])
def test_special_dividend(row, make_method):
    action = Action("special_dividend", cash=Fraction(row["cash"]))
    method = make_method(f'actions.special_dividend = "{row["treatment"]}"\nreturns.withholding_tax = {row["tax"]}')
    holding = Holding(Fraction(row["shares"]), Fraction(10))
    expected = Effect(Fraction(0), *(Fraction(row[name]) for name in ("price", "gross", "net")))
    assert special_dividend(holding, action, on_a_day(action), method) == expected


@pytest.mark.parametrize("row", answers("restructuring"), ids=lambda row: row["worked"][:30])
def test_restructuring(row, make_method):
    action = Action("restructuring", price=Fraction(row["price"]))
    method = make_method(f'actions.restructuring = "{row["treatment"]}"')
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    opening = Fraction(row["opening"])
    assert restructuring(holding, action, on_a_day(action), method) == Effect(Fraction(0), opening, opening, opening)


def test_a_restructuring_has_its_day_alone():
    day = on_a_day(Action("bonus", ratio=Fraction(1)), Action("restructuring", price=Fraction(2)))
    with pytest.raises(CorporateActionError, match="x: 600000.SH has a restructuring and other actions on 2020-06-01"):
        day.require_calculated("x")


def test_every_calculated_kind_has_a_treatment():
    assert tuple(TREATMENTS) == HOLDER_KINDS


def test_the_reference_price_of_a_day_leaves_out_rights_that_nobody_takes_up():
    day = on_a_day(
        Action("cash_dividend", cash=Fraction(1)), Action("rights", ratio=Fraction("0.3"), price=Fraction(9))
    )
    assert day.reference_price(Fraction(10)) == 9  # 9 is not below 10 - 1
    assert day.reference_price(Fraction(14)) == (13 + Fraction("2.7")) / Fraction("1.3")


def test_terms_that_leave_nothing_of_a_price_name_the_action():
    day = on_a_day(Action("cash_dividend", cash=Fraction(10)))
    with pytest.raises(
        CorporateActionError, match=r"600000.SH on 2020-06-01: the reference price is 0.0, .*close 10.0, cash 10.0"
    ):
        day.reference_price(Fraction(10))


def test_an_unfinished_kind_is_refused_by_name():
    with pytest.raises(
        CorporateActionError,
        match="xiangmihu: 600000.SH has a merger on 2020-06-01; this kind is not calculated yet",
    ):
        on_a_day(Action("merger")).require_calculated("xiangmihu")
