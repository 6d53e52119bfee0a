"""The `fintech-index` command: a group that loads a command's module only when it runs."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fintech_index import __version__
from fintech_index.cli._options import BAD_INPUT
from fintech_index.errors import FintechIndexError

if TYPE_CHECKING:
    from collections.abc import Mapping

PIPE_CLOSED = 141  # as shells have it for a program that a closed pipe ends


class LazyGroup(click.Group):
    """A group of commands by name, each ``module:function``, with its one-line help at hand."""

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order in which a newcomer needs them."""
        del ctx
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in self._lazy:
            return None
        module, function = self._lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(f"fintech_index.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in self._lazy.items()])

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program; an output that cannot be written is one line and exit code 2."""
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # closed by the caller
                setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
        try:
            return super().main(*args, **options)
        except OSError as error:
            click.echo(f"error: {error.filename or 'output'}: {error.strerror}", err=True)
            _drop_what_is_left()
            sys.exit(BAD_INPUT)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; one of our own errors becomes a summary, its problems, and exit code 2."""
        for stream in (sys.stdout, sys.stderr):  # a terminal without Chinese characters shows question marks
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except FintechIndexError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(BAD_INPUT)
        except BrokenPipeError:
            _drop_what_is_left()
            ctx.exit(PIPE_CLOSED)
        return result


def _drop_what_is_left() -> None:
    """Let what standard output still holds go nowhere, rather than into a pipe or a disk that cannot take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=LazyGroup,
    lazy={
        "list": ("_list:list_indices", "The indices of the catalogue."),
        "run": ("_run:run", "Levels of indices: price, gross and net return."),
        "constituents": ("_constituents:constituents", "What an index holds at a close, with weights."),
        "explain": ("_explain:explain", "What moved a level on a day, in points."),
        "events": ("_events:events", "What happens to an index, and what each treatment of it costs."),
        "review": ("_review:review", "Reviews: who is in, at what weight, and why the others are not."),
        "sweep": ("_sweep:sweep", "Many variants of an index: counts, caps, buffers, dates."),
        "data": ("_data:data", "Import market data, and check it."),
        "new": ("_new:new", "Begin a methodology of your own."),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try: fintech-index run xiangmihu",
)
@click.version_option(__version__, prog_name="fintech-index")
def main() -> None:
    """Calculate fintech indices from prices, shares and corporate actions, exactly.

    Levels go to standard output, notices to standard error. Exit code 0: done; 1: what was checked does not hold; 2:
    bad input.
    """
