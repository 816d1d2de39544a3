"""Drills side by side: each has a process of its own, so that none can disturb another, nor its signals and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from drtool.drill.options import DrillOptions, as_arguments, as_environment
from drtool.drill.scenarios import Scenario
from drtool.errors import Unverifiable
from drtool.record.model import DrillRecord, decode

_LAST_WORDS_SECONDS = 1.0
_DOCUMENT_SECONDS = 30.0  # its record is whole in the pipe by then, however busy this machine is
_AS_HERE = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from drtool.cli import main; main()"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A drill to carry out: its scenario, and the command and arguments by which another process would do it."""

    scenario: Scenario
    command: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a drill's process left: its record, and its exit code, which knows of evidence that the record cannot."""

    record: DrillRecord
    code: int


def side_by_side(
    planned: Sequence[Planned], options: DrillOptions, *, left: Callable[[Left], None], tell: Callable[[str], None]
) -> tuple[bool, list[str]]:
    """Carry out drills in processes of their own, as many at a time as the options say.

    Args:
        planned: the drills.
        options: how to carry them out.
        left: is given what each drill's process left, in the order of the plan.
        tell: is told what they say while they run, line by line.

    Returns:
        Whether they were interrupted, and the scenarios whose process ended without a record, which was told.
    """
    crew = _Crew(options, tell)
    before = {number: signal.signal(number, crew.stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    lost: list[str] = []
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            for one, ended in zip(planned, pool.map(crew.carry_out, planned), strict=True):
                if isinstance(ended, Unverifiable):
                    lost.append(one.scenario.name)
                    tell(f"drtool: {ended} [{ended.code}]")
                elif ended is not None:
                    left(ended)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return crew.stopped, lost


def command_line(one: Planned, options: DrillOptions) -> list[str]:
    """Return the command that carries out one drill of a plan as its options say.

    It finds modules where this process does: `-m` would take a docker.py of the folder that it is started in.
    """
    python = [sys.executable, "-P", "-c", _AS_HERE, json.dumps(sys.path)]
    return [*python, one.command, *as_arguments(options), "--json", *one.arguments]


def _reading(stream: Iterable[str], take: Callable[[str], None]) -> threading.Thread:
    def read() -> None:
        for line in stream:
            take(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader


class _Crew:
    """The processes of drills that run side by side; `stopped` is whether they were asked to stop."""

    def __init__(self, options: DrillOptions, tell: Callable[[str], None]) -> None:
        self._options = options
        self._tell = tell
        self._running: list[subprocess.Popen[str]] = []
        self.stopped = False

    def stop(self, number: int, _frame: object) -> None:
        """Pass a signal on to all of them, and begin no more."""
        self.stopped = True
        for process in self._running:
            process.send_signal(number)

    def carry_out(self, one: Planned) -> Left | Unverifiable | None:
        """Carry out a drill in a process of its own.

        Returns:
            What it left; what became of it when it left no record; None when it was not begun any more.
        """
        if self.stopped:
            return None
        # A session of its own: Ctrl-C reaches it once, through us, and not a second time from the terminal.
        process = subprocess.Popen(
            command_line(one, self._options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **as_environment(self._options)},
            start_new_session=True,
        )
        self._running.append(process)
        if self.stopped:  # meanwhile, so that the signal did not reach this one
            process.terminate()
        assert process.stdout and process.stderr  # noqa: PT018, S101 (for the type checker: both are pipes)
        printed: list[str] = []
        document = _reading(process.stdout, printed.append)
        talk = _reading(process.stderr, lambda line: self._tell(f"[{one.scenario.name}] {line.rstrip()}"))
        code = process.wait()
        # Not to the end: a tunnel that the scenario has left behind may hold its talk open for ever.
        document.join(_DOCUMENT_SECONDS)
        talk.join(_LAST_WORDS_SECONDS)
        with suppress(Unverifiable):  # what was printed may be no record, or half of one
            if code >= 0:
                return Left(record=decode("".join(printed).encode()), code=code)
        what = f"The process of drill {one.scenario.name} ended with status {code} and left no record"
        return Unverifiable("drill-process-lost", what)
