"""The numpy kernels and their numba twins on the same arrays: the same bits, on one thread and on two."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from fintech_index._kernels import _compiled, _market_value

SESSIONS = 1300  # more than two blocks of the parallel kernel


def segments(kind, *, seed, securities=30, count=200):
    random = np.random.default_rng(seed)
    prices = random.integers(1, 10**6, (securities, SESSIONS)).astype(kind)
    if kind is np.float64:
        prices *= 0.0137
    start = random.integers(0, SESSIONS, count)
    stop = np.minimum(start + random.integers(0, SESSIONS, count), SESSIONS)
    shares = random.integers(0, 10**9, count)
    return (
        prices,
        random.integers(0, securities, count),
        start,
        stop,
        shares.astype(np.float64 if kind is np.float64 else np.int64),
    )


def run(kernel, columns):
    out = np.zeros(SESSIONS, columns[-1].dtype)
    kernel(*columns, out)
    return out


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float64])
@pytest.mark.parametrize("seed", [1, 2])
def test_twins_give_the_same_bits(kind, seed):
    columns = segments(kind, seed=seed)
    expected = run(_market_value.add_segments, columns)
    assert run(_compiled.add_segments, columns).tobytes() == expected.tobytes()
    threads = numba.get_num_threads()
    try:
        for number in {1, min(2, threads)}:
            numba.set_num_threads(number)
            assert run(_compiled.add_segments_in_parallel, columns).tobytes() == expected.tobytes()
    finally:
        numba.set_num_threads(threads)


def test_it_adds_price_times_shares_of_each_session():
    prices = np.array([[10, 11, 12], [5, 5, 5]], np.int32)
    columns = (prices, np.array([0, 1, 0]), np.array([0, 1, 2]), np.array([2, 3, 3]), np.array([100, 7, 50]))
    assert run_short(columns) == [1000, 1100 + 35, 600 + 35]


def run_short(columns):
    out = np.zeros(3, np.int64)
    _market_value.add_segments(*columns, out)
    return out.tolist()


def test_integer_sums_do_not_depend_on_the_order_of_segments():
    prices, *rest = segments(np.int32, seed=3)
    order = np.random.default_rng(4).permutation(len(rest[0]))
    assert (
        run(_market_value.add_segments, (prices, *rest)).tolist()
        == run(_market_value.add_segments, (prices, *(column[order] for column in rest))).tolist()
    )


def test_int32_prices_do_not_overflow():
    columns = (np.array([[2**31 - 1]], np.int32), np.array([0]), np.array([0]), np.array([1]), np.array([2**30]))
    for kernel in (_market_value.add_segments, _compiled.add_segments, _compiled.add_segments_in_parallel):
        out = np.zeros(1, np.int64)
        kernel(*columns, out)
        assert out.tolist() == [(2**31 - 1) * 2**30]
