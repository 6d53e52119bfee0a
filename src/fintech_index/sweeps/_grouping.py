"""Families: variants that differ in nothing but how many names they take and how they cap single ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fintech_index.methodology import Methodology

_FREE = {"selection": "count", "weighting": "single_cap"}
_NAMES = ("name", "title", "title_zh", "description")


def grouped(variants: Mapping[str, Methodology]) -> list[dict[str, Methodology]]:
    """Group variants by all other rules, in the order in which they come."""
    written: dict[int, str] = {}
    grouped: dict[frozenset[str], dict[str, Methodology]] = {}
    for name, method in variants.items():
        key = frozenset(
            f"{section}: {_written(getattr(method, section), _FREE.get(section), written)}"
            for section in method.model_fields_set  # the others have their defaults
            if section not in _NAMES
        )
        grouped.setdefault(key, {})[name] = method
    return list(grouped.values())


def _written(section: object, free: str | None, written: dict[int, str]) -> str:
    """Write a section out, but for the key that is free; the same object is written once."""
    if not hasattr(section, "model_fields_set"):
        return repr(section)
    if id(section) not in written:
        fields: Iterable[str] = type(section).model_fields  # type: ignore[attr-defined]
        written[id(section)] = repr([getattr(section, name) for name in fields if name != free])
    return written[id(section)]
