"""What a reader asks first is worked out of a record as it is, not as it should be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drtool.record.model import Destruction, DrillRecord
from drtool.record.verdicts import Verdict
from drtool.render.answers import (
    CheckTally,
    Remains,
    Restored,
    beside_the_used,
    between_steps_seconds,
    findings,
    losses_in_sum,
    projection_in_words,
    remains,
    restorations,
    shared_folder,
    used_evidence,
)
from tests.render import parts, records


def test_a_backup_with_a_failed_check_did_not_come_back_whole() -> None:
    assert [one.outcome for one in restorations(records.failed())] == [Restored.IN_PART, Restored.WHOLE]
    assert [one.outcome for one in restorations(records.passed())] == [Restored.WHOLE, Restored.WHOLE]


def test_a_backup_that_was_only_looked_at_was_not_restored() -> None:
    record = records.interrupted()
    assert [one.outcome for one in restorations(record)] == [Restored.NOT]
    unclaimed = replace(records.passed(), backups=(replace(records.passed().backups[0], resource=""),))
    assert [one.outcome for one in restorations(unclaimed)] == [Restored.NOT]


def test_a_warning_alone_does_not_make_a_backup_faulty() -> None:
    record = records.passed()
    warned = replace(record, findings=(replace(record.findings[0], resource="db"),))
    assert restorations(warned)[0].outcome is Restored.WHOLE


@pytest.mark.parametrize(
    ("destruction", "answer"),
    [
        (Destruction(removed=("container a",), left=(), looked_at=parts.START, kept_on_request=False), Remains.GONE),
        (Destruction(removed=(), left=(), looked_at=parts.START, kept_on_request=False), Remains.TAKEN),
        (Destruction(removed=("a",), left=("b",), looked_at=parts.START, kept_on_request=False), Remains.LEFT),
        (Destruction(removed=(), left=("b",), looked_at=parts.START, kept_on_request=True), Remains.KEPT),
        (Destruction(removed=(), left=(), looked_at=None, kept_on_request=False), Remains.UNSEEN),
    ],
)
def test_removal_is_claimed_only_where_somebody_looked(destruction: Destruction, answer: Remains) -> None:
    assert remains(replace(records.passed(), destruction=destruction)) is answer


def test_a_drill_that_was_looked_after_and_made_no_sandbox_had_none() -> None:
    looked = Destruction(removed=(), left=(), looked_at=parts.START, kept_on_request=False)
    assert remains(replace(records.unverified(), destruction=looked)) is Remains.NONE_MADE


def test_a_drill_without_an_engine_made_no_sandbox() -> None:
    assert remains(records.unverified()) is Remains.NONE_MADE


def test_checks_are_counted_by_what_came_of_them() -> None:
    assert str(CheckTally.of(records.passed().checks)) == "11 passed"
    assert str(CheckTally.of(records.failed().checks)) == "9 passed, 2 failed"
    unknown = tuple(replace(check, outcome=Verdict.UNVERIFIED) for check in records.passed().checks)
    assert str(CheckTally.of(unknown)) == "11 could not run"
    assert str(CheckTally.of(())) == "none ran"


def test_evidence_more_than_a_minute_from_the_used_is_said_to_be() -> None:
    record = records.passed()
    used, later, other = record.rpo.evidence
    assert beside_the_used(record, later) == "1 min 34 s later than the one used"
    assert beside_the_used(record, used) == ""
    assert beside_the_used(record, other) == ""


def test_evidence_whose_span_holds_the_used_point_agrees_with_it() -> None:
    record = records.passed()
    used, later, other = record.rpo.evidence
    wide = replace(later, recovery_point=used.recovery_point, latest=later.recovery_point)
    around = replace(record, rpo=replace(record.rpo, evidence=(used, wide, other)))
    assert beside_the_used(around, wide) == ""


def test_the_recovery_point_is_that_of_the_oldest_resource() -> None:
    used = used_evidence(records.passed())
    assert used is not None
    assert used.resource == "db"
    assert used_evidence(records.failed()) is None


def test_time_between_the_steps_is_what_the_steps_leave_of_the_recovery_time() -> None:
    record = records.passed()
    counted = sum(step.elapsed_seconds for step in record.steps if step.counted)
    rto = replace(record.rto, measured_seconds=counted + 2.5)
    assert between_steps_seconds(replace(record, rto=rto)) == pytest.approx(2.5)
    assert between_steps_seconds(records.unverified()) is None


def test_no_time_between_the_steps_is_claimed_where_steps_overlap() -> None:
    record = records.passed()
    overlapping = tuple(replace(step, offset_seconds=1.0) for step in record.steps)
    assert between_steps_seconds(replace(record, steps=overlapping)) is None


def test_losses_are_added_up_and_none_is_said_to_be_none() -> None:
    assert losses_in_sum(records.failed()) == ("554,210 missing, 1 extra, 12 changed in 3 tables and folders")
    whole = tuple(replace(loss, missing=0, extra=0, changed=0) for loss in records.failed().losses)
    assert losses_in_sum(replace(records.failed(), losses=whole)).endswith("changed in all that was compared")
    mixed = (*whole[1:], records.failed().losses[0])
    assert losses_in_sum(replace(records.failed(), losses=mixed)).endswith(" in 1 table or folder")


def test_what_decides_the_verdict_comes_before_warnings() -> None:
    assert [found.code for found in findings(records.failed())] == ["dump-incomplete", "recovery-point-behind"]


def test_a_reckoned_time_is_never_passed_off_as_measured() -> None:
    said = projection_in_words(records.sampled())
    assert "reckoned, not measured" in said
    assert "beyond the objective" in said
    assert projection_in_words(records.passed()) == ""


def test_a_folder_is_said_once_only_where_all_share_it() -> None:
    def locations(record: DrillRecord, *names: str) -> str:
        newest = record.choices[0].newest
        return shared_folder([replace(one, location=name) for one, name in zip(newest, names, strict=False)])

    record = records.passed()
    assert locations(record, "s3://b/a/1", "s3://b/a/2") == "s3://b/a/"
    assert locations(record, "s3://b/a/1", "s3://b/c/2") == ""
    assert locations(record, "1", "2") == ""
    assert locations(record, "s3://b/a/1/", "s3://b/a/2/") == "s3://b/a/"
    assert shared_folder([]) == ""
