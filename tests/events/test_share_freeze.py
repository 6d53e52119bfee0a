from __future__ import annotations

import pytest

import fintech_index as fi
from review_worlds import review_market

SETTINGS = 'review.months = [6]\nactions.share_changes = "at_once"\n'


def shares_after(make_method, date, more=""):
    """Index shares of 600003 (1,990) before and on the effective date, when it has 2,500 from a date on."""
    grows = {"ex_date": date, "security": "600003.SH", "kind": "issuance", "total": 3000, "free_float": 2500}
    history = fi.calculate(make_method(SETTINGS + more), review_market([grows]))
    return [
        history.constituents(day).loc["600003.SH", "index_shares"] for day in ("2020-06-12", "2020-06-15", "2020-06-16")
    ]


@pytest.mark.parametrize(
    ("date", "free", "frozen"),
    [  # the price date is 2020-06-08, the effective date 2020-06-15
        ("2020-06-08", [2500, 1990, 1990], [2500, 1990, 1990]),  # `shares` has 1,990 on the price date all the same
        ("2020-06-09", [2500, 2500, 2500], [1990, 1990, 1990]),
        ("2020-06-15", [1990, 2500, 2500], [1990, 1990, 1990]),
        ("2020-06-16", [1990, 1990, 2500], [1990, 1990, 2500]),
    ],
)
def test_a_freeze_lets_changes_between_price_date_and_effective_date_wait(make_method, date, free, frozen):
    assert shares_after(make_method, date) == free
    assert shares_after(make_method, date, "review.share_freeze = true\n") == frozen
