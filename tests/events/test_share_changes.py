"""Changes of counts around reviews, splits and spin-offs."""

from __future__ import annotations

import pytest

import fintech_index as fi
from announced import ANNOUNCED, SESSIONS, STEADY, changes, held, on, own, until
from fintech_index.errors import CalculationError


def test_a_share_change_reaches_the_coming_basket_unless_its_counts_have_it(make_method, make_market):
    method = make_method('actions.share_changes = "at_once"')
    issuance = {"total": 2000, "free_float": 800}
    after = fi.calculate(method, make_market(STEADY, [on(3, "C.SH", "issuance", **issuance)]), own(*ANNOUNCED))
    assert held(after, 7)["C.SH"] == 400
    before = fi.calculate(method, make_market(STEADY, [on(2, "C.SH", "issuance", **issuance)]), own(*ANNOUNCED))
    assert held(before, 7)["C.SH"] == 200  # the price date knows it


def test_csi_changes_that_wait_over_an_effective_date(make_method, make_market):
    """Listed on session 4, applied two sessions later, in the basket that has taken effect in between."""
    method = make_method('actions.share_changes = "csi"')
    market = make_market(STEADY, [on(4, "B.SH", "issuance", total=1100, free_float=300)])
    history = fi.calculate(method, market, own(*ANNOUNCED))
    assert [held(history, at)["B.SH"] for at in (4, 5, 6)] == [100, 50, 150]


def test_of_several_ex_dates_before_one_session_the_last_counts_stand(make_method, make_market):
    """Saturday and Sunday before session 5, whatever their kinds."""
    method = make_method('actions.share_changes = "at_once"')
    saturday, sunday = "2020-01-11", "2020-01-12"
    for one, other, free in (("float_change", "float_change", 500), ("cancellation", "issuance", 900)):
        rows = [
            on(5, "A.SH", one, total=3000, free_float=1400) | {"ex_date": saturday},
            on(5, "A.SH", other, total=3000, free_float=free) | {"ex_date": sunday},
        ]
        for order in (rows, rows[::-1]):
            history = fi.calculate(method, make_market(STEADY, order), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
            assert held(history, 5)["A.SH"] == free / 2


def test_a_change_of_counts_keeps_what_weights_were_given(make_method, make_market):
    """B has taken half of A's value; counts that are the same change nothing of it."""
    rules = 'actions.replacement = "pro_rata"\nactions.share_changes = "at_once"'
    market = make_market(
        STEADY | {"A.SH": until(2)},
        [on(2, "A.SH", "delisting"), on(4, "B.SH", "issuance", total=1000, free_float=200)],
    )
    history = fi.calculate(make_method(rules), market, own(*((0, 0, who, 100) for who in ("A.SH", "B.SH", "C.SH"))))
    assert held(history, 3) == held(history, 5) == {"B.SH": 150, "C.SH": 150}


def test_a_threshold_needs_the_count_of_all_shares(make_method, make_market):
    market = make_market(STEADY, [on(2, "A.SH", "issuance", total=1100, free_float=300)], {"B.SH": 1000})
    baskets = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100))
    with pytest.raises(CalculationError, match="depends on all its shares before, which are not known: give `shares`"):
        fi.calculate(make_method('actions.share_changes = "csi"'), market, baskets)
    assert held(fi.calculate(make_method('actions.share_changes = "at_once"'), market, baskets), 2)["A.SH"] == 150


def test_a_free_float_of_nothing_cannot_grow(make_method, make_market):
    counts = [
        on(2, "A.SH", "cancellation", total=900, free_float=0),
        on(4, "A.SH", "issuance", total=900, free_float=9),
    ]
    baskets = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100), floats=False)
    with pytest.raises(CalculationError, match="the free float of A.SH before its share change is 0, so that index"):
        fi.calculate(make_method('actions.share_changes = "at_once"'), make_market(STEADY, counts), baskets)


