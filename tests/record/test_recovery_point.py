"""The recovery point: the best evidence counts, and what is not sure is not said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.record.recovery import Evidence, Rpo
from drtool.record.recovery_point import REPLAYED_RANK, WITNESS_RANK, contradictions, disagreements, judge_rpo
from drtool.record.verdicts import Verdict

DISASTER = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def evidence(
    rank: int,
    before_disaster: timedelta,
    resource: str = "db",
    source: str = "a source",
    latest: timedelta | None = None,
) -> Evidence:
    return Evidence(
        resource=resource,
        rank=rank,
        source=source,
        recovery_point=DISASTER - before_disaster,
        latest=None if latest is None else DISASTER - latest,
        detail="for a test",
    )


def rpo(
    *found: Evidence,
    objective: float | None = 3600,
    restored: tuple[str, ...] = ("db",),
    recovered: bool = True,
    broken: bool = False,
    doubt: float = 0.0,
) -> Rpo:
    return judge_rpo(
        objective_seconds=objective,
        disaster_at=DISASTER,
        evidence=found,
        restored=restored,
        recovered=recovered,
        broken=broken,
        clock_doubt_seconds=doubt,
    )


class TestRecoveryPoint:
    def test_it_is_the_time_from_the_recovery_point_to_the_disaster(self) -> None:
        judged = rpo(evidence(1, timedelta(minutes=20)))
        assert (judged.actual_seconds, judged.verdict) == (1200, Verdict.PASSED)
        assert judged.recovery_point == DISASTER - timedelta(minutes=20)

    def test_exactly_at_the_objective_is_met_and_a_moment_over_is_missed(self) -> None:
        assert rpo(evidence(1, timedelta(hours=1))).verdict is Verdict.PASSED
        missed = rpo(evidence(1, timedelta(hours=1, seconds=0.5)))
        assert missed.verdict is Verdict.FAILED
        assert missed.reason.startswith("RPO missed: 3600.500 s of data lost")

    def test_the_stronger_evidence_counts_though_the_weaker_flatters(self) -> None:
        witness, store = evidence(1, timedelta(hours=2)), evidence(4, timedelta(minutes=5))
        judged = rpo(store, witness)
        assert (judged.actual_seconds, judged.verdict) == (7200, Verdict.FAILED)
        assert [one.used for one in judged.evidence] == [False, True]

    def test_of_several_witnesses_the_latest_counts(self) -> None:
        judged = rpo(evidence(1, timedelta(hours=5)), evidence(1, timedelta(minutes=1)))
        assert judged.actual_seconds == 60

    def test_a_witness_from_before_a_replay_counts_no_more_and_one_from_after_it_does(self) -> None:
        own, replayed = evidence(3, timedelta(hours=9)), evidence(2, timedelta(minutes=5))
        before, after = evidence(1, timedelta(hours=9, minutes=5)), evidence(1, timedelta(minutes=6))
        assert rpo(own, before, replayed).actual_seconds == 300
        assert rpo(own, before, replayed, after).actual_seconds == 360
        assert disagreements([own, before, replayed]) == []
        assert rpo(own, before, evidence(2, timedelta(minutes=5), resource="crm")).verdict is Verdict.FAILED

    def test_of_several_resources_the_oldest_counts(self) -> None:
        judged = rpo(
            evidence(1, timedelta(minutes=1), "db"), evidence(4, timedelta(hours=3), "files"), restored=("db", "files")
        )
        assert (judged.actual_seconds, judged.verdict) == (10_800, Verdict.FAILED)
        assert all(one.used for one in judged.evidence)

    def test_a_resource_without_evidence_leaves_it_unverified_and_is_named(self) -> None:
        judged = rpo(evidence(1, timedelta(minutes=1), "db"), restored=("db", "files"))
        assert (judged.verdict, judged.actual_seconds) == (Verdict.UNVERIFIED, None)
        assert "files" in judged.reason

    def test_nothing_restored_is_unverified(self) -> None:
        assert rpo(restored=()).verdict is Verdict.UNVERIFIED

    def test_a_backup_that_does_not_restore_misses_it(self) -> None:
        judged = rpo(evidence(1, timedelta(minutes=1)), broken=True)
        assert (judged.verdict, judged.actual_seconds) == (Verdict.FAILED, None)

    def test_while_something_is_not_restored_it_cannot_be_met(self) -> None:
        assert rpo(evidence(1, timedelta(minutes=1)), recovered=False).verdict is Verdict.UNVERIFIED

    def test_while_something_is_not_restored_it_can_be_missed(self) -> None:
        assert rpo(evidence(1, timedelta(hours=9)), recovered=False).verdict is Verdict.FAILED

    def test_without_an_objective_it_is_measured_and_not_judged(self) -> None:
        judged = rpo(evidence(1, timedelta(hours=9)), objective=None)
        assert (judged.verdict, judged.actual_seconds) == (None, 32_400)

    def test_evidence_from_after_the_disaster_is_no_evidence(self) -> None:
        assert rpo(evidence(1, -timedelta(hours=1))).verdict is Verdict.UNVERIFIED

    def test_a_clock_that_is_seconds_ahead_is_forgiven_and_never_gives_a_negative_loss(self) -> None:
        assert rpo(evidence(1, -timedelta(seconds=60))).actual_seconds == 0
        assert rpo(evidence(1, -timedelta(seconds=60.001))).actual_seconds is None

    def test_evidence_of_another_resource_does_not_help(self) -> None:
        assert rpo(evidence(1, timedelta(minutes=1), "other")).verdict is Verdict.UNVERIFIED

    @given(
        st.lists(
            st.builds(evidence, st.integers(1, 3), st.timedeltas(timedelta(0), timedelta(days=9)),
                      st.sampled_from(["db", "files"])),
            max_size=6,
        ),
        st.integers(1, 10**6),
    )  # fmt: skip
    def test_it_is_never_met_by_evidence_weaker_than_what_there_is(self, found: list[Evidence], objective: int) -> None:
        judged = rpo(*found, restored=("db", "files"), objective=objective)
        if judged.verdict is not Verdict.PASSED:
            return
        for resource in ("db", "files"):
            mine = [one for one in found if one.resource == resource]
            replayed = max((place for place, one in enumerate(mine) if one.rank == REPLAYED_RANK), default=0)
            mine = [one for place, one in enumerate(mine) if one.rank != WITNESS_RANK or place >= replayed]
            best = min(one.rank for one in mine)
            latest = max(one.recovery_point for one in mine if one.rank == best)
            assert (DISASTER - latest).total_seconds() <= objective


class TestContradictions:
    def test_a_store_record_later_than_the_witness_is_the_rule(self) -> None:
        dump_took = timedelta(hours=2)
        found = [evidence(1, timedelta(hours=5)), evidence(4, timedelta(hours=5) - dump_took)]
        assert contradictions(found) == []
        assert rpo(*found, objective=6 * 3600).verdict is Verdict.PASSED

    @pytest.mark.parametrize("rank", [1, 2, 3])
    def test_evidence_later_than_the_last_change_of_its_backup_is_a_contradiction(self, rank: int) -> None:
        found = [
            evidence(rank, timedelta(minutes=30), source="witness in the data"),
            evidence(4, timedelta(minutes=90), source="store's modification time"),
        ]
        judged = rpo(*found)
        assert judged.verdict is Verdict.UNVERIFIED
        assert judged.reason == (
            "the evidence of the recovery point contradicts itself: db: the witness in the data says "
            "2026-11-24T02:30:00Z, which is 1 h after the backup was last changed (store's modification time)"
        )

    def test_a_witness_later_than_the_backups_own_end_is_a_contradiction_though_its_file_was_copied_since(self) -> None:
        ended = evidence(3, timedelta(hours=10, minutes=5), source="its own record", latest=timedelta(hours=10))
        copied = evidence(4, timedelta(minutes=2), source="store's modification time")
        judged = rpo(evidence(1, timedelta(hours=2), source="witness in the data"), ended, copied, objective=4 * 3600)
        assert judged.verdict is Verdict.UNVERIFIED
        assert "which is 8 h after the backup's own end (its own record)" in judged.reason
        honest = rpo(evidence(1, timedelta(hours=10, minutes=4)), ended, copied, objective=11 * 3600)
        assert honest.verdict is Verdict.PASSED

    def test_where_logs_were_replayed_the_backups_own_end_bounds_nothing(self) -> None:
        found = [
            evidence(1, timedelta(minutes=6)),
            evidence(2, timedelta(minutes=5)),
            evidence(3, timedelta(hours=9)),
            evidence(4, timedelta(minutes=5)),
        ]
        assert contradictions(found) == []
        assert len(contradictions([found[0], *found[2:]])) == 1

    def test_of_a_full_backup_and_its_increments_the_newest_end_is_the_bound(self) -> None:
        full, increment = evidence(3, timedelta(hours=9)), evidence(3, timedelta(minutes=5))
        assert contradictions([evidence(1, timedelta(minutes=6)), full, increment]) == []

    def test_a_minute_is_forgiven_and_not_more(self) -> None:
        store = evidence(4, timedelta(minutes=30))
        assert contradictions([evidence(1, timedelta(minutes=29)), store]) == []
        assert len(contradictions([evidence(1, timedelta(minutes=29) - timedelta(seconds=1)), store])) == 1

    def test_after_a_replay_the_newest_of_the_backup_files_is_the_bound(self) -> None:
        dump, binary_log = evidence(4, timedelta(hours=9)), evidence(4, timedelta(minutes=5))
        assert contradictions([evidence(2, timedelta(minutes=6)), dump, binary_log]) == []
        assert len(contradictions([evidence(2, timedelta(minutes=1)), dump, binary_log])) == 1

    def test_resources_do_not_contradict_each_other(self) -> None:
        assert contradictions([evidence(1, timedelta(minutes=1), "db"), evidence(4, timedelta(days=1), "files")]) == []

    def test_witnesses_that_differ_do_not_contradict_each_other(self) -> None:
        assert contradictions([evidence(1, timedelta(days=3)), evidence(1, timedelta(minutes=1))]) == []

    def test_a_witness_in_the_future_is_a_contradiction_even_where_the_store_alone_would_do(self) -> None:
        found = [evidence(1, -timedelta(hours=1)), evidence(4, timedelta(minutes=30))]
        assert rpo(*found).verdict is Verdict.UNVERIFIED


class TestSpans:
    def test_the_earlier_end_of_a_span_is_the_loss(self) -> None:
        judged = rpo(evidence(3, timedelta(minutes=50), latest=timedelta(minutes=40)))
        assert (judged.actual_seconds, judged.verdict) == (3000, Verdict.PASSED)

    def test_an_objective_between_both_ends_is_unverified_and_both_are_named(self) -> None:
        judged = rpo(evidence(3, timedelta(minutes=70), latest=timedelta(minutes=50)))
        assert judged.verdict is Verdict.UNVERIFIED
        assert "between 50 min and 1 h 10 min" in judged.reason

    def test_it_is_missed_only_where_the_later_end_misses_it_too(self) -> None:
        assert rpo(evidence(3, timedelta(minutes=90), latest=timedelta(minutes=61))).verdict is Verdict.FAILED
        assert rpo(evidence(3, timedelta(minutes=90), latest=timedelta(minutes=60))).verdict is Verdict.UNVERIFIED

    def test_clocks_in_doubt_leave_a_close_call_unverified_and_a_clear_one_judged(self) -> None:
        close = evidence(1, timedelta(minutes=55))
        assert rpo(close, doubt=600).verdict is Verdict.UNVERIFIED
        assert rpo(close, doubt=299).verdict is Verdict.PASSED
        assert rpo(evidence(1, timedelta(minutes=71)), doubt=600).verdict is Verdict.FAILED


class TestDisagreements:
    def test_a_backup_that_took_an_hour_from_the_start_in_its_name_is_none(self) -> None:
        named = evidence(3, timedelta(hours=2), latest=timedelta(hours=1))
        assert disagreements([named, evidence(4, timedelta(minutes=61))]) == []

    def test_a_witness_far_before_the_backup_is_one(self) -> None:
        assert disagreements([evidence(1, timedelta(hours=9)), evidence(3, timedelta(hours=2))])

    def test_an_own_record_that_ends_before_the_stores_begins_is_one(self) -> None:
        named = evidence(3, timedelta(hours=9), latest=timedelta(hours=8))
        assert disagreements([named, evidence(4, timedelta(hours=2))])

    def test_a_witness_long_before_the_start_of_its_backup_is_named_with_both_times(self) -> None:
        found = [
            evidence(1, timedelta(hours=26), source="witness in the data"),
            evidence(3, timedelta(hours=2), source="start of the backup, by its name", latest=timedelta(hours=1)),
        ]
        (said,) = disagreements(found)
        assert "2026-11-23T01:00:00Z" in said
        assert "1 d" in said
        assert "start of the backup" in said

    def test_a_heartbeat_seconds_before_the_dump_raises_nothing(self) -> None:
        found = [evidence(1, timedelta(seconds=61)), evidence(3, timedelta(seconds=60), latest=timedelta(0))]
        assert disagreements(found) == []

    def test_a_file_that_was_copied_long_after_a_heartbeat_raises_nothing(self) -> None:
        copied = replace(evidence(4, timedelta(minutes=1)), bound_only=True)
        assert disagreements([evidence(1, timedelta(hours=5)), copied]) == []

    def test_weaker_evidence_that_is_earlier_raises_nothing(self) -> None:
        assert disagreements([evidence(1, timedelta(minutes=1)), evidence(4, timedelta(hours=1))]) == []
