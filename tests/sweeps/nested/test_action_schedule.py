"""Nested variants of names that actions happen to: together they have the digits that each has alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.calendar import ReviewDates
from fintech_index.methodology._loading import parse
from fintech_index.sweeps import _batch
from fintech_index.sweeps.nested import NotNestedError, nested_levels
from fintech_index.sweeps.nested._action_schedule import ShareRatios, action_schedule
from fintech_index.sweeps.nested._rankings import ReviewRanking
from sweep_worlds import RULES, market_of, same_as_alone

SESSIONS = pd.bdate_range("2020-01-02", periods=110)  # price dates and effective dates: 21; 70 to 75, 90 to 96 or so
TERMS = {
    "cash_dividend": {"cash": [0.1, 0.0714]},
    "special_dividend": {"cash": [0.2]},
    "bonus": {"ratio": [0.3, 0.0714], "source": ["reserve", "profit"]},
    "split": {"ratio": [2.0, 3.0]},
    "consolidation": {"ratio": [0.5, 0.3]},
    "rights": {"ratio": [0.3], "price": [0.01, 40.0]},
    "issuance": {"total": [10**9], "free_float": [10**8]},
}
TREATMENTS = {
    "actions.special_dividend": ("none", "gross", "net", "weight_neutral"),
    "actions.rights": ("subscribe", "weight_neutral", "msci_ex"),
    "returns.bonus_par_tax": (False, True),
    "returns.withholding_tax": (0.1, 0.125),
    "rounding.share_decimals": (0, 2),
}


def action(security, session, kind, terms):
    return {"ex_date": SESSIONS[session], "security": f"6{security:05d}.SH", "kind": kind, **terms}


@st.composite
def actions(draw):
    """Up to 25 actions of the 30 securities, of which at most two are on one day."""
    found = {}
    for _ in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(list(TERMS)))
        key = draw(st.integers(0, 29)), draw(st.integers(15, 109)), kind
        terms = {name: draw(st.sampled_from(values)) for name, values in TERMS[kind].items()}
        if not any(other[:2] == key[:2] and "issuance" in (other[2], kind) for other in found):
            found[key] = action(*key, terms)
    return list(found.values())


def test_by_hand():
    """One review of A and B, base on session 21: A splits 1:2 on 30 and pays 1 on 40, B pays 0.5 on 21 and on 35."""
    market = market_of(0, actions=[
        action(0, 30, "split", {"ratio": 2.0}), action(0, 40, "cash_dividend", {"cash": 1.0}),
        action(1, 21, "cash_dividend", {"cash": 0.5}), action(1, 35, "cash_dividend", {"cash": 0.5}),
    ])  # fmt: skip
    names = np.array([0, 1])
    ranking = ReviewRanking(ReviewDates(21, 21, 21), names, shares=np.array([7, 5]), values=np.array([1, 1]))
    schedule = action_schedule(parse(RULES, where="test"), market, [ranking], "net")
    periods = schedule.periods
    assert list(zip(periods.place, periods.start, periods.stop, strict=True)) == [
        (0, 21, 30),
        (0, 30, 110),
        (1, 21, 110),
    ]
    assert periods.ratios.of(np.array([7, 7, 5])).tolist() == [7, 14, 5]
    assert schedule.opening.of(np.array([[7, 5]])).tolist() == [[7, 5]]  # the split is after the open of the base
    paid = schedule.adjustments  # the base pays nothing; the net return loses 90 % of the others
    assert list(zip(paid.place, paid.session, strict=True)) == [(0, 40), (1, 35)]
    assert [Fraction(each, paid.scale) for each in paid.amount] == [Fraction("-0.9"), Fraction("-0.45")]
    assert paid.ratios.of(np.array([7, 5])).tolist() == [14, 5]


def test_shares_grow_half_up_whatever_their_size():
    thirds = ShareRatios(np.array([1, 2, 3]), np.array([2, 3, 3]))
    assert thirds.of(np.array([3, 4, 5])).tolist() == [2, 3, 5]  # 1.5, 2.67, 5
    assert thirds.of(np.array([3, 2**61, 5])).tolist() == [2, (2**63 + 3) // 6, 5]
    with pytest.raises(NotNestedError):
        ShareRatios(np.array([4]), np.array([3])).of(np.array([2**62 - 1]))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5),
    happened=actions(),
    treatments=st.fixed_dictionaries({key: st.sampled_from(values) for key, values in TREATMENTS.items()}),
    caps=st.sampled_from([[0.3, None], [0.26, 0.4]]),
    returns=st.sampled_from(["price", "gross", "net"]),
)
def test_together_is_as_alone(seed, happened, treatments, caps, returns):
    rules = "\n".join(
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in treatments.items()
    )
    base, market = parse(f"{RULES}\n{rules}", where="test"), market_of(seed, actions=happened)
    variants = fi.variants(base, {"selection.count": [4, 7, 20], "weighting.single_cap": caps})
    same_as_alone(variants, market, returns)


OF_ALL = {
    "cash_dividend": {"cash": 0.01},
    "special_dividend": {"cash": 0.01},
    "bonus": {"ratio": 0.3},
    "split": {"ratio": 2.0},
    "rights": {"ratio": 0.3, "price": 0.01},
    "issuance": {"total": 10**9, "free_float": 10**8},
}


@pytest.mark.parametrize("returns", ["price", "gross", "net"])
@pytest.mark.parametrize("kind", OF_ALL)
@pytest.mark.parametrize("cells", [1, 2**19])
def test_nobody_is_alone(monkeypatch, kind, returns, cells):
    """Every security has the action, each on another session; `cells`: one variant at a time, or all."""
    market = market_of(3, actions=[action(at, 22 + 2 * at, kind, OF_ALL[kind]) for at in range(30)])
    variants = fi.variants(parse(RULES, where="test"), {"selection.count": [4, 9], "weighting.single_cap": [0.3, None]})
    monkeypatch.setattr("fintech_index.sweeps.nested._levels._CELLS", cells)
    alone = {name: fi.calculate(method, market).levels[returns].tolist() for name, method in variants.items()}
    monkeypatch.setattr(_batch, "calculate_baskets", None)
    swept = fi.sweep(variants, market, returns=returns)
    assert {name: swept.levels[name].tolist() for name in variants} == alone


@pytest.mark.parametrize(
    ("kind", "terms", "rules"),
    [
        ("delisting", {}, ""),
        ("dividend_correction", {"cash": 0.1, "original_ex_date": SESSIONS[30]}, ""),
        ("issuance", {"total": 10**9, "free_float": 10**8}, 'actions.share_changes = "at_once"'),
        ("cash_dividend", {"cash": 0.01}, 'returns.dividends = "points"'),
        ("cash_dividend", {"cash": 0.01}, 'actions.reference_price = "exchange"'),
        ("cash_dividend", {"cash": 10_000.0}, ""),
    ],
)
def test_what_is_for_each_variant_alone(kind, terms, rules):
    market = market_of(3, actions=[action(at, 40, kind, terms) for at in range(30)])
    variants = fi.variants(parse(f"{RULES}\n{rules}", where="test"), {"selection.count": [4, 9]})
    with pytest.raises(NotNestedError):
        nested_levels(variants, market, "price")
    same_as_alone(variants, market)


def test_two_terms_one_after_another_are_for_each_variant_alone():
    """After the first of them index shares are rounded, and the second one goes by those."""
    happened = [action(at, 40, kind, OF_ALL[kind]) for at in range(30) for kind in ("cash_dividend", "bonus")]
    variants = {
        basis: fi.variants(parse(f'{RULES}\nactions.basis = "{basis}"', where="test"), {"selection.count": [4, 9]})
        for basis in ("pre", "sequential")
    }
    market = market_of(3, actions=happened)
    with pytest.raises(NotNestedError):
        nested_levels(variants["sequential"], market, "gross")
    assert nested_levels(variants["pre"], market, "gross").names == list(variants["pre"])


@pytest.mark.parametrize("basis", ["pre", "sequential"])
def test_a_suspension_is_carried_on_the_basis_of_the_index(basis):
    """All but one are suspended over a bonus and a dividend of one day, up to after the base session."""
    happened = [action(at, 15, kind, OF_ALL[kind] | ({"cash": 1.0} if "cash" in OF_ALL[kind] else {}))
                for at in range(30) for kind in ("cash_dividend", "bonus")]  # fmt: skip
    market = market_of(3, actions=happened, suspended={f"6{at:05d}.SH": range(12, 25) for at in range(29)})
    base = parse(f'{RULES}\nactions.basis = "{basis}"', where="test")
    swept = same_as_alone(fi.variants(base, {"selection.count": [4, 9]}), market)
    assert swept.refused == {}
