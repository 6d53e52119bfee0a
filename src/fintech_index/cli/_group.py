"""The `fintech-index` command: a group that loads a command's module only when it runs."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from fintech_index import __version__
from fintech_index.cli._options import BAD_INPUT
from fintech_index.cli._streams import INTERRUPTED, Ended, signals_end_it, whole_output
from fintech_index.errors import FintechIndexError

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        """Run the program; an output that cannot be written whole is one line and exit code 2."""
        of_a_shell = not args and options.get("args") is None and options.get("standalone_mode", True)
        with signals_end_it() if of_a_shell else nullcontext(), whole_output():
            return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; one of our own errors becomes a summary, its problems, and exit code 2."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            raise Ended(INTERRUPTED, "interrupted") from None
        except (FintechIndexError, OSError, MemoryError, RecursionError) as error:
            click.echo(f"error: {_said(error)}", err=True)
            ctx.exit(BAD_INPUT)


def _said(error: Exception) -> str:
    """Say what is wrong, and what to do about it."""
    if isinstance(error, MemoryError):
        return "there is not memory enough for this: calculate fewer indices or variants at once"
    if isinstance(error, RecursionError):
        return "something is nested too deeply for this: make the methodology or the data flatter"
    if isinstance(error, OSError):
        where = "" if error.filename is None else f"{error.filename}: "
        return f"{where}{error.strerror or error}"
    return str(error)


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
    bad input, or output that cannot be written; 141: a closed pipe; 129, 130 and 143: interrupted by SIGHUP, SIGINT
    and SIGTERM.
    """
