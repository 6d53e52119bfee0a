"""`fintech-index data`: import and check."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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


_OPTIONS = (
    click.argument("source", metavar="DIR", type=PATH),
    click.argument("out", metavar="OUT", type=PATH),
    click.option(
        "--actions", type=PATH, metavar="FILE", help="Corporate actions in our layout, instead of the vendor's."
    ),
    click.option("--securities", type=PATH, metavar="FILE", help="Only these securities, described in our layout."),
    click.option(
        "--classification",
        metavar="fintech|FILE",
        help="Only the securities of a classification: the shipped one of fintech, or a file in our layout.",
    ),
    click.option(
        "--corrections", type=PATH, metavar="FILE", help="Values that you know better; DIR/corrections.csv by default."
    ),
    click.option("--append", is_flag=True, help="Add the sessions after the last one of OUT."),
)
_TABLES = {
    "tushare": "daily and daily_basic, and suspend_d, stock_basic, dividend, namechange and index_weight",
    "akshare": "stock_zh_a_hist (with adjust=''), and stock_fhps_em",
    "baostock": "history_k_data (with adjustflag='3'), and dividend_data and stock_basic",
    "jqdata": "price (with fq=None), and valuation, securities and STK_XR_XD",
    "qlib": "features ($open to $close, $volume and $factor)",
    "wind": "AShareEODPrices, and AShareEODDerivativeIndicator, AShareDescription, AShareDividend",
}


def _import_command(vendor: str) -> click.Command:
    """Make the command that imports a vendor's tables."""

    def run(source: Path, out: Path, classification: str | None, **options: Any) -> None:
        if classification is not None:
            if options["securities"] is not None:
                raise RequestError("--classification and --securities: one of them at a time")
            options["securities"] = _classified(classification)
        _import(vendor, source, out, options)

    for option in reversed(_OPTIONS):
        run = option(run)
    text = f"""Import {vendor}'s tables from DIR into the folder OUT.

    DIR holds {_TABLES[vendor]} where there are any, as Parquet or CSV, or a folder of files one a day. What is
    repaired, left out or doubtful is a row of OUT/import-report.csv.
    """
    example = f"Example: fintech-index data import {vendor} ~/{vendor}/2020 market --actions actions.csv"
    return click.command(vendor, help=text, epilog=example)(run)


def _import(vendor: str, source: Path, out: Path, options: dict[str, Any]) -> None:
    from fintech_index.market.importers import import_vendor

    with _progress() as progress:
        done = import_vendor(vendor, source, out, progress=progress, **options)
    click.echo(f"{done.folder}: {done.securities} securities, {done.sessions} sessions")
    if done.outcomes:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.outcomes.items()))
        notice(f"{counts}: see {done.folder / 'import-report.csv'}")
    elif options["append"]:
        notice("there is no session after the last one imported: nothing has changed")


for _vendor in _TABLES:
    import_group.add_command(_import_command(_vendor))


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

    from fintech_index.market.importers import STEPS

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
