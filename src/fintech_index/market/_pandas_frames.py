"""pandas frames with their days and codes in an index, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fintech_index.errors import MarketDataError, Problem
from fintech_index.market._codes import read_code
from fintech_index.market._column_names import contract_names
from fintech_index.market._contract import PRICES, SHARES, Table

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

_TWO = 2


def is_pandas(frame: Any) -> bool:
    """Tell whether something is a frame or a series of pandas, without importing it."""
    module = type(frame).__module__.partition(".")[0]
    return module == "pandas" and type(frame).__name__ in ("DataFrame", "Series")


def flat_frame(frame: Any, contract: Table, names: Mapping[str, str]) -> pd.DataFrame:
    """Give a frame whose index, where it has days or codes, is columns."""
    import pandas as pd

    if isinstance(frame, pd.Series):
        frame = frame.to_frame("close" if frame.name is None and contract is PRICES else frame.name)
    frame = frame.rename(columns=str)
    index = frame.index
    if isinstance(index, pd.MultiIndex):
        frame = _with_levels(frame, contract, names)
    elif isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or _says(index.name, contract, names, frame):
        name = index.name if _says(index.name, contract, names, frame) else _day_of(contract)
        frame = frame.set_axis(_days(index)).rename_axis(str(name)).reset_index()
    elif not isinstance(index, pd.RangeIndex) and not _has_day(frame, contract, names) and _are_days(index):
        frame = frame.rename_axis(_day_of(contract)).reset_index()
    return frame


def pieces_by_code(frame: Any, contract: Table, names: Mapping[str, str]) -> dict[str, pd.DataFrame] | None:
    """Give a frame of fields and codes in two levels of columns as one of each code; None for any other frame."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame) or not isinstance(frame.columns, pd.MultiIndex):
        return None
    if contract is not PRICES or frame.columns.nlevels != _TWO:
        raise MarketDataError(
            f"{contract.name}: the columns have {frame.columns.nlevels} levels: give one row a security and day"
        )
    levels = [list(dict.fromkeys(frame.columns.get_level_values(at))) for at in range(_TWO)]
    fields = [at for at in range(_TWO) if "close" in contract_names(map(str, levels[at]), contract, names, []).values()]
    if len(fields) != 1:
        raise MarketDataError("prices: of the two levels of columns one must have the fields, close among them")
    by_code = frame.swaplevel(axis=1) if fields[0] == 0 else frame
    pieces = {str(code): flat_frame(by_code[code], contract, names) for code in levels[1 - fields[0]]}
    if not all(_has_day(piece, contract, names) for piece in pieces.values()):
        raise MarketDataError("prices: a wide table has days in its index")
    return pieces


def code_index_of(frame: Any) -> dict[Hashable, Any]:
    """Give a series by its index, as a mapping; empty for a frame."""
    import pandas as pd

    if not isinstance(frame, pd.Series) or isinstance(frame.index, pd.MultiIndex | pd.DatetimeIndex):
        return {}
    return dict(frame.items())


def _with_levels(frame: pd.DataFrame, contract: Table, names: Mapping[str, str]) -> pd.DataFrame:
    """Make columns of the levels of an index: by their names, or by what is in them."""
    index = frame.index
    called = []
    for at, name in enumerate(index.names):
        if _says(name, contract, names, frame):
            called.append(str(name))
        elif index.nlevels == _TWO and contract in (PRICES, SHARES):
            called.append(_day_of(contract) if _are_days(index.levels[at]) else "security")
        else:
            called.append(str(name) if name is not None else f"level {at}")
    if len(set(called)) < len(called):
        raise MarketDataError(
            f"{contract.name}: of the levels of the index not one alone has days: name them, or .reset_index()"
        )
    frame = frame.copy(deep=False)
    frame.index = index.set_names(called)
    return frame.reset_index()


def _says(name: Hashable, contract: Table, names: Mapping[str, str], frame: pd.DataFrame) -> bool:
    """Tell whether the name of an index is one of a column of the contract that the frame does not have itself."""
    if name is None:
        return False
    found: list[Problem] = []
    given = {own: ours for own, ours in names.items() if own == name}
    own = contract_names([str(name)], contract, given, found).get(str(name))
    return own is not None and own not in _held(frame, contract, names).values()


def _held(frame: pd.DataFrame, contract: Table, names: Mapping[str, str]) -> dict[str, str]:
    return contract_names(map(str, frame.columns), contract, {k: v for k, v in names.items() if k in frame.columns}, [])


def _has_day(frame: pd.DataFrame, contract: Table, names: Mapping[str, str]) -> bool:
    return _day_of(contract) in _held(frame, contract, names).values()


def _day_of(contract: Table) -> str:
    return next((name for name in ("date", "effective", "ex_date") if name in contract.column_names), "date")


def _days(index: pd.Index) -> pd.Index:
    import pandas as pd

    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


def _are_days(values: pd.Index) -> bool:
    """Tell whether values are days: 20200106 may be one, 600000 is a code."""
    import pandas as pd

    from fintech_index.market._day_casting import day_of

    if isinstance(values, pd.DatetimeIndex | pd.PeriodIndex):
        return True
    first = next((each for each in values if each is not None), None)
    if first is None or (isinstance(first, str) and read_code(first) is not None):
        return False
    return hasattr(first, "isoformat") or day_of(str(first), "UTC") is not None
