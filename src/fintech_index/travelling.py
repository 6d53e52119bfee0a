"""Objects that go to another process: pickled with the version that made them, and refused by another one.

Nothing here is ever loaded from a file by the package itself.
"""

from __future__ import annotations

import sys
from typing import Any

from fintech_index.errors import RequestError


def travelling(thing: Any, state: Any) -> tuple[Any, ...]:
    """Give what `__reduce__` returns for an object whose class makes it of a state by `_from_travelling`."""
    return arrived, (type(thing), _version(), state)


def arrived(kind: type, version: str, state: Any) -> Any:
    """Make an object of what came from another process.

    Raises
    ------
    RequestError
        Another version of the package has sent it.
    """
    if version != _version():
        raise RequestError(
            f"a {kind.__name__} of fintech-index {version} cannot be taken by {_version()}: make it anew, or save its "
            "tables"
        )
    return kind._from_travelling(state)  # type: ignore[attr-defined]  # noqa: SLF001 - it says that it travels


def _version() -> str:
    return str(sys.modules["fintech_index"].__version__)  # the package that this is a part of
