"""From baskets and corporate actions to holdings and changes of the opening value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, Problem
from fintech_index.events._dividends import Dividends, paid_apart, pay
from fintech_index.events._path import Path
from fintech_index.events._segments import Segments, lay_out

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.events._corrections import PaidRecord
    from fintech_index.events._opening import OpeningChange
    from fintech_index.events._positions import Positions
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an index holds, and how its opening values change.

    Attributes
    ----------
    segments : Segments
    opening_shares : int64 array of shape (basket rows,)
        Index shares at the open of each row's effective date, before that day's deletions and actions.
    also_opening : list of (int, int, int)
        Basket, security and index shares, likewise, of what entered a basket between price date and effective date.
    changes : tuple of OpeningChange
        By session and security, those of `dividends` left out.
    dividends : Dividends or None
        What has been paid all at once; None where nothing has.
    review_revaluation : dict of int to Fraction
        By effective session, what removal prices make of the new basket more than of the old one.
    share_decimals : int
        Decimals of a share in `opening_shares`.
    """

    segments: Segments
    opening_shares: NDArray[np.int64]
    also_opening: list[tuple[int, int, int]]
    changes: tuple[OpeningChange, ...]
    dividends: Dividends | None
    review_revaluation: dict[int, Fraction]
    share_decimals: int
    _paid_in_order: PaidRecord

    def paid(self, market: MarketData) -> PaidRecord:
        """Give what dividends were paid on."""
        record = self._paid_in_order
        if self.dividends is None:
            return record
        return replace(record, shares=record.shares | self.dividends.paid(market, 10**self.share_decimals))


def hold(
    method: Methodology,
    market: MarketData,
    positions: Positions,
    share_decimals: int,
    paid: PaidRecord | None = None,
) -> Holdings:
    """Apply corporate actions to baskets; `paid` is what a state remembers, where a calculation goes on.

    Raises
    ------
    CorporateActionError
        Terms that cannot be applied to a held security, or a suspension over them that cannot be carried.
    CalculationError
        A constituent without a price when it is held.
    """
    path = Path(method, market, positions, share_decimals, paid)
    path.run()
    segments = lay_out(method, market, path, share_decimals)
    lone = paid_apart(method, market) and len(market.actions.lone_dividends) > 0
    dividends = pay(method, market, positions, segments) if lone else None
    _require_prices(method, market, segments, positions)
    changes = sorted(path.changes, key=lambda each: (each.session, each.stage.place, each.security, each.cause))
    return Holdings(
        segments=segments,
        opening_shares=path.opening_shares,
        also_opening=path.also_opening,
        changes=tuple(changes),
        dividends=dividends,
        review_revaluation=path.review_revaluation,
        share_decimals=share_decimals,
        _paid_in_order=path.corrections.paid,
    )


def _require_prices(method: Methodology, market: MarketData, segments: Segments, positions: Positions) -> None:
    panel = market.panel
    # A review values its basket at the close before; the base has none before it. A spun-off child has no price yet.
    needed = np.where(segments.start == positions.effective[0], segments.start, segments.start - 1)
    late = np.flatnonzero((segments.row >= 0) & (panel.first[segments.security] > needed))
    missing = sorted({int(segments.security[at]) for at in late if segments.row[at] not in positions.going_on})
    if missing:
        codes = market.securities.codes
        problems = []
        for who in missing:
            never = panel.first[who] == len(market.sessions)
            since = "has no price at all" if never else f"has its first price on {market.sessions[panel.first[who]]}"
            problems.append(Problem(codes[who], f"{since}, and is held from an earlier open on"))
        raise CalculationError(f"{method.name}: {len(missing)} constituents are held without a price", problems)
    for who in sorted(panel.unresolved):
        for at in np.flatnonzero(segments.security == who):
            panel.require_carried(who, int(needed[at]), int(segments.stop[at]), holder=method.name)
