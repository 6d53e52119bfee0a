"""Sums over spans, by hand and by both kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_index._kernels import _compiled, _spans


@pytest.mark.parametrize("kernel", [_spans.sum_spans, _compiled.sum_spans])
def test_sums(kernel):
    prices = np.array([[1, 2, 3, 4], [10, 20, 30, 40]], np.int32)
    sums = np.empty(3, np.int64)
    kernel(prices, *(np.array(each, np.int64) for each in ([0, 1, 1], [0, 1, 3], [2, 4, 4])), sums)
    assert sums.tolist() == [1 + 2, 20 + 30 + 40, 40]


@pytest.mark.parametrize("cells", [1, 7, 10**6])
def test_both_give_the_same_bits(monkeypatch, cells):
    """With few cells at once a span may be longer than all that is looked at together."""
    monkeypatch.setattr(_spans, "_CELLS", cells)

    @given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.sampled_from([np.int32, np.int64]))
    def check(seed, spans, kind):
        random = np.random.default_rng(seed)
        prices = random.integers(0, np.iinfo(np.int32).max, (5, 9)).astype(kind)
        start = random.integers(0, 9, spans)
        columns = random.integers(0, 5, spans), start, random.integers(start + 1, 10)
        found = [np.empty(spans, np.int64) for _ in range(2)]
        _spans.sum_spans(prices, *columns, found[0])
        _compiled.sum_spans(prices, *columns, found[1])
        assert found[0].tolist() == found[1].tolist()
        assert found[0].tolist() == [int(prices[who, a:b].sum()) for who, a, b in zip(*columns, strict=True)]

    check()
