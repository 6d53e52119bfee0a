"""Standard output that is whole or an error, standard error that never is one, and signals that end a command."""

from __future__ import annotations

import errno
import io
import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT_LOST = 2
PIPE_CLOSED = 141  # as shells have it for a program that a closed pipe ends
SIGNALLED = 128  # plus the signal's number, as shells have it
INTERRUPTED = SIGNALLED + 2  # SIGINT
_PATIENCE = 10.0  # seconds in which a reader takes nothing
_LAST_PATIENCE = 1.0  # seconds for a last line on standard error
_CLEANUP = 5.0  # seconds after a signal in which a second one is ignored
_STANDARD_DESCRIPTORS = 3


class Ended(SystemExit):
    """Ends the program from wherever it is, past what handles errors: an exit code, and a line to say or none."""

    def __init__(self, code: int, line: str = "") -> None:
        super().__init__(code)
        self.line = line


class WholeWriter(io.RawIOBase):
    """Bytes to a stream, each time all of them. After the first that cannot be written, all are dropped.

    Parameters
    ----------
    raw : io.RawIOBase or None
        The stream without a buffer; None where it is closed.
    may_be_lost : bool
        Whether to go on where something cannot be written; if not, that raises `Ended`.
    """

    def __init__(self, raw: io.RawIOBase | None, *, may_be_lost: bool) -> None:
        self._raw = raw
        self._may_be_lost = may_be_lost
        self.ended: Ended | None = None

    def writable(self) -> bool:
        """Say that this is for writing."""
        return True

    def isatty(self) -> bool:
        """Say whether a terminal shows this."""
        return self._raw is not None and self._raw.isatty()

    def fileno(self) -> int:
        """Give the descriptor."""
        return super().fileno() if self._raw is None else self._raw.fileno()

    def write(self, data: Any, /) -> int:
        """Write all bytes, or drop them."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        if self.ended is None:
            try:
                self._write(rest)
            except OSError as error:
                self.ended = _ending(error)
                if not self._may_be_lost:
                    raise self.ended from error
        return size

    def _write(self, rest: memoryview) -> None:
        deadline = None
        while rest:
            if self._raw is None:
                raise OSError(errno.EBADF, "it is closed")
            if written := self._raw.write(rest):
                rest, deadline = rest[written:], None
            else:  # the stream does not block, and its reader is not ready
                deadline = deadline or time.monotonic() + _PATIENCE
                if not _ready(self._raw.fileno(), deadline - time.monotonic()):
                    raise TimeoutError(errno.ETIMEDOUT, f"nothing could be written for {_PATIENCE:g} seconds")

    def finish(self) -> None:
        """Raise `Ended` where something could not be written; some file systems say so only when a file is closed."""
        if self.ended is None and self._raw is not None:
            try:
                os.close(os.dup(self._raw.fileno()))
            except OSError as error:
                self.ended = _ending(error)
        if self.ended is not None:
            raise self.ended

    def takes_a_line(self) -> bool:
        """Say whether a line can be written without waiting for long."""
        try:
            return self._raw is not None and (os.name != "posix" or _ready(self._raw.fileno(), _LAST_PATIENCE))
        except OSError:  # somebody has closed it since
            return False


def _ready(descriptor: int, seconds: float) -> bool:
    """Wait until bytes can be written to a descriptor, and say whether they can."""
    from select import select

    return bool(select([], [descriptor], [], max(0.0, seconds))[1])


def _ending(error: OSError) -> Ended:
    if isinstance(error, BrokenPipeError):
        return Ended(PIPE_CLOSED)
    return Ended(OUTPUT_LOST, f"error: standard output: {error.strerror}")


@contextmanager
def whole_output() -> Iterator[None]:
    """Let this process's standard output be whole or an error, and no failure of standard error be one.

    Streams that somebody has put into the place of the process's own, as tests do, stay in it. What ends the block by
    `Ended` is said in its one line.
    """
    before = sys.stdout, sys.stderr
    out, err = _of_this_process("stdout", may_be_lost=False), _of_this_process("stderr", may_be_lost=True)
    if None in before:
        _occupy_standard_descriptors()
    sys.stdout, sys.stderr = out or sys.stdout, err or sys.stderr
    try:
        with _showing_what_it_can(sys.stdout), _showing_what_it_can(sys.stderr), _finished(out):
            yield
    except Ended as ended:
        if ended.line and (err is None or err.buffer.takes_a_line()):
            sys.stderr.write(f"{ended.line}\n")
            sys.stderr.flush()
        raise
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _finished(out: Any) -> Iterator[None]:
    """Run a block, then see to it that all that it wrote is where it should be."""
    try:
        yield
    except Ended as ended:
        if out is not None:
            out.buffer.ended = ended  # what is left of the output goes nowhere
        raise
    finally:
        if out is not None:
            out.flush()
            out.buffer.finish()


def _of_this_process(name: str, *, may_be_lost: bool) -> Any:
    """Give a text stream in the place of a standard stream; None where that is not the process's own."""
    stream = getattr(sys, name)
    if stream is None or getattr(stream, "closed", False):
        return io.TextIOWrapper(WholeWriter(None, may_be_lost=may_be_lost), encoding="utf-8", errors="replace")
    if stream is not getattr(sys, f"__{name}__") or not isinstance(stream, io.TextIOWrapper):
        return None
    with suppress(OSError):
        stream.flush()  # what was written before comes before
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)  # there is no buffer with PYTHONUNBUFFERED
    return io.TextIOWrapper(
        WholeWriter(raw, may_be_lost=may_be_lost),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
    )


@contextmanager
def _showing_what_it_can(stream: Any) -> Iterator[None]:
    """Let a stream show a question mark for what its encoding has no character for."""
    if not isinstance(stream, io.TextIOWrapper) or stream.errors == "replace":
        yield
        return
    errors = stream.errors
    stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        stream.reconfigure(errors=errors)


def _occupy_standard_descriptors() -> None:
    """Open what the caller has closed, onto nothing: a file opened later must not become standard output."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _STANDARD_DESCRIPTORS:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


@contextmanager
def signals_end_it() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP raise `Ended` in the main thread, so that what is open is cleaned up.

    A signal that the caller ignores, as nohup does, or that somebody handles, is left to them. For a few seconds after
    one signal others are ignored: they would break off the cleanup.
    """
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    quiet_until = 0.0

    def end(number: int, _frame: object) -> None:
        nonlocal quiet_until
        if time.monotonic() >= quiet_until:
            quiet_until = time.monotonic() + _CLEANUP
            by = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
            raise Ended(SIGNALLED + number, f"interrupted{by}")

    untouched = (signal.SIG_DFL, signal.default_int_handler)
    ours = [each for name in ("SIGINT", "SIGTERM", "SIGHUP") if (each := getattr(signal, name, None)) is not None]
    before = {each: handler for each in ours if (handler := signal.getsignal(each)) in untouched}
    try:
        for each in before:
            signal.signal(each, end)
        yield
    finally:
        quiet_until = float("inf")
        for each, handler in before.items():
            signal.signal(each, handler)
