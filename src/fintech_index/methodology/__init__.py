"""What an index is: the rules of a methodology as data, read from TOML."""

from __future__ import annotations

from fintech_index.methodology._caps import Caps
from fintech_index.methodology._catalogue import catalogue, shipped
from fintech_index.methodology._changing import changed
from fintech_index.methodology._fields import applied
from fintech_index.methodology._hash import methodology_hash
from fintech_index.methodology._loading import caps_from, load
from fintech_index.methodology._model import Methodology
from fintech_index.methodology._reviewing import Conduct, DateRule, Ranking, Review
from fintech_index.methodology._sections import Actions, Returns
from fintech_index.methodology._template import template

__all__ = [
    "Actions",
    "Caps",
    "Conduct",
    "DateRule",
    "Methodology",
    "Ranking",
    "Returns",
    "Review",
    "applied",
    "caps_from",
    "catalogue",
    "changed",
    "load",
    "methodology_hash",
    "shipped",
    "template",
]
