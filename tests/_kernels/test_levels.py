"""Rounding of levels: the numpy kernel and its twin, and what they leave to integers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fintech_index._kernels import _compiled, _levels

KERNELS = (_levels.round_levels, _compiled.round_levels)


def rounded(kernel, values, starts, factors):
    out = np.empty(len(values))
    in_doubt = kernel(np.array(values, float), np.array(starts), np.array(factors, float), out)
    return out.tolist(), in_doubt.tolist()


def test_it_rounds_half_up_and_leaves_ties_open():
    for kernel in KERNELS:
        levels, in_doubt = rounded(kernel, [10.0, 11.0, 12.0, 13.0], [0, 2], [0.24, 0.125])
        assert levels == [2, 3, 2, 2]  # 2.4, 2.64; 1.5, 1.625
        assert in_doubt == [2]  # a tie is not for floats to decide


@given(
    st.lists(st.floats(1, 1e13), min_size=1, max_size=40),
    st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=5),
)
def test_twins_give_the_same_bits(values, factors):
    starts = np.linspace(0, len(values), len(factors), endpoint=False).astype(np.int64)
    assert rounded(KERNELS[0], values, starts, factors) == rounded(KERNELS[1], values, starts, factors)
