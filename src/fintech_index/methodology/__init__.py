"""What an index is: the rules of a methodology as data, read from TOML."""

from __future__ import annotations

from fintech_index.methodology._catalogue import catalogue, shipped
from fintech_index.methodology._loading import load
from fintech_index.methodology._model import Actions, Methodology, Returns
from fintech_index.methodology._template import template

__all__ = ["Actions", "Methodology", "Returns", "catalogue", "load", "shipped", "template"]
