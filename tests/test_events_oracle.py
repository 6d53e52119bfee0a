"""The engine against `events_oracle`: every kind of action, every treatment, every digit."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given

import events_oracle
import fintech_index as fi
from fintech_index.errors import FintechIndexError
from happenings import SESSIONS, baskets_of, happenings, market_of, methods, settings_of
from oracle import half_up

VARIANTS = ("price", "gross", "net")


@pytest.mark.parametrize("by", ["free_float_cap", "equal", "price"])
def test_every_digit_equals_the_oracle(by):
    @given(methods(by=by), happenings())
    def check(method, happened):
        closes, actions = happened
        try:
            history = fi.calculate(method, market_of(closes, actions), fi.Baskets.from_frame(baskets_of(by)))
        except FintechIndexError:
            assume(False)
        divisors, values, amounts = events_oracle.calculate(by, settings_of(method), closes, actions)
        assert [Fraction(value) for value in history.market_values] == values
        for variant in VARIANTS:
            assert [Fraction(value) for value in history.divisors[variant]] == [each[variant] for each in divisors]
            expected = [
                Decimal(half_up(value / each[variant], 4)).scaleb(-4)
                for value, each in zip(values, divisors, strict=True)
            ]
            assert [Decimal(f"{level:.4f}") for level in history.levels[variant]] == expected
        found = Counter()  # one newcomer may take the place of two
        for row in history.divisor_changes.itertuples():
            found[SESSIONS.index(row.date.date()), row.security, row.cause, row.variant] += Fraction(row.amount)
        assert {key: amount for key, amount in found.items() if amount} == amounts

    check()
