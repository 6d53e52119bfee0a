"""Whether compiled kernels are there: importing them costs half a second, which little work does not earn."""

from __future__ import annotations

import sys

_COMPILED = "fintech_index._kernels._compiled"


def loaded() -> bool:
    """Tell whether the compiled kernels are there already."""
    return _COMPILED in sys.modules
