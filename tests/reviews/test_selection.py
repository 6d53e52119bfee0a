"""Selection by ranks: an answer file where the order of letters is the ranking, capitals of `in` the members before.

Settings are those of `[selection]`, around a count of 10.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers_csv import answers
from fintech_index.methodology._loading import parse
from fintech_index.reviews._selection import select

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def method_of(settings, count=10):
    more = f", {settings}" if settings else ""
    text = f'name = "small"\nbase.date = 2020-01-06\nselection = {{ count = {count}{more} }}\n'
    return parse(text, where="test")


def numbers(letters):
    return [LETTERS.index(letter) for letter in letters]


@pytest.mark.parametrize("row", answers("selection"), ids=lambda row: row["case"])
def test_worked_examples(row):
    before = frozenset(numbers(row["in"])) if row["in"] else None
    selected = select(method_of(row["settings"]), numbers(row["order"]), before)
    assert selected.members == set(numbers(row["out"]))


def test_the_reserve_is_next_in_line():
    selected = select(method_of("reserve = 2"), numbers("ABCDEFGHIJKLMN"), None)
    assert selected.reserve == tuple(numbers("KL"))
    assert select(method_of("reserve = 0.3"), numbers("ABCDEFGHIJKLMN"), None).reserve == tuple(numbers("KLM"))


def test_a_large_listing_enters_outside_the_limit():
    method = method_of("turnover_limit = 0.1")
    incumbents = frozenset(numbers("ABCDEFGHIJ"))
    selected = select(method, numbers("AYKBCDEFGHIJ"), incumbents, frozenset(numbers("Y")))
    assert selected.members == set(numbers("AYKBCDEFGH"))  # Y for J, and K for I by the limit
    assert selected.fast == set(numbers("Y"))
    assert selected.swaps == {LETTERS.index("I"): LETTERS.index("K")}


orders = st.permutations(range(20))
incumbent_sets = st.sets(st.integers(0, 19), min_size=10, max_size=10)
buffers = st.tuples(st.integers(1, 10), st.integers(10, 20))


@given(orders, incumbent_sets, buffers, st.integers(0, 10), st.integers(0, 8))
def test_laws_of_the_limit(order, incumbents, buffer, tenths, failing):
    limit = f", turnover_limit = {tenths / 10}" if tenths else ""
    method = method_of(f"buffer = {{ enter = {buffer[0]}, stay = {buffer[1]} }}{limit}")
    gone = sorted(incumbents)[:failing]
    eligible = [who for who in order if who not in gone]
    members = select(method, eligible, frozenset(incumbents)).members
    assert len(members) == 10
    assert not members & set(gone)
    if tenths:
        assert len(members - incumbents) <= max(tenths, len(gone))
        assert len(members - incumbents) >= len(gone)


@given(orders, incumbent_sets, buffers)
def test_a_limit_of_everything_is_no_limit(order, incumbents, buffer):
    settings = f"buffer = {{ enter = {buffer[0]}, stay = {buffer[1]} }}"
    bands = select(method_of(settings), order, frozenset(incumbents)).members
    assert select(method_of(f"{settings}, turnover_limit = 1.0"), order, frozenset(incumbents)).members == bands
