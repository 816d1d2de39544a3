"""RTA, RPA and verdicts, at their boundaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.record.objectives import judge_rto, overall, project_rta, rta_seconds, unsure_of_the_backup
from drtool.record.recovery import Evidence, Rpo, Rto
from drtool.record.recovery_point import judge_rpo
from drtool.record.steps import RECOVERY_PHASES, Phase, Step
from drtool.record.verdicts import Check, Effect, Finding, Verdict

# The same examples in every run, and no deadline: a busy machine must not turn a test red.

DISASTER = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def step(phase: Phase, offset: float, elapsed: float, outcome: Verdict = Verdict.PASSED) -> Step:
    return Step(
        phase=phase,
        name="a step",
        started_at=DISASTER + timedelta(seconds=offset),
        offset_seconds=offset,
        elapsed_seconds=elapsed,
        size_bytes=None,
        counted=phase in RECOVERY_PHASES,
        outcome=outcome,
    )


def evidence(rank: int, before_disaster: timedelta, resource: str = "db", source: str = "a source") -> Evidence:
    return Evidence(
        resource=resource, rank=rank, source=source, recovery_point=DISASTER - before_disaster, detail="for a test"
    )


def rto(
    *,
    objective: float | None = 1800,
    measured: float | None = 600,
    allowance: float = 0,
    judged: bool = True,
    recovered: bool = True,
    broken: bool = False,
) -> Rto:
    return judge_rto(
        objective_seconds=objective,
        measured_seconds=measured,
        allowance_seconds=allowance,
        includes_checks=False,
        judged=judged,
        recovered=recovered,
        broken=broken,
    )


def rpo(
    *found: Evidence,
    objective: float | None = 3600,
    restored: tuple[str, ...] = ("db",),
    recovered: bool = True,
    broken: bool = False,
) -> Rpo:
    return judge_rpo(
        objective_seconds=objective,
        disaster_at=DISASTER,
        evidence=found,
        restored=restored,
        recovered=recovered,
        broken=broken,
    )


def check(outcome: Verdict, name: str = "there are orders") -> Check:
    return Check(
        resource="db", name=name, question="?", expected="1", observed="1", outcome=outcome, builtin=False,
        elapsed_seconds=0.1,
    )  # fmt: skip


def finding(effect: Effect, message: str = "Something was found.") -> Finding:
    return Finding(code="a-finding", effect=effect, resource=None, message=message, mend="")


class TestRecoveryTimeActual:
    def test_it_runs_from_the_disaster_to_the_end_of_the_last_recovery_step(self) -> None:
        steps = [step(Phase.LOCATE, 5, 1), step(Phase.RESTORE, 6, 60), step(Phase.START, 66, 4)]
        assert rta_seconds(steps, 5) == 65

    def test_what_happens_before_the_disaster_does_not_count(self) -> None:
        steps = [step(Phase.PREPARE, 0, 100), step(Phase.RESTORE, 100, 60)]
        assert rta_seconds(steps, 100) == 60

    def test_the_scenarios_own_time_between_steps_counts(self) -> None:
        steps = [step(Phase.RESTORE, 10, 20), step(Phase.START, 50, 5)]
        assert rta_seconds(steps, 0) == 55

    def test_the_drills_own_preparation_in_between_is_taken_off(self) -> None:
        steps = [step(Phase.LOCATE, 0, 2), step(Phase.PREPARE, 2, 30), step(Phase.RESTORE, 32, 60)]
        assert rta_seconds(steps, 0) == 62

    def test_checks_after_the_recovery_do_not_count(self) -> None:
        steps = [step(Phase.RESTORE, 0, 60), step(Phase.VERIFY, 60, 600), step(Phase.DESTROY, 660, 5)]
        assert rta_seconds(steps, 0) == 60

    def test_checks_between_two_restores_are_taken_off(self) -> None:
        steps = [step(Phase.RESTORE, 0, 60), step(Phase.VERIFY, 60, 30), step(Phase.RESTORE, 90, 10)]
        assert rta_seconds(steps, 0) == 70

    def test_checks_count_where_the_scenario_says_so(self) -> None:
        steps = [step(Phase.RESTORE, 0, 60), step(Phase.VERIFY, 60, 30), step(Phase.DESTROY, 90, 5)]
        assert rta_seconds([replace(one, counted=one.phase is not Phase.DESTROY) for one in steps], 0) == 90

    def test_a_check_during_a_recovery_step_takes_nothing_off(self) -> None:
        steps = [step(Phase.START, 0, 100), step(Phase.VERIFY, 20, 30)]
        assert rta_seconds(steps, 0) == 100

    def test_a_check_that_overlaps_the_end_of_a_recovery_step_is_taken_off_in_part(self) -> None:
        steps = [step(Phase.RESTORE, 0, 50), step(Phase.VERIFY, 40, 30), step(Phase.RESTORE, 80, 20)]
        assert rta_seconds(steps, 0) == 80

    def test_recovery_steps_side_by_side_count_once(self) -> None:
        steps = [step(Phase.RESTORE, 0, 60), step(Phase.RESTORE, 0, 90), step(Phase.RESTORE, 30, 30)]
        assert rta_seconds(steps, 0) == 90

    def test_pauses_side_by_side_are_taken_off_once(self) -> None:
        steps = [step(Phase.VERIFY, 0, 20), step(Phase.PREPARE, 10, 20), step(Phase.RESTORE, 30, 10)]
        assert rta_seconds(steps, 0) == 10

    def test_a_recovery_step_that_failed_counts_as_long_as_it_was_tried(self) -> None:
        assert rta_seconds([step(Phase.RESTORE, 0, 60, Verdict.FAILED)], 0) == 60

    @pytest.mark.parametrize("steps", [[], [step(Phase.PREPARE, 0, 5)], [step(Phase.VERIFY, 0, 5)]])
    def test_without_a_recovery_step_there_is_none(self, steps: list[Step]) -> None:
        assert rta_seconds(steps, 0) is None

    @given(
        st.lists(
            st.builds(step, st.sampled_from(list(Phase)), st.integers(0, 500), st.integers(0, 100)),
            min_size=1,
            max_size=12,
        )
    )
    def test_it_is_never_less_than_the_recovery_steps_nor_more_than_the_wall_clock(self, steps: list[Step]) -> None:
        measured = rta_seconds(steps, 0)
        recovery = [one for one in steps if one.phase not in {Phase.PREPARE, Phase.VERIFY, Phase.DESTROY}]
        if not recovery:
            assert measured is None
            return
        busy = {second for one in recovery for second in range(int(one.offset_seconds), int(end_of(one)))}
        assert measured is not None
        assert len(busy) <= measured <= max(end_of(one) for one in recovery)

    @given(
        st.lists(
            st.builds(step, st.sampled_from([Phase.RESTORE, Phase.VERIFY]), st.integers(0, 500), st.integers(0, 100)),
            min_size=1,
            max_size=12,
        )
    )
    def test_counting_checks_never_makes_it_shorter(self, steps: list[Step]) -> None:
        without = rta_seconds(steps, 0)
        with_checks = rta_seconds(steps, 0)
        assert (without is None) == (with_checks is None)
        assert (with_checks or 0) >= (without or 0)


def end_of(one: Step) -> float:
    return one.offset_seconds + one.elapsed_seconds


class TestProjection:
    def test_fetch_and_restore_grow_with_the_backup_and_the_rest_stays(self) -> None:
        taken = [
            replace(step(Phase.FETCH, 0, 10), resource="db"),
            replace(step(Phase.PROVISION, 10, 2), resource="db"),
            replace(step(Phase.RESTORE, 12, 50), resource="db"),
            replace(step(Phase.RESTORE, 62, 30), resource="files"),
        ]
        projection = project_rta(taken, 92 + 600, {"db": 10, "files": 7}, {"db": 40})
        assert projection is not None
        assert projection.actual_seconds == pytest.approx(692 + 3 * 60)
        assert "proportion" in projection.assumption

    def test_a_drill_on_the_whole_backup_projects_nothing(self) -> None:
        assert project_rta([step(Phase.RESTORE, 0, 10)], 10, {"db": 10}, {}) is None


class TestRecoveryTimeVerdict:
    def test_exactly_at_the_objective_is_met(self) -> None:
        judged = rto(measured=1800)
        assert judged.verdict is Verdict.PASSED
        assert judged.reason == "RTO met: recovered in 30 min, against an objective of 30 min"

    def test_a_moment_over_the_objective_is_missed_and_the_reason_shows_the_moment(self) -> None:
        judged = rto(measured=1800.25)
        assert judged.verdict is Verdict.FAILED
        assert judged.reason == "RTO missed: recovered in 1800.250 s, against an objective of 1800.000 s"

    def test_where_two_units_hide_the_difference_the_reason_gives_more(self) -> None:
        judged = rto(objective=25 * 3600, measured=25.5 * 3600)
        assert judged.reason == "RTO missed: recovered in 1 d 1 h 30 min, against an objective of 1 d 1 h"

    def test_the_allowance_is_added_to_what_was_measured(self) -> None:
        judged = rto(measured=1500, allowance=300)
        assert (judged.measured_seconds, judged.actual_seconds, judged.verdict) == (1500, 1800, Verdict.PASSED)
        assert rto(measured=1500.1, allowance=300).verdict is Verdict.FAILED

    def test_without_an_objective_it_is_measured_and_not_judged(self) -> None:
        judged = rto(objective=None)
        assert (judged.verdict, judged.actual_seconds) == (None, 600)

    def test_a_sandbox_tuned_for_speed_is_measured_and_not_judged(self) -> None:
        judged = rto(measured=9999, judged=False)
        assert (judged.verdict, judged.actual_seconds) == (None, 9999)
        assert "not judged" in judged.reason

    def test_a_backup_that_does_not_restore_misses_it_however_fast_that_went(self) -> None:
        judged = rto(measured=1, recovered=False, broken=True)
        assert (judged.verdict, judged.actual_seconds) == (Verdict.FAILED, None)

    def test_a_recovery_that_did_not_end_is_unverified(self) -> None:
        judged = rto(measured=600, recovered=False)
        assert (judged.verdict, judged.actual_seconds, judged.measured_seconds) == (Verdict.UNVERIFIED, None, None)

    def test_a_recovery_that_did_not_end_in_time_is_missed_already(self) -> None:
        judged = rto(measured=1900, recovered=False)
        assert judged.verdict is Verdict.FAILED
        assert "not recovered after 31 min 40 s" in judged.reason

    def test_a_recovery_that_did_not_end_and_is_not_judged_is_unverified(self) -> None:
        assert rto(measured=1900, recovered=False, judged=False).verdict is Verdict.UNVERIFIED

    def test_nothing_recovered_is_unverified(self) -> None:
        assert rto(measured=None, recovered=False).verdict is Verdict.UNVERIFIED
        assert rto(measured=None, recovered=True).verdict is Verdict.UNVERIFIED

    @given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.001, 1e6))
    def test_it_passes_exactly_when_the_sum_is_within_the_objective(
        self, measured: float, allowance: float, objective: float
    ) -> None:
        verdict = rto(measured=measured, allowance=allowance, objective=objective).verdict
        assert (verdict is Verdict.PASSED) == (measured + allowance <= objective)


MET_RTO, MET_RPO = rto(), rpo(evidence(1, timedelta(minutes=1)))
NO_RTO, NO_RPO = rto(objective=None), rpo(evidence(1, timedelta(minutes=1)), objective=None)
MISSED_RTO, MISSED_RPO = rto(measured=9999), rpo(evidence(1, timedelta(days=1)))
OPEN_RTO, OPEN_RPO = rto(measured=None), rpo(restored=())


class TestOverall:
    def test_all_well_is_passed_and_says_what_was_met(self) -> None:
        verdict, reason = overall(MET_RTO, MET_RPO, [check(Verdict.PASSED)] * 2, [], completed=True)
        assert verdict is Verdict.PASSED
        assert reason == (
            "2 of 2 checks passed; RTO met: recovered in 10 min, against an objective of 30 min; "
            "RPO met: 1 min of data lost, against an objective of 1 h."
        )

    def test_without_objectives_checks_alone_decide(self) -> None:
        assert overall(NO_RTO, NO_RPO, [check(Verdict.PASSED)], [], completed=True)[0] is Verdict.PASSED

    def test_a_warning_does_not_change_the_verdict(self) -> None:
        found = [finding(Effect.WARNING)]
        assert overall(MET_RTO, MET_RPO, [check(Verdict.PASSED)], found, completed=True)[0] is Verdict.PASSED

    @pytest.mark.parametrize(
        ("rto_", "rpo_", "checks", "findings"),
        [
            (MISSED_RTO, MET_RPO, [check(Verdict.PASSED)], []),
            (MET_RTO, MISSED_RPO, [check(Verdict.PASSED)], []),
            (MET_RTO, MET_RPO, [check(Verdict.PASSED), check(Verdict.FAILED)], []),
            (MET_RTO, MET_RPO, [check(Verdict.PASSED)], [finding(Effect.FAILED)]),
        ],
    )
    def test_anything_failed_is_failed_whatever_is_unverified_besides(
        self, rto_: Rto, rpo_: Rpo, checks: list[Check], findings: list[Finding]
    ) -> None:
        assert overall(rto_, rpo_, checks, findings, completed=True)[0] is Verdict.FAILED
        more = [*findings, finding(Effect.UNVERIFIED)]
        assert overall(rto_, rpo_, [*checks, check(Verdict.UNVERIFIED)], more, completed=False)[0] is Verdict.FAILED

    @pytest.mark.parametrize(
        ("rto_", "rpo_", "checks", "findings", "completed"),
        [
            (OPEN_RTO, MET_RPO, [check(Verdict.PASSED)], [], True),
            (MET_RTO, OPEN_RPO, [check(Verdict.PASSED)], [], True),
            (MET_RTO, MET_RPO, [check(Verdict.PASSED), check(Verdict.UNVERIFIED)], [], True),
            (MET_RTO, MET_RPO, [check(Verdict.PASSED)], [finding(Effect.UNVERIFIED)], True),
            (MET_RTO, MET_RPO, [check(Verdict.PASSED)], [], False),
            (MET_RTO, MET_RPO, [], [], True),
        ],
    )
    def test_anything_open_is_never_green(
        self, rto_: Rto, rpo_: Rpo, checks: list[Check], findings: list[Finding], completed: bool
    ) -> None:
        assert overall(rto_, rpo_, checks, findings, completed=completed)[0] is Verdict.UNVERIFIED

    @pytest.mark.parametrize(
        ("guessed", "hours", "others", "broken", "verdict"),
        [
            ({"db"}, 2, 0.5, False, Verdict.UNVERIFIED), ({"db"}, 2, 2, False, Verdict.FAILED),
            ({"db"}, 2, 0.5, True, Verdict.FAILED), ({"db"}, 0.5, 0.5, False, Verdict.PASSED),
            ({"db"}, 0.5, 2, False, Verdict.FAILED), (set(), 2, 0.5, False, Verdict.FAILED),
            ({"db", "files"}, 2, 2, False, Verdict.UNVERIFIED),
        ],
    )  # fmt: skip
    def test_a_backup_that_may_not_be_the_newest_misses_no_rpo_and_every_other_one_does(
        self, guessed: set[str], hours: float, others: float, broken: bool, verdict: Verdict
    ) -> None:
        ages = {"db": hours, "files": others}
        found = {name: evidence(1, timedelta(hours=age), name) for name, age in ages.items()}
        sure = [name for name in ages if name not in guessed]
        taken = rpo(*found.values(), restored=tuple(ages), broken=broken)
        of_others = rpo(*(found[name] for name in sure), restored=tuple(sure), broken=broken)
        assert unsure_of_the_backup(taken, of_others, guessed, broken=broken).verdict is verdict

    def test_with_no_check_the_reason_says_that_nothing_was_looked_at(self) -> None:
        assert overall(MET_RTO, MET_RPO, [], [], completed=True)[1] == "No check of the restored data ran."

    @pytest.mark.parametrize("effect", [Effect.FAILED, Effect.UNVERIFIED])
    def test_a_name_that_a_reason_begins_with_stays_as_it_is(self, effect: Effect) -> None:
        found = [finding(effect, "db.sql is not a file.")]
        passed = [check(Verdict.PASSED)]
        assert overall(NO_RTO, NO_RPO, passed, found, completed=False)[1].startswith("db.sql is not a file")

    def test_the_reason_is_one_sentence_of_three_facts_at_most_each_said_once(self) -> None:
        checks = [check(Verdict.FAILED, name) for name in ("a", "a", "b", "c", "d", "e")]
        reason = overall(MET_RTO, MET_RPO, checks, [], completed=True)[1]
        assert reason == "Check failed: a; check failed: b; check failed: c; and 2 more."
