"""What a drill records while it happens, whatever the scenario makes of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse
from drtool.host.interruption import Interrupted
from drtool.record.backups import BackupRead
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal, PrintedLines
from drtool.record.recovery import Evidence
from drtool.record.steps import RECOVERY_PHASES, Phase, Step
from drtool.record.verdicts import COMPLETENESS, Check, Effect, Verdict


class Watcher:
    """An observer that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.progress: list[tuple[int, int, float]] = []

    def step_started(self, phase: Phase, name: str) -> None:
        self.told.append(f"started {phase} {name}")

    def step_progress(self, done_bytes: int, total_bytes: int, bytes_per_second: float) -> None:
        self.progress.append((done_bytes, total_bytes, bytes_per_second))

    def step_ended(self, step: Step) -> None:
        self.told.append(f"ended {step.phase} {step.name} {step.outcome}")

    def check_done(self, check: Check) -> None:
        self.told.append(f"check {check.name}")

    def note(self, text: str) -> None:
        self.told.append(f"note {text}")


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "drill.log"


@pytest.fixture
def journal(watcher: Watcher, log_file: Path) -> Iterator[Journal]:
    clock = Clock()
    log = DrillLog(log_file, clock)
    yield Journal(clock=clock, observer=watcher, log=log)
    log.close()


class TestSteps:
    def test_a_step_is_timed_and_told(self, journal: Journal, watcher: Watcher) -> None:
        journal.declare_disaster()
        with journal.step(Phase.RESTORE, "load", total_bytes=100) as running:
            running.progress(40)
            time.sleep(0.02)
        (step,) = journal.steps
        assert 0.02 <= step.elapsed_seconds < 5
        assert (step.outcome, step.error, step.counted, step.size_bytes) == (Verdict.PASSED, None, True, 40)
        assert step.started_at == journal.clock.instant(step.offset_seconds)
        assert watcher.told == ["started restore load", "ended restore load passed"]
        assert watcher.progress[0][:2] == (40, 100)

    @pytest.mark.parametrize("phase", list(Phase))
    def test_recovery_steps_count_once_the_disaster_is_declared(self, journal: Journal, phase: Phase) -> None:
        with journal.step(phase, "before"):
            pass
        journal.declare_disaster()
        with journal.step(phase, "after"):
            pass
        assert [step.counted for step in journal.steps] == [False, phase in RECOVERY_PHASES]

    def test_checks_count_where_they_belong_to_the_recovery(self, journal: Journal) -> None:
        journal.counted_phases = RECOVERY_PHASES | {Phase.VERIFY}
        journal.declare_disaster()
        with journal.step(Phase.VERIFY, "a check"):
            pass
        assert journal.steps[0].counted

    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (RestoreFailed("stream-damaged", "The stream is damaged"), Verdict.FAILED),
            (Unverifiable("disk-full", "The disk is full"), Verdict.UNVERIFIED),
            (WrongUse("bad-name", "That is no name"), Verdict.UNVERIFIED),
        ],
    )
    def test_an_error_goes_into_the_step_and_on_up(
        self, journal: Journal, error: DrtoolError, outcome: Verdict
    ) -> None:
        with pytest.raises(type(error)), journal.step(Phase.RESTORE, "load"):
            raise error
        assert (journal.steps[0].outcome, journal.steps[0].error) == (outcome, str(error))

    def test_an_error_of_another_kind_is_named_and_not_quoted(self, journal: Journal, log_file: Path) -> None:
        with pytest.raises(ValueError, match="jane"), journal.step(Phase.VERIFY, "look"):
            raise ValueError("jane@example.org")
        assert journal.steps[0].error == "ValueError"
        assert "jane" not in log_file.read_text()

    def test_an_interruption_ends_the_step_and_is_entered(self, journal: Journal) -> None:
        with pytest.raises(Interrupted), journal.step(Phase.RESTORE, "load"):
            raise Interrupted("SIGTERM")
        assert (journal.steps[0].outcome, journal.steps[0].error) == (Verdict.UNVERIFIED, "Interrupted")

    @pytest.mark.parametrize(
        ("error", "effect"),
        [
            (RestoreFailed("backup-missing", "There is no backup"), Effect.FAILED),
            (Unverifiable("store-unreachable", "The store is away"), Effect.UNVERIFIED),
        ],
    )
    def test_a_scenario_that_swallows_an_error_does_not_swallow_the_finding(
        self, journal: Journal, error: DrtoolError, effect: Effect
    ) -> None:
        with suppress(DrtoolError), journal.step(Phase.LOCATE, "find"):
            raise error
        assert [(found.code, found.effect) for found in journal.findings] == [(error.code, effect)]
        assert journal.broken == (effect is Effect.FAILED)


