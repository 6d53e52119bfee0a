"""Market values on a tape: by hand, and as the sums of last prices x shares that they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index._kernels import _compiled_ticks, _ticks, dispatch
from fintech_index.errors import CalculationError, RequestError
from fintech_index.intraday import levels_after_ticks, value_after_ticks, values_at


@pytest.fixture(params=["numpy", "compiled", "parallel"], autouse=True)
def kernels(request, monkeypatch):
    monkeypatch.setattr(dispatch, "loaded", lambda: request.param != "numpy")
    for size in ("MOMENTS_IN_PARALLEL_FROM", "TICKS_IN_PARALLEL_FROM"):
        monkeypatch.setattr(dispatch, size, 0 if request.param == "parallel" else 10**12)


def test_a_tape_by_hand():
    security, price = np.array([0, 1, 0], np.int32), np.array([11, 20, 12], np.int32)
    opening, shares = np.array([10, 21, 5]), np.array([100, 10, 0])
    # 10 x 100 + 21 x 10 = 1210, then + 100, - 10, + 100
    assert value_after_ticks(security, price, opening, shares).tolist() == [1310, 1300, 1400]
    assert levels_after_ticks(security, price, opening, shares, 10).tolist() == [131, 130, 140]
    both = np.array([[100, 0], [10, 1], [0, 7]])
    assert values_at(security, price, np.array([0, 2, 2, 3]), opening, both).tolist() == [
        [1210, 21 + 35],
        [1300, 20 + 35],
        [1300, 20 + 35],
        [1400, 20 + 35],
    ]


def tape_of(seed, *, securities=9, ticks=400, indices=3, most=10**9):
    random = np.random.default_rng(seed)
    shares = random.integers(0, most, (securities, indices))
    shares[random.random(shares.shape) < 0.3] = 0
    return (
        random.integers(0, securities, ticks).astype(np.int32),
        random.integers(0, 2**31 - 1, ticks).astype(np.int32),
        np.sort(random.integers(0, ticks + 1, 50)),
        random.integers(0, 2**31 - 1, securities),
        shares,
    )


@pytest.mark.parametrize("most", [10**6, 2**31, 10**8])
@pytest.mark.parametrize("seed", range(3))
def test_every_value_is_the_sum_of_last_prices_times_shares(most, seed):
    security, price, ends, opening, shares = tape_of(seed, most=most // 100)
    last, expected = opening.copy(), [opening @ shares]
    for who, now in zip(security, price, strict=True):
        last[who] = now
        expected.append(last @ shares)
    after = value_after_ticks(security, price, opening, shares[:, 0])
    assert after.tolist() == [row[0] for row in expected[1:]]
    levels = levels_after_ticks(security, price, opening, shares[:, 0], 12.34)
    assert levels.tolist() == [row[0] / 12.34 for row in expected[1:]]
    assert values_at(security, price, ends, opening, shares).tolist() == [expected[end].tolist() for end in ends]


@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 60), st.integers(1, 19))
def test_the_bits_do_not_depend_on_the_parts(seed, parts, moments, securities):
    security, price, ends, opening, shares = tape_of(seed, securities=securities, most=2**31)
    ends = ends[:moments]
    expected = np.empty((len(ends), 3), np.int64)
    _ticks.values_at(security, price, ends, opening, shares, expected)
    out = np.empty_like(expected)
    _compiled_ticks.values_at(security, price, ends, opening, shares, out)
    assert out.tolist() == expected.tolist()
    _compiled_ticks.narrow_values_at(
        security, price, ends, opening.astype(np.uint32), shares.astype(np.uint32), out.view(np.uint64), parts
    )
    assert out.tolist() == expected.tolist()


@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(7, 60), st.integers(1, 9))
def test_every_tick_in_parts(seed, parts, ticks, securities):
    """A part begins with the last price of each constituent before it, or the opening one where it had no tick yet."""
    security, price, _, opening, shares = tape_of(seed, securities=securities, ticks=ticks, most=10**8)
    columns = security, price, opening, shares[:, 0]
    values, levels = [np.empty(ticks, np.int64) for _ in range(3)], [np.empty(ticks) for _ in range(3)]
    found = [
        _ticks.value_after_ticks(*columns, values[0]),
        _compiled_ticks.value_after_ticks(*columns, values[1]),
        _compiled_ticks.value_after_ticks_in_parallel(*columns, parts, values[2]),
        _ticks.levels_after_ticks(*columns, 12.34, levels[0]),
        _compiled_ticks.levels_after_ticks(*columns, 12.34, levels[1]),
        _compiled_ticks.levels_after_ticks_in_parallel(*columns, 12.34, parts, levels[2]),
    ]
    assert {tuple(each.tolist()) for each in found} == {(-1, price.min(), price.max())}
    assert values[0].tolist() == values[1].tolist() == values[2].tolist()
    assert levels[0].tolist() == levels[1].tolist() == levels[2].tolist()


@given(st.integers(0, 10**6), st.lists(st.integers(0, 19), min_size=1, max_size=3), st.sampled_from([-1, 9, 2**31 - 1]))
def test_the_first_tick_of_nobody_is_named(seed, places, nobody):
    security, price, _, opening, shares = tape_of(seed, ticks=20, most=10**8)
    security[places] = nobody
    with pytest.raises(RequestError, match=rf"^tick {min(places) + 1} of the tape has security {nobody}, and they go"):
        value_after_ticks(security, price, opening, shares[:, 0])


def test_an_empty_tape():
    none, opening = np.array([], np.int32), np.array([10, 20])
    assert value_after_ticks(none, none, opening, np.array([1, 2])).tolist() == []
    assert values_at(none, none, np.array([0]), opening, np.array([[1], [2]])).tolist() == [[50]]


ONE, TEN = np.array([0], np.int32), np.array([10], np.int32)
OPENING, SHARES = np.array([10]), np.array([[1]])


@pytest.mark.parametrize(
    ("tape", "message"),
    [
        ((ONE, ONE[:0], np.array([1]), OPENING, SHARES), "must be as many"),
        ((ONE, ONE, np.array([1]), OPENING, SHARES[:0]), "must be as many"),
        ((ONE + 1, ONE, np.array([1]), OPENING, SHARES), "has security -?1, and they go from 0 up to 0"),
        ((ONE - 1, ONE, np.array([1]), OPENING, SHARES), "has security -?1, and they go from 0 up to 0"),
        ((ONE, TEN - 11, np.array([1]), OPENING, SHARES), "the price of a tick must be above 0"),
        ((ONE, TEN - 10, np.array([1]), OPENING, SHARES), "the price of a tick must be above 0"),
        ((ONE, TEN, np.array([1]), OPENING - 10, SHARES), "the opening price of a constituent must be above 0"),
        ((ONE, TEN, np.array([1]), OPENING, -SHARES), "not negative"),
        ((ONE, TEN, np.array([2]), OPENING, SHARES), "must ascend"),
        ((ONE, TEN, np.array([1, 0]), OPENING, SHARES), "must ascend"),
        ((ONE, TEN, [1], OPENING, SHARES), "ends must be an array of numpy"),
        ((ONE, TEN, np.array([1]), OPENING, SHARES[0]), "shares must have 2 dimensions, not 1"),
        ((ONE[0], TEN, np.array([1]), OPENING, SHARES), "security must be an array of numpy"),
        ((ONE.reshape(1, 1), TEN, np.array([1]), OPENING, SHARES), "security must have 1 dimension, not 2"),
    ],
)
def test_tapes_that_cannot_be(tape, message):
    with pytest.raises(RequestError, match=message):
        values_at(*tape)


def test_a_divisor_that_is_none():
    for divisor in (0, -1, float("nan"), float("inf")):
        with pytest.raises(RequestError, match="a divisor is positive and finite, not"):
            levels_after_ticks(ONE, TEN, OPENING, SHARES[:, 0], divisor)
    with pytest.raises(RequestError, match="a divisor is a positive number: could not convert"):
        levels_after_ticks(ONE, TEN, OPENING, SHARES[:, 0], "none")


@pytest.mark.parametrize(("tick", "opening"), [(2**31 - 1, 1), (1, 2**31)])
def test_headroom(tick, opening):
    for follow in (value_after_ticks, lambda *tape: levels_after_ticks(*tape, 1.0)):
        with pytest.raises(CalculationError, match="headroom exceeded"):
            follow(ONE, np.array([tick], np.int32), np.array([opening]), np.array([2**32]))


def test_a_long_tape_is_cut_into_blocks():
    """More ticks than levels that are divided at once, with a tick of nobody in a later block."""
    security, price, _, opening, shares = tape_of(1, ticks=10_000, most=10**8)
    values = value_after_ticks(security, price, opening, shares[:, 0])
    assert levels_after_ticks(security, price, opening, shares[:, 0], 12.34).tolist() == (values / 12.34).tolist()
    security[9_000] = 9
    with pytest.raises(RequestError, match="tick 9,001 of the tape"):
        levels_after_ticks(security, price, opening, shares[:, 0], 12.34)


def test_prices_that_are_no_whole_numbers():
    with pytest.raises(RequestError, match="whole numbers, not float64"):
        value_after_ticks(ONE, TEN.astype(float), OPENING, SHARES[:, 0])
