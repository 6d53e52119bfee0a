"""Variants whose indices contain one another: calculated together, over rankings and actions that they share."""

from __future__ import annotations

from fintech_index.sweeps.nested._levels import nested_levels
from fintech_index.sweeps.nested._modelled import is_nested
from fintech_index.sweeps.nested._not_nested import NotNestedError

__all__ = ["NotNestedError", "is_nested", "nested_levels"]
