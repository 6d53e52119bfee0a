"""Lines: a constituent of a basket with what has happened to its shares. Only lines that something happens to exist."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError
from fintech_index.rounding import exact, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from fintech_index.events._positions import Positions
    from fintech_index.market import MarketData

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of sessions of a line, from `start` on.

    `opening` are the index shares at the open of `start` before the day's actions, `index_shares` those after them.
    """

    start: int
    opening: int
    index_shares: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Counts:
    """What index shares are made of, and what a calculation needs in order to go on from them.

    Attributes
    ----------
    origin : int
        Index shares when they were last counted: at the price date, or at a change that counted them anew.
    ratio : Fraction
        What one of them has become; index shares are ``origin x ratio``, rounded once.
    free_float : int
        Free-float shares when they were last counted; -1 where not known.
    float_ratio : Fraction
        What one of those has become.
    capping_factor : Decimal or None
    counted : int
        The session by which share counts are in; later share changes are news.
    total : int or None
        All shares of the company when last counted; None: those of the `shares` table on `counted`.
    leaving : Fraction
        Index shares at `origin` that are a child's, and leave at its first close.
    parent : int
        The security that the child's value goes to, or -1.
    """

    origin: int
    ratio: Fraction = _ONE
    free_float: int = -1
    float_ratio: Fraction = _ONE
    capping_factor: Decimal | None = None
    counted: int = -1
    total: int | None = None
    leaving: Fraction = Fraction(0)
    parent: int = -1

    @property
    def index_shares(self) -> int:
        """Index shares, in the unit of the basket."""
        return self.origin if self.ratio == 1 else round_half_up(self.origin * self.ratio)

    def grown_by(self, units: int) -> Counts:
        """Give counts with so many index shares more, all of them counted anew."""
        return replace(self, origin=self.index_shares + units, ratio=_ONE, leaving=self.leaving * self.ratio)

    def by_the_factor(self, unit: int) -> int:
        """Give free-float shares x capping factor, in the unit of the basket."""
        return round_half_up(self.free_float * exact(self.capping_factor or 0) * unit)

    def of_the_factor(self, unit: int) -> bool:
        """Tell whether index shares are free float x capping factor, and nothing has made them more or less."""
        known = self.free_float >= 0 and self.capping_factor is not None
        return known and self.ratio == self.float_ratio and self.origin == self.by_the_factor(unit)

    @property
    def free_float_now(self) -> Fraction | None:
        """Free-float shares as they have become; None where not known."""
        return None if self.free_float < 0 else self.free_float * self.float_ratio


@dataclass(slots=True)
class Line:
    """One constituent of one basket. It is held from its first piece on, up to `stop`."""

    basket: int
    row: int
    security: int
    counts: Counts
    start: int
    stop: int | None = None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def index_shares(self) -> int:
        """Index shares, in the unit of the basket."""
        return self.counts.index_shares

    def note(self, session: int, *, opening: bool) -> None:
        """Write down that shares are other ones from a session's open on; `opening`: before the day's actions.

        A line of a coming basket has no history yet: it begins with what it has become by `start`.
        """
        if session < self.start:
            return
        shares = self.index_shares
        if self.pieces and self.pieces[-1].start == session:
            before = shares if opening else self.pieces.pop().opening
            if opening:
                self.pieces.pop()
        else:
            # What enters with the day's actions, a child, was not there before them.
            before = shares if opening else (self.pieces[-1].index_shares if self.pieces else 0)
        self.pieces.append(Piece(session, before, shares, self.counts))


class Lines:
    """The lines of all baskets, made when something happens to them."""

    def __init__(self, market: MarketData, positions: Positions, share_decimals: int, index: str) -> None:
        self._market, self.positions, self._index = market, positions, index
        self.unit = 10**share_decimals
        self._of_basket: list[dict[int, Line]] = [{} for _ in positions.effective]
        self._ended: list[Line] = []
        for row in positions.going_on:
            self.of(int(positions.basket[row]), int(positions.security[row]))

    def of(self, basket: int, security: int) -> Line | None:
        """Give the line of a security in a basket; None where it is not, or no longer, in it."""
        known = self._of_basket[basket]
        if security in known:
            line = known[security]
            return line if line.stop is None else None
        row = self.positions.row(basket, security)
        if row is None:
            return None
        line = Line(basket, row, security, self.positions.counts(row), int(self.positions.effective[basket]))
        known[security] = line
        return line

    def begun(self, basket: int, security: int, session: int) -> Line | None:
        """Give the same, with its first piece written down where the basket has taken effect before a session."""
        line = self.of(basket, security)
        if line is not None and not line.pieces and line.start <= session:
            line.note(line.start, opening=True)
        return line

    def enter(self, basket: int, security: int, session: int, counts: Counts) -> Line:
        """Let a security into a basket at a session's open, or at the basket's own effective date."""
        known = self._of_basket[basket]
        if security in known:
            self._ended.append(known[security])
        start = max(session, int(self.positions.effective[basket]))
        line = known[security] = Line(basket, -1, security, counts, start)
        return line

    def members(self, basket: int, session: int) -> list[Line]:
        """Give every line of a basket, in the order of securities."""
        start, stop = self.positions.span(basket)
        securities = {*self.positions.security[start:stop].tolist(), *self._of_basket[basket]}
        lines = (self.begun(basket, security, session) for security in sorted(securities))
        return [line for line in lines if line is not None]

    def touched(self, basket: int) -> list[Line]:
        """Give the lines of a basket that something has happened to, those that have left among them."""
        return list(self._of_basket[basket].values())

    def __iter__(self) -> Iterator[Line]:
        yield from self._ended
        for known in self._of_basket:
            yield from known.values()

    def require_headroom(self, line: Line) -> None:
        """Raise where index shares, now or on the way, do not fit an integer."""
        most = max([line.index_shares, *(max(piece.opening, piece.index_shares) for piece in line.pieces)])
        if most >= HEADROOM:
            code = self._market.securities.codes[line.security]
            raise CalculationError(
                f"{self._index}: headroom exceeded: {code} would have {most} index shares of 1/"
                f"{self.unit}, and integers hold {HEADROOM:.3g}: check the ratios of its actions"
            )
