"""The sessions of an exchange as its calendar has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def official_sessions(
    exchange: str, first: np.datetime64, last: np.datetime64
) -> tuple[NDArray[np.datetime64], np.datetime64]:
    """Give the sessions of an exchange (MIC) between two days, and the day up to which its calendar has them.

    Raises
    ------
    ValueError
        There is no such calendar, or it does not have these days.
    """
    import exchange_calendars

    try:
        calendar = exchange_calendars.get_calendar(exchange, start=str(first))
        end = min(str(last), str(calendar.last_session.date()))
        days: NDArray[np.datetime64] = calendar.sessions_in_range(str(first), end).to_numpy().astype("datetime64[D]")
    except exchange_calendars.errors.CalendarError as error:
        raise ValueError(str(error)) from error
    return days, np.datetime64(end)
