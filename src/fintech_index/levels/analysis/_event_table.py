"""What happens to an index in a window: each event with its terms, index shares and divisors before and after."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fintech_index.events import BASKET
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.rounding import exact_decimal, plain, published_amount

if TYPE_CHECKING:
    from decimal import Decimal

    from fintech_index.levels._calculation import Calculation
    from fintech_index.levels._divisor_changes import Change
    from fintech_index.market import Action

_TERMS = ("ratio", "cash", "price", "child", "acquirer", "newcomer", "original_ex_date", "source")
_COUNTS = ("total", "free_float")
COLUMNS = (
    "date",
    "security",
    "event",
    "terms",
    "shares_before",
    "shares_after",
    "close_before",
    "reference_price",
    *(f"{each}_amount" for each in VARIANTS),
    "closing_value",
    *(f"{each}_opening" for each in VARIANTS),
    *(f"{each}_divisor_{when}" for each in VARIANTS for when in ("before", "after")),
)


def event_table(calculation: Calculation, first: int, last: int) -> pd.DataFrame:
    """List the events of the sessions from `first` to `last`, both included; see `History.events`."""
    changes: dict[int, list[Change]] = {}
    for change in calculation.changes:
        changes.setdefault(change.session, []).append(change)
    rows = [
        row
        for session in _eventful(calculation, first, last)
        for row in _of_session(calculation, session, changes.get(session, []))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _eventful(calculation: Calculation, first: int, last: int) -> list[int]:
    actions = calculation.market.actions
    moved = {change.session for change in calculation.changes if change.cause != "published_level"}
    held = np.isin(actions.security, calculation.holdings.segments.security)
    reviewed = calculation.table.effective.tolist()
    return [at for at in sorted({*moved, *actions.session[held].tolist(), *reviewed}) if first <= at <= last]


def _of_session(calculation: Calculation, session: int, changes: list[Change]) -> list[tuple[Any, ...]]:
    """Give the rows of one session: reviews first, then by security."""
    before, after = _shares(calculation, session - 1), _shares(calculation, session)
    amounts: dict[tuple[int, str], dict[str, Fraction]] = {}
    for change in changes:
        if change.cause != "published_level":
            own = amounts.setdefault((change.security, change.cause), {})
            own[change.variant] = own.get(change.variant, Fraction(0)) + change.amount
    terms: dict[tuple[int, str], str] = {}
    for security in sorted({*before, *after}):
        for day in calculation.market.actions.on(security, session):
            for action in day.actions:
                told = [terms[security, action.kind]] if (security, action.kind) in terms else []
                terms[security, action.kind] = "; ".join([*told, _terms(action)])
    if session in calculation.table.effective:
        terms[BASKET, "review"] = _turnover(calculation, before, after)
    of_the_day = [*_values(calculation, session, changes), *_divisors(calculation, session)]
    rows = []
    for security, cause in sorted({*amounts, *terms}):
        moved = amounts.get((security, cause), {})
        rows.append(
            (
                pd.Timestamp(calculation.market.sessions[session]),
                "" if security == BASKET else calculation.market.securities.codes[security],
                cause,
                terms.get((security, cause), ""),
                *(
                    None if security == BASKET else _in_shares(calculation, held.get(security, 0))
                    for held in (before, after)
                ),
                *_prices(calculation, security, session),
                *(exact_decimal(moved.get(each, Fraction(0))) for each in VARIANTS),
                *of_the_day,
            )
        )
    return rows


def _shares(calculation: Calculation, session: int) -> dict[int, int]:
    segments = calculation.holdings.segments
    held = np.flatnonzero(segments.held_at(session))
    return dict(zip(segments.security[held].tolist(), segments.index_shares[held].tolist(), strict=True))


def _in_shares(calculation: Calculation, count: int) -> Decimal:
    return exact_decimal(Fraction(count, 10**calculation.holdings.share_decimals))


def _prices(calculation: Calculation, security: int, session: int) -> tuple[Decimal | None, Decimal | None]:
    """Give a security's close before, and the reference price of the day; None where there is no such thing."""
    market = calculation.market
    if security == BASKET or market.panel.first_session[security] >= session:
        return None, None
    close = price = market.panel.price(security, session - 1)
    tick = market.securities.tick[security]
    basis = calculation.method.actions.basis
    for day in market.actions.on(security, session):
        if tick is None:  # then there is one ex-date
            for step in day.steps(basis):
                price = step.reference_price(price)
        else:
            price = day.ticked_reference_price(price, tick, basis)
    return exact_decimal(close), exact_decimal(published_amount(price))


def _values(calculation: Calculation, session: int, changes: list[Change]) -> list[Decimal | None]:
    """Give the closing value of the session before, and each variant's opening value; the base session has none."""
    valuation = calculation.valuation
    if session <= valuation.first:
        return [None] * (1 + len(VARIANTS))
    closing = valuation.exact(session - 1)
    moved = dict.fromkeys(VARIANTS, Fraction(0))
    for change in changes:
        moved[change.variant] += change.amount
    return [exact_decimal(closing), *(exact_decimal(closing + moved[each]) for each in VARIANTS)]


def _divisors(calculation: Calculation, session: int) -> list[Decimal | None]:
    """Give each variant's divisor before and after; the base session has none before."""
    first, divisors = calculation.valuation.first, calculation.divisors
    return [None if when < first else divisors.at(each, when) for each in VARIANTS for when in (session - 1, session)]


def _terms(action: Action) -> str:
    """Write the terms of an action as its row has them."""
    words = []
    for name in _TERMS:
        value = getattr(action, name)
        if isinstance(value, Fraction):
            value = plain(exact_decimal(value)) if value or name == "price" else ""
        if value:
            words.append(f"{name} {value}")
    words += [f"{name} {getattr(action, name):,}" for name in _COUNTS if action.total]
    return ", ".join(words)


def _turnover(calculation: Calculation, before: dict[int, int], after: dict[int, int]) -> str:
    codes = calculation.market.securities.codes
    entered = [codes[security] for security in sorted(after.keys() - before.keys())]
    left = [codes[security] for security in sorted(before.keys() - after.keys())]
    if not before:
        return f"{len(after)} constituents"
    words = [f"{len(after)} constituents"]
    words += [f"in {', '.join(entered)}"] if entered else []
    words += [f"out {', '.join(left)}"] if left else []
    return "; ".join(words)
