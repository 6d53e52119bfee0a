"""From baskets and corporate actions to holdings and changes of the opening value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, Problem
from fintech_index.events._action_amounts import amounts_of
from fintech_index.events._engine import ActionEngine
from fintech_index.events._position_book import PositionBook
from fintech_index.events._segments import lay_out, opening_shares
from fintech_index.events._share_table import IN_ORDER, share_table

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.events._action_amounts import ActionAmounts
    from fintech_index.events._basket_table import BasketTable
    from fintech_index.events._corrections import PaidRecord
    from fintech_index.events._segments import Segments
    from fintech_index.events._session_open import OpeningChange
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
    amounts : ActionAmounts
        Changes that are the same amount for every share.
    changes : tuple of OpeningChange
        All others, in the order of a session's open.
    review_revaluation : dict of int to Fraction
        By effective session, what removal prices make of the new basket more than of the old one.
    share_decimals : int
        Decimals of a share in `opening_shares`.
    """

    segments: Segments
    opening_shares: NDArray[np.int64]
    also_opening: list[tuple[int, int, int]]
    amounts: ActionAmounts
    changes: tuple[OpeningChange, ...]
    review_revaluation: dict[int, Fraction]
    share_decimals: int
    _paid_in_order: PaidRecord

    def paid(self) -> PaidRecord:
        """Give what dividends were paid on."""
        record = self._paid_in_order
        return replace(record, shares=record.shares | self.amounts.dividends.paid())


def apply_actions(
    method: Methodology,
    market: MarketData,
    table: BasketTable,
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
    shares = share_table(method, market)
    book = PositionBook(method, market, table, shares, share_decimals)
    ends = np.append(table.effective[1:], len(market.sessions))[table.basket]
    _, rows = shares.rows.within(table.security, table.price_date[table.basket] + 1, ends)
    engine = ActionEngine(method, market, book, paid)
    engine.run(rows[book.effect_numbers(rows) == IN_ORDER])
    segments = lay_out(method, market, book, share_decimals)
    amounts = amounts_of(method, market, segments, shares, book.base)
    _require_prices(method, market, segments, table)
    opening, also_opening = opening_shares(book, segments)
    return Holdings(
        segments=segments,
        opening_shares=opening,
        also_opening=also_opening,
        amounts=amounts,
        changes=tuple(
            sorted(engine.changes, key=lambda each: (each.session, each.stage.place, each.security, each.cause))
        ),
        review_revaluation=engine.review_revaluation,
        share_decimals=share_decimals,
        _paid_in_order=engine.corrections.paid,
    )


def _require_prices(method: Methodology, market: MarketData, segments: Segments, table: BasketTable) -> None:
    panel = market.panel
    # A review values its basket at the close before; the base has none before it. A spun-off child has no price yet.
    needed = np.where(segments.start == table.effective[0], segments.start, segments.start - 1)
    late = np.flatnonzero((segments.row >= 0) & (panel.first_session[segments.security] > needed))
    missing = sorted({int(segments.security[at]) for at in late if segments.row[at] not in table.resumed})
    if missing:
        codes = market.securities.codes
        problems = []
        for security in missing:
            first = panel.first_session[security]
            since = (
                "has no price at all"
                if first == len(market.sessions)
                else f"has its first price on {market.sessions[first]}"
            )
            problems.append(Problem(codes[security], f"{since}, and is held from an earlier open on"))
        raise CalculationError(f"{method.name}: {len(missing)} constituents are held without a price", problems)
    for security in sorted(panel.uncarriable):
        for at in np.flatnonzero(segments.security == security):
            panel.require_carried(security, int(needed[at]), int(segments.stop[at]), holder=method.name)