@pytest.mark.parametrize(
    ("counted", "split", "shares"),
    [
        ("2020-01-11", "2020-01-13", 1200),  # Saturday's counts, split on Monday
        ("2020-01-11", "2020-01-12", 1200),
        ("2020-01-13", "2020-01-12", 600),  # Monday's counts have Sunday's split in them
        ("2020-01-13", "2020-01-13", 600),
    ],
)
def test_counts_have_the_splits_up_to_their_day_in_them(counted, split, shares, make_method, make_market):
    """1,200 free-float shares by a factor of 0.5, all before the open of session 5."""
    happened = [
        on(5, "A.SH", "issuance", total=2000, free_float=1200) | {"ex_date": counted},
        on(5, "A.SH", "split", ratio=2.0) | {"ex_date": split},
    ]
    market = make_market(STEADY | {"A.SH": [10.0] * 5 + [5.0] * 3}, happened)
    method = make_method('actions.share_changes = "at_once"')
    history = fi.calculate(method, market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert held(history, 5)["A.SH"] == shares
    assert (history.levels == 1000).all(axis=None)


def test_a_child_leaves_with_what_its_counts_have_become(make_method, make_market):
    """50 of K at zero; new counts double them at 4 on the day on which they leave: +200, then -400."""
    closes = STEADY | {"A.SH": [10.0] * 3 + [8.0] * 5, "K.SH": [None] * 3 + [4.0] * 5}
    happened = [
        on(3, "A.SH", "spin_off", child="K.SH", ratio=0.5),
        on(4, "K.SH", "issuance", total=1000, free_float=200),
    ]
    method = make_method('actions.share_changes = "at_once"')
    history = fi.calculate(method, make_market(closes, happened), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert changes(history) == [(4, "K.SH", "issuance", 200), (4, "K.SH", "spin_off", -400)]
    assert held(history, 4) == {"A.SH": 100, "B.SH": 100}


@pytest.mark.parametrize(
    ("counted", "setting", "total", "shares"),
    [
        (2, "at_once", 10200, 1000),  # 2 % of the 10,000 that 1,000 have become
        (2, "at_once", 10600, 1060),
        (1, "csi", 1020, 1000),  # counted before the split, applied after it: 2 % of 1,000
        (1, "csi", 1060, 1060),
    ],
)
def test_a_threshold_compares_counts_of_one_basis(counted, setting, total, shares, make_method, make_market):
    """A split of 10 on session 2; free floats grow like totals, by a factor of 0.5."""
    free_float = 2 * total // 10 if setting == "csi" else total // 5
    happened = [
        on(2, "A.SH", "split", ratio=10.0),
        on(counted, "A.SH", "issuance", total=total, free_float=free_float),
    ]
    rules = f'actions.share_changes = "{setting}"'
    rules += "\nactions.share_change_threshold = 0.05" if setting == "at_once" else ""
    market = make_market(STEADY | {"A.SH": [10.0] * 2 + [1.0] * 6}, happened)
    history = fi.calculate(make_method(rules), market, own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert held(history, 7)["A.SH"] == shares


def test_a_childs_free_float_is_of_the_shares_held_before_the_day(make_method, make_market):
    """A bonus of 1 on the day of the spin-off: 50 of K by 200 x 0.5 free-float shares, and counts of 300 make 150 of them."""
    closes = STEADY | {"A.SH": [10.0] * 2 + [4.0] * 6, "K.SH": [None] * 2 + [4.0] * 6}
    happened = [
        on(2, "A.SH", "bonus", ratio=1.0),
        on(2, "A.SH", "spin_off", child="K.SH", ratio=0.5),
        on(4, "K.SH", "issuance", total=1000, free_float=300),
    ]
    method = make_method('actions.spin_off = "stays"\nactions.share_changes = "at_once"')
    history = fi.calculate(method, make_market(closes, happened), own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100)))
    assert history.constituents(SESSIONS[2]).loc["K.SH", "free_float"] == 100
    assert held(history, 4)["K.SH"] == 150
