"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIANTS = ("price", "gross", "net")  # as the levels have them, without importing them
BAD_INPUT = 2  # the exit code
_NAMED = 3
DATE = click.DateTime(formats=["%Y-%m-%d"])


class FilledPath(click.Path):
    """A path that is not empty, as an unset variable would make it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take a path."""
        if value == "":
            self.fail("it is empty", param, ctx)
        return super().convert(value, param, ctx)


PATH = FilledPath(path_type=Path)
data_option = click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    help="A folder of market data; by default the embedded one (53 fintech securities, 2020).",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
    help="A table for people, or all rows for machines.",
)


def notice(*texts: str) -> None:
    """Say something on standard error."""
    for text in texts:
        click.echo(f"notice: {text}", err=True)


def in_common(texts: Iterable[str]) -> list[str]:
    """Give notices once each; what is said of several indices in the same words is said of them together."""
    of_whom: dict[str, list[str]] = {}
    for text in dict.fromkeys(texts):
        name, colon, message = text.partition(": ")
        if not colon or " " in name:
            name, message = "", text
        of_whom.setdefault(message, []).append(name)
    return [
        message if names == [""] else f"{names[0] if len(names) == 1 else _several(names)}: {message}"
        for message, names in of_whom.items()
    ]


def _several(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
