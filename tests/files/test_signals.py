"""Signals wait for steps that belong together."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from fintech_index.files import _staging, _writing, locked, unbroken, write_files


@pytest.fixture
def order():
    """What happened, with SIGTERM as one of the things that do."""
    happened = []
    before = signal.signal(signal.SIGTERM, lambda *_: happened.append("signal"))
    yield happened
    signal.signal(signal.SIGTERM, before)


def test_a_signal_waits_for_the_end_of_the_block(order):
    handler = signal.getsignal(signal.SIGTERM)
    with unbroken():
        with unbroken():
            signal.raise_signal(signal.SIGTERM)
            order.append("inner")
        order.append("outer")
    assert order == ["inner", "outer", "signal"]
    assert signal.getsignal(signal.SIGTERM) is handler
    signal.raise_signal(signal.SIGTERM)
    assert order[3:] == ["signal"]


def test_what_a_handler_raises_comes_in_the_place_of_an_error():
    def fail():
        signal.raise_signal(signal.SIGINT)
        raise OSError

    with pytest.raises(KeyboardInterrupt), unbroken():
        fail()


def test_another_thread_has_nothing_to_hold_back(order):
    def work():
        with unbroken():
            order.append("thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert order == ["thread"]


@pytest.mark.parametrize(
    ("road", "at"),
    [("at once", at) for at in ("sync", "discard", "begin")]
    + [("one by one", at) for at in ("sync", "_finish", "commit", "discard", "begin")],
)
def test_control_c_at_any_step_leaves_one_set_and_nothing_else(at, road, tmp_path, monkeypatch):
    write_files(tmp_path / "out", {"a": b"old", "b": b"old"})
    (tmp_path / "out" / "mine").write_text("mine")
    step = getattr(_staging, at)

    def interrupted(*given):
        monkeypatch.setattr(_staging, at, step)
        signal.raise_signal(signal.SIGINT)
        return step(*given)

    monkeypatch.setattr(_staging, at, interrupted)
    if road == "one by one":
        monkeypatch.setattr(_writing, "exchange", lambda *_: False)
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path / "out", {"a": b"new", "b": b"new"})
    found = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert found in ({"a": each, "b": each, "mine": "mine"} for each in ("old", "new"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_control_c_while_a_lock_is_taken_or_given_back_leaves_no_file(tmp_path, monkeypatch):
    for name in ("write", "truncate", "close"):
        call = getattr(os, name)

        def interrupted(*given, name=name, call=call):
            monkeypatch.setattr(os, name, call)
            signal.raise_signal(signal.SIGINT)
            return call(*given)

        monkeypatch.setattr(os, name, interrupted)
        with pytest.raises(KeyboardInterrupt), locked(tmp_path / "lock"):
            pass
        assert list(tmp_path.iterdir()) == []