class TestFindings:
    def test_what_happened_and_why_become_one_sentence(self, journal: Journal) -> None:
        journal.finding(Unverifiable("disk-full", "The disk is full", why="1 MiB is free.", mend="Make room"))
        (found,) = journal.findings
        assert (found.message, found.mend) == ("The disk is full: 1 MiB is free.", "Make room")

    def test_an_error_that_is_entered_again_with_its_resource_is_one_finding(self, journal: Journal) -> None:
        error = Unverifiable("locked-out", "The server does not let us in")
        with suppress(DrtoolError), journal.step(Phase.VERIFY, "built-in checks of db"):
            raise error
        journal.finding(error, resource="db")
        journal.finding(error)
        assert [found.resource for found in journal.findings] == ["db"]

    def test_the_same_error_of_two_resources_is_two_findings(self, journal: Journal) -> None:
        for resource in ("db", "archive"):
            error = Unverifiable("locked-out", "The server does not let us in")
            journal.finding(error)
            journal.finding(error, resource=resource)
        assert [found.resource for found in journal.findings] == ["db", "archive"]

    def test_a_restore_that_failed_outside_of_a_step_is_a_finding_and_leaves_the_drill_broken(
        self, journal: Journal
    ) -> None:
        failure = RestoreFailed("wrong-kind-of-backup", "It is a dump, and a tar archive was asked for")
        for _ in range(2):
            journal.failure(failure)
        assert [found.effect for found in journal.findings] == [Effect.FAILED]
        assert journal.broken

    def test_what_could_not_be_told_leaves_no_drill_broken(self, journal: Journal) -> None:
        journal.failure(Unverifiable("locked-out", "The server does not let us in"), resource="db")
        assert [found.resource for found in journal.findings] == ["db"]
        assert not journal.broken

    def test_an_attempt_that_is_set_aside_leaves_what_was_there_before_it(self, journal: Journal) -> None:
        journal.finding(Unverifiable("locked-out", "The server does not let us in"))
        journal.restored.append("files")
        page = journal.new_page()
        journal.failure(RestoreFailed("dump-truncated", "The dump was cut short"), resource="db")
        journal.restored.append("db")
        assert journal.has_failed_since(page)
        findings, checks = journal.set_aside(page)
        assert ([found.code for found in findings], checks) == (["dump-truncated"], ())
        assert [found.code for found in journal.findings] == ["locked-out"]
        assert journal.restored == ["files"]
        assert not journal.broken

    def test_deviations_and_assumptions_are_entered_once(self, journal: Journal, watcher: Watcher) -> None:
        for _ in range(2):
            journal.deviation("The image was built here")
            journal.assumption("UTC was assumed")
        assert (journal.deviations, journal.assumptions) == (["The image was built here"], ["UTC was assumed"])
        assert watcher.told == ["note The image was built here"]


class TestEntries:
    def test_a_backups_digest_is_entered_once_it_is_known(self, journal: Journal) -> None:
        now = datetime.now(UTC)
        read = BackupRead(
            resource="db", location="/backups/db.sql", size_bytes=3, modified_at=now, sha256=None, version_id=None,
            lock_state=None, format="MariaDB dump", compression="none", server_version=None,
        )  # fmt: skip
        journal.backup(read)
        journal.backup_digest("/backups/db.sql", "ab" * 32)
        assert [one.sha256 for one in journal.backups.values()] == ["ab" * 32]
        journal.backup_says("/backups/db.sql", {"completed": "2026-11-24"}, server_version="10.11.9-MariaDB")
        journal.backup_says("/backups/db.sql", {"gtid": "0-1-77"})
        (known,) = journal.backups.values()
        assert known.header == {"completed": "2026-11-24", "gtid": "0-1-77"}
        assert known.server_version == "10.11.9-MariaDB"
        assert read.header == {}

    def test_evidence_of_the_recovery_point_is_entered_with_its_rank(self, journal: Journal, log_file: Path) -> None:
        at = datetime(2026, 11, 24, 3, tzinfo=UTC)
        query = "SELECT MAX(ts) FROM shop.heartbeat"
        journal.recovery_point(
            Evidence(resource="db", rank=1, source="witness in the data", recovery_point=at, detail=query)
        )
        assert (journal.evidence[0].rank, journal.evidence[0].recovery_point) == (1, at)
        assert "recovery point of db: 2026-11-24T03:00:00+00:00 by witness in the data (rank 1)" in log_file.read_text()


class TestLog:
    @pytest.mark.parametrize(
        ("name", "logged"),
        [
            ("a\n2026-11-24T03:00:00.000000Z verdict: passed", "a\\n2026-11-24T03:00:00.000000Z verdict: passed"),
            ("a\r\nb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h", "a\\r\\nb\\x0bc\\x0cd\\x1ce\\x85f\\u2028g\\u2029h"),
            ("\x1b[2J\x9b31m\x7f", "\\x1b[2J\\x9b31m\\x7f"),
            ("\u202efdp\u2066\u200b", "\\u202efdp\\u2066\\u200b"),
            ("Jörg's Größe, 5 µs", "Jörg's Größe, 5 µs"),
        ],
        ids=ascii,
    )
    def test_an_entry_is_one_line_with_its_time_stamp_whatever_is_in_it(
        self, name: str, logged: str, journal: Journal, log_file: Path
    ) -> None:
        journal.deviation(name)
        (line,) = log_file.read_text(encoding="utf-8").splitlines()
        at, _, said = line.partition(" ")
        assert said == f"deviation: {logged}"
        assert datetime.fromisoformat(at) >= journal.clock.started_at

    def test_a_line_is_on_disk_as_soon_as_it_is_written(self, journal: Journal, log_file: Path) -> None:
        journal.log.line("")
        assert log_file.read_text().endswith("Z \n")

    def test_a_name_that_is_no_text_does_not_break_the_log(self, journal: Journal, log_file: Path) -> None:
        journal.log.line(b"db-\xe4.sql".decode("utf-8", "surrogateescape"))
        assert log_file.read_text().endswith("db-\\udce4.sql\n")


