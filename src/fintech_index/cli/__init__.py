"""The command line: parse, call, print. Commands are imported when they are called."""

from __future__ import annotations

from fintech_index.cli._group import main

__all__ = ["main"]
