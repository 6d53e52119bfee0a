"""Tables of a calculation: what it holds, and when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fintech_index.rounding import exact_decimal, round_half_up

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from fintech_index.levels._calculation import Calculation


def holdings_table(calculation: Calculation, first: int) -> pd.DataFrame:
    """Give every segment from a session on, by security and start; see `History.holdings`."""
    segments, codes = calculation.holdings.segments, calculation.market.securities.codes
    kept = segments.stop > np.maximum(segments.start, first)
    sessions = np.append(calculation.market.sessions, np.datetime64("NaT")).astype("datetime64[s]")
    frame = pd.DataFrame(
        {
            "security": [codes[security] for security in segments.security[kept]],
            "start": sessions[np.maximum(segments.start[kept], first)],
            "stop": sessions[segments.stop[kept]],
            "index_shares": in_shares(calculation, segments.index_shares[kept]),
        }
    )
    return frame.sort_values(["security", "start"], ignore_index=True)


def constituents_table(calculation: Calculation, session: int) -> pd.DataFrame:
    """Give the constituents at a close, heaviest first; see `History.constituents`."""
    segments, market = calculation.holdings.segments, calculation.market
    held = np.flatnonzero(segments.held_at(session))
    bases = [segments.basis(int(at)) for at in held]
    floats = [None if each.free_float_now is None else round_half_up(each.free_float_now) for each in bases]
    values = _values(calculation, held, session)
    frame = pd.DataFrame(
        {
            "free_float": pd.array(floats, dtype="Int64"),
            "capping_factor": pd.Series([each.capping_factor for each in bases], dtype="object").to_numpy(),
            "index_shares": in_shares(calculation, segments.index_shares[held]),
            "close": [float(market.panel.price(int(segments.security[at]), session)) for at in held],
            "weight": values / values.sum(),
        },
        index=pd.Index([market.securities.codes[segments.security[at]] for at in held], name="security"),
    )
    return frame.sort_values("weight", ascending=False, kind="stable")


def _values(calculation: Calculation, held: NDArray[np.int64], session: int) -> NDArray[np.float64]:
    """Give the market value of each of some segments at a close, as floats in index currency."""
    segments, panel, valuation = (
        calculation.holdings.segments,
        calculation.market.panel,
        calculation.valuation,
    )
    unit = 10**calculation.holdings.share_decimals * panel.unit
    rates = valuation.rates[segments.currency[held], session - valuation.first]
    prices = panel.values[segments.security[held], session].astype(np.float64)  # noqa: PD011 - no pandas here
    values: NDArray[np.float64] = prices * segments.index_shares[held] / unit * rates
    return values


def in_shares(calculation: Calculation, counts: NDArray[np.int64]) -> NDArray[np.int64] | list[Decimal]:
    """Give counts of a calculation's unit of index shares as shares."""
    unit = 10**calculation.holdings.share_decimals
    return counts if unit == 1 else [exact_decimal(Fraction(int(count), unit)) for count in counts]
