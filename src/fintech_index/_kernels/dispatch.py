"""The one place that chooses a kernel: by the size of the work alone, since all of them give the same bits.

Importing the compiled kernels takes half a second, which little work does not earn: until a process has done enough of
it, numpy does it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fintech_index._kernels import _levels, _market_value, _spans, _ticks, _variants

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Price-share products from which the compiled kernels, and then a second thread, pay (benchmarks/kernels.py).
COMPILED_FROM = 10**6
PARALLEL_FROM = 4 * 10**5

TICKS_COMPILED_FROM = 10**6  # ticks, or ticks and moments x securities x indices
MOMENTS_IN_PARALLEL_FROM = 2 * 10**7  # the same
TICKS_IN_PARALLEL_FROM = 5 * 10**6  # 12 ms of one thread; to start others takes 3

VARIANTS_COMPILED_FROM = 10**6  # variants x sessions

_NARROW = 2**32
_NARROW_SIGNED = 2**31
_TWO_PARTS = 2  # parts have one cut more
_COMPILED = "fintech_index._kernels._compiled"
_COMPILING = "fintech_index.compiling"


class Products:
    """Price-share products that numpy has done up to now: numba's half a second pays once they are many in sum."""

    done = 0


def loaded() -> bool:
    """Tell whether the compiled kernels are there already."""
    return _COMPILED in sys.modules


def notices() -> tuple[str, ...]:
    """Say why compiled kernels cannot be kept on the disk, if they cannot."""
    compiling = sys.modules.get(_COMPILING)
    return () if compiling is None else tuple(compiling.notices)


def add_segments(
    prices: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shares: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Add the values of segments to those of their sessions; see `_market_value.add_segments`."""
    products = int((stop - start).sum())
    Products.done += products
    if not loaded() and Products.done < COMPILED_FROM:
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
    """Round levels, and give the places of those near a tie; see `_levels.round_levels`."""
    if not loaded():
        return _levels.round_levels(values, starts, factors, out)
    from fintech_index._kernels import _compiled

    in_doubt: NDArray[np.int64] = _compiled.round_levels(values, starts, factors, out)
    return in_doubt


def sum_spans(
    values: NDArray[Any],
    security: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    out: NDArray[Any],
) -> None:
    """Add up closes over spans of sessions; see `_spans.sum_spans`."""
    if values.dtype.kind != "i" or not loaded():
        _spans.sum_spans(values, security, start, stop, out)
        return
    from fintech_index._kernels import _compiled

    _compiled.sum_spans(values, security, start, stop, out)


class VariantKernels(NamedTuple):
    """The kernels of many variants at once; see `_variants`."""

    count_capped: Callable[..., None]
    take_capped: Callable[..., None]
    values_of_variants: Callable[..., None]
    levels_of_variants: Callable[..., Any]


def variant_kernels(cells: int) -> VariantKernels:
    """Give the kernels for so many variants x sessions."""
    own: Any = _variants
    if cells >= VARIANTS_COMPILED_FROM or loaded():
        from fintech_index._kernels import _compiled_variants as own
    return VariantKernels(own.count_capped, own.take_capped, own.values_of_variants, own.levels_of_variants)


def bounds_of_ticks(security: NDArray[np.int32], price: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """Give the lowest and highest security and price of a tape; see `_ticks.bounds`."""
    lowest, highest, low, high = _tick_kernels(len(security)).bounds(security, price)
    return int(lowest), int(highest), int(low), int(high)


def follow_ticks(name: str, ticks: int, *columns: Any, out: NDArray[Any]) -> list[int]:
    """Run the kernel `name` over a tape; give the first tick of nobody (or -1), the lowest and the highest price."""
    kernels = _tick_kernels(ticks)
    if kernels is _ticks or ticks < TICKS_IN_PARALLEL_FROM:
        found = getattr(kernels, name)(*columns, out)
    else:
        from fintech_index._kernels import _compiled

        found = getattr(kernels, f"{name}_in_parallel")(*columns, min(_compiled.threads(), ticks), out)
    seen: list[int] = found.tolist()
    return seen


def values_at(
    security: NDArray[np.int32],
    price: NDArray[np.int32],
    ends: NDArray[np.int64],
    opening: NDArray[np.int64],
    shares: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Write the market values of many indices at moments of a tape; see `_ticks.values_at`."""
    products = len(security) + len(ends) * shares.size
    kernels = _tick_kernels(products)
    narrow = shares.max(initial=0) < _NARROW_SIGNED and opening.max(initial=0) < _NARROW_SIGNED
    if kernels is _ticks or not narrow:
        kernels.values_at(security, price, ends, opening.astype(np.int64), shares, out)
        return
    from fintech_index._kernels import _compiled

    parts = _compiled.threads() if products >= MOMENTS_IN_PARALLEL_FROM else 1
    columns = opening.astype(np.uint32), np.ascontiguousarray(shares).astype(np.uint32), out.view(np.uint64)
    kernels.narrow_values_at(security, price, ends, *columns, parts)


def _tick_kernels(work: int) -> Any:
    if work < TICKS_COMPILED_FROM and not loaded():
        return _ticks
    from fintech_index._kernels import _compiled_ticks

    return _compiled_ticks
