"""Steps that belong together are not cut in two by a signal: what its handler raises waits until they are done."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # what people and systems end a program by


@contextmanager
def unbroken() -> Iterator[None]:
    """Hold back the handlers of signals that end programs until the block has ended; then they run.

    Handlers run in the main thread alone: in another one there is nothing to hold back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in _ENDING if (number := getattr(signal, name, None)) is not None]
    before: dict[int, Callable[[int, FrameType | None], object]] = {}
    came: dict[int, FrameType | None] = {}
    holding = True

    def hold(number: int, frame: FrameType | None) -> None:
        if holding:
            came[number] = frame
        else:
            before[number](number, frame)

    try:
        for number in numbers:
            handler = signal.getsignal(number)
            if callable(handler):  # else the system ends the process, or ignores it
                before[number] = handler
                signal.signal(number, hold)
        yield
    finally:
        holding = False
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in came.items():
            before[number](number, frame)
