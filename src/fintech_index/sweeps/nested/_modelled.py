"""Which methodologies `nested_levels` models: a list of what it knows, and everything else must be as by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_TOLD = ("label", "source", "effective")  # what a section says of itself, which changes nothing
_MODELLED = {
    "": "name parent title title_zh description notice currency",
    "base": "date value",
    "universe": "securities",
    "eligibility.scope": "exchanges boards cities categories cni_fields",
    "eligibility.seasoning": "months months_by_board",
    "eligibility.status": "exclude lookback_months",
    "eligibility.conduct": "exclude lookback_months",
    "eligibility.price": "at_least",
    "eligibility.float": "cap_at_least ratio_at_least",
    "eligibility.turnover": "at_least drop_bottom lookback_months",
    "ranking": "by lookback_months ties",
    "selection": "count reserve",
    "free_float": "by",
    "weighting": "by single_cap group_by notional",
    "review": "months effective_on announcement sessions share_freeze",
    "review.effective_after": "weekday nth",
    "review.cutoff": "sessions_before months_before session weekday nth holiday move",
    "review.price_date": "sessions_before months_before session weekday nth holiday move",
    "calendar": "sessions home",
    "fx": "carry_sessions",
    "actions": (
        "basis reference_price off_session special_dividend rights restructuring share_changes share_change_threshold "
        "spin_off acquirer replacement capping_factors price_weight_splits"
    ),
    "returns": "withholding_tax dividends bonus_par_tax",
    "rounding": "level_decimals divisor_digits capping_factor_decimals share_decimals",
}
_KNOWN = {f"{section}.{key}".strip(".") for section, keys in _MODELLED.items() for key in keys.split()}
_VALUES: dict[str, tuple[object, ...]] = {
    "weighting.by": ("free_float_cap", "total_cap"),
    "free_float.by": ("exact", "csi", "msci"),
}
"""Keys of which only some values are modelled."""


def is_nested(method: Methodology, market: MarketData) -> bool:
    """Tell whether each review of a family takes the first so many of one ranking, whatever was in before.

    Then the index of a count contains those of smaller counts, and a single cap changes a few names of it. What
    actions do is found out on the way: those that are not the same for every share raise `NotNestedError`.
    """
    return (
        isinstance(method.selection.count, int)
        and all(path in _KNOWN and value in _VALUES.get(path, (value,)) for path, value in _changed(method))
        and market.panel.exact
        and market.securities.only_currency == method.currency
    )


def _changed(section: BaseModel, where: str = "") -> Iterator[tuple[str, object]]:
    """Give the keys that a methodology sets otherwise than by default, with their values."""
    for name, field in type(section).model_fields.items():
        if name in _TOLD:
            continue
        value, path = getattr(section, name), f"{where}{name}"
        if isinstance(value, BaseModel) and field.annotation is type(value):
            yield from _changed(value, f"{path}.")
        elif path in _VALUES or value != field.get_default(call_default_factory=True):
            yield path, value
