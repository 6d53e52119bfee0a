"""Who may enter: the rules of `eligibility`, one after another, on the cut-off date.

Each rule looks at those that passed the ones before it, so that every security has the first rule that it failed. A
rule is a mask over the universe, and words for one security.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.calendar import add_months
from fintech_index.errors import Problem, ReviewError, did_you_mean
from fintech_index.market import EXCHANGES, status_kind
from fintech_index.methodology import applied
from fintech_index.reviews._lookback import Averages, LookBack
from fintech_index.reviews._universe import universe
from fintech_index.rounding import exact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection
    from fractions import Fraction

    from numpy.typing import NDArray

    from fintech_index.calendar import ReviewDates
    from fintech_index.market import MarketData
    from fintech_index.methodology import Conduct, Methodology

_BOARDS = {"main", "chinext", "star", "bse", "b"}
_STATUSES = {"st", "violation", "loss"}
_SCOPE = {
    "exchanges": "exchange",
    "boards": "board",
    "cities": "city",
    "categories": "category",
    "cni_fields": "cni_field",
}


@dataclass
class Candidates:
    """The market on a cut-off date, as rules look at it."""

    method: Methodology
    market: MarketData
    cutoff: int
    price_date: int
    notices: list[str] = field(default_factory=list)
    turnover: tuple[NDArray[np.int64], Averages] | None = None  # of those that the rule looked at

    @cached_property
    def average_amounts(self) -> dict[int, float]:
        """The average daily amount of each security that the rule looked at."""
        if self.turnover is None:
            return {}
        securities, averages = self.turnover
        return dict(zip(securities.tolist(), averages.floats.tolist(), strict=True))

    @cached_property
    def below_the_least(self) -> frozenset[int]:
        """Who of them trades less than the least average amount."""
        least = self.method.eligibility.turnover.at_least
        if self.turnover is None or least is None:
            return frozenset()
        securities, averages = self.turnover
        return frozenset(securities[~averages.at_least(exact(least))].tolist())

    @cached_property
    def date(self) -> dt.date:
        """The cut-off date."""
        date: dt.date = self.market.sessions[self.cutoff].item()
        return date

    def since(self, rule: Conduct) -> dt.date | None:
        """Give the first day that a rule of status looks at; None where that is the cut-off date."""
        return add_months(self.date, -rule.lookback_months) if rule.lookback_months else None

    def close(self, security: int) -> Fraction:
        """Give a carried close in index currency."""
        rate = self.market.fx.rate(
            self.market.securities.currency[security], self.method.currency, self.market.sessions[self.cutoff]
        )
        return self.market.panel.price(security, self.cutoff) * rate

    def counts(self, security: int) -> tuple[int, int]:
        """Give free-float and all shares; -1 where they are not known."""
        who, day = np.array([security]), self.market.sessions[self.cutoff]
        return int(self.market.shares.free_float(who, day)[0]), int(self.market.shares.total(who, day)[0])

    def look_back(self, months: int) -> LookBack:
        back = LookBack(self.method, self.market, self.cutoff, months)
        if back.missing:
            self.notices.append(
                f"{self.method.name}: the look-back of the review with cut-off {self.date} begins on {back.missing}, "
                f"and the market data on {self.market.sessions[0]}: averages are over what there is"
            )
        return back


@dataclass(frozen=True, slots=True)
class Screening:
    """What eligibility makes of a universe on a cut-off date.

    Attributes
    ----------
    securities : int array of shape (universe,)
    failed : object array of shape (universe,)
        The name of the first rule that a security fails, "" where it passes all.
    waived : frozenset of str
        Rules that were left out.
    candidates : Candidates
        The market on that date, as the rules looked at it.
    """

    securities: NDArray[np.int64]
    failed: NDArray[np.object_]
    waived: frozenset[str]
    candidates: Candidates

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the review must know."""
        return tuple(dict.fromkeys(self.candidates.notices))

    @property
    def eligible(self) -> NDArray[np.int64]:
        """The numbers of those that pass."""
        passed: NDArray[np.int64] = self.securities[self.failed == ""]
        return passed

    def by_rule(self) -> dict[str, NDArray[np.int64]]:
        """Give the numbers of those that fail, by the first rule that they do, in the order of the rules."""
        failing = np.flatnonzero(self.failed != "")
        rules = self.failed[failing]
        return {rule: self.securities[failing[rules == rule]] for rule in RULES}

    def failing(self, rule: str) -> NDArray[np.int64]:
        """Give the numbers of those whose first failed rule is this one."""
        failing: NDArray[np.int64] = self.securities[self.failed == rule]
        return failing

    def why(self, securities: list[int], rule: str) -> list[str]:
        """Say in words why securities may not enter whose first failed rule this is."""
        return RULES[rule].words(self.candidates, securities)

    def since(self, rule: Conduct) -> dt.date | None:
        """Give the first day that a rule of status looks at; None where that is the cut-off date."""
        return self.candidates.since(rule)


