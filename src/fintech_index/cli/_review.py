"""`fintech-index review`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fintech_index.cli._options import DATE, PATH, data_option, format_option, in_common, notice
from fintech_index.cli._output import Columns, columns_of, emit, encode, table, write_files
from fintech_index.errors import OutcomeFileError, RequestError

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology
    from fintech_index.publication import OutcomeFile, ReviewReport
    from fintech_index.reviews import Baskets, Outcome

DOES_NOT_HOLD = 1  # the exit code
_SHOWN = 15
_FOLDER = Path("constituents")


@click.command(epilog="Example: fintech-index review composite --effective 2020-06-15")
@click.argument("index", required=False)
@click.option("--effective", type=DATE, metavar="DATE", help="The review that takes effect on a date; by default all.")
@click.option("--check", is_flag=True, help="Say whether recomputing gives what was published; write nothing.")
@click.option("--why", metavar="SECURITY", help="Say why a security is in or not; write nothing.")
@click.option("--waterfall", is_flag=True, help="Show every security with its rule, rank and weight; write nothing.")
@click.option(
    "--fund-size",
    type=click.FloatRange(min=0, min_open=True),
    default=1e8,
    show_default=True,
    metavar="AMOUNT",
    help="In index currency, for the days that the changes take to trade.",
)
@click.option(
    "--out",
    type=PATH,
    default=_FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where outcomes are, one folder an index.",
)
@data_option
@format_option
def review(  # noqa: PLR0913 - its options
    index: str | None,
    effective: dt.datetime | None,
    why: str | None,
    fund_size: float,
    out: Path,
    data: Path | None,
    form: str,
    *,
    check: bool,
    waterfall: bool,
) -> None:
    """Carry out reviews of INDEX: write each outcome to DIR/INDEX/DATE.csv, and report what it changes.

    A review whose price date has passed can be carried out before it takes effect: that is its pro forma. An outcome
    that is there is never replaced.
    """
    from fintech_index.market import MarketData

    date = effective.date() if effective is not None else None
    if index is None and not check:
        raise RequestError("name an index; only --check goes through all of them")
    market = MarketData.open(data)
    if check:
        _check(index, date, market, out, form)
        return
    method, baskets = _reviewed(str(index), market, date)
    outcomes = baskets.outcomes if date is None else (baskets.outcome(date),)
    if why is not None:
        _show_why(outcomes, why, form)
    elif waterfall:
        _show_waterfall(outcomes, form)
    else:
        _publish(method, market, baskets, outcomes, out, fund_size, form)
    notice(*in_common([*method.notices(), *baskets.notices]))


def _reviewed(index: str, market: MarketData, effective: dt.date | None) -> tuple[Methodology, Baskets]:
    """Carry out the reviews of an index up to a date, which may lie ahead."""
    from fintech_index.methodology import load
    from fintech_index.reviews import reaching
    from fintech_index.reviews import review as carry_out

    method = load(index)
    if effective is None:
        return method, carry_out(method, market)
    known = market.sessions[-1]
    baskets = carry_out(method, reaching(method, market, effective), end=effective)
    outcome = baskets.outcome(effective)
    price_date = outcome.market.sessions[outcome.dates.price_date]
    if price_date > known:
        raise RequestError(
            f"{method.name}: the review effective {effective} has its price date on {price_date}, and the data ends on "
            f"{known}: wait for its closes"
        )
    return method, baskets


def _publish(
    method: Methodology,
    market: MarketData,
    baskets: Baskets,
    outcomes: tuple[Outcome, ...],
    out: Path,
    fund_size: float,
    form: str,
) -> None:
    from fintech_index.publication import encode_outcome, report

    folder = out / method.name
    files = {f"{outcome.effective}.csv": encode_outcome(outcome) for outcome in outcomes}
    new = {name: content for name, content in files.items() if not _is_there(folder / name, content)}
    write_files(folder, new)
    from fractions import Fraction

    reports = [report(method, market, baskets, outcome, Fraction(str(fund_size))) for outcome in outcomes]
    if form == "table":
        for each in reports:
            _show_report(each, fund_size)
    elif form == "json":
        emit(_as_json(reports), form)
    else:
        changes = [{"index": method.name, "effective": each.outcome.effective} for each in reports]
        emit(
            encode(
                _joined([(head, columns_of(each.changes)) for head, each in zip(changes, reports, strict=True)]), form
            ),
            form,
        )
    for name in files:
        notice(f"{'wrote' if name in new else 'is there already'}: {folder / name}")


def _is_there(path: Path, content: bytes) -> bool:
    """Tell whether an outcome is there as it would be written; one that differs is never replaced."""
    from fintech_index.publication import read_outcome

    if not path.exists():
        return False
    if read_outcome(path).content != content:
        raise OutcomeFileError(
            f"{path} is there, and recomputing gives another outcome: one date has one outcome; --check says what "
            "differs, --out writes elsewhere"
        )
    return True


def _as_json(reports: list[ReviewReport]) -> bytes:
    import json

    def rows(columns: Columns) -> list[dict[str, Any]]:
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    whole = [
        {
            **each.summary,
            "changes": rows(columns_of(each.changes)),
            "waterfall": rows(columns_of(each.outcome.waterfall)),
        }
        for each in reports
    ]
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _joined(parts: list[tuple[dict[str, Any], Columns]]) -> Columns:
    """Put tables below one another, each with its own leading columns."""
    joined: Columns = {}
    for head, columns in parts:
        length = len(next(iter(columns.values())))
        for name, values in {**{key: [value] * length for key, value in head.items()}, **columns}.items():
            joined.setdefault(name, []).extend(values)
    return joined


def _show_report(report: ReviewReport, fund_size: float) -> None:
    said, changes = report.summary, report.changes
    caps = ", ".join(said["caps_binding"]) or "none binds"
    facts = [
        ("constituents", str(said["constituents"])),
        ("cut-off", said["cutoff"]),
        ("price date", said["price_date"]),
        *([("announcement", said["announcement"])] if said["announcement"] else []),
        ("additions", _names(said["additions"])),
        ("deletions", _names(said["deletions"])),
        *([("reserve", _names(said["reserve"]))] if said["reserve"] else []),
        ("one-way turnover", f"{said['one_way_turnover']:.2%}"),
        ("caps", f"{caps}; they move {said['weight_moved_by_caps']:.2%}"),
        *([("relaxed", ", ".join(said["relaxed"]))] if said["relaxed"] else []),
        ("not eligible", ", ".join(f"{rule} {count}" for rule, count in said["failed"].items()) or "none"),
    ]
    table(f"{said['index']}  effective {said['effective']}", [("", "left"), ("", "left")], facts)
    rows = [
        (
            row.security,
            row.name,
            row.decision,
            f"{row.before:.4%}",
            f"{row.after:.4%}",
            f"{row.change:+.4%}",
            "" if row.days != row.days else f"{row.days:.3f}",
        )
        for row in changes.head(_SHOWN).itertuples(index=False)
    ]
    left = [(heading, "left") for heading in ("security", "name", "decision")]
    right = [(heading, "right") for heading in ("before", "after", "change", "days to trade")]
    more = len(changes) - _SHOWN
    caption = f"days to trade: a fund of {fund_size:,.0f}, all of the average amount of 20 sessions"
    caption += f"; {more} smaller changes: --format csv" if more > 0 else ""
    table("changes of weight, the largest first", [*left, *right], rows, caption)


def _names(codes: list[str]) -> str:
    more = len(codes) - _SHOWN
    return (", ".join(codes[:_SHOWN]) + (f" and {more} more" if more > 0 else "")) or "none"


def _show_waterfall(outcomes: tuple[Outcome, ...], form: str) -> None:
    heads = [{"index": each.method.name, "effective": each.effective} for each in outcomes]
    if form != "table":
        parts = [(head, columns_of(each.waterfall)) for head, each in zip(heads, outcomes, strict=True)]
        emit(encode(_joined(parts), form), form)
        return
    for outcome in outcomes:
        rows = [_waterfall_row(row) for row in outcome.waterfall.itertuples(index=False)]
        headings = [(heading, "left") for heading in ("security", "name", "decision", "rule", "why")]
        title = f"{outcome.method.name}  effective {outcome.effective}  {len(rows)} securities"
        table(title, [*headings, ("rank", "right"), ("weight", "right")], rows)


def _waterfall_row(row: Any) -> tuple[str, ...]:
    rank = "" if str(row.rank) == "<NA>" else str(row.rank)
    weight = f"{row.weight:.4%}" if row.weight == row.weight else ""
    return row.security, row.name, row.decision, row.rule, row.why, rank, weight


def _show_why(outcomes: tuple[Outcome, ...], security: str, form: str) -> None:
    from fintech_index.errors import did_you_mean

    parts = []
    for outcome in outcomes:
        frame = outcome.waterfall
        known = frame["security"].tolist()
        wanted = [code for code in known if security in (code, code.split(".")[0])]
        if not wanted:
            near = did_you_mean(security, known)
            raise RequestError(f"{outcome.method.name}: {security!r} is not in the universe of the review: {near}")
        parts.append((outcome, frame[frame["security"].isin(wanted)]))
    if form != "table":
        heads = [{"index": each.method.name, "effective": each.effective} for each, _ in parts]
        emit(
            encode(_joined([(head, columns_of(rows)) for head, (_, rows) in zip(heads, parts, strict=True)]), form),
            form,
        )
        return
    rows = [
        (str(each.effective), *_waterfall_row(row)) for each, found in parts for row in found.itertuples(index=False)
    ]
    headings = [(heading, "left") for heading in ("effective", "security", "name", "decision", "rule", "why")]
    table(f"{outcomes[0].method.name}  {security}", [*headings, ("rank", "right"), ("weight", "right")], rows)


def _check(index: str | None, effective: dt.date | None, market: MarketData, out: Path, form: str) -> None:
    """Recompute published outcomes; exit 1 where one does not come out as it was published."""
    from fintech_index.methodology import catalogue, load

    names = [index] if index is not None else [name for name in catalogue() if _published_in(name, out) is not None]
    if not names:
        raise RequestError(f"there are no published outcomes in {out}: `fintech-index review INDEX` writes them")
    rows: list[tuple[str, str, str, str]] = []
    for name in names:
        rows += [
            (load(name).name, str(each.effective), *_compared(name, market, each))
            for each in _published(name, effective, out)
        ]
    columns: Columns = {
        heading: list(values)
        for heading, values in zip(("index", "effective", "result", "what"), zip(*rows, strict=True), strict=True)
    }
    failed = sum(result != "holds" for result in columns["result"])
    if form == "table":
        table(
            f"{len(rows)} published outcomes, {failed} of which do not hold",
            [(heading, "left") for heading in columns],
            rows,
        )
    else:
        emit(encode(columns, form), form)
    if failed:
        sys.exit(DOES_NOT_HOLD)


def _published_in(index: str, out: Path) -> Path | None:
    """Give the folder that has outcomes of an index: the one given, else the one that comes with the package."""
    from fintech_index.methodology import load, shipped

    name = load(index).name
    for folder in (out, shipped("constituents")) if out == _FOLDER else (out,):
        if any((folder / name).glob("*.csv")):
            return folder
    return None


def _published(index: str, effective: dt.date | None, out: Path) -> list[OutcomeFile]:
    from fintech_index.methodology import load
    from fintech_index.publication import read_outcomes

    name, folder = load(index).name, _published_in(index, out)
    found = read_outcomes(folder, name) if folder is not None else []
    wanted = [each for each in found if effective in (None, each.effective)]
    if not wanted:
        dates = ", ".join(str(each.effective) for each in found) or "none"
        raise RequestError(
            f"{name}: no published outcome{f' effective {effective}' if effective else ''} in {out}; there: {dates}"
        )
    return wanted


def _compared(index: str, market: MarketData, published: OutcomeFile) -> tuple[str, str]:
    """Recompute one outcome; say whether it holds, and what differs."""
    from fintech_index.publication import encode_outcome, inputs_hash, methodology_hash

    _, baskets = _reviewed(index, market, published.effective)
    outcome = baskets.outcome(published.effective)
    if encode_outcome(outcome) == published.content:
        return "holds", f"{len(published.rows)} constituents, byte for byte"
    differs = []
    if methodology_hash(outcome.method) != published.methodology:
        differs.append("the methodology is another one")
    if inputs_hash(outcome) != published.inputs:
        differs.append("the data that the review reads is not the same")
    codes = outcome.market.securities.codes
    now, then = {codes[who] for who in outcome.securities}, {row["security"] for row in published.rows}
    differs += [f"in now: {_names(sorted(now - then))}"] if now - then else []
    differs += [f"no longer in: {_names(sorted(then - now))}"] if then - now else []
    return "differs", "; ".join(differs) or "the same rules and data give other figures: another version of the program"
