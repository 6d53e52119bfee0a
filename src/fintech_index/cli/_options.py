"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

BAD_INPUT = 2  # the exit code
DATE = click.DateTime(formats=["%Y-%m-%d"])

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
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