def screen(method: Methodology, market: MarketData, dates: ReviewDates, waived: Collection[str] = ()) -> Screening:
    """Evaluate the rules of eligibility on the cut-off session of a review, but for those waived."""
    _refuse_unknown(method, market)
    candidates = Candidates(method, market, dates.cutoff, dates.price_date)
    securities = universe(method, market)
    failed = np.full(len(securities), "", object)
    for name, rule in RULES.items():
        if name in waived or (name != "market" and not applied(getattr(method.eligibility, name))):
            continue
        left = np.flatnonzero(failed == "")
        out = rule.mask(candidates, securities[left])
        if out is not None:
            failed[left[out]] = name
    return Screening(securities, failed, frozenset(waived), candidates)


def _out_of_market(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_]:
    known, removals = here.market.securities, here.market.actions.removals
    out = here.market.panel.first[securities] > here.cutoff
    delisted = known.table.column("delisted").to_numpy().astype("datetime64[D]")[securities]
    out |= delisted <= here.market.sessions[here.cutoff]
    gone = [who for who, session in removals.items() if session <= here.price_date]
    out |= np.isin(securities, gone)
    return out


def _market_words(here: Candidates, securities: list[int]) -> list[str]:
    no_price = f"no price on or before {here.date}"
    delisted, removals = here.market.securities.delisted, here.market.actions.removals
    said = []
    for who in securities:
        left, off = removals.get(who), delisted[who]
        if off is not None and off <= here.date:
            said.append(f"delisted on {off}")
        elif left is not None and left <= here.price_date:
            said.append(f"left the market on {here.market.sessions[left]}")
        else:
            said.append(no_price)
    return said


def _out_of_scope(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_]:
    out = np.zeros(len(securities), np.bool_)
    for key, column in _SCOPE.items():
        wanted = getattr(here.method.eligibility.scope, key)
        if wanted is not None:
            texts = np.array(here.market.securities.texts(column), object)[securities]
            out |= ~np.isin(texts.astype(str), wanted)
    return out


def _scope_words(here: Candidates, security: int) -> str:
    for key, column in _SCOPE.items():
        wanted = getattr(here.method.eligibility.scope, key)
        text = here.market.securities.texts(column)[security]
        if wanted is not None and text not in wanted:
            return f"{column} {text or 'not known'}, not {' or '.join(wanted)}"
    return ""


def _too_young(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_]:
    rule, known = here.method.eligibility.seasoning, here.market.securities
    listed = known.table.column("listed").to_numpy().astype("datetime64[D]")[securities]
    by_board = {board: rule.months_for(board) for board in set(known.board)}
    months = np.array([by_board[board] for board in known.board], np.int64)[securities]
    old_from = _months_later(listed, months)
    young: NDArray[np.bool_] = (months > 0) & ~np.isnat(listed) & ~(old_from < here.market.sessions[here.cutoff])
    return young


