"""The numpy kernels and their numba twins on the same arrays: the same bits, on one thread and on two."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index._kernels import _compiled, _market_value

SESSIONS = 1300


def segments(kind, *, seed, securities=30, count=200):
    """Segments of any length, some of them several of one length in a row, as reviews make them."""
    random = np.random.default_rng(seed)
    prices = random.integers(1, 10**6, (securities, SESSIONS)).astype(kind)
    if kind is np.float64:
        prices *= 0.0137
    alike = random.integers(1, 9, count)
    start = np.repeat(random.integers(0, SESSIONS, count), alike)[:count]
    stop = np.repeat(random.integers(0, SESSIONS + 1, count), alike)[:count]
    shares = random.integers(0, 10**9, count)
    return (
        prices,
        random.integers(0, securities, count),
        start,
        np.maximum(start, stop),
        shares.astype(np.float64 if kind is np.float64 else np.int64),
    )


def run(kernel, columns):
    out = np.zeros(SESSIONS, columns[-1].dtype)
    kernel(*columns, out)
    return out


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float64])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twins_give_the_same_bits(kind, seed):
    columns = segments(kind, seed=seed)
    assert run(_compiled.add_segments, columns).tobytes() == run(_market_value.add_segments, columns).tobytes()


@pytest.mark.parametrize("seed", range(6))
def test_narrow_twins_give_the_same_bits(seed):
    columns = segments(np.int32, seed=seed)
    expected = run(_market_value.add_segments, columns).tolist()
    assert narrow(_compiled.add_narrow_segments, columns) == expected


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_parts_side_by_side_give_the_same_bits(parts):
    prices, security, start, stop, shares = segments(np.int32, seed=7)
    start, stop = start // 2, np.minimum(stop // 2, SESSIONS // 2)  # two baskets, one after the other
    columns = (
        prices,
        np.tile(security, 2),
        np.concatenate([start, start + SESSIONS // 2]),
        np.concatenate([stop, stop + SESSIONS // 2]),
        np.tile(shares, 2),
    )
    cuts = _compiled.cuts_between(columns[2], columns[3], parts)
    assert len(cuts) == (3 if parts > 1 else 2)
    expected = run(_market_value.add_segments, columns).tolist()
    threads = numba.get_num_threads()
    for number in {1, threads}:
        numba.set_num_threads(number)
        try:
            assert narrow(_compiled.add_narrow_segments_in_parallel, columns, cuts) == expected
        finally:
            numba.set_num_threads(threads)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30), st.integers(1, 5))
def test_parts_have_no_session_in_common(spans, parts):
    start = np.array([min(span) for span in spans])
    stop = np.array([max(span) for span in spans])
    cuts = _market_value.cuts_between(start, stop, parts)
    assert _compiled.cuts_between(start, stop, parts).tolist() == cuts.tolist()
    assert cuts[0] == 0
    assert cuts[-1] == len(spans)
    assert (np.diff(cuts) > 0).all()
    assert len(cuts) <= parts + 1
    for cut in cuts[1:-1]:
        assert stop[:cut].max() <= start[cut:].min()


def narrow(kernel, columns, *more):
    prices, *rest, shares = columns
    out = np.zeros(SESSIONS, np.uint64)
    kernel(prices.view(np.uint32), *rest, shares.astype(np.uint32), out, *more)
    return out.tolist()


def test_it_adds_price_times_shares_of_each_session():
    prices = np.array([[10, 11, 12], [5, 5, 5]], np.int32)
    columns = (prices, np.array([0, 1, 0]), np.array([0, 1, 2]), np.array([2, 3, 3]), np.array([100, 7, 50]))
    out = np.zeros(3, np.int64)
    _market_value.add_segments(*columns, out)
    assert out.tolist() == [1000, 1100 + 35, 600 + 35]


def test_integer_sums_do_not_depend_on_the_order_of_segments():
    prices, *rest = segments(np.int32, seed=3)
    order = np.random.default_rng(4).permutation(len(rest[0]))
    assert (
        run(_market_value.add_segments, (prices, *rest)).tolist()
        == run(_market_value.add_segments, (prices, *(column[order] for column in rest))).tolist()
    )


@pytest.mark.parametrize("alike", [1, 4, 8])
def test_the_largest_prices_and_shares_do_not_overflow(alike):
    prices = np.full((alike, 1), 2**31 - 1, np.int32)
    columns = (prices, np.arange(alike), np.zeros(alike, np.int64), np.ones(alike, np.int64))
    for kernel in (_market_value.add_segments, _compiled.add_segments):
        out = np.zeros(1, np.int64)
        kernel(*columns, np.full(alike, 2**28, np.int64), out)
        assert out.tolist() == [alike * (2**31 - 1) * 2**28]
    sums = np.zeros(1, np.uint64)
    _compiled.add_narrow_segments(prices.view(np.uint32), *columns[1:], np.full(alike, 2**28, np.uint32), sums)
    assert sums.tolist() == [alike * (2**31 - 1) * 2**28]
