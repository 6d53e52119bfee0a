"""How the treatments of corporate actions follow from the weighting, and which of them nothing would read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.methodology._model import Methodology

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


def unread_treatments(method: Methodology) -> Iterator[str]:
    """Say which treatments of a methodology nothing reads, or its weighting cannot have."""
    actions, by = method.actions, method.weighting.by
    given = actions.model_fields_set
    if "share_change_threshold" in given and actions.share_changes != "at_once":
        yield 'actions.share_change_threshold is read with share_changes = "at_once" only'
    if "price_weight_splits" in given and by != "price":
        yield "actions.price_weight_splits is read where weighting.by is price only"
    if actions.share_changes != "at_review" and by != "free_float_cap":
        yield f"actions.share_changes = {actions.share_changes!r}: a change of counts moves no weight by {by}"
    if actions.acquirer == "terms" and by != "free_float_cap":
        yield f'actions.acquirer = "terms" hands over free-float shares, which no weight by {by} counts'
    if actions.capping_factors == "reset" and method.weighting.single_cap is None:
        yield 'actions.capping_factors = "reset" needs weighting.single_cap'
    for name, values in _CHANGES_THE_SHARES.items() if by == "price" else ():
        if getattr(actions, name) in values:
            yield f"actions.{name} = {getattr(actions, name)!r}: a price-weighted index keeps its shares"
