"""Carries out one drill that has begun, in a process of its own, whatever happens in between."""

from __future__ import annotations

import threading
from contextlib import chdir, redirect_stdout, suppress
from dataclasses import replace

from drtool.drill.beginning import Begun
from drtool.drill.drill import Drill
from drtool.drill.mistakes import broken, coroutines_told, leaf, refuse_unrun
from drtool.drill.recording import Course, conclude
from drtool.drill.scenarios import Scenario
from drtool.errors import DrtoolError, Unverifiable, WrongUse, finding_of
from drtool.host.durable import unwritable
from drtool.host.interruption import Interrupted, TimeLimitReached, interruptible
from drtool.host.standard_output import kept_from_programs
from drtool.record.clock import DRIFT_TOLERANCE_SECONDS
from drtool.record.journal import Journal, Observer, PrintedLines
from drtool.record.model import Destruction
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Check
from drtool.restore.context import RestoreContext, Terms
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import reap
from drtool.sandbox.sandbox import Sandbox
from drtool.times import format_duration


def conduct(begun: Begun) -> None:
    """Carry out a drill, and hand over its record: as it comes along, and at its end.

    Args:
        begun: the drill; its journal is filled here, in the process that carries it out.
    """
    journal, course = begun.journal, Course()
    begun.handover.give(begun.record(journal, course))
    limit = begun.planned.scenario.time_limit
    try:
        with interruptible(limit):
            try:
                scenario = begun.planned.load()
            finally:
                begun.handover.end_a_copy()
            if (
                scenario.announced() != begun.planned.scenario
            ):  # its script was changed meanwhile: what it is now counts
                begun = replace(begun, planned=replace(begun.planned, scenario=scenario))
            journal.observer = telling = _Telling(begun, course)
            _drill(begun, scenario, course, telling)
    except Interrupted as stop:
        course.interrupted = True
        journal.finding(Unverifiable("interrupted", f"The drill was interrupted by {stop.signal_name}"))
    except TimeLimitReached:
        what = (
            f"The drill did not end within its time limit of {format_duration(limit.total_seconds())} and was stopped"
        )
        journal.finding(Unverifiable("time-limit", what))
    except Exception as error:  # whatever it is, the sandbox must go and the record must say so
        journal.finding(finding_of(error))
    finally:
        destroy(course, journal, kept=begun.conditions.options.keep)
    _look_aside(begun, journal)
    _look_at_clock(journal)
    conclude(journal)
    record = begun.record(journal, course, over=True)
    journal.log.line(f"verdict: {record.verdict}: {record.reason}")
    journal.log.close()
    if journal.log.failure:
        journal.finding(unwritable(begun.own_folder, journal.log.failure))
        record = begun.record(journal, course, over=True)
    begun.handover.give(record, final=True)


def _drill(begun: Begun, scenario: Scenario, course: Course, telling: _Telling) -> None:
    """Prepare, declare the disaster, run the scenario, then the built-in checks of all that came back."""
    journal, options = begun.journal, begun.conditions.options
    limit = begun.planned.scenario.time_limit
    try:
        _archive_start(begun)
        with journal.step(Phase.PREPARE, "reach the Docker engine"):
            course.engine = engine = Engine.connect()
            for leftover in reap(engine):
                done = f"Could not remove ({leftover.refused})" if leftover.refused else "Removed"
                journal.deviation(f"{done} {leftover.name}, left behind by drill {leftover.drill_id}")
        course.sandbox = Sandbox(engine, begun.drill_id, time_limit=limit, kept=options.keep)
        begun.handover.give(begun.record(journal, course))  # from here on there may be something to take away
        terms = Terms(
            disaster_at=begun.disaster_at,
            rpo=scenario.rpo,
            profile=options.profile,
            image=options.image,
            folder=scenario.file.parent,
        )
        drill = Drill(begun.drill_id, RestoreContext(terms=terms, journal=journal, sandbox=course.sandbox))
        journal.declare_disaster()
        try:
            with (
                PrintedLines(journal) as lines,
                redirect_stdout(lines),
                kept_from_programs(),
                chdir("."),
                coroutines_told(journal.finding),
            ):
                try:
                    refuse_unrun(scenario.conduct(drill), "The scenario")
                finally:
                    begun.handover.end_a_copy()
                    telling.scenario_ended()
            course.completed = True
        except BaseException as raised:  # sys.exit() too: a scenario that ends itself has not run to its end
            error = leaf(raised)
            if isinstance(error, (Interrupted, TimeLimitReached)):
                raise error from None
            if isinstance(error, DrtoolError) and not isinstance(error, WrongUse):
                journal.failure(error)
            else:
                journal.finding(broken(scenario.file, error))
        for mistake in journal.mistakes:
            journal.finding(broken(scenario.file, mistake))
        drill.run_builtin_checks()
        drill.measure_exposure()
    except DrtoolError as error:
        journal.failure(error)


