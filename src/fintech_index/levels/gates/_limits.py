"""The thresholds of gates, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What gates let pass.

    Attributes
    ----------
    gone : float
        The part of an index, by weight, that may be without a price at the last session though it had one before.
    year : int
        Sessions, from which on a market without any action is odd.
    move : float
        By how much an index may move in a session, of which one constituent has more than half.
    stale : int
        Sessions without a price, from which on a constituent's close is stale.
    classified : float
        The part of constituents that a shipped index must find classified.
    """

    gone: float = 0.20
    year: int = 200
    move: float = 0.11
    stale: int = 60
    classified: float = 0.50