def _months_later(dates: NDArray[np.datetime64], months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Do what `add_months` does, for arrays."""
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64)
    later = month + months
    length = ((later + 1).astype("datetime64[D]") - later.astype("datetime64[D]")).astype(np.int64)
    moved: NDArray[np.datetime64] = later.astype("datetime64[D]") + np.minimum(day, length - 1)
    return moved


def _seasoning_words(here: Candidates, security: int) -> str:
    months = here.method.eligibility.seasoning.months_for(here.market.securities.board[security])
    listed = here.market.securities.listed[security]
    return f"listed on {listed}, not more than {months} months before {here.date}"


def _of_status(name: str) -> _Rule:
    def found(here: Candidates, security: int) -> str | None:
        rule = getattr(here.method.eligibility, name)
        code = here.market.securities.codes[security]
        return here.market.statuses.on(code, here.date, rule.exclude, here.since(rule))

    def mask(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        index = here.market.securities.index
        with_status = [index[code] for code in here.market.statuses.securities if code in index]
        out = [who for who in with_status if found(here, who) is not None]
        return np.isin(securities, out) if out else None

    def words(here: Candidates, security: int) -> str:
        status = found(here, security)
        if status is None:
            return ""
        months = getattr(here.method.eligibility, name).lookback_months
        back = f"within {months} months up to {here.date}" if months else f"on {here.date}"
        return f"status {status} {back}"

    return _Rule(mask, _each(words))


def _too_cheap(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    least = here.method.eligibility.price.at_least
    if least is None:
        return None
    return np.array([here.close(who) < exact(least) for who in securities.tolist()], np.bool_)


def _price_words(here: Candidates, security: int) -> str:
    return f"close {float(here.close(security)):g} on {here.date}, less than {here.method.eligibility.price.at_least}"


def _float_too_small(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    rule = here.method.eligibility.float
    if rule.cap_at_least is None and rule.ratio_at_least is None:
        return None
    return np.array([bool(_float_words(here, who)) for who in securities.tolist()], np.bool_)


def _float_words(here: Candidates, security: int) -> str:
    rule = here.method.eligibility.float
    free, total = here.counts(security)
    if free < 0:
        return f"no share counts on or before {here.date}"
    if rule.ratio_at_least is not None and free < exact(rule.ratio_at_least) * total:
        return f"free float {free / total:.2%} of all shares, less than {float(rule.ratio_at_least):.2%}"
    if rule.cap_at_least is not None and here.close(security) * free < exact(rule.cap_at_least):
        return f"free-float capitalisation {float(here.close(security) * free):,.0f}, less than {rule.cap_at_least:,}"
    return ""


def _illiquid(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    rule = here.method.eligibility.turnover
    if rule.at_least is None and rule.drop_bottom is None:
        return None
    _require_amounts(here)
    average = here.look_back(rule.lookback_months).average("turnover", securities)
    here.turnover = securities, average
    out = np.zeros(len(securities), np.bool_)
    if rule.at_least is not None:
        out = ~average.at_least(exact(rule.at_least))
    if rule.drop_bottom is not None:
        left = np.flatnonzero(~out)
        dropped = int(len(left) * exact(rule.drop_bottom))
        # Equal amounts at the border: the later code goes first.
        worst = np.lexsort((left, average.of(left).places()))[::-1][:dropped]
        out[left[worst]] = True
    return out


def _turnover_words(here: Candidates, securities: list[int]) -> list[str]:
    rule, amounts, below = here.method.eligibility.turnover, here.average_amounts, here.below_the_least
    less = f" over {rule.lookback_months} months, less than {rule.at_least or 0:,}"
    among = f" over {rule.lookback_months} months, among the lowest {float(rule.drop_bottom or 0):.0%}"
    return [f"average daily amount {amounts[who]:,.0f}{less if who in below else among}" for who in securities]


def _require_amounts(here: Candidates) -> None:
    if not here.market.trading.known:
        raise ReviewError(
            f"{here.method.name}: its rules look at amounts traded, and `prices` has no column amount: add it"
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    mask: Callable[[Candidates, NDArray[np.int64]], NDArray[np.bool_] | None]
    words: Callable[[Candidates, list[int]], list[str]]


def _each(words: Callable[[Candidates, int], str]) -> Callable[[Candidates, list[int]], list[str]]:
    """Say it of one after another."""
    return lambda here, securities: [words(here, who) for who in securities]


# In the order in which they are evaluated; "market": whether a security is there at all.
RULES = {
    "market": _Rule(_out_of_market, _market_words),
    "scope": _Rule(_out_of_scope, _each(_scope_words)),
    "seasoning": _Rule(_too_young, _each(_seasoning_words)),
    "status": _of_status("status"),
    "conduct": _of_status("conduct"),
    "price": _Rule(_too_cheap, _each(_price_words)),
    "float": _Rule(_float_too_small, _each(_float_words)),
    "turnover": _Rule(_illiquid, _turnover_words),
}


def _refuse_unknown(method: Methodology, market: MarketData) -> None:
    """Refuse boards, exchanges and kinds of status that neither the trade nor the data knows: they decide nothing."""
    rules, known = method.eligibility, market.securities
    boards = _BOARDS | set(known.board)
    kinds = _STATUSES | market.statuses.kinds
    problems = [
        Problem("eligibility.seasoning.months_by_board", f"unknown board {board!r}", did_you_mean(board, boards))
        for board in rules.seasoning.months_by_board
        if board.lower() not in boards
    ]
    for key, names in (("exchanges", set(known.exchange) | set(EXCHANGES)), ("boards", boards)):
        problems += [
            Problem(f"eligibility.scope.{key}", f"unknown {name!r}", did_you_mean(name, names))
            for name in getattr(rules.scope, key) or ()
            if name not in names
        ]
    for name, rule in (("status", rules.status), ("conduct", rules.conduct)):
        problems += [
            Problem(f"eligibility.{name}.exclude", f"unknown status {kind!r}", did_you_mean(kind, kinds))
            for kind in rule.exclude
            if status_kind(kind) not in kinds
        ]
    problems += _unknown_groups(method, market)
    if problems:
        raise ReviewError(f"{method.name}: rules that would decide nothing", problems)


def _unknown_groups(method: Methodology, market: MarketData) -> list[Problem]:
    """Name caps of groups that no security of the data is in."""
    weighting = method.weighting
    if not weighting.grouped:
        return []
    labels = set(market.securities.texts(weighting.group_by)) - {""}
    if not labels:
        return [Problem("weighting.group_by", f"`securities` has no {weighting.group_by} at all", "fill the column")]
    return [
        Problem(f"weighting.{name}", f"unknown {weighting.group_by} {group!r}", did_you_mean(group, labels))
        for name in ("single_caps", "group_caps")
        for group in getattr(weighting, name)
        if group not in labels
    ]
