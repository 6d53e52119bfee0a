"""One answer file a kind of action."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

import fintech_index as fi
from answers_csv import answers
from fintech_index.errors import CorporateActionError
from fintech_index.events.kinds import (
    TREATMENTS,
    Effect,
    Holding,
    bonus,
    cash_dividend,
    restructuring,
    rights,
    special_dividend,
)
from fintech_index.market import HOLDER_KINDS, REMOVAL_KINDS, SHARE_CHANGE_KINDS, Action, ExDate
from fintech_index.market._contract import ACTION_COLUMNS


def on_a_day(*actions):
    return ExDate("600000.SH", dt.date(2020, 6, 1), 1, actions)


@pytest.mark.parametrize("row", answers("cash_dividend"), ids=lambda row: row["worked"][:30])
def test_cash_dividend(row, make_method):
    action = Action("cash_dividend", cash=Fraction(row["cash"]))
    day = on_a_day(Action("bonus", ratio=Fraction(row["bonus"])), action)
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]), Fraction(row["tax"]))
    expected = Effect(*(Fraction(row[name]) for name in ("new_shares", "price", "gross", "net")))
    assert cash_dividend(holding, action, day, make_method()) == expected


@pytest.mark.parametrize("row", answers("bonus"), ids=lambda row: row["worked"][:30])
def test_bonus(row, make_method):
    action = Action("bonus", ratio=Fraction(row["ratio"]), source=row["source"], par=Fraction(row["par"]))
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]), Fraction(1, 10))
    method = make_method(f"returns.bonus_par_tax = {row['par_tax']}")
    expected = Effect(new_shares=Fraction(row["new_shares"]), net=Fraction(row["net"]))
    assert bonus(holding, action, on_a_day(action), method) == expected


@pytest.mark.parametrize("row", answers("rights"), ids=lambda row: row["worked"][:30])
def test_rights(row, make_method):
    action = Action("rights", ratio=Fraction(row["ratio"]), price=Fraction(row["price"]))
    day = on_a_day(
        Action("bonus", ratio=Fraction(row["bonus"])), Action("cash_dividend", cash=Fraction(row["cash"])), action
    )
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]), ex_close=Fraction(row["ex_close"] or 0))
    opening = Fraction(row["opening"])
    effect = rights(holding, action, day, make_method(f'actions.rights = "{row["treatment"]}"'))
    assert (effect.new_shares, effect.float_growth) == (Fraction(row["new_shares"]), Fraction(row["issued"]))
    assert (effect.price, effect.gross, effect.net) == (opening, opening, opening)


@pytest.mark.parametrize("row", answers("split"), ids=lambda row: row["kind"])
def test_split(row, make_method):
    action = Action(row["kind"], ratio=Fraction(row["ratio"]))
    holding = Holding(Fraction(row["shares"]), Fraction(row["close"]))
    effect = TREATMENTS[row["kind"]](holding, action, on_a_day(action), make_method())
    assert effect == Effect(new_shares=Fraction(row["new_shares"]))


@pytest.mark.parametrize("row", answers("special_dividend"), ids=lambda row: row["worked"][:30])
def test_special_dividend(row, make_method):
    action = Action("special_dividend", cash=Fraction(row["cash"]))
    day = on_a_day(Action("cash_dividend", cash=Fraction(row["ordinary"])), action)
    method = make_method(f'actions.special_dividend = "{row["treatment"]}"')
    holding = Holding(Fraction(row["shares"]), Fraction(10), Fraction(row["tax"]))
    effect = special_dividend(holding, action, day, method)
    found = (effect.new_shares, effect.price, effect.gross, effect.net)
    assert found == tuple(Fraction(row[name]) for name in ("new_shares", "price", "gross", "net"))
    assert effect.float_growth == 0


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
        day.require_unmixed("x")


def test_every_kind_that_does_something_to_holders_has_a_treatment():
    assert tuple(TREATMENTS) == HOLDER_KINDS


def test_every_kind_of_the_contract_has_its_place():
    assert {*HOLDER_KINDS, *REMOVAL_KINDS, *SHARE_CHANGE_KINDS, "rename"} == set(ACTION_COLUMNS)


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


def test_the_price_of_a_child_is_taken_off_where_it_is_stated():
    stated = on_a_day(Action("spin_off", ratio=Fraction(1, 2), price=Fraction(4), child="600001.SH"))
    assert stated.reference_price(Fraction(10)) == 8
    assert on_a_day(Action("spin_off", ratio=Fraction(1, 2), child="600001.SH")).reference_price(Fraction(10)) == 10


@pytest.mark.parametrize("row", answers("factors"), ids=lambda row: row["worked"][:40])
def test_published_factors(row):
    given = {name: Decimal(row[name]) for name in ("ratio", "price", "ex", "regular") if row[name]}
    if row["factor"] == "special":
        found = fi.special_dividend_factor(Decimal(row["close"]), given["price"], given.get("regular", 0))
    else:
        found = fi.price_adjustment_factor(Decimal(row["close"]), given["ratio"], given["price"], given.get("ex"))
    assert str(found) == row["answer"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fi.price_adjustment_factor(0, 1, 1), "cum: 0 is not above 0"),
        (lambda: fi.price_adjustment_factor(10, -1, 1), "rights_ratio: -1 is not 0 or more"),
        (lambda: fi.price_adjustment_factor(10, 1, float("nan")), "rights_price: nan is not a finite number"),
        (lambda: fi.price_adjustment_factor(10, 1, 5, ex=0), "ex: 0 is not above 0"),
        (lambda: fi.special_dividend_factor(10, 6, 4), "a regular dividend of 4 and a special one of 6 leave nothing"),
    ],
)
def test_terms_that_no_factor_can_have(make, message):
    with pytest.raises(CorporateActionError, match=message):
        make()
