"""The policy bill: what each other treatment of corporate actions would have made of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from fintech_index.errors import FintechIndexError
from fintech_index.levels._calculate import calculate
from fintech_index.levels._divisors import VARIANTS
from fintech_index.methodology import Actions, Methodology, Returns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.levels._history import History

COLUMNS = ("setting", "value", "alternative", "date", "event", *VARIANTS, "refused")
BETWEEN = "between events"  # what differs because weights do
_BASIS_POINT = 1e-4
_NOTHING = 1e-8  # basis points: what floats of levels leave


def alternatives(method: Methodology) -> Iterator[tuple[str, Any, Any]]:
    """Give every treatment with a choice of values: its key, the value that it has, another one."""
    for section, model in (("actions", Actions), ("returns", Returns)):
        for name, field in model.model_fields.items():
            values = (False, True) if _is_flag(field.annotation) else get_args(field.annotation)
            chosen = getattr(getattr(method, section), name)
            if chosen in values and all(isinstance(value, str | bool) for value in values):
                yield from ((f"{section}.{name}", chosen, value) for value in values if value != chosen)


def policies(history: History, first: int, last: int) -> pd.DataFrame:
    """Replay a window under each other setting; see `History.policies`."""
    rows = []
    for key, value, other in alternatives(history.method):
        try:
            variant = _with(history.method, key, other)
            replayed = calculate(
                variant, history.calculation.given, history.baskets, resume=history.calculation.resumed
            )
        except FintechIndexError as error:
            rows.append((key, value, other, pd.NaT, "", *[np.nan] * len(VARIANTS), error.summary))
            continue
        except ValueError as error:  # pydantic's: the treatment does not go with the weighting
            said = str(error).split("Value error, ")[-1].split(" [type")[0]
            rows.append((key, value, other, pd.NaT, "", *[np.nan] * len(VARIANTS), said))
            continue
        rows += [(key, value, other, *row, "") for row in _differences(history, replayed, first, last)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _is_flag(annotation: Any) -> bool:
    return annotation is bool


def _with(method: Methodology, key: str, value: Any) -> Methodology:
    section, name = key.split(".")
    data = method.model_dump(exclude_unset=True)
    data[section] = data.get(section, {}) | {name: value}
    return Methodology.model_validate(data)


def _differences(one: History, other: History, first: int, last: int) -> list[tuple[Any, ...]]:
    """Give the difference of each session's return, in basis points, by event, and of all other sessions together."""
    returns = np.array([_relative(one, other, each, first, last) for each in VARIANTS])
    differs = np.flatnonzero((np.abs(returns) > _NOTHING).any(axis=0))
    rows, rest = [], np.zeros(len(VARIANTS))
    for at in differs.tolist():
        session = first + at
        named = _events(one, session) | _events(other, session)
        if named:
            rows.append((pd.Timestamp(one.market.sessions[session]), ", ".join(sorted(named)), *returns[:, at]))
        else:
            rest += returns[:, at]
    if np.abs(rest).max() > _NOTHING:
        rows.append((pd.NaT, BETWEEN, *rest))
    return rows


def _relative(one: History, other: History, variant: str, first: int, last: int) -> NDArray[np.float64]:
    """Give by how many basis points the other return of each session is more."""
    begin, end = first - one.calculation.valuation.first, last + 1 - one.calculation.valuation.first
    ratio = _unrounded(other, variant) / _unrounded(one, variant)
    before = np.concatenate([ratio[:1], ratio[:-1]])
    moved: NDArray[np.float64] = (ratio / before - 1)[begin:end] / _BASIS_POINT
    return moved


def _unrounded(history: History, variant: str) -> NDArray[np.float64]:
    valuation, divisors = history.calculation.valuation, history.calculation.divisors
    end = valuation.first + valuation.counts.shape[1]
    return valuation.floats() / divisors.floats(variant, valuation.first, end)


def _events(history: History, session: int) -> set[str]:
    """Name the events of a session that change shares or opening values."""
    codes = history.market.securities.codes
    named = {
        f"{change.cause} {codes[change.security]}" if change.security >= 0 else change.cause
        for change in history.calculation.changes
        if change.session == session and change.cause not in ("published_level", "reference_price")
    }
    segments = history.calculation.holdings.segments
    begun = segments.security[(segments.start == session) & (segments.opening_shares != segments.index_shares)]
    for security in begun.tolist():
        for day in history.market.actions.on(security, session):
            named |= {f"{action.kind} {codes[security]}" for action in day.actions}
    return named
