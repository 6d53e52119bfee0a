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
    columns: Columns = {
        "index": [method.name for method in methods],
        "title": [method.title for method in methods],
        "title_zh": [method.title_zh for method in methods],
        "base_date": [method.base.date for method in methods],
        "base_value": [method.base.value for method in methods],
        "review_months": [" ".join(map(str, method.review.months)) for method in methods],
        "description": [method.description for method in methods],
    }
    if form != "table":
        emit(encode(columns, form), form)
        return
    for method in methods:
        rows = [
            ("title", method.title),
            ("名称", method.title_zh),
            ("base", f"{method.base.date} = {method.base.value}"),
            ("reviews", "months " + ", ".join(map(str, method.review.months)) if method.review.months else "never"),
            ("about", method.description),
        ]
        table(method.name, [("", "left"), ("", "left")], rows)
