"""Bands of free float, at and beside their borders; the rows of 2010-11-24 with a ratio of 9, 43.75 and 82 % are those of the FAQ of CSI."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers_csv import answers
from fintech_index.methodology._loading import parse
from fintech_index.reviews import counted_shares
from fintech_index.reviews._free_float import counted_in_bands
from fintech_index.rounding import round_half_up

ratios = st.fractions(0, 1, max_denominator=10**6)


def method_of(by):
    return parse(f'name = "small"\nbase.date = 2020-01-06\nfree_float.by = "{by}"\n', where="test")


@pytest.mark.parametrize(
    "row", answers("free_float"), ids=lambda row: f"{row['by']} {row['free_float']}/{row['total']}"
)
def test_bands(row):
    before = Fraction(row["before"]) if row["before"] else None
    date = dt.date.fromisoformat(row["date"])
    shares, band = counted_shares(method_of(row["by"]), int(row["free_float"]), int(row["total"]), date, before)
    assert shares == int(row["shares"])
    assert band == (Fraction(row["band"]) if row["band"] else None)


def band(by, ratio, date=dt.date(2020, 1, 1)):
    """The band of a ratio, of a security that no band has counted for."""
    return counted_shares(method_of(by), *ratio.as_integer_ratio(), date)[1]


@given(ratios)
def test_bands_round_up_but_for_the_nearest_percent_of_msci(ratio):
    assert ratio <= band("csi", ratio) <= 1
    assert ratio <= band("csi", ratio, dt.date(2010, 1, 1)) <= 1
    assert ratio <= band("ftse", ratio) <= min(1, ratio + Fraction(1, 100))
    assert abs(band("msci", ratio) - ratio) <= (Fraction(5, 100) if ratio >= Fraction(15, 100) else Fraction(1, 200))


@given(ratios, ratios)
def test_bands_keep_the_order(one, other):
    low, high = sorted([one, other])
    for by in ("csi", "ftse", "msci"):
        assert band(by, low) <= band(by, high)


@given(
    st.lists(st.tuples(st.integers(0, 10**17), st.integers(0, 10**17), st.sampled_from([None, 0.7, 0.71])), min_size=1)
)
@pytest.mark.parametrize("by", ["csi", "ftse", "msci"])
def test_many_at_once_are_as_one_by_one(by, rows):
    """Whatever their size: the products of some do not fit 64 bits."""
    rows = [(min(pair), max(pair), None if before is None else Fraction(str(before))) for *pair, before in rows]
    free_float, total, before = zip(*rows, strict=True)
    date, method = dt.date(2020, 1, 1), method_of(by)
    counts, bands = counted_in_bands(method, np.array(free_float), np.array(total), date, before)
    alone = [counted_shares(method, *row[:2], date, row[2]) for row in rows]
    assert list(zip(counts.tolist(), bands, strict=True)) == alone
    assert all(
        each is None or count == round_half_up(n * each) for count, each, n in zip(counts, bands, total, strict=True)
    )


def test_a_security_without_shares_counts_as_it_is():
    assert counted_shares(method_of("csi"), 0, 0, dt.date(2020, 1, 1)) == (0, None)
