"""What the actions of a session do to one index share, where that is the same for every share of every index.

A bonus issue, a split, a dividend or a rights issue multiplies index shares and changes opening values by an amount a
share, whoever holds them. So it is worked out once for a market and a treatment, and holdings are joined with it. What
brings securities in or out, or goes by more than the terms, is no part of it: `ActionEngine` takes that in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from fintech_index._spans import rows_between
from fintech_index.events._session_terms import effects_of, ex_close_for, growth_of, tax_on, terms_of
from fintech_index.events.kinds import Holding
from fintech_index.market import CASH_KINDS, HOLDER_KINDS, SHARE_CHANGE_KINDS, SPLIT_KINDS, MarketData
from fintech_index.rounding import finite_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fintech_index.market import ExDate
    from fintech_index.methodology import Methodology

_ONE = Fraction(1)
_BY_TERMS = (*SPLIT_KINDS, "bonus", "cash_dividend", *SHARE_CHANGE_KINDS)  # no price decides what they do
_KINDS = (*SPLIT_KINDS, "bonus", "cash_dividend", "special_dividend", "rights")
_DECIDING = ("ex_date", "kind", "cash", "ratio", "source", "par")
IN_ORDER, _NOT_LOOKED_AT = -1, -2
_REMEMBERED = 256


class Amount(NamedTuple):
    """What an opening value changes by for each index share before the actions, by one kind, in trading currency."""

    kind: str
    price: Fraction
    gross: Fraction
    net: Fraction


@dataclass(frozen=True, slots=True)
class ShareEffect:
    """What one index share becomes, what a share of the free float becomes, and how opening values change for it.

    `pays` tells whether there is a dividend, which a later correction may ask for.
    """

    growth: Fraction = _ONE
    float_growth: Fraction = _ONE
    amounts: tuple[Amount, ...] = ()
    pays: bool = False


_NOTHING = ShareEffect()


def share_effect(
    method: Methodology, market: MarketData, security: int, days: Sequence[ExDate], *, base: bool = False
) -> ShareEffect | None:
    """Give what the ex-dates of a session do to a share that is held; None where that is not the same for all shares.

    Not the same are kinds that bring securities in or out, several terms one after another (index shares are rounded
    between them), amounts that are no finite decimals, and treatments that look at more than the terms.

    Raises
    ------
    CorporateActionError, MarketDataError
        Terms that cannot be applied.
    """
    kinds = {action.kind for day in days for action in day.actions} & set(HOLDER_KINDS)
    if not kinds:
        return _NOTHING
    if not kinds <= set(_KINDS):
        return None
    terms = list(terms_of(method, market, security, days[0].session, base=base))
    if len(terms) != 1 or len(terms[0].steps) != 1:
        return None
    ((step, close),) = terms[0].steps
    day = terms[0].day
    tax, ex_close = tax_on(method, market, security, day), ex_close_for(method, market, security, day.session)
    effects = effects_of(method, step, Holding(_ONE, close, tax, ex_close))
    amounts = tuple(
        Amount(kind, effect.price, effect.gross, effect.net)
        for kind, effect in effects
        if effect.price or effect.gross or effect.net
    )
    if any(finite_places(part) is None for amount in amounts for part in amount[1:]):
        return None
    return ShareEffect(*growth_of(effects), amounts, pays=bool(day.of_kinds(CASH_KINDS)))


@dataclass(frozen=True, slots=True)
class EffectArrays:
    """Effects side by side, by number, and their amounts one after another.

    Attributes
    ----------
    growth : list of (int, int)
        Numerator and denominator.
    multiplies, pays : bool arrays
        Which effects change index shares, and which are dividends.
    end : int64 array
        Where the amounts of each effect end; they begin where those before it do.
    kind : list of str
    price, gross, net : object arrays of int
        Amounts in units of ``1 / scale`` of trading currency.
    scale : int
    """

    growth: list[tuple[int, int]]
    multiplies: NDArray[np.bool_]
    pays: NDArray[np.bool_]
    end: NDArray[np.int64]
    kind: list[str]
    price: NDArray[np.object_]
    gross: NDArray[np.object_]
    net: NDArray[np.object_]
    scale: int

    @classmethod
    def of(cls, effects: Sequence[ShareEffect]) -> EffectArrays:
        """Lay effects out."""
        amounts = [amount for effect in effects for amount in effect.amounts]
        scale = lcm(1, *{part.denominator for amount in amounts for part in amount[1:]})
        counts = np.empty((3, len(amounts)), object)
        for at, amount in enumerate(amounts):
            counts[:, at] = [part.numerator * (scale // part.denominator) for part in amount[1:]]
        return cls(
            growth=[effect.growth.as_integer_ratio() for effect in effects],
            multiplies=np.array([effect.growth != 1 for effect in effects]),
            pays=np.array([effect.pays for effect in effects]),
            end=np.cumsum([len(effect.amounts) for effect in effects]),
            kind=[amount.kind for amount in amounts],
            price=counts[0],
            gross=counts[1],
            net=counts[2],
            scale=scale,
        )


class ShareTable:
    """The effects of the rows of `market.actions.by_session`, under one treatment; worked out when they are asked for.

    Attributes
    ----------
    effects : list of ShareEffect
        `numbers` gives which of them a row has.
    """

    def __init__(self, method: Methodology, market: MarketData) -> None:
        self.rows = market.actions.by_session
        self.effects: list[ShareEffect] = [_NOTHING]
        self._number = np.zeros(len(self.rows), np.int64)
        self._number[self.rows.for_holders] = _NOT_LOOKED_AT if is_by_the_share(method, market) else IN_ORDER
        # What a dividend was paid on is looked up as the sessions go by, where it is corrected later.
        self._number[self.rows.for_holders & self.rows.corrected] = IN_ORDER
        self._by_terms: dict[tuple[object, ...], int] = {}
        self._lock = Lock()
        self._arrays: EffectArrays | None = None

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _lock=Lock())

    @property
    def arrays(self) -> EffectArrays:
        """The effects that have been worked out up to now, side by side."""
        if self._arrays is None or len(self._arrays.end) < len(self.effects):
            self._arrays = EffectArrays.of(tuple(self.effects))
        return self._arrays

    def numbers(self, method: Methodology, market: MarketData, rows: NDArray[np.int64], base: int) -> NDArray[np.int64]:
        """Give the number of each row's effect; `IN_ORDER` where it is not the same for every share.

        `base` is the base session of the index, on which an action may come with the first price of a security.

        Raises
        ------
        CorporateActionError, MarketDataError
            Terms that cannot be applied.
        """
        with self._lock:
            found = self._number[rows]
            if not (found == _NOT_LOOKED_AT).any():
                return found
            asked = np.unique(rows[found == _NOT_LOOKED_AT])
            at_base = self.rows.session[asked] == base
            self._look_at(method, market, asked[~at_base])
            found = self._number[rows]
            for row in asked[at_base].tolist():  # another index may not be so lenient
                found[rows == row] = self._effect_of(method, market, row, base=True)
            return found

    def _look_at(self, method: Methodology, market: MarketData, asked: NDArray[np.int64]) -> None:
        """Work out rows; those with the same terms once, where no price decides what they do."""
        for row, terms in zip(asked.tolist(), self._terms(method, market, asked), strict=True):
            if terms is None:
                self._number[row] = self._effect_of(method, market, row)
                continue
            if terms not in self._by_terms:
                self._by_terms[terms] = self._effect_of(method, market, row)
            self._number[row] = self._by_terms[terms]

    def _effect_of(self, method: Methodology, market: MarketData, row: int, *, base: bool = False) -> int:
        security = int(self.rows.security[row])
        days = market.actions.on(security, int(self.rows.session[row]))
        effect = share_effect(method, market, security, days, base=base)
        if effect is None:
            return IN_ORDER
        self.effects.append(effect)
        return len(self.effects) - 1

    def _terms(
        self, method: Methodology, market: MarketData, asked: NDArray[np.int64]
    ) -> Iterator[tuple[object, ...] | None]:
        """Give all that decides what each row does, None where its price may do so or its terms have to be refused."""
        if not len(asked):
            return
        security, session, count = (each[asked] for each in (self.rows.security, self.rows.session, self.rows.count))
        before = market.panel.values[security, np.maximum(session - 1, 0)].astype(np.float64) / market.panel.unit
        before[market.panel.first_session[security] >= session] = 0
        by_country = method.returns.withholding_tax is None and bool(market.withholding)
        _, own = rows_between(self.rows.first[asked], self.rows.first[asked] + count)
        terms, ends = market.actions.terms(own, _DECIDING), np.cumsum(count).tolist()
        for number, at, close, end, many in zip(
            security.tolist(), session.tolist(), before.tolist(), ends, count.tolist(), strict=True
        ):
            actions = tuple(terms[end - many : end])
            dates, cash = {action[0] for action in actions}, sum(action[2] or 0.0 for action in actions)
            refused = method.actions.off_session == "refuse" and market.sessions[at] != np.datetime64(actions[0][0])
            # Twice the cash is far from where a float's last digit could decide.
            if refused or len(dates) > 1 or close <= 2 * cash or any(action[1] not in _BY_TERMS for action in actions):
                yield None
            else:
                taxed_by = (market.securities.country[number], actions[0][0]) if by_country else None
                yield (taxed_by, *(action[1:] for action in actions))


def is_by_the_share(method: Methodology, market: MarketData) -> bool:
    """Tell whether the rules let actions be looked at by the share.

    They do not where they tie them to something else: to the close of the day, to a ticked reference price, to one
    share of each constituent; nor with prices that are no decimals.
    """
    return (
        method.returns.dividends != "points"
        and method.actions.reference_price == "exact"
        and method.weighting.by != "price"
        and market.panel.decimals is not None
    )


class _Tables:
    """The tables of a market, by treatment; `_by_object` spares writing out rules that were asked for before."""

    def __init__(self) -> None:
        self._by_rules: dict[str, ShareTable] = {}
        self._by_object: dict[tuple[int, int, bool], tuple[object, object, ShareTable]] = {}

    def of(self, method: Methodology, market: MarketData) -> ShareTable:
        actions, returns, by_price = method.actions, method.returns, method.weighting.by == "price"
        known = self._by_object.get((id(actions), id(returns), by_price))
        if known is not None:
            return known[2]
        rules = f"{actions!r} {returns!r} {by_price}"
        if rules not in self._by_rules:
            self._by_rules[rules] = ShareTable(method, market)
        if len(self._by_object) >= _REMEMBERED:
            self._by_object.clear()
        found = self._by_rules[rules]
        self._by_object[id(actions), id(returns), by_price] = actions, returns, found  # held, so that ids stay theirs
        return found


_TABLES: WeakKeyDictionary[MarketData, _Tables] = WeakKeyDictionary()


def share_table(method: Methodology, market: MarketData) -> ShareTable:
    """Give the table of a market for a methodology's treatment of actions; made once."""
    tables = _TABLES.get(market)
    if tables is None:
        tables = _TABLES.setdefault(market, _Tables())
    return tables.of(method, market)
