"""What gates say before levels are shown, and which of them stop a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fintech_index.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fintech_index.levels import History

STOPPED = 1  # the exit code of a run that a gate has stopped
ALL = "all"

accept_option = click.option(
    "--accept",
    multiple=True,
    metavar="GATE",
    help="Go on though this gate fails, or `all` of them; may be given more than once.",
)


def stopped_by(histories: Sequence[History], accepted: Iterable[str]) -> bool:
    """Say what gates have found, and whether one that is not accepted stops the run.

    Raises
    ------
    RequestError
        There is no gate of an accepted name.
    """
    from fintech_index.levels import GATES

    allowed = set(accepted)
    for name in sorted(allowed - {ALL, *GATES}):
        raise RequestError(f"--accept {name}: no such gate ({did_you_mean(name, [*GATES, ALL])})")
    stopping = set()
    found: dict[tuple[str, str, str], list[str]] = {}
    for history in histories:
        for gate in history.gates:
            if gate.passed:
                continue
            found.setdefault((gate.severity, gate.name, gate.what), []).append(history.method.name)
            if gate.severity == "error" and not {ALL, gate.name} & allowed:
                stopping.add(gate.name)
    for (severity, gate_name, what), names in found.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004
        click.echo(f"{severity}: {shown}: gate {gate_name}: {what}", err=True)
    if stopping:
        options = " ".join(f"--accept {name}" for name in sorted(stopping))
        click.echo(f"stopped: the data contradicts the levels, so none is shown; {options} shows them", err=True)
    return bool(stopping)
