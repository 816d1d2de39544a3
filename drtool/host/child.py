"""A process forked from this one: whatever becomes of it, this one goes on, and knows how it ended."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NoReturn

from drtool.host.interruption import STOPPING

_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)
_LOOK_SECONDS = 0.05  # where the system tells of no process's end by a file descriptor, as macOS


class Child:
    """A process that does one thing and ends; it gets SIGTERM when the process that made it is gone, on Linux.

    Args:
        work: what it does. It ends with status 0 when that returns, and with 1 whatever that raises. SIGINT,
            SIGTERM and SIGHUP are held back until `interruptible` or `die_of_signals` lets them in.
        talk: the file descriptor that what it prints goes to, in place of this process's streams; it then reads
            nothing.
    """

    def __init__(self, work: Callable[[], None], *, talk: int | None = None) -> None:
        parent = os.getpid()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # or what is still in the buffers would be printed twice
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _work(work, parent, talk)
            self._handle = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else -1
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self._status: int | None = None

    def status(self) -> int | None:
        """Return its exit code, or the negative number of the signal that ended it; None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
                if self._handle >= 0:
                    os.close(self._handle)
        return self._status

    def wait(self) -> int:
        """Wait until it has ended, and return its status."""
        while (status := self.status()) is None:
            wait_for_any([self], (), None)
        return status

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended; also out of a signal's handler."""
        with suppress(ProcessLookupError):
            if self._status is None:
                signal.pidfd_send_signal(self._handle, number) if self._handle >= 0 else os.kill(self.pid, number)

    @property
    def _ends_at(self) -> int | None:
        return self._handle if self._handle >= 0 and self._status is None else None


def wait_for_any(children: Iterable[Child], readable: Iterable[int], seconds: float | None) -> list[int]:
    """Wait until one of several processes has ended, or there is something to read.

    Args:
        children: the processes.
        readable: file descriptors.
        seconds: how long to wait at the most; None for as long as it takes.

    Returns:
        The file descriptors that can be read.
    """
    ends = [child._ends_at for child in children]
    if None in ends:
        seconds = _LOOK_SECONDS if seconds is None else min(seconds, _LOOK_SECONDS)
    readable = [*readable]
    found, _, _ = select.select([*(end for end in ends if end is not None), *readable], (), (), seconds)
    return [one for one in readable if one in found]


def die_of_signals() -> None:
    """Let the signals in that ask a process to stop, and let each end it where it stands."""
    for one in STOPPING:
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def how_it_ended(status: int) -> str:
    """Return how a process ended that was not to end so, to follow its name."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = f"signal {-status}"
    return f"was ended by {name}" + (" (as the kernel does where memory runs out)" if name == "SIGKILL" else "")


def _work(work: Callable[[], None], parent: int, talk: int | None) -> NoReturn:
    status = 1
    try:
        _end_with(parent)
        if talk is not None:
            nothing = os.open(os.devnull, os.O_RDONLY)
            for source, number in ((nothing, 0), (talk, 1), (talk, 2)):
                os.dup2(source, number)
        work()
        status = 0
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(status)  # neither what this process inherited is ended a second time, nor threads waited for


def _end_with(parent: int) -> None:
    """Have the kernel tell this process when the one that watches it is gone: nobody would take its work any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
