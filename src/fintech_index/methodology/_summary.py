"""A methodology in one line."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from fintech_index.errors import printable
from fintech_index.methodology._plain import given_tables
from fintech_index.methodology._writing import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fintech_index.methodology._sections import Sections

_WIDTH, _SHORTEST = 119, 14


def summary(method: Sections) -> str:
    """Say which methodology it is, and its main rules as far as a line has room, in fewer than 120 characters."""
    begin = f"<Methodology {method.name}: "
    rules, left = [], _WIDTH - _columns(begin) - len(", ...>")
    for part in _parts(method):
        left -= _columns(part) + len(", ")
        if left < 0:
            rules.append("...")
            break
        rules.append(part)
    title = printable(method.title.replace("\n", " "))
    if title and left > _SHORTEST:
        rules.insert(0, f'"{_cut(title, left - 2)}"')
    return f"{begin}{', '.join(rules)}>"


def _parts(method: Sections) -> Iterator[str]:
    yield f"base {method.base.date}"
    if method.selection.count != "all":
        yield f"{method.selection.count} names"
    yield f"by {method.weighting.by}"
    caps = given_tables(method.weighting, every=True)
    for name in method.weighting.given():
        yield f"{name} {written(caps[name])}"
    yield f"months {', '.join(map(str, method.review.months))}" if method.review.months else "no reviews"


def _cut(title: str, width: int) -> str:
    while _columns(title) > width:
        title = title.removesuffix("...")[:-1].rstrip() + "..."
    return title


def _columns(text: str) -> int:
    """Count the columns of a terminal that text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
