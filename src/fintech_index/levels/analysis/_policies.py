"""The policy bill: what each other treatment of corporate actions would have made of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from pydantic import ValidationError

from fintech_index.errors import FintechIndexError
from fintech_index.levels._calculate import calculation_of
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._snapshot import snapshot
from fintech_index.market import (
    CASH_KINDS,
    HOLDER_KINDS,
    REFERENCE_KINDS,
    REMOVAL_KINDS,
    SHARE_CHANGE_KINDS,
    SPLIT_KINDS,
)
from fintech_index.methodology import Actions, Methodology, Returns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.levels._calculation import Calculation
    from fintech_index.market import ExDate

COLUMNS = ("setting", "value", "alternative", "date", "event", *VARIANTS, "refused")
BETWEEN = "between events"  # what differs because weights do
_BASIS_POINT = 1e-4
_NOTHING = 1e-7  # basis points: what floats of levels leave

# The kinds of action that a setting has something to say about.
_TOUCHES: dict[str, tuple[str, ...]] = {
    "actions.basis": HOLDER_KINDS,
    "actions.reference_price": REFERENCE_KINDS,
    "actions.special_dividend": ("special_dividend", "dividend_correction"),
    "actions.rights": ("rights",),
    "actions.restructuring": ("restructuring",),
    "actions.share_changes": SHARE_CHANGE_KINDS,
    "actions.spin_off": ("spin_off",),
    "actions.acquirer": ("merger",),
    "actions.replacement": REMOVAL_KINDS,
    "actions.capping_factors": (*REMOVAL_KINDS, *SHARE_CHANGE_KINDS),
    "actions.price_weight_splits": (*SPLIT_KINDS, "bonus"),
    "returns.dividends": (*CASH_KINDS, "dividend_correction"),
    "returns.bonus_par_tax": ("bonus",),
}
# Settings that move nothing but the treated security's own shares and value: each of a day's events can be told apart.
_OF_ONE_SECURITY = (
    "actions.basis",
    "actions.reference_price",
    "actions.special_dividend",
    "actions.rights",
    "actions.restructuring",
    "actions.price_weight_splits",
    "returns.dividends",
    "returns.bonus_par_tax",
)


class _Replay:
    """A calculation of the window, with what single events of it are looked up by."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.first = calculation.valuation.first
        self._amounts: dict[tuple[int, int, str], float] = {}
        self._totals: dict[tuple[int, str], float] = {}
        for change in calculation.changes:
            amount, of_session = float(change.amount), (change.session, change.variant)
            of_security = (change.session, change.security, change.variant)
            self._amounts[of_security] = self._amounts.get(of_security, 0.0) + amount
            self._totals[of_session] = self._totals.get(of_session, 0.0) + amount
        segments = calculation.holdings.segments
        self._segments: dict[int, list[int]] = {}
        for at, security in enumerate(segments.security.tolist()):
            self._segments.setdefault(security, []).append(at)
        self._market_values = calculation.valuation.floats()

    def closing(self, session: int) -> float:
        """Give the market value at a close."""
        return float(self._market_values[session - self.first])

    def opening(self, session: int, variant: str) -> float:
        """Give the opening value, with all changes of the session."""
        return self.closing(session - 1) + self._totals.get((session, variant), 0.0)

    def unrounded(self, variant: str) -> NDArray[np.float64]:
        """Give the levels of the window, unrounded."""
        end = self.first + len(self._market_values)
        levels: NDArray[np.float64] = self._market_values / self.calculation.divisors.floats(variant, self.first, end)
        return levels

    def acting(self, session: int) -> set[int]:
        """Give the securities with actions at a session's open."""
        actions = self.calculation.market.actions
        found: set[int] = set(actions.security[actions.session == session].tolist())
        return found

    def held(self, session: int) -> list[int]:
        """Give the securities held at a session's open or close."""
        segments = self.calculation.holdings.segments
        found: list[int] = segments.security[segments.held_at(session) | (segments.stop == session)].tolist()
        return found

    def values(self, security: int, session: int, variant: str) -> tuple[float, float, float]:
        """Give a security's value at the cum close, at the open with the day's changes, and at the close."""
        segments, market = self.calculation.holdings.segments, self.calculation.market
        at = next(
            (at for at in self._segments.get(security, ()) if segments.start[at] <= session < segments.stop[at]), None
        )
        if at is None:
            return 0.0, 0.0, 0.0
        unit = 10**self.calculation.holdings.share_decimals
        starts = segments.start[at] == session
        opened = int((segments.opening_shares if starts else segments.index_shares)[at])
        currency, home = market.securities.currency[security], self.calculation.method.currency
        then, now = (float(market.fx.rate(currency, home, market.sessions[when])) for when in (session - 1, session))
        before = float(market.panel.price(security, session - 1)) * opened / unit * then
        closed = float(market.panel.price(security, session)) * int(segments.index_shares[at]) / unit * now
        return before, before + self._amounts.get((session, security, variant), 0.0), closed


@dataclass(frozen=True, slots=True)
class _Bill:
    """One alternative: the index as it was, and the window replayed."""

    setting: str
    one: _Replay
    other: _Replay


