"""`fintech-index data`: import and check."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fintech_index.cli._options import BAD_INPUT, PATH, notice
from fintech_index.cli._output import Columns, encode
from fintech_index.errors import LINES_SHOWN, RequestError
from fintech_index.files import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fintech_index.market import Finding

_DOES_NOT_HOLD = 1
_SHIPPED = "fintech"  # the classification that comes with the package


@click.group()
def data() -> None:
    """Import market data, and check it."""


@data.group(name="import")
def import_group() -> None:
    """Turn a vendor's tables into a folder of market data."""


@import_group.command(epilog="Example: fintech-index data import tushare ~/tushare/2020 market --actions actions.csv")
@click.argument("source", metavar="DIR", type=PATH)
@click.argument("out", metavar="OUT", type=PATH)
@click.option(
    "--actions",
    type=PATH,
    metavar="FILE",
    help="Corporate actions in our layout, instead of `dividend`.",
)
@click.option(
    "--securities",
    type=PATH,
    metavar="FILE",
    help="Only these securities, described in our layout.",
)
@click.option(
    "--classification",
    metavar="fintech|FILE",
    help="Only the securities of a classification: the shipped one of fintech, or a file in our layout.",
)
@click.option(
    "--corrections",
    type=PATH,
    metavar="FILE",
    help="Values that you know better; DIR/corrections.csv by default.",
)
@click.option("--append", is_flag=True, help="Add the sessions after the last one of OUT.")
def tushare(
    source: Path,
    out: Path,
    actions: Path | None,
    securities: Path | None,
    classification: str | None,
    corrections: Path | None,
    *,
    append: bool,
) -> None:
    """Import tushare's tables from DIR into the folder OUT.

    DIR holds daily and daily_basic, and suspend_d, stock_basic, dividend and namechange where there are any, as
    Parquet or CSV. What is repaired, left out or doubtful is a row of OUT/import-report.csv.
    """
    from fintech_index.market.tushare import import_tushare

    if classification is not None:
        if securities is not None:
            raise RequestError("--classification and --securities: one of them at a time")
        securities = _classified(classification)
    with _progress() as progress:
        done = import_tushare(
            source,
            out,
            actions=actions,
            securities=securities,
            corrections=corrections,
            append=append,
            progress=progress,
        )
    click.echo(f"{done.folder}: {done.securities} securities, {done.sessions} sessions")
    if done.outcomes:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.outcomes.items()))
        notice(f"{counts}: see {done.folder / 'import-report.csv'}")


def _classified(name: str) -> Path:
    """Give the file of a classification: a name of a shipped one, or a path."""
    from pathlib import Path

    from fintech_index.methodology import shipped

    return shipped("constituents", "market", "securities.csv") if name == _SHIPPED else Path(name)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show a progress bar on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    from fintech_index.market.tushare import STEPS

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=len(STEPS))
        yield lambda step: bar.update(task, description=step, completed=STEPS.index(step))


@data.command(epilog="Example: fintech-index data check market --out findings.csv")
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--out", type=PATH, metavar="FILE", help="Write all findings as CSV; 20 are shown.")
@click.pass_context
def check(ctx: click.Context, folder: Path, out: Path | None) -> None:
    """Say all that is wrong with a folder of market data.

    Exit code 0: nothing but doubts; 1: it contradicts itself or the exchange's calendar; 2: it breaks the data
    contract, so that nothing can be calculated from it.
    """
    from fintech_index.market import check_folder

    done = check_folder(folder)
    broken, found = done.broken, done.findings
    lines = [str(problem) for problem in broken] + [str(finding) for finding in found]
    for line in lines[:LINES_SHOWN]:
        click.echo(line)
    if len(lines) > LINES_SHOWN:
        click.echo(f"... and {len(lines) - LINES_SHOWN} more" + ("" if out else "; --out FILE writes all of them"))
    if out is not None:
        _write(out, [("contract", "", "", "", str(problem), "") for problem in broken], found)
    wrong = done.contradictions
    if done.reference_prices:
        differ = sum(finding.table == "actions" and finding.size > 0 for finding in found)
        click.echo(f"{done.reference_prices:,} reference prices computed from terms: {differ} differ from `pre_close`")
    click.echo(f"{folder}: {len(broken)} breaches of the contract, {wrong} contradictions, {len(found) - wrong} doubts")
    ctx.exit(BAD_INPUT if broken else _DOES_NOT_HOLD if wrong else 0)


def _write(out: Path, broken: list[tuple[str, ...]], found: list[Finding]) -> None:
    rows = [*broken]
    rows += [(each.gravity, each.table, each.date, each.security, each.what, f"{each.size:.6f}") for each in found]
    names = ("gravity", "table", "date", "security", "what", "size")
    columns: Columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    write_file(out, encode(columns, "csv"))
