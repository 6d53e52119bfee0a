"""`fintech-index list`."""

from __future__ import annotations

import click

from fintech_index.cli._output import Columns, emit, encode, table


@click.command(name="list", epilog="Example: fintech-index list --format json")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def list_indices(form: str) -> None:
    """List the indices that can be run by name."""
    from fintech_index.methodology import catalogue, load

    methods = [load(name) for name in catalogue()]
    started = [_started(method.name) for method in methods]
    columns: Columns = {
        "index": [method.name for method in methods],
        "title": [method.title for method in methods],
        "title_zh": [method.title_zh for method in methods],
        "parent": [method.parent or "" for method in methods],
        "base_date": [method.base.date for method in methods],
        "started": started,
        "base_value": [method.base.value for method in methods],
        "review_months": [" ".join(map(str, method.review.months)) for method in methods],
        "description": [method.description for method in methods],
    }
    if form != "table":
        emit(encode(columns, form), form)
        return
    rows = [
        (
            method.name,
            method.title,
            method.title_zh,
            method.parent or "",
            f"{since} = {method.base.value}" if since else "not started",
        )
        for method, since in zip(methods, started, strict=True)
    ]
    headings = ("index", "title", "名称", "on the rules of", "since")
    table(f"{len(rows)} indices", [(heading, "left") for heading in headings], rows)
    click.echo("fintech-index run INDEX, fintech-index review INDEX; --format json has descriptions and review months")


def _started(index: str) -> str:
    """Give the date of the first published outcome of an index; "" where there is none."""
    from fintech_index.methodology import shipped

    return min((path.stem for path in (shipped("constituents") / index).glob("*.csv")), default="")
