"""Why variants cannot be calculated together."""

from __future__ import annotations


class NotNestedError(Exception):
    """Something here is for each variant alone."""
