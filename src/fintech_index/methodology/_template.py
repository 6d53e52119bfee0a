"""The ten lines that an index of one's own begins with."""

from __future__ import annotations

from fintech_index.errors import RequestError

_LINES = """\
# Your own index: fintech-index run {name}.toml      (docs/methodology-file.md has all keys)
name = "{name}"
title = "{title}"
currency = "CNY"                                     # of the levels
base = {{ date = 2020-01-02, value = 1000 }}           # the session on which the level has this value
universe.securities = ["300059.SZ", "300033.SZ", "600570.SH", "000997.SZ", "002152.SZ"]  # your list
weighting.single_cap = 0.30                          # no weight above 30 % at a review; leave the line out for no cap
review.months = [6, 12]                              # effective after the second Friday; [] for never
returns.withholding_tax = 0.10                       # what the net return loses of a cash dividend
rounding.level_decimals = 4                          # places of the published levels
"""


def template(name: str) -> str:
    """Write a commented methodology for one's own list of securities.

    Raises
    ------
    RequestError
        The name has other characters than lower-case letters, digits, ``-`` and ``_``.
    """
    import re

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        raise RequestError(f"{name!r} cannot name an index: use lower-case letters, digits, - and _, such as my-index")
    return _LINES.format(name=name, title=name.replace("-", " ").replace("_", " ").title())
