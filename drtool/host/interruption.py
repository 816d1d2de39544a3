"""Ways a drill is ended from outside: Ctrl-C, SIGTERM, its time limit. Each becomes an exception that arrives."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType


class Interrupted(BaseException):
    """Somebody asked drtool to stop. Not an `Exception`, so that no scenario swallows it by accident."""

    def __init__(self, signal_name: str) -> None:
        super().__init__(f"interrupted by {signal_name}")
        self.signal_name = signal_name


class TimeLimitReached(BaseException):
    """The drill took longer than its scenario allows."""


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to stop: Ctrl-C, somebody who ends it, a terminal that is closed."""

_AGAIN_SECONDS = 10.0
"""A scenario that swallows the exception, with a bare `except:` say, gets it again after so long."""

_PATIENCE = 3
"""One that has swallowed it so often will not end by itself: the next signal ends the process where it stands."""

_held_back: list[str] = []


@contextmanager
def interruptible(time_limit: timedelta) -> Iterator[None]:
    """Let SIGINT, SIGTERM, SIGHUP and the time limit end the block with an exception.

    What follows the block is the clean-up, which must not be cut short: the same signals are held back until
    `signals_restored` ends or the next block begins, and a signal that came meanwhile ends that next block at
    once. One that the process was started to ignore (`nohup`) stays ignored. Blocks nest only with
    `signals_restored` between them. Outside the main thread nothing is changed.

    Raises:
        Interrupted: a signal came in the block (whatever the block made of it), or before it while held back.
        TimeLimitReached: the block took too long, whatever it made of that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watched = [one for one in STOPPING if signal.getsignal(one) is not signal.SIG_IGN]
    reason: BaseException | None = None
    raised = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        end_with(Interrupted(signal.Signals(number).name))

    def out_of_time(_number: int, _frame: FrameType | None) -> None:
        end_with(reason or TimeLimitReached())

    def end_with(what: BaseException) -> None:
        nonlocal reason, raised
        reason = what
        raised += 1
        for one in watched:  # one is enough: a second would cut the way out short
            signal.signal(one, _let_pass if raised <= _PATIENCE else signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        raise what

    try:
        try:
            signal.signal(signal.SIGALRM, out_of_time)
            signal.setitimer(signal.ITIMER_REAL, time_limit.total_seconds())
            for one in watched:
                signal.signal(one, stop)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
            if _held_back:
                reason = Interrupted(_held_back[0])
                raise reason
            yield
        finally:
            _hold_back(watched, remember=reason is None)
    finally:
        if reason is not None:
            _hold_back(watched, remember=False)  # a signal in the moment before may have cut the other call short
            raise reason


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Hold signals that ask a process to stop back until the block is over, also from the programs that it starts."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def signals_restored() -> Iterator[None]:
    """Give the signals and the timer back after the block, whatever `interruptible` made of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {one: signal.getsignal(one) for one in (*STOPPING, signal.SIGALRM)}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    remaining_seconds, _ = signal.getitimer(signal.ITIMER_REAL)
    started = time.monotonic()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)  # what was held back is remembered now, not acted upon
        for one, handler in handlers.items():
            signal.signal(one, handler)
        if remaining_seconds:
            signal.setitimer(signal.ITIMER_REAL, max(remaining_seconds - (time.monotonic() - started), 0.001))


def _hold_back(watched: list[signal.Signals], *, remember: bool) -> None:
    """Let no signal end the clean-up, nor the programs it calls: they inherit the mask, but no handler."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, _let_pass)
    _held_back.clear()
    for one in watched:
        signal.signal(one, _remember if remember else _let_pass)
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)


def _remember(number: int, _frame: FrameType | None) -> None:
    _held_back.append(signal.Signals(number).name)


def _let_pass(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. Not SIG_IGN: Python complains of a signal that arrives while its handler is taken away."""