def alternatives(method: Methodology) -> Iterator[tuple[str, Any, Any]]:
    """Give every treatment with a choice of values: its key, the value that it has, another one."""
    for section, model in (("actions", Actions), ("returns", Returns)):
        for name, field in model.model_fields.items():
            values = (False, True) if field.annotation is bool else get_args(field.annotation)
            chosen = getattr(getattr(method, section), name)
            if f"{section}.{name}" in _TOUCHES:
                yield from ((f"{section}.{name}", chosen, value) for value in values if value != chosen)


def policies(calculation: Calculation, first: int, last: int) -> pd.DataFrame:
    """Replay a window under each other setting; see `History.policies`."""
    end = calculation.market.sessions[last]
    market, baskets = calculation.source_market.until(end), calculation.baskets.until(end)
    state = calculation.resumed
    if first > calculation.valuation.first:
        state = snapshot(calculation, first - 1)
    one = _Replay(calculation_of(calculation.method, market, baskets, state))
    rows = []
    for setting, value, alternative in alternatives(calculation.method):
        try:
            rules = _with(calculation.method, setting, alternative)
            other = calculation_of(rules, market, baskets, None if state is None else state.under(rules))
        except ValidationError:
            continue  # the weighting has no such choice
        except FintechIndexError as error:
            rows.append((setting, value, alternative, pd.NaT, "", *[np.nan] * len(VARIANTS), error.summary))
            continue
        rows += [(setting, value, alternative, *row, "") for row in _differences(_Bill(setting, one, _Replay(other)))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _with(method: Methodology, setting: str, value: Any) -> Methodology:
    section, name = setting.split(".")
    data = method.model_dump(exclude_unset=True)
    data[section] = data.get(section, {}) | {name: value}
    return Methodology.model_validate(data)


def _differences(bill: _Bill) -> list[tuple[Any, ...]]:
    """Give what each event makes of its session's return, in basis points, and the rest of all sessions together."""
    returns = np.array([_relative(bill, each) for each in VARIANTS])
    rows, rest = [], np.zeros(len(VARIANTS))
    first, sessions = bill.one.first, bill.one.calculation.market.sessions
    for at in np.flatnonzero((np.abs(returns) > _NOTHING).any(axis=0)).tolist():
        date, left = pd.Timestamp(sessions[first + at]), returns[:, at]
        for name, part in _by_event(bill, first + at, left):
            rows.append((date, name, *part))
            left = left - part
        rest += left
    if np.abs(rest).max() > _NOTHING:
        rows.append((pd.NaT, BETWEEN, *rest))
    return rows


def _relative(bill: _Bill, variant: str) -> NDArray[np.float64]:
    """Give by how many basis points the other return of each session is more."""
    ratio = bill.other.unrounded(variant) / bill.one.unrounded(variant)
    before = np.concatenate([[1.0], ratio[:-1]])
    moved: NDArray[np.float64] = (ratio / before - 1) / _BASIS_POINT
    return moved


def _by_event(bill: _Bill, session: int, whole: NDArray[np.float64]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Give the events of a session that the setting has something to say about, each with its part."""
    market = bill.one.calculation.market
    actions, codes = market.actions, market.securities.codes
    kinds = _TOUCHES[bill.setting]
    touched: dict[int, str] = {}
    for security in sorted({*bill.one.held(session), *bill.other.held(session)} & bill.one.acting(session)):
        days = actions.on(security, session)
        named = sorted({action.kind for day in days for action in day.of_kinds(kinds) if _said(bill.setting, day)})
        if named:
            touched[security] = f"{', '.join(named)} {codes[security]}"
    if bill.setting not in _OF_ONE_SECURITY:
        moved = {
            f"{change.cause} {codes[change.security]}"
            for replay in (bill.one, bill.other)
            for change in replay.calculation.changes
            if change.session == session and change.security >= 0 and change.cause in kinds
        }
        if moved or touched:
            yield ", ".join(sorted(moved | set(touched.values()))), whole
        return
    for security, name in touched.items():
        part = np.array([_part(bill, security, session, each) for each in VARIANTS])
        if np.abs(part).max() > _NOTHING:
            yield name, part


def _said(setting: str, day: ExDate) -> bool:
    """Tell whether a setting makes a difference to a day at all."""
    if setting == "actions.basis":
        return len(day.of_kinds(HOLDER_KINDS)) > 1
    return setting != "returns.bonus_par_tax" or any(action.source == "profit" for action in day.actions)


def _part(bill: _Bill, security: int, session: int, variant: str) -> float:
    """Give what a session's return would have been more by, had one security been treated the other way.

    Its value at the open and at the close are those of the other treatment, on what the index had in it at the close
    before; all other securities are as they were.
    """
    closing, opening = bill.one.closing(session), bill.one.opening(session, variant)
    before, opened, closed = bill.one.values(security, session, variant)
    other_before, other_opened, other_closed = bill.other.values(security, session, variant)
    if not (before and other_before and opening and closing):
        return 0.0
    scale = before / other_before
    moved = (closing - closed + other_closed * scale) / (opening - opened + other_opened * scale)
    return (moved / (closing / opening) - 1) / _BASIS_POINT
