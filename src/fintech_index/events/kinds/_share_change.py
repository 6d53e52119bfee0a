"""Changes of share counts (增发, 注销, 解禁): at once, at the review, or once they add up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.rounding import exact

if TYPE_CHECKING:
    from fintech_index.market import Action, ExDate
    from fintech_index.methodology import Methodology

_CSI_THRESHOLD = Fraction(5, 100)
_CSI_SESSIONS = 2


@dataclass(frozen=True, slots=True)
class ShareChange:
    """The counts of a security from a session on: the last ones where several ex-dates come before one session."""

    security: int
    session: int
    day: ExDate
    action: Action


def needs_total(method: Methodology) -> bool:
    """Tell whether it takes the count of all shares to decide on a change."""
    return method.actions.share_changes == "csi" or method.actions.share_change_threshold > 0


def sessions_later(method: Methodology) -> int:
    """Give how many sessions after its date a change applies: 2 with CSI's rule, else none."""
    return _CSI_SESSIONS if method.actions.share_changes == "csi" else 0


def applies(method: Methodology, total: Fraction | None, new_total: Fraction) -> bool:
    """Tell whether a change of all shares is applied before the next review.

    `total` is what the count last taken into the index has become by bonus issues, rights and splits, and `new_total`
    the new one on the same basis. ``at_once``:
    from `actions.share_change_threshold` on, cumulative. ``csi``: from 5 % on, two sessions after the listing (CSI,
    index calculation and maintenance; known, but not read: below it, at the review). ``at_review``: never.
    """
    setting = method.actions.share_changes
    if setting == "at_review":
        return False
    threshold = _CSI_THRESHOLD if setting == "csi" else exact(method.actions.share_change_threshold)
    if threshold == 0:
        return True
    return total is not None and (total == 0 or abs(new_total / total - 1) >= threshold)
