"""Segments: the holdings of an index as a table, one row for each stretch of sessions with the same index shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.events._lines import Counts, Line
    from fintech_index.events._path import Path
    from fintech_index.events._positions import Positions
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Segments:
    """Holdings, ordered by basket, security and start; every array has one entry a segment.

    Attributes
    ----------
    row : int64 array
        The row of the baskets that a segment comes from; -1 where a security entered between reviews.
    security : int64 array
        Number of the security in the market.
    start, stop : int64 arrays
        First session held, and first session no longer held (the number of sessions while held).
    opening_shares, index_shares : int64 arrays
        At the open of `start` before the day's actions, and after them, in units of ``10**-share_decimals`` shares.
    currency : int64 array
        Entry of `currencies` that the security trades in.
    share_decimals : int
    currencies : tuple of str
    """

    row: NDArray[np.int64]
    security: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    opening_shares: NDArray[np.int64]
    index_shares: NDArray[np.int64]
    currency: NDArray[np.int64]
    share_decimals: int
    currencies: tuple[str, ...]
    _touched: dict[int, Counts]
    _positions: Positions

    def __len__(self) -> int:
        return len(self.row)

    def counts(self, at: int) -> Counts:
        """Give what the index shares of a segment are made of."""
        return self._touched[at] if at in self._touched else self._positions.counts(int(self.row[at]))

    def held_at(self, session: int) -> NDArray[np.bool_]:
        """Tell which segments are held on a session."""
        held: NDArray[np.bool_] = (self.start <= session) & (session < self.stop)
        return held


def lay_out(method: Methodology, market: MarketData, path: Path, share_decimals: int) -> Segments:
    """Lay out one segment a basket row, and one more for each session at whose open its shares changed."""
    positions = path.positions
    ends = np.append(positions.effective[1:], len(market.sessions))
    changed = [line for line in path.lines if line.pieces]
    rows = np.arange(len(positions.basket))
    if not changed and all(line.stop is None for line in path.lines):
        return _as_they_are(method, market, path, ends, share_decimals)
    gone = [line.row for line in path.lines if line.row >= 0 and (line.pieces or line.stop is not None)]
    whole = np.setdiff1d(rows, gone) if gone else rows
    for line in changed:
        path.lines.require_headroom(line)
    pieces = [piece for line in changed for piece in _pieces(line, int(ends[line.basket]))]
    columns = np.array([piece[:7] for piece in pieces], np.int64).reshape(-1, 7)
    shares = path.opening_shares[whole]
    basket = np.concatenate([positions.basket[whole], columns[:, 0]])
    row = np.concatenate([whole, columns[:, 1]])
    security = np.concatenate([positions.security[whole], columns[:, 2]])
    start = np.concatenate([positions.effective[positions.basket[whole]], columns[:, 3]])
    stop = np.concatenate([ends[positions.basket[whole]], columns[:, 4]])
    opening = np.concatenate([shares, columns[:, 5]])
    held = np.concatenate([shares, columns[:, 6]])
    order = np.lexsort((start, security, basket))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    touched = {int(place[len(whole) + at]): piece[7] for at, piece in enumerate(pieces)}
    of_security, currencies = _currencies(method, market, security)
    return Segments(
        row=row[order],
        security=security[order],
        start=start[order],
        stop=stop[order],
        opening_shares=opening[order],
        index_shares=held[order],
        currency=of_security[order],
        share_decimals=share_decimals,
        currencies=currencies,
        _touched=touched,
        _positions=positions,
    )


def _as_they_are(
    method: Methodology, market: MarketData, path: Path, ends: NDArray[np.int64], share_decimals: int
) -> Segments:
    """Lay out baskets that nothing happens to: a segment is a row, and they are in their order already."""
    positions = path.positions
    currency, currencies = _currencies(method, market, positions.security)
    return Segments(
        row=np.arange(len(positions.basket)),
        security=positions.security,
        start=positions.effective[positions.basket],
        stop=ends[positions.basket],
        opening_shares=path.opening_shares,
        index_shares=path.opening_shares,
        currency=currency,
        share_decimals=share_decimals,
        currencies=currencies,
        _touched={},
        _positions=positions,
    )


def _currencies(
    method: Methodology, market: MarketData, security: NDArray[np.int64]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Give the number of each security's currency, and the currencies, that of the index first."""
    if market.securities.only_currency == method.currency:
        return np.zeros(len(security), np.int64), (method.currency,)
    held, at = np.unique(security, return_inverse=True)
    traded = [market.securities.currency[who] for who in held]
    currencies = (method.currency, *sorted(set(traded) - {method.currency}))
    return np.array([currencies.index(currency) for currency in traded], np.int64)[at], currencies


def _pieces(line: Line, end: int) -> Iterator[tuple[int, int, int, int, int, int, int, Counts]]:
    """Cut a line where its shares change: basket, row, security, start, stop, opening, index shares, counts."""
    end = end if line.stop is None else min(line.stop, end)
    until = [piece.start for piece in line.pieces[1:]] + [end]
    for piece, stop in zip(line.pieces, until, strict=True):
        if piece.start < min(stop, end):
            yield (
                line.basket,
                line.row,
                line.security,
                piece.start,
                min(stop, end),
                piece.opening,
                piece.index_shares,
                piece.counts,
            )
