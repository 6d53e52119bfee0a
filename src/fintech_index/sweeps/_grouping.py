"""Families: variants that differ in nothing but how many names they take and how they cap single ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_FREE = {"selection": "count", "weighting": "single_cap"}
_NAMES = ("name", "title", "title_zh", "description")


def grouped(variants: Mapping[str, Methodology]) -> list[dict[str, Methodology]]:
    """Group variants by all other rules, in the order in which they come."""
    said: dict[int, str] = {}
    grouped: dict[frozenset[str], dict[str, Methodology]] = {}
    for name, method in variants.items():
        key = frozenset(
            f"{section}: {_said(getattr(method, section), _FREE.get(section), said)}"
            for section in method.model_fields_set  # the others have their defaults
            if section not in _NAMES
        )
        grouped.setdefault(key, {})[name] = method
    return list(grouped.values())


def _said(section: object, free: str | None, said: dict[int, str]) -> str:
    """Write a section out, but for the key that is free; the same object is written once."""
    if not hasattr(section, "model_fields_set"):
        return repr(section)
    if id(section) not in said:
        fields: Iterable[str] = type(section).model_fields  # type: ignore[attr-defined]
        said[id(section)] = repr([getattr(section, name) for name in fields if name != free])
    return said[id(section)]


def is_nested(method: Methodology, market: MarketData) -> bool:
    """Tell whether each review of a family takes the first so many of one ranking, whatever was in before.

    Then the index of a count contains those of smaller counts, and a single cap changes a few names of it. Caps of
    other kinds, buffers, and rules that remember are for each variant alone.
    """
    selection, weighting = method.selection, method.weighting
    return (
        isinstance(selection.count, int)
        and _only(selection, {"count", "reserve", "label", "source", "effective"})
        and weighting.by in ("free_float_cap", "total_cap")
        and set(weighting.given()) <= {"single_cap"}
        and weighting.prices_as_of == weighting.shares_as_of == "price_date"
        and not weighting.relax
        and method.free_float.by != "ftse"
        and method.eligibility.status.when != "monthly"
        and method.calendar.sessions == "any"
        and method.chaining.on == "full"
        and market.panel.exact
        and market.securities.only_currency == method.currency
    )


def _only(section: BaseModel, keys: set[str]) -> bool:
    """Tell whether all keys but some have their defaults."""
    fields = type(section).model_fields
    return all(getattr(section, name) == field.default for name, field in fields.items() if name not in keys)
