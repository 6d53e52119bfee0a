"""Positions between the sessions on which something is recorded for them."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import CalculationError
from fintech_index.events import ShareBasis, place, share_table
from fintech_index.events._position_book import PositionBook

DAYS = [day.date() for day in pd.bdate_range("2020-01-06", periods=8)]


@pytest.fixture
def book(make_method, make_market):
    """100 of A and 50 of B from session 0 on, 30 of B alone from session 4 on; A splits 1:2 on sessions 2 and 5."""
    splits = [{"ex_date": DAYS[at], "security": "A.SH", "kind": "split", "ratio": 2.0} for at in (2, 5)]
    market, method = make_market({"A.SH": [8.0] * 2 + [4.0] * 3 + [2.0] * 3, "B.SH": [5.0] * 8}, splits), make_method()
    rows = [(DAYS[0], "A.SH", 100), (DAYS[0], "B.SH", 50), (DAYS[4], "B.SH", 30)]
    frame = pd.DataFrame(rows, columns=["effective", "security", "index_shares"])
    table = place(fi.Baskets.from_frame(frame), market, "small", 0)
    return PositionBook(method, market, table, share_table(method, market), 0)


def test_shares_follow_from_the_table_where_nothing_is_recorded(book):
    position = book.of(0, 0)
    shares = [(book.basis(position, at).index_shares, book.basis(position, at, before_actions=False).index_shares)
              for at in (1, 2, 3)]  # fmt: skip
    assert shares == [(100, 100), (100, 200), (200, 200)]
    assert book.of(1, 0) is None  # A is not in the second basket


def test_a_record_holds_from_its_session_on(book):
    """90 from the open of session 2 on, before the split of that day: 180 after it."""
    position = book.of(0, 0)
    book.record(position, 2, ShareBasis(90), before_actions=True)
    assert book.index_shares(position, 1) == 100
    assert book.index_shares(position, 2) == 90
    assert book.index_shares(position, 3) == 180
    book.record(position, 2, ShareBasis(70), before_actions=False)  # after them: the split is in it
    assert [book.index_shares(position, at) for at in (2, 3)] == [90, 70]


def test_who_left_is_no_longer_a_member_and_may_enter_again(book):
    book.leave(book.of(0, 1), 3)
    assert [each.security for each in book.members(0)] == [0]
    book.enter(0, 1, 3, ShareBasis(7), before_actions=True)
    assert [each.row for each in book.members(0)] == [0, -1]
    assert sorted((each.row, each.left) for each in book.recorded()) == [(-1, None), (0, None), (1, 3)]


def test_shares_beyond_an_integer_are_refused(book):
    with pytest.raises(CalculationError, match="headroom exceeded: A.SH would have"):
        book.record(book.of(0, 0), 2, ShareBasis(2**61, adjustment_ratio=Fraction(8)), before_actions=True)