def _archive_start(begun: Begun) -> None:
    """Have the archive know of the drill before anybody can know how it ends."""
    journal = begun.journal
    if (archive := begun.conditions.archive) is None:
        return
    if not archive.lock_seen:
        journal.deviation("Whether the archive's bucket has Object Lock could not be seen; each object's retention is")
    with journal.step(Phase.PREPARE, "enter the drill's beginning in the archive"):
        try:
            archive.keep_ledger(begun.conditions.options.reports)
        except DrtoolError as error:
            journal.deviation(f"The drill's beginning could not be archived. {error}")
    if not archive.conditional:
        journal.deviation("The archive's store knows no If-None-Match: that nothing is put twice, drtool alone sees to")


def destroy(course: Course, journal: Journal, *, kept: bool) -> None:
    """Take the sandbox away, then check whether anything is left; the record says what was seen."""
    if course.sandbox is None:
        return
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    looked_at = None
    try:
        if kept:
            journal.deviation("The sandbox was kept on request; `drtool prune --kept` removes it")
        else:
            with journal.step(Phase.DESTROY, "remove containers and volumes"):
                removed = tuple(course.sandbox.destroy())
        left, looked_at = tuple(course.sandbox.names()), journal.clock.instant()
    except DrtoolError as error:
        what = "The sandbox, which holds restored data, could not be removed"
        journal.finding(error if kept else Unverifiable("not-destroyed", what, why=error.what))
    if left and not kept:
        what = f"Still there after removal: {', '.join(left)}"
        journal.finding(Unverifiable("not-destroyed", what, mend="Run `drtool prune`"))
    course.destruction = Destruction(removed=removed, left=left, looked_at=looked_at, kept_on_request=kept)


def _look_aside(begun: Begun, journal: Journal) -> None:
    """Enter what the scenario had done where the journal is none of ours, or had no end by then."""
    if copys := begun.handover.begun_by_a_copy:
        what = f'The scenario carried out "{copys}" in a copy of its process (os.fork, multiprocessing)'
        journal.finding(Unverifiable("done-aside", what, why="what came of it is not on record"))
    if isinstance(journal.observer, _Telling) and (late := journal.observer.after_the_end):
        what = f'"{late[0]}" went on in a thread after the scenario had returned'
        journal.finding(Unverifiable("done-aside", what, why="what came of it may not be on record"))


def _look_at_clock(journal: Journal) -> None:
    drift = journal.clock.drift_seconds()
    if abs(drift) > DRIFT_TOLERANCE_SECONDS:
        direction = "forward" if drift > 0 else "back"
        what = f"The host's clock was set {direction} by {format_duration(abs(drift))} during the drill"
        journal.finding(Unverifiable("clock-changed", what, why="durations are right, instants may not be"))


class _Telling:
    """Tells the observer what happens, and whoever watches this process how far the drill has come."""

    def __init__(self, begun: Begun, course: Course) -> None:
        self._begun = begun
        self._course = course
        self._observer: Observer = begun.journal.observer
        self._doing: list[tuple[int, str]] = []
        """What is going on: the thread that does it, and which step it is."""
        self._thread = threading.get_ident()
        self._is_over = False
        self.after_the_end: list[str] = []

    def scenario_ended(self) -> None:
        """Be told that the scenario has returned: what it still does, it does in threads that it did not wait for."""
        self._is_over = True
        self.after_the_end += [step for thread, step in self._doing if thread != self._thread]

    def step_started(self, phase: Phase, name: str) -> None:
        thread, step = threading.get_ident(), f"{phase}: {name}"
        self._doing.append((thread, step))
        if self._is_over and thread != self._thread:
            self.after_the_end.append(step)
        self._begun.handover.begin(step)
        self._observer.step_started(phase, name)

    def step_progress(self, done_bytes: int, total_bytes: int, bytes_per_second: float) -> None:
        self._observer.step_progress(done_bytes, total_bytes, bytes_per_second)

    def step_ended(self, step: Step) -> None:
        self._observer.step_ended(step)
        with suppress(ValueError):  # it was not entered before an error came, or by another thread
            self._doing.remove((threading.get_ident(), f"{step.phase}: {step.name}"))
        self._begun.handover.enter(self._doing[-1][1] if self._doing else "")
        self._give()

    def check_done(self, check: Check) -> None:
        self._observer.check_done(check)
        self._give()

    def note(self, text: str) -> None:
        self._observer.note(text)

    def _give(self) -> None:
        if self._begun.handover.is_due:
            self._begun.handover.give(self._begun.record(self._begun.journal, self._course))
