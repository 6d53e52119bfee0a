"""How the treatments of corporate actions follow from the weighting, and which of them nothing would read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.methodology._reviewing import Ranking
    from fintech_index.methodology._sections import Sections

DEFAULT_TREATMENTS: dict[str, dict[str, dict[str, object]]] = {
    "equal": {
        "actions": {
            "rights": "weight_neutral",
            "spin_off": "to_parent",
            "acquirer": "unchanged",
            "replacement": "pro_rata",
        }
    },
    "price": {
        "actions": {"special_dividend": "gross", "acquirer": "unchanged"},
        "rounding": {"share_decimals": 6},
    },
}
"""Treatments that an equal- or price-weighted index has where its file does not say otherwise, by `weighting.by`."""

_CHANGES_THE_SHARES = {
    "rights": ("weight_neutral", "msci_ex"),
    "special_dividend": ("weight_neutral",),
    "spin_off": ("to_parent",),
    "replacement": ("pro_rata",),
}
"""Treatments that a price-weighted index cannot have, since it keeps its shares."""


def with_default_treatments(data: Any) -> Any:
    """Fill the keys of a file that follow from its weighting; what is not a file of tables comes back as it is."""
    weighting = data.get("weighting") if isinstance(data, dict) else None
    by = weighting.get("by") if isinstance(weighting, dict) else None
    if not isinstance(by, str):
        return data
    filled = dict(data)
    for section, defaults in DEFAULT_TREATMENTS.get(by, {}).items():
        if isinstance(data.get(section, {}), dict):
            filled[section] = defaults | data.get(section, {})
    return filled


def unread_treatments(method: Sections) -> Iterator[str]:
    """Say which treatments of a methodology nothing reads, or its weighting cannot have."""
    actions, by = method.actions, method.weighting.by
    given = actions.model_fields_set
    if "share_change_threshold" in given and actions.share_changes != "at_once":
        yield 'actions.share_change_threshold is read with share_changes = "at_once" only'
    if "price_weight_splits" in given and by != "price":
        yield "actions.price_weight_splits is read where weighting.by is price only"
    counted = method.weighting.by_capitalisation
    if actions.share_changes != "at_review" and not counted:
        yield f"actions.share_changes = {actions.share_changes!r}: a change of counts moves no weight by {by}"
    if actions.acquirer == "terms" and not counted:
        yield f'actions.acquirer = "terms" hands over free-float shares, which no weight by {by} counts'
    if actions.capping_factors == "reset" and not method.weighting.given():
        yield 'actions.capping_factors = "reset" needs a cap in weighting'
    for name, values in _CHANGES_THE_SHARES.items() if by == "price" else ():
        if getattr(actions, name) in values:
            yield f"actions.{name} = {getattr(actions, name)!r}: a price-weighted index keeps its shares"


def unread_rules(method: Sections) -> Iterator[str]:
    """Say which rules of a review nothing reads."""
    ranked = method.selection.count != "all"
    if not ranked and method.ranking.model_fields_set & {"by", "lookback_months", "ties"}:
        yield "ranking is read where selection.count is a number only"
    if method.eligibility.status.when == "monthly" and method.actions.replacement == "newcomer":
        yield (
            'actions.replacement = "newcomer" with eligibility.status.when = "monthly" is not finished: who came in '
            "for one that left the market would be lost at the next month"
        )
    for name in method.selection.relax:
        if not getattr(method.eligibility, name).model_fields_set:
            yield f"selection.relax names {name}, which eligibility has no rule of"
    if method.ranking.lookback_months == 0 and _uses_turnover(method.ranking):
        yield "ranking.lookback_months is 0, and an average turnover needs a look-back"
    if method.free_float.by != "exact" and method.weighting.by not in ("free_float_cap", "score"):
        yield f"free_float.by = {method.free_float.by!r}: weights by {method.weighting.by} count no free float"
    if method.review.share_freeze and method.actions.share_changes == "at_review":
        yield 'review.share_freeze is read where actions.share_changes is not "at_review" only'
    if method.eligibility.turnover.model_fields_set >= {"lookback_months"} and not (
        method.eligibility.turnover.at_least or method.eligibility.turnover.drop_bottom
    ):
        yield "eligibility.turnover.lookback_months is read with at_least or drop_bottom only"


def _uses_turnover(ranking: Ranking) -> bool:
    return ranking.by == "turnover" or ranking.ties == "turnover" or "turnover" in ranking.by