class TestPrint:
    def test_what_a_scenario_prints_goes_to_the_log_and_to_who_watches(
        self, journal: Journal, watcher: Watcher, log_file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with PrintedLines(journal) as lines, redirect_stdout(lines):
            print("restoring ", end="")
            print("berlin")
            print("one\ntwo")
        assert watcher.told == ["note restoring berlin", "note one", "note two"]
        assert [line.split("Z ", 1)[1] for line in log_file.read_text().splitlines()] == [
            "print: restoring berlin", "print: one", "print: two",
        ]  # fmt: skip
        assert capsys.readouterr().out == ""

    def test_the_log_takes_no_more_than_so_much_of_it_and_the_record_says_so(
        self, journal: Journal, watcher: Watcher, log_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(PrintedLines, "MOST_PRINTED", 20)
        with PrintedLines(journal) as lines, redirect_stdout(lines):
            for number in range(5):
                print(f"line {number}")
        assert [line for line in log_file.read_text().splitlines() if "print: " in line][-1].endswith("print: line 2")
        assert journal.deviations == ["The scenario printed more than the log takes; the rest is not in it"]
        assert watcher.told[-1] == "note line 4"

    def test_a_line_without_end_is_not_kept_in_memory(self, journal: Journal, log_file: Path) -> None:
        with PrintedLines(journal) as lines, redirect_stdout(lines):
            for _ in range(3):
                print("x" * (1 << 20), end="")
            assert log_file.stat().st_size > 1 << 20
        assert journal.deviations == []

    def test_the_last_line_is_kept_though_nothing_ends_it(self, journal: Journal, watcher: Watcher) -> None:
        with PrintedLines(journal) as lines, redirect_stdout(lines):
            print("almost done", end="")
        assert watcher.told == ["note almost done"]

    def test_the_last_line_is_kept_when_the_scenario_breaks(self, journal: Journal, watcher: Watcher) -> None:
        def scenario() -> None:
            print("about to divide", end="", flush=True)
            raise ZeroDivisionError

        with suppress(ZeroDivisionError), PrintedLines(journal) as lines, redirect_stdout(lines):
            scenario()
        assert watcher.told == ["note about to divide"]


@pytest.mark.parametrize(
    ("outcomes", "of_the_step"),
    [
        ((), Verdict.PASSED),
        ((Verdict.PASSED,), Verdict.PASSED),
        ((Verdict.PASSED, Verdict.UNVERIFIED), Verdict.UNVERIFIED),
        ((Verdict.FAILED, Verdict.UNVERIFIED), Verdict.FAILED),
    ],
)
def test_a_step_that_asks_is_what_came_of_its_checks(
    outcomes: tuple[Verdict, ...], of_the_step: Verdict, journal: Journal
) -> None:
    journal.check(a_check(Verdict.FAILED))  # of an earlier step
    with journal.step(Phase.VERIFY, "ask"):
        for outcome in outcomes:
            journal.check(a_check(outcome))
    assert journal.steps[-1].outcome is of_the_step


@pytest.mark.parametrize(
    ("of", "outcome", "then"),
    [
        ("db", Verdict.UNVERIFIED, Verdict.PASSED),
        ("db", Verdict.FAILED, Verdict.FAILED),
        ("other", Verdict.UNVERIFIED, Verdict.UNVERIFIED),
    ],
)
def test_what_proves_a_backup_whole_answers_the_question_that_its_end_left_open(
    journal: Journal, of: str, outcome: Verdict, then: Verdict
) -> None:
    journal.check(replace(a_check(outcome), resource="db", name=COMPLETENESS))
    journal.is_complete(of, "it is equal to its baseline")
    (check,) = journal.checks
    assert check.outcome is then
    assert check.observed.endswith("; it is equal to its baseline") is (then is Verdict.PASSED)


def a_check(outcome: Verdict) -> Check:
    return Check(
        resource="db", name="n", question="?", expected="1", observed="1", outcome=outcome, builtin=False,
        elapsed_seconds=0.1,
    )  # fmt: skip


def test_what_a_handler_of_an_earlier_scenario_logs_is_not_lost(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    with PrintedLines(journal) as lines:
        handler = logging.StreamHandler(lines)
    handler.emit(logging.LogRecord("shop", logging.INFO, "shop.py", 1, "another drill", None, None))
    assert capsys.readouterr().err == "another drill\n"
