"""The kernels of a ladder: numpy's for little work, compiled ones for much; they give the same bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fintech_index._kernel_choice import loaded
from fintech_index._kernels import _variants

if TYPE_CHECKING:
    from collections.abc import Callable

COMPILED_FROM = 10**6  # variants x sessions


class Kernels(NamedTuple):
    """See `fintech_index._kernels._variants`."""

    count_capped: Callable[..., None]
    take_capped: Callable[..., None]
    values_of_variants: Callable[..., None]
    levels_of_variants: Callable[..., Any]


def kernels_for(cells: int) -> Kernels:
    """Choose by size alone."""
    if cells < COMPILED_FROM and not loaded():
        own: Any = _variants
    else:
        from fintech_index._kernels import _compiled_variants as own
    return Kernels(own.count_capped, own.take_capped, own.values_of_variants, own.levels_of_variants)
