"""Which kernel does a piece of work: by its size alone, since all of them give the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index._kernel_choice import loaded
from fintech_index._kernels import _levels, _market_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Price-share products from which the compiled kernels, and then a second thread, pay (benchmarks/kernels.py).
COMPILED_FROM = 10**6
PARALLEL_FROM = 4 * 10**5
_NARROW = 2**32
_TWO_PARTS = 2  # parts have one cut more


@dataclass
class _Work:
    """Price-share products that numpy has done up to now: numba's half a second pays once they are many in sum."""

    done: int = 0

    def pays_to_compile(self, products: int) -> bool:
        if loaded():
            return True
        self.done += products
        return self.done >= COMPILED_FROM


_WORK = _Work()


def add_segments(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Do what `_kernels._market_value.add_segments` does, by the kernel that is fastest for it."""
    products = int((stop - start).sum())
    if not _WORK.pays_to_compile(products):
        _market_value.add_segments(prices, security, start, stop, shares, out)
        return
    from fintech_index._kernels import _compiled

    if prices.dtype != np.int32:
        _compiled.add_segments(prices, security, start, stop, shares, out)
        return
    narrow = shares < _NARROW
    if not narrow.all():
        wide = ~narrow
        _compiled.add_segments(prices, security[wide], start[wide], stop[wide], shares[wide], out)
        security, start, stop, shares = security[narrow], start[narrow], stop[narrow], shares[narrow]
    columns = prices.view(np.uint32), security, start, stop, shares.astype(np.uint32), out.view(np.uint64)
    cuts = _compiled.cuts_between(start, stop, _compiled.threads()) if products >= PARALLEL_FROM else ()
    if len(cuts) > _TWO_PARTS:
        _compiled.add_narrow_segments_in_parallel(*columns, cuts)
    else:
        _compiled.add_narrow_segments(*columns)


def round_levels(
    values: NDArray[np.float64], starts: NDArray[np.int64], factors: NDArray[np.float64], out: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Do what `_kernels._levels.round_levels` does."""
    if not loaded():
        return _levels.round_levels(values, starts, factors, out)
    from fintech_index._kernels import _compiled

    in_doubt: NDArray[np.int64] = _compiled.round_levels(values, starts, factors, out)
    return in_doubt
