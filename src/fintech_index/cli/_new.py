"""`fintech-index new`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from fintech_index.errors import RequestError
from fintech_index.files import writing
from fintech_index.methodology import template


@click.command(epilog="Example: fintech-index new my-index && fintech-index run my-index.toml")
@click.argument("name")
def new(name: str) -> None:
    """Write NAME.toml here: ten commented lines that make an index of a list of securities."""
    text = template(name)
    path = Path(f"{name}.toml")
    with writing(Path()) as here:
        if os.path.lexists(path):
            raise RequestError(f"{path} is there already: choose another name, or remove it")
        here.replace({path.name: text.encode()})
    click.echo(f"wrote {path}; edit its list of securities, then: fintech-index run {path}")
