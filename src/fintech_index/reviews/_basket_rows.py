"""The rows of one basket, before they are put into words and dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BasketRows:
    """The rows of one basket; sessions and securities are numbers."""

    effective: int
    price_date: int
    securities: Sequence[int]
    index_shares: Sequence[int]
    free_float: Sequence[int]
    factors: Sequence[Decimal | None]
    reserve: tuple[int, ...] = ()
