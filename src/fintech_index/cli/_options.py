"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

VARIANTS = ("price", "gross", "net")  # as the levels have them, without importing them
BAD_INPUT = 2  # the exit code
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
