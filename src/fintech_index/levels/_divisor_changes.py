"""Changes of opening values: what moved the divisors, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events import BASKET, Stage
from fintech_index.levels._points import as_points
from fintech_index.rounding import published_amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fintech_index.events import Holdings, OpeningChange
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._valuation import Valuation
    from fintech_index.methodology import Methodology

VARIANTS = ("price", "gross", "net")


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `divisor_changes`: what moved the opening value of a variant, by how much, in index currency."""

    session: int
    security: int
    cause: str
    variant: str
    amount: Fraction
    stage: Stage = Stage.COMPOSITION


def action_changes(method: Methodology, holdings: Holdings, reviews: Reviews, valuation: Valuation) -> list[Change]:
    """List what actions change of the opening values, in the order of a session's open; `holdings.amounts` left out.

    An amount that is no finite decimal is rounded half up to 18 places, and the divisor follows from the rounded one.
    """
    changes = (
        as_points(holdings.changes, reviews, valuation) if method.returns.dividends == "points" else holdings.changes
    )
    return [each for change in changes for each in _rows(change)]


def _rows(change: OpeningChange) -> Iterator[Change]:
    for variant in VARIANTS:
        amount = published_amount(getattr(change, variant))
        if amount:
            yield Change(change.session, change.security, change.cause, variant, amount, change.stage)


def all_changes(
    method: Methodology, holdings: Holdings, reviews: Reviews, by_actions: Sequence[Change], valuation: Valuation
) -> list[Change]:
    """List every change of an opening value: each review's, and each action's, in the order of a session's open."""
    found = [
        Change(session, BASKET, "review", variant, amount)
        for session, amount in reviews.amounts.items()
        for variant in VARIANTS
    ]
    found += by_actions
    found += [each for change in holdings.amounts.changes() for each in _rows(change)]
    if method.chaining.on == "published":
        later = range(valuation.first + 1, valuation.first + valuation.counts.shape[1])
        found += [
            Change(session, BASKET, "published_level", each, Fraction(0)) for session in later for each in VARIANTS
        ]
    return sorted(found, key=lambda each: (each.session, each.stage.place, each.security, each.cause))
