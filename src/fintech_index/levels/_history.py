"""`History`: the levels of an index, and everything that explains them."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from fintech_index._kernels import dispatch
from fintech_index.errors import RequestError
from fintech_index.events import BASKET
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._published import exact_weights, published
from fintech_index.levels._tables import constituents_table, holdings_table
from fintech_index.levels.analysis._notices import held_after_delisting, held_without_prices
from fintech_index.levels.gates import gates_of
from fintech_index.market import as_day
from fintech_index.rounding import exact_decimal
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.levels._calculation import Calculation
    from fintech_index.levels._opening import OpeningComposition
    from fintech_index.levels._published import Published
    from fintech_index.levels._state import State
    from fintech_index.levels.gates import Gate

    Date = str | dt.date | np.datetime64


_COLUMNS = pd.Index(VARIANTS)
GROUPS = ("category", "cni_field", "issuer", "city", "exchange", "board")


class History:
    """What `calculate` gives.

    Frames are made when asked for. Dates are sessions; variants are ``price``, ``gross`` and ``net``; money is in
    index currency.

    Attributes
    ----------
    method : Methodology
    market : MarketData
    baskets : Baskets
    exact : bool
        Market values are exact integers. False where prices are no decimals of at most 6 places, and floats were
        used.
    notices : tuple of str
        What a reader of the levels must know.
    """

    def __init__(self, calculation: Calculation) -> None:
        self.method, self.market, self.baskets = calculation.method, calculation.market, calculation.baskets
        self._calculation, self._first = calculation, calculation.first
        self.exact = self.market.panel.exact

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, self._calculation)

    @classmethod
    def _from_travelling(cls, calculation: Calculation) -> Self:
        return cls(calculation)

    def __repr__(self) -> str:
        return (
            f"<History of {self.method.name}: {len(self.sessions)} sessions, {self.sessions[0]} to {self.sessions[-1]}>"
        )

    @property
    def sessions(self) -> NDArray[np.datetime64]:
        """The sessions of the history, ascending."""
        return self._calculation.sessions

    @property
    def base(self) -> dt.date:
        """The session at whose close the level has the base value: that of the methodology, or of a later start."""
        return self._calculation.base

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the levels must know: of the rules, the data and the calculation."""
        notices = [*self.method.notices(), *self.market.notices, *self.baskets.notices]
        carried = Counter(currency for currency, _ in self.market.fx.carried_rates)
        notices += [
            f"{self.method.name}: the exchange rate of {currency} is carried over {count} sessions without one"
            for currency, count in sorted(carried.items())
        ]
        notices += held_after_delisting(self._calculation)
        notices += held_without_prices(self._calculation)
        if not self.exact:
            notices.append(
                f"{self.method.name}: prices are not decimals of at most 6 places: calculated in floats, not exactly"
            )
        notices += dispatch.notices()
        return tuple(notices)

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        """The gates between data and level, passed or not: completeness, terms, closes, moves, sessions, universe."""
        return gates_of(self._calculation)

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Published levels: index date, columns price, gross, net, rounded half up to the methodology's decimals."""
        return pd.DataFrame(self._calculation.levels.T, index=self._dates(), columns=_COLUMNS, copy=False)

    @cached_property
    def divisors(self) -> pd.DataFrame:
        """Divisors: index date, columns price, gross, net, as Decimals; market value over divisor is the level."""
        last = len(self.market.sessions)
        return self._by_session({each: self._calculation.divisors.series(each, self._first, last) for each in VARIANTS})

    @cached_property
    def divisor_changes(self) -> pd.DataFrame:
        """Every cause of every change of a divisor: date, security, cause, variant, amount, divisor.

        `amount` is the exact change of the opening value, a Decimal in index currency; the amounts of a session and
        variant add up to its opening value less the closing value before. `divisor` is the one that the session ends
        with. A review is one row a variant, with an empty security.
        """
        codes = self.market.securities.codes
        shown = [change for change in self._calculation.changes if change.session >= self._first]
        return pd.DataFrame(
            {
                "date": self.market.sessions[[change.session for change in shown]].astype("datetime64[s]"),
                "security": _text("" if change.security == BASKET else codes[change.security] for change in shown),
                "cause": _text(change.cause for change in shown),
                "variant": _text(change.variant for change in shown),
                "amount": pd.Series([exact_decimal(change.amount) for change in shown], dtype="object"),
                "divisor": pd.Series(
                    [self._calculation.divisors.at(change.variant, change.session) for change in shown], dtype="object"
                ),
            }
        )

    @cached_property
    def holdings(self) -> pd.DataFrame:
        """Holdings: security, start, stop (first session no longer held; empty while held), index_shares."""
        return holdings_table(self._calculation, self._first)

    @cached_property
    def counts(self) -> pd.Series:
        """Number of constituents at each close."""
        segments = self._calculation.holdings.segments
        steps = np.zeros(len(self.market.sessions) + 1, np.int64)
        np.add.at(steps, segments.start, 1)
        np.add.at(steps, segments.stop, -1)
        return pd.Series(np.cumsum(steps)[self._first : -1], index=self._dates(), name="constituents")

    @cached_property
    def market_values(self) -> pd.Series:
        """Market value at each close, as Decimals in index currency: exact, or floats written out in full."""
        values = [
            exact_decimal(self._calculation.valuation.exact(self._first + at)) for at in range(len(self.sessions))
        ]
        return pd.Series(values, index=self._dates(), name="market_value", dtype="object")

    def constituents(self, date: Date) -> pd.DataFrame:
        """Give the constituents at a close, heaviest first.

        Returns
        -------
        DataFrame
            Index security; free_float (shares at the price date, scaled by the ratios since, to whole shares; <NA>
            where baskets are one's own), capping_factor, index_shares, close (trading currency; the last, where
            suspended), weight (fraction).

        Raises
        ------
        RequestError
            The date is no session of this history.
        """
        return constituents_table(self._calculation, self._session(date))

    def weights(self, date: Date) -> pd.Series:
        """Give the weights at a close, by security; they add up to 1."""
        return self.constituents(date)["weight"].sort_index()

    def exact_weights(self, date: Date) -> dict[str, Fraction]:
        """Give the weights at a close, by security, as fractions that add up to 1 exactly.

        Raises
        ------
        RequestError
            The date is no session of this history.
        """
        return exact_weights(self._calculation, self._session(date))

    def published(self, date: Date) -> Published:
        """Give what is published of a close: levels, divisors and the market value, as Decimals.

        Raises
        ------
        RequestError
            The date is no session of this history.
        """
        return published(self._calculation, self._session(date))

    def opening(self, date: Date) -> OpeningComposition:
        """Give what the index holds when a session opens: index shares after the day's actions, prices, divisors.

        The session after the last close counts as well, as its open is known by then.

        Raises
        ------
        RequestError
            The date is neither a session of this history after its first nor the next one.
        CorporateActionError
            The reference price of an action of the day is not known.
        """
        from fintech_index.levels._opening import opening

        return opening(self._calculation, as_day(date))

    def state(self, date: Date) -> State:
        """Give what `calculate(..., resume=state)` goes on from: the index at a close."""
        from fintech_index.levels._snapshot import snapshot

        return snapshot(self._calculation, self._session(date))

    def explain(self, date: Date) -> pd.DataFrame:
        """Say what moved the level on a day, in points.

        Returns
        -------
        DataFrame
            One row a constituent (kind ``constituent``: what its price did), then one a corporate action (kind
            ``event``: what it added to a variant), then ``rounding`` (of the divisor and of the published levels).
            Columns kind, security, cause, price, gross, net: they add up to the change of each published level.

        Raises
        ------
        RequestError
            The date is no session of this history, or the first, which has none before it.
        """
        from fintech_index.levels.analysis._explain import explain

        session = self._session(date)
        if session == self._calculation.valuation.first:
            raise RequestError(
                f"{self.method.name}: {date} is the base session; there is no level before it to explain from"
            )
        return explain(self._calculation, session)

    def contributions(
        self, start: Date | None = None, end: Date | None = None, *, by: str = "category", variant: str = "price"
    ) -> pd.DataFrame:
        """Say what groups of constituents contribute to the return of the unrounded level, exactly.

        Parameters
        ----------
        start, end : date, optional
            From the close in force on `start` (by default the first session) to that on `end` (the last).
        by : str
            A column of `securities`: category, cni_field, issuer, city, exchange or board; or security.
        variant : str
            price, gross or net.

        Returns
        -------
        DataFrame
            Index the groups; contribution (a Fraction; they add up to the return, exactly), percent (a float).

        Raises
        ------
        RequestError
            No such column or variant, or no session between the dates.
        """
        from fintech_index.levels.analysis._contributions import contributions

        if by not in (*GROUPS, "security") or variant not in VARIANTS:
            known = f"by {', '.join(GROUPS)} or security, of {', '.join(VARIANTS)}"
            raise RequestError(f"contributions are {known}, not by {by} of {variant}")
        return contributions(self._calculation, *self._closes_in_force(start, end), by, variant)

    def events(self, start: Date | None = None, end: Date | None = None) -> pd.DataFrame:
        """List what happened to the index, and what it did to index shares and divisors.

        Parameters
        ----------
        start, end : date, optional
            The first and last day, both included, sessions or not; by default all of the history.

        Returns
        -------
        DataFrame
            One row an event, by date: date, security (empty for the whole basket), event (the kind of action, or a
            cause of `divisor_changes`), terms; shares_before, shares_after (index shares at the close before and at
            the close of the day, as Decimals); close_before and reference_price (of the whole day, in trading
            currency, the latter at the tick where it is known); price_amount, gross_amount, net_amount (changes of the
            opening value, in index currency). Then of the whole day, the same in each of its rows: closing_value (of
            the session before), and for each variant price_opening (that with all changes), price_divisor_before,
            price_divisor_after. An action that changes nothing is a row with amounts of 0.

        Raises
        ------
        RequestError
            No session of the history lies between the dates.
        """
        from fintech_index.levels.analysis._event_table import event_table

        return event_table(self._calculation, *self._window(start, end))

    def policies(self, start: Date | None = None, end: Date | None = None) -> pd.DataFrame:
        """Say what each other treatment of corporate actions would have made of a window.

        The window is calculated again under every other value of every treatment of `actions`, and of
        `returns.dividends` and `returns.bonus_par_tax`, from the index as it stood before the window, with the same
        baskets.

        Returns
        -------
        DataFrame
            One row a setting, alternative and event that it makes a difference to: setting, value (the one of the
            index), alternative, date, event (a kind and a security; several where a change of composition treats them
            together), price, gross, net (by how many basis points the return of that session would have been more),
            refused (why an alternative is not possible here; then nothing else). What differs because weights do
            after an event is one row an alternative, "between events".

        Raises
        ------
        RequestError
            No session of the history lies between the dates.
        """
        from fintech_index.levels.analysis._policies import policies

        return policies(self._calculation, *self._window(start, end))

    def _window(self, start: Date | None, end: Date | None) -> tuple[int, int]:
        """Give the first and last session of a window."""
        sessions = self.market.sessions
        first = self._first if start is None else max(int(np.searchsorted(sessions, as_day(start))), self._first)
        end_of = len(sessions) if end is None else int(np.searchsorted(sessions, as_day(end), side="right"))
        last = end_of - 1
        if first > last:
            raise RequestError(
                f"{self.method.name}: no session from {start or 'the beginning'} to {end or 'the end'}; the history "
                f"runs from {self.sessions[0]} to {self.sessions[-1]}"
            )
        return first, last

    def _closes_in_force(self, start: Date | None, end: Date | None) -> tuple[int, int]:
        """Give the sessions whose closes stand on two dates: on a day without a session the one before."""
        sessions = self.market.sessions
        first, last = (
            default if date is None else int(np.searchsorted(sessions, as_day(date), side="right")) - 1
            for date, default in ((start, self._first), (end, len(sessions) - 1))
        )
        if not self._first <= first <= last:
            raise RequestError(
                f"{self.method.name}: there are no closes from {start} to {end or 'the last'}; the history runs from "
                f"{self.sessions[0]} to {self.sessions[-1]}"
            )
        if first == last:
            raise RequestError(
                f"{self.method.name}: there is no session after {start or self.sessions[0]} up to "
                f"{end or self.sessions[-1]}, and so no return"
            )
        return first, last

    def _session(self, date: Date) -> int:
        session = self.market.session(date)
        if session < self._first:
            raise RequestError(f"{self.method.name}: this history begins on {self.sessions[0]}, after {date}")
        return session

    def _dates(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.sessions.astype("datetime64[s]"), name="date")

    def _by_session(self, columns: dict[str, NDArray[Any]]) -> pd.DataFrame:
        return pd.DataFrame(columns, index=self._dates())


def _text(values: Iterable[str]) -> pd.Series:
    """Make a column of text that has its type even when it has no rows."""
    return pd.Series(list(values), dtype="str")
