"""Has drills carried out by processes of their own, and outlives whatever happens to them.

What a drill does is other people's code, on libraries that may crash, in a process that the kernel may end when memory
runs out. So the process that watches it keeps the key and the ledger's end to itself, takes away what a lost process
has left, and leaves a record of it that says how it ended.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import FrameType

from drtool.drill.beginning import Begun, begin
from drtool.drill.conditions import Conditions
from drtool.drill.conduct import conduct
from drtool.drill.ending import AskedToStop, Conducted, end
from drtool.drill.planning import Planned
from drtool.errors import Unverifiable
from drtool.host.child import Child, wait_for_any
from drtool.host.interruption import STOPPING, signals_held_back
from drtool.host.plain import printable
from drtool.keys.value import forget_key
from drtool.record.journal import Observer

CLEAN_UP_SECONDS = 600.0
"""What a drill may take beyond its time limit to take its sandbox away, before its process is killed."""

_PATIENCE = 4
"""A process that was asked to end so often and has not is killed at the next time."""


@dataclass(frozen=True, kw_only=True)
class NotBegun:
    """A drill that could not begin, and why."""

    planned: Planned
    error: Unverifiable


Outcome = Conducted | NotBegun


def supervise(
    planned: Sequence[Planned],
    conditions: Conditions,
    *,
    at_a_time: int,
    observer: Callable[[], Observer],
    ended: Callable[[Outcome], None],
    tell: Callable[[str], None],
) -> bool:
    """Have drills carried out, one after the other or several at a time.

    Args:
        planned: the drills.
        conditions: how.
        at_a_time: how many run at a time. Of several, the output comes line by line and says whose it is.
        observer: makes what is told of a drill while it runs, in the process that carries it out.
        ended: is given what each came to, in the order of the plan.
        tell: is given a line of output.

    Returns:
        Whether somebody asked for the end meanwhile: drills that had not begun by then are left out.
    """
    watch = _Watch(conditions, observer, tell, several=at_a_time > 1)
    waiting = deque(enumerate(planned))
    over: dict[int, Outcome] = {}
    told = 0
    with watch.signals_passed_on():
        while watch.running or (waiting and not watch.stopped):
            while waiting and len(watch.running) < at_a_time and not watch.stopped:
                number, one = waiting.popleft()
                if failure := watch.start(number, one):
                    over[number] = NotBegun(planned=one, error=failure)
            over |= watch.look()
            while told in over:
                ended(over.pop(told))
                told += 1
    return watch.stopped


def conducted(planned: Planned, conditions: Conditions, observer: Callable[[], Observer]) -> Conducted:
    """Have one drill carried out.

    Raises:
        Unverifiable: it could not begin.
    """
    outcomes: list[Outcome] = []
    supervise([planned], conditions, at_a_time=1, observer=observer, ended=outcomes.append, tell=lambda _: None)
    (outcome,) = outcomes
    if isinstance(outcome, NotBegun):
        raise outcome.error
    return outcome


@dataclass
class _Process:
    """The process of a drill that runs; `kill_at` is on the monotonic clock."""

    begun: Begun
    child: Child
    kill_at: float
    stopped: AskedToStop = field(default_factory=AskedToStop)


class _Watch:
    """The processes that run, by their place in the plan, and what they say."""

    def __init__(
        self, conditions: Conditions, observer: Callable[[], Observer], tell: Callable[[str], None], *, several: bool
    ) -> None:
        self._conditions = conditions
        self._observer = observer
        self._several = several
        self._tell = tell
        self._talk = _Talk(tell)
        self._signals = 0
        self.running: dict[int, _Process] = {}

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for the end."""
        return self._signals > 0

    def start(self, number: int, planned: Planned) -> Unverifiable | None:
        """Begin a drill and start its process; return why it could not begin, if it could not."""
        self._tell(f"Drill {planned.scenario.name}: {printable(planned.scenario.description)}")
        try:
            begun = begin(planned, self._conditions, self._observer)
        except Unverifiable as error:
            return error
        talk = self._talk.pipe(planned.scenario.name) if self._several else None
        child = Child(partial(_conduct, begun, self._observer), talk=talk)
        if talk is not None:
            os.close(talk)
        patience_seconds = planned.scenario.time_limit.total_seconds() + CLEAN_UP_SECONDS
        self.running[number] = _Process(begun=begun, child=child, kill_at=time.monotonic() + patience_seconds)
        if self.stopped:  # meanwhile, so that the signal did not reach this one
            child.send(signal.SIGTERM)
        return None

    def look(self) -> dict[int, Outcome]:
        """Wait until something happens, and return what the drills came to that are over."""
        processes = self.running.values()
        if not processes:
            return {}
        next_kill = max(0.0, min(one.kill_at for one in processes) - time.monotonic())
        self._talk.read(wait_for_any([one.child for one in processes], self._talk.pipes, next_kill))
        over: dict[int, Outcome] = {}
        for number, one in [*self.running.items()]:
            if time.monotonic() >= one.kill_at:
                one.stopped = replace(one.stopped, too_late=True)
                one.child.send(signal.SIGKILL)
            if (status := one.child.status()) is not None:
                self._talk.read(self._talk.pipes)
                with signals_held_back():  # what is being written is written to its end
                    over[number] = end(one.begun, status, one.stopped)
                    del self.running[number]
        return over

    @contextmanager
    def signals_passed_on(self) -> Iterator[None]:
        """Pass on to all processes what asks this one to stop."""
        before = {one: signal.getsignal(one) for one in STOPPING}
        for one, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(one, self._pass_on)
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        for one in [*self.running.values()]:
            one.stopped = replace(one.stopped, signal_name=one.stopped.signal_name or signal.Signals(number).name)
            one.child.send(number if self._signals <= _PATIENCE else signal.SIGKILL)


class _Talk:
    """What processes print, taken line by line, each with the name of its drill before it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._names: dict[int, str] = {}
        self._pending: dict[int, bytes] = {}

    @property
    def pipes(self) -> list[int]:
        """What there may be something to read from."""
        return [*self._names]

    def pipe(self, name: str) -> int:
        """Return where a process is to write."""
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self._names[ours], self._pending[ours] = name, b""
        return theirs

    def read(self, pipes: Sequence[int]) -> None:
        """Tell what has come."""
        for pipe in pipes:
            with suppress(BlockingIOError):
                while more := os.read(pipe, 1 << 16):
                    *lines, self._pending[pipe] = (self._pending[pipe] + more).split(b"\n")
                    for line in lines:
                        self._say(pipe, line)
                self._say(pipe, self._pending.pop(pipe))
                del self._names[pipe]  # a tunnel that a scenario has left behind may hold it open until we end
                os.close(pipe)

    def _say(self, pipe: int, line: bytes) -> None:
        if line:
            self._tell(f"[{self._names[pipe]}] {line.decode(errors='replace').rstrip()}")


def _conduct(begun: Begun, observer: Callable[[], Observer]) -> None:
    """Carry out a drill, in its own process."""
    forget_key()
    begun.journal.observer = observer()  # whether it has a terminal is known here
    conduct(begun)
