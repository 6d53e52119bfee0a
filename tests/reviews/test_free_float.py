"""Bands of free float, at and beside their borders; the rows of 2010-11-24 with a ratio of 9, 43.75 and 82 % are those of the FAQ of CSI."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers_csv import answers
from fintech_index.methodology._loading import parse
from fintech_index.reviews import counted_shares
from fintech_index.reviews._free_float import csi_band, ftse_band, msci_band

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


@given(ratios)
def test_bands_round_up_but_for_the_nearest_percent_of_msci(ratio):
    assert ratio <= csi_band(*ratio.as_integer_ratio(), dt.date(2020, 1, 1)) <= 1
    assert ratio <= csi_band(*ratio.as_integer_ratio(), dt.date(2010, 1, 1)) <= 1
    assert ratio <= ftse_band(ratio, None) <= min(1, ratio + Fraction(1, 100))
    assert abs(msci_band(*ratio.as_integer_ratio()) - ratio) <= (
        Fraction(5, 100) if ratio >= Fraction(15, 100) else Fraction(1, 200)
    )


@given(ratios, ratios)
def test_bands_keep_the_order(one, other):
    low, high = sorted([one, other])
    for band in (
        (
            csi_band(*low.as_integer_ratio(), dt.date(2020, 1, 1)),
            csi_band(*high.as_integer_ratio(), dt.date(2020, 1, 1)),
        ),
        (msci_band(*low.as_integer_ratio()), msci_band(*high.as_integer_ratio())),
    ):
        assert band[0] <= band[1]


def test_a_security_without_shares_counts_as_it_is():
    assert counted_shares(method_of("csi"), 0, 0, dt.date(2020, 1, 1)) == (0, None)
