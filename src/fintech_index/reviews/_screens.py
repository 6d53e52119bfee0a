"""The rules of eligibility, each a mask over securities and words for those that it keeps out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.rounding import exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fintech_index.reviews._candidates import Candidates

SCOPE_COLUMNS = {
    "exchanges": "exchange",
    "boards": "board",
    "cities": "city",
    "categories": "category",
    "cni_fields": "cni_field",
}


def _out_of_market(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_]:
    known, removals = here.market.securities, here.market.actions.removals
    out = here.market.panel.first_session[securities] > here.cutoff
    delisted = known.delisted_days[securities]
    out |= delisted <= here.market.sessions[here.cutoff]
    gone = [security for security, session in removals.items() if session <= here.price_date]
    out |= np.isin(securities, gone)
    return out


def _market_words(here: Candidates, securities: list[int]) -> list[str]:
    no_price = f"no price on or before {here.date}"
    delisted, removals = here.market.securities.delisted, here.market.actions.removals
    messages = []
    for security in securities:
        left, off = removals.get(security), delisted[security]
        if off is not None and off <= here.date:
            messages.append(f"delisted on {off}")
        elif left is not None and left <= here.price_date:
            messages.append(f"left the market on {here.market.sessions[left]}")
        else:
            messages.append(no_price)
    return messages


def _out_of_scope(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_]:
    out = np.zeros(len(securities), np.bool_)
    for key, column in SCOPE_COLUMNS.items():
        wanted = getattr(here.method.eligibility.scope, key)
        if wanted is not None:
            texts = np.array(here.market.securities.texts(column), object)[securities]
            out |= ~np.isin(texts.astype(str), wanted)
    return out


def _scope_words(here: Candidates, security: int) -> str:
    for key, column in SCOPE_COLUMNS.items():
        wanted = getattr(here.method.eligibility.scope, key)
        text = here.market.securities.texts(column)[security]
        if wanted is not None and text not in wanted:
            return f"{column} {text or 'not known'}, not {' or '.join(wanted)}"
    return ""


def _too_young(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    rule, known = here.method.eligibility.seasoning, here.market.securities
    by_board = np.array([rule.months_for(board) for board in known.boards], np.int64)
    if not by_board.any():
        return None
    listed = known.listed_days[securities]
    months = by_board[known.board_numbers[securities]]
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
        out = [number for number in with_status if found(here, number) is not None]
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
    return np.array([here.close(security) < exact(least) for security in securities.tolist()], np.bool_)


def _price_words(here: Candidates, security: int) -> str:
    return f"close {float(here.close(security)):g} on {here.date}, less than {here.method.eligibility.price.at_least}"


def _float_too_small(here: Candidates, securities: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    rule = here.method.eligibility.float
    if rule.cap_at_least is None and rule.ratio_at_least is None:
        return None
    return np.array([bool(_float_words(here, security)) for security in securities.tolist()], np.bool_)


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
    return [
        f"average daily amount {amounts[security]:,.0f}{less if security in below else among}"
        for security in securities
    ]


@dataclass(frozen=True, slots=True)
class _Rule:
    mask: Callable[[Candidates, NDArray[np.int64]], NDArray[np.bool_] | None]
    words: Callable[[Candidates, list[int]], list[str]]


def _each(words: Callable[[Candidates, int], str]) -> Callable[[Candidates, list[int]], list[str]]:
    """Say it of one after another."""
    return lambda here, securities: [words(here, security) for security in securities]


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
