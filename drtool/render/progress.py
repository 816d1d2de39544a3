"""Progress of a drill while it runs: a live line on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from drtool.amounts import format_size
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Check, Verdict
from drtool.render.sheet import words
from drtool.times import format_duration

_MARKS = {
    Verdict.PASSED: ("ok", "green"),
    Verdict.FAILED: ("FAILED", "bold red"),
    Verdict.UNVERIFIED: ("UNVERIFIED", "bold yellow"),
}
_PHASE_COLUMNS = 10
_PLAIN_EVERY_SECONDS = 10.0


@dataclass
class _Running:
    """A step that runs: since when, and how far it has come; `told_at` is when a log last heard of it."""

    phase: Phase
    name: str
    since: float
    told_at: float
    detail: str = ""


class Progress:
    """Tells of a drill on standard error; on a terminal the step that runs has a line of its own that changes.

    Colours are used on a terminal only, and not where NO_COLOR is set.

    Args:
        stream: where to write instead.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = stream or sys.stderr
        # FORCE_COLOR may colour a log; a line that changes needs a terminal all the same, and one that can do it.
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._is_live = stream.isatty() and self._console.is_interactive
        self._live: Live | None = None
        self._running: list[_Running] = []  # a scenario's own step may have others in it

    def step_started(self, phase: Phase, name: str) -> None:
        """Show that a step begins."""
        now = time.monotonic()
        self._running.append(_Running(phase=phase, name=name, since=now, told_at=now))
        if self._is_live and self._live is None:
            # Standard output stays as it is: what a scenario prints goes to the drill's log.
            self._live = Live(
                get_renderable=self._line,
                console=self._console,
                refresh_per_second=8,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def step_progress(self, done_bytes: int, total_bytes: int, bytes_per_second: float) -> None:
        """Show how far the step has come."""
        share = f"{min(100, 100 * done_bytes // total_bytes)} % of {format_size(total_bytes)}" if total_bytes else ""
        running = self._running[-1]
        running.detail = f"{share or format_size(done_bytes)}, {format_size(round(bytes_per_second))}/s"
        if self._live is None and time.monotonic() - running.told_at > _PLAIN_EVERY_SECONDS:
            running.told_at = time.monotonic()
            self._console.print(self._line())

    def step_ended(self, step: Step) -> None:
        """Show how a step ended."""
        self._running.pop()
        if self._live is not None and not self._running:
            self._live.stop()
            self._live = None
        rate = ""
        if step.size_bytes and step.elapsed_seconds > 0:
            rate = f", {format_size(step.size_bytes)} at {format_size(round(step.size_bytes / step.elapsed_seconds))}/s"
        took = f"  {format_duration(step.elapsed_seconds)}{rate}"
        self._console.print(words(f"{step.phase:<{_PHASE_COLUMNS}}{step.name} ", _MARKS[step.outcome], (took, "dim")))

    def check_done(self, check: Check) -> None:
        """Show a check that did not pass."""
        if check.outcome is not Verdict.PASSED:
            mark, style = _MARKS[check.outcome]
            said = f"{mark}: expected {check.expected}, observed {check.observed}"
            self._console.print(words(f"{'':<{_PHASE_COLUMNS}}{check.resource}: {check.name}: ", (said, style)))

    def note(self, text: str) -> None:
        """Show a line."""
        self._console.print(words((f"{'':<{_PHASE_COLUMNS}}{text}", "dim")))

    def _line(self) -> Text:
        """Return the line of the step that runs: never more than one on the screen, the figures before the name."""
        if not self._running:
            return Text()
        running = self._running[-1]
        elapsed = format_duration(time.monotonic() - running.since)
        detail = f", {running.detail}" if running.detail else ""
        line = words((f"{running.phase:<{_PHASE_COLUMNS}}{elapsed}{detail}: {running.name}", "cyan"))
        line.no_wrap, line.overflow = True, "crop"
        return line
