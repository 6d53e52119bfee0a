from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from fintech_index.errors import RequestError
from fintech_index.levels import level_text


@pytest.mark.parametrize("date", ["2020-01-02", "2020-05-21", "2020-06-15", "2020-12-31"])
def test_what_is_published_can_be_recomputed_from_itself(history, date):
    """Market value over divisor is the level, before that is rounded half up to its four decimals."""
    published = history.published(date)
    for variant, level in published.levels.items():
        exact = Fraction(published.market_value) / Fraction(published.divisors[variant])
        assert Fraction(level) == Fraction(int(exact * 10_000 + Fraction(1, 2)), 10_000)
        assert level == Decimal(str(history.levels.loc[date, variant])).quantize(Decimal("0.0001"))
    assert published.constituents == len(history.constituents(date))
    assert str(published.date) == date


def test_weights_add_up_to_one_exactly(history):
    weights = history.exact_weights("2020-06-15")
    assert sum(weights.values()) == 1
    nearest = history.weights("2020-06-15")
    assert {code: float(weight) for code, weight in weights.items()} == pytest.approx(nearest.to_dict(), abs=1e-15)


def test_weights_by_hand(make_method, make_market):
    """A is 300 x 3, B is 100 x 7: 900 and 700 of 1600."""
    import fintech_index as fi

    market = make_market({"A.SH": [3.0, 3.0], "B.SH": [7.0, 7.0]}, free_float={"A.SH": 300, "B.SH": 100})
    history = fi.calculate(make_method(), market)
    assert history.exact_weights("2020-01-07") == {"A.SH": Fraction(9, 16), "B.SH": Fraction(7, 16)}
    assert history.published("2020-01-07").market_value == 1600


def test_a_date_that_is_no_session(history):
    for ask in (history.published, history.exact_weights):
        with pytest.raises(RequestError, match="is no session"):
            ask("2020-06-13")


def test_the_text_of_a_level():
    assert level_text(1000.0, 4) == "1000.0000"
    assert level_text(0.5, 0) == "0"
