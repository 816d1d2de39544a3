"""What was loosened from one drill to the next is named with both values and both times; what was tightened is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drtool.audit.cadence import PastDrill, late
from drtool.audit.goalposts import Held, goals_of, moved, renamed
from drtool.record.environment import Profile
from drtool.record.model import DrillRecord
from drtool.record.verdicts import AgreedTolerance, Check, Verdict
from tests.evidence.builder import Change, Site, like
from tests.evidence.conftest import Run
from tests.render import records

WHOLE = replace(records.passed(), tolerances=())


def check(
    expected: str = "at least 100", question: str = "SELECT COUNT(*) FROM shop.orders", name: str = "orders"
) -> Check:
    return Check(
        resource="db", name=name, question=question, expected=expected, observed="5", outcome=Verdict.PASSED,
        builtin=False, elapsed_seconds=0.1,
    )  # fmt: skip


def asks(*checks: Check) -> Change:
    return lambda record: replace(record, checks=checks)


def rto(**changes: Any) -> Change:
    return lambda record: replace(record, rto=replace(record.rto, **changes))


def rpo(seconds: float | None) -> Change:
    return lambda record: replace(record, rpo=replace(record.rpo, objective_seconds=seconds))


def lets(*tolerances: tuple[str, str, int]) -> Change:
    agreed = [
        AgreedTolerance(resource="db", pattern=pattern, leniency=leniency, most=most, reason="")
        for pattern, leniency, most in tolerances
    ]
    return lambda record: replace(record, tolerances=tuple(agreed))


def script(digest: str) -> Change:
    return lambda record: replace(record, scenario_info=replace(record.scenario_info, sha256=digest * 64))


def from_places(**places: str) -> Change:
    """Return a change that restores each resource from a place, and no other."""

    def change(record: DrillRecord) -> DrillRecord:
        first = record.backups[0]
        backups = tuple(replace(first, resource=one, location=place) for one, place in places.items())
        return replace(record, backups=backups, choices=())

    return change


def chosen(pattern: str, location: str) -> Change:
    def change(record: DrillRecord) -> DrillRecord:
        choice = replace(record.choices[0], pattern=pattern, chosen=location)
        return replace(from_places(db=location)(record), choices=(choice,))

    return change


def machine(cpus: int, memory_gib: float, **settings: str) -> Change:
    def change(record: DrillRecord) -> DrillRecord:
        assert record.sandbox is not None
        containers = tuple(replace(one, settings=settings) for one in record.sandbox.containers[:1])
        memory = int(memory_gib * 2**30)
        return replace(
            record, sandbox=replace(record.sandbox, cpus=cpus, memory_bytes=memory, containers=containers)
        )  # fmt: skip

    return change


def disaster(before_seconds: float) -> Change:
    return lambda one: replace(one, disaster_at=one.started_at - timedelta(seconds=before_seconds))


def moves(before: Change, after: Change) -> list[tuple[str, str, str, bool]]:
    """Return what was moved from a drill to the next."""
    held = []
    for number, change in enumerate((before, after)):
        goals = goals_of(change(WHOLE))
        assert goals is not None
        held.append(Held(scenario="shop", drill_id=str(number), at=WHOLE.started_at + timedelta(number), goals=goals))
    return [(one.what, one.before, one.now, one.loosened) for one in moved(held)]


FRESH = "at most 1 d before the disaster"


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (rto(objective_seconds=1800.0), rto(objective_seconds=3600.0), [("the RTO", "30 min", "1 h", True)]),
        (rto(objective_seconds=1800.0), rto(objective_seconds=None), [("the RTO", "30 min", "none", True)]),
        (rto(objective_seconds=86_400.0), rto(objective_seconds=86_401.0), [("the RTO", "1 d", "1 d 1 s", True)]),
        (rpo(3600.0), rpo(86_400.0), [("the RPO", "1 h", "1 d", True)]),
        (rpo(3600.0), rpo(None), [("the RPO", "1 h", "none", True)]),
        (rto(allowance_seconds=600.0), rto(allowance_seconds=60.0), [("the allowance", "10 min", "1 min", True)]),
        (rto(allowance_seconds=60.0), rto(allowance_seconds=600.0), [("the allowance", "1 min", "10 min", False)]),
        (
            rto(includes_checks=True), rto(includes_checks=False),
            [("the time of checks", "part of the recovery time", "not part of the recovery time", True)],
        ),
        (rto(), rto(verdict=None), [("the recovery time", "judged", "measured only", True)]),
        (rto(), lambda one: replace(one, profile=Profile.FAST), [("the profile", "faithful", "fast", True)]),
        (asks(check()), asks(), [('the check "db: orders"', "at least 100", "not made", True)]),
        (
            asks(check(name="since 2026-11-28"), check(name="customers since 2026-11-28")),
            asks(check(name="since 2026-11-29")),
            [('the check "db: customers since ..."', "at least 100", "not made", True)],
        ),
        (asks(check(), check()), asks(check()), [('the check "db: orders (2)"', "at least 100", "not made", True)]),
        *(
            (asks(check(was)), asks(check(now)), [('what the check "db: orders" expects', was, now, loosened)])
            for was, now, loosened in [
                ("at least 1,000", "at least 999", True),
                ("at most 5", "at most 6.5", True),
                ("equal to 5", "at least 1", True),
                ("equal to 5", "equal to 6", False),
                ("between 5 and 7", "between 5 and 8", True),
                ("between 5 and 7", "between 6 and 8", False),
                ("equal to do not touch", "equal to anything", False),
                ("equal to ,", "at least 1e5000", False),
                ("equal to 2026-11-29", "equal to 2026-11-28", False),
                ("at least 20261129", "at least 20260101", True),
                ("between 1 and", "at most 1.2.3 d before the disaster", False),
                (FRESH, "at most 1 d 1 s before the disaster", True),
                (FRESH, "a time", True),
            ]
        ),
        (
            asks(check()), asks(check(question="SELECT 500")),
            [('what the check "db: orders" asks', "SELECT COUNT(*) FROM shop.orders", "SELECT 500", False)],
        ),
        (lets(), lets(("shop.log", "ignored", 0)), [("what may differ in db: shop.log", "nothing", "ignored", True)]),
        (
            lets(("log", "drift", 5)), lets(("log", "drift", 50)),
            [("what may differ in db: log", "drift, at most 5", "drift, at most 50", True)],
        ),
        (
            lets(("log", "append-only", 0)), lets(("log", "ignored", 0)),
            [("what may differ in db: log", "append-only", "ignored", True)],
        ),
        (script("a"), script("b"), [("the script's SHA-256", "a" * 64, "b" * 64, False)]),
        (
            from_places(db="/b/db.sql", files="/b/up.tar"), from_places(db="/b/db.sql"),
            [("what is restored as files", "/b/up.tar", "nothing", True)],
        ),
        (
            from_places(db="/b/db-20261101.sql"), from_places(db="/b/tiny-20261102.sql"),
            [("what is restored as db", "/b/db-#.sql", "/b/tiny-#.sql", False)],
        ),
        (
            chosen("/b/db-*.sql", "/b/db-1.sql"), chosen("/b/staging-*.sql", "/b/staging-1.sql"),
            [("what is restored as db", "/b/db-*.sql", "/b/staging-*.sql", False)],
        ),
        (machine(2, 8.0), machine(16, 8.0), [
            ("the machine", "2 processors with 8.0 GiB", "16 processors with 8.0 GiB", False)
        ]),
        (
            disaster(0), disaster(3600),
            [("the time of the disaster", "the drill's beginning", "one that was named", False)],
        ),
        (machine(2, 8.0), machine(2, 8.0, sync_binlog="0"), [("sync_binlog of db", "not set", "0", False)]),
    ],
)  # fmt: skip
def test_what_was_moved_is_named_with_both_values(
    before: Change, after: Change, named: list[tuple[str, str, str, bool]]
) -> None:
    assert moves(before, after) == named
    assert moves(before, before) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rto(objective_seconds=3600.0), rto(objective_seconds=1800.0)),
        (rto(objective_seconds=None, verdict=None), rto(objective_seconds=60.0)),
        (rpo(None), rpo(60.0)),
        (asks(), asks(check())),
        (asks(check("at least 1")), asks(check("at least 2"))),
        (asks(check("at least 1")), asks(check("equal to 2"))),
        (asks(check("a time")), asks(check(FRESH))),
        (asks(check(FRESH)), asks(check("at most 23 h before the disaster"))),
        (lets(("log", "drift", 50)), lets(("log", "drift", 5))),
        (lets(("log", "drift", 50)), lets()),
        (lets(("log", "ignored", 0)), lets(("log", "append-only", 0))),
        (lambda one: replace(one, tolerances=None), lets(("log", "ignored", 0))),  # a drtool that did not tell
        (asks(check(question="db-20260301T030000Z.json, SHA-256 " + "a" * 64)),
         asks(check(question="db-20260401T030000Z.json, SHA-256 " + "b" * 64))),
        (asks(check(name="orders since 2026-11-29")), asks(check(name="orders since 2026-12-30"))),
        (asks(check("equal to 2026-11-29")), asks(check("equal to 2026-12-30"))),
        (from_places(db="/b/db-20261101T0300Z.sql"), from_places(db="/b/db-20261202T0301Z.sql")),
        (from_places(db="/b/Mon/db.1.sql"), from_places(db="/b/Tuesday/db.22.sql")),
        (from_places(db="/b/db.sql"), from_places(shop="/b/db.sql")),
        (from_places(db="/b/db.sql"), from_places(db="/b/db.sql", files="/b/up.tar")),
        (chosen("/b/db-*.sql", "/b/db-a.sql"), chosen("/b/db-*.sql", "/b/db-b.sql")),
        (machine(2, 8.0), machine(2, 7.9)),
        (disaster(3600), disaster(7200)),
        (disaster(3600), disaster(0)),
    ],
)  # fmt: skip
def test_what_was_tightened_or_is_of_the_day_is_not_named(before: Change, after: Change) -> None:
    assert moves(before, after) == []


def test_an_image_is_named_as_changed() -> None:
    def other(record: DrillRecord) -> DrillRecord:
        assert record.sandbox is not None
        first, *rest = record.sandbox.containers
        containers = (replace(first, image_digest="sha256:other"), *rest)
        return replace(record, sandbox=replace(record.sandbox, containers=containers))

    ((what, _, now, loosened),) = moves(lambda one: one, other)
    assert (what.startswith("the image of "), now, loosened) == (True, "sha256:other", False)


def test_a_check_that_failed_and_is_gone_in_the_drill_that_passed_is_named() -> None:
    failed = [check(), replace(check("at least 1"), name="customers", outcome=Verdict.FAILED)]
    assert moves(lambda one: replace(one, verdict=Verdict.FAILED, checks=tuple(failed)), asks(check())) == [
        ('the check "db: customers"', "at least 1", "not made", True)
    ]


@pytest.mark.parametrize(("outcome", "gone"), [(Verdict.PASSED, 1), (Verdict.UNVERIFIED, 0)])
def test_a_drill_that_ended_with_no_check_amiss_made_all_that_it_has(outcome: Verdict, gone: int) -> None:
    def unverified(record: DrillRecord) -> DrillRecord:
        return replace(record, verdict=Verdict.UNVERIFIED, checks=(replace(check(), outcome=outcome),))

    assert len(moves(asks(check(), check()), unverified)) == gone


@pytest.mark.parametrize(
    ("last", "named"),
    [
        (asks(check(), check()), []),
        (asks(check()), ['the check "db: orders (2)"']),
        (lambda one: lets(("log", "ignored", 0))(asks(check(), check())(one)), ["what may differ in db: log"]),
    ],
)
def test_what_a_drill_did_not_reach_is_neither_gone_nor_forgotten(last: Change, named: list[str]) -> None:
    def stopped(record: DrillRecord) -> DrillRecord:
        return replace(record, verdict=Verdict.FAILED, recovered_at=None, checks=(), tolerances=(), sandbox=None)

    held = []
    for number, change in enumerate((asks(check(), check()), stopped, last)):
        goals = goals_of(change(WHOLE))
        assert goals is not None
        held.append(Held(scenario="shop", drill_id=str(number), at=WHOLE.started_at + timedelta(number), goals=goals))
    assert [(one.what, one.drill_id) for one in moved(held)] == [(what, "2") for what in named]


def test_a_script_that_could_not_be_loaded_holds_a_drill_to_nothing() -> None:
    no_goals = rto(objective_seconds=None)(rpo(None)(replace(WHOLE, verdict=Verdict.UNVERIFIED, checks=())))
    assert goals_of(replace(no_goals, recovered_at=None)) is None
    assert goals_of(replace(no_goals, verdict=Verdict.PASSED)) is not None
    assert goals_of(asks(check())(no_goals)) is not None


def held_by(scenario: str, at: int, change: Change = lambda one: one) -> Held:
    goals = goals_of(change(WHOLE))
    assert goals is not None
    return Held(scenario=scenario, drill_id=f"{scenario}-{at}", at=WHOLE.started_at + timedelta(at), goals=goals)


def of_script(file: str, place: str) -> Change:
    return lambda one: from_places(db=place)(replace(one, scenario_info=replace(one.scenario_info, file=file)))


@pytest.mark.parametrize(
    ("drills", "named"),
    [
        ([("shop", 0), ("store", 1)], ["shop", "store"]),
        ([("shop", 0), ("shop", 1), ("store", 2), ("store", 3)], ["shop", "store"]),
        ([("shop", 0), ("store", 1), ("shop", 2)], []),
        ([("shop", 0), ("store", 0), ("shop", 1)], []),
    ],
)
@pytest.mark.parametrize(
    ("now", "same"),
    [(of_script("a.py", "/c.sql"), True), (of_script("b.py", "/b.sql"), True), (of_script("b.py", "/c.sql"), False)],
)
def test_a_scenario_that_goes_by_another_name_is_named(
    drills: list[tuple[str, int]], named: list[str], now: Change, same: bool
) -> None:
    held = [held_by(name, at, of_script("a.py", "/b.sql") if name == "shop" else now) for name, at in drills]
    found = renamed(held, {"shop", "store"}, WHOLE.started_at + timedelta(9))
    assert [one for each in found for one in (each.before, each.now)] == (named if same else [])
    assert renamed(held, {"store"}, WHOLE.started_at + timedelta(9)) == [], (
        "somebody says how often: it will be overdue"
    )


def test_a_scenario_that_is_not_due_yet_by_its_own_rhythm_has_no_other_name() -> None:
    held = [held_by("shop", 0), held_by("shop", 30), held_by("store", 31)]
    assert renamed(held, {"shop"}, WHOLE.started_at + timedelta(59)) == []
    assert len(renamed(held, {"shop"}, WHOLE.started_at + timedelta(61))) == 1


def loosened(record: DrillRecord) -> DrillRecord:
    return rto(objective_seconds=7200.0)(like(WHOLE)(record))


@pytest.mark.parametrize(("second", "code"), [(loosened, 0), (like(WHOLE), 0)])
def test_the_audit_and_its_page_say_when_it_was_loosened(
    second: Callable[[DrillRecord], DrillRecord], code: int, site: Site, drtool: Run
) -> None:
    first, last = site.drill(change=like(WHOLE)), site.drill(change=second)
    ended = drtool("audit", site.reports, "--json", "--html")
    assert (ended.code, ended.codes) == (code, [])
    page = (site.reports / "index.html").read_text()
    if second is not loosened:
        assert (ended.result["goalposts"], ended.result["notes"]) == ([], [])
        assert "LOOSENED" not in page
        return
    (one,) = ended.result["goalposts"]
    assert (one["what"], one["before"], one["now"], one["loosened"]) == ("the RTO", "30 min", "2 h", True)
    assert (one["earlier_drill_id"], one["drill_id"]) == (first, last)
    assert ended.result["notes"] == [
        "Scenario shop_monthly: loosened: the RTO is 2 h since its drill of 2026-03-03T03:00:00Z; "
        "in that of 2026-03-02T03:00:00Z it was 30 min."
    ]
    assert f"Note   {ended.result['notes'][0]}" in drtool("audit", site.reports).output
    assert "LOOSENED" in page


# Gaps of the past

AT = datetime(2026, 1, 1, tzinfo=UTC)


def past(*drills: tuple[float, str, float | None]) -> list[PastDrill]:
    return [
        PastDrill(
            scenario="shop", at=AT + timedelta(days=at), state=state, read=True, every_seconds=every and every * 86_400
        )
        for at, state, every in drills
    ]


@pytest.mark.parametrize(
    ("drills", "days"),
    [
        ([(0, "passed", 31), (40, "passed", 31)], [40]),
        ([(0, "passed", 31), (31.01, "passed", 31)], []),
        ([(0, "passed", 1), (1.2, "passed", 1)], [1.2]),
        ([(0, "passed", 31), (20, "failed", 31), (40, "passed", 31), (60, "passed", 31)], [40]),
        ([(0, "passed", 31), (20, "failed", 90), (40, "passed", 90), (100, "passed", 90)], [40]),
        ([(0, "passed", 90), (20, "failed", 7), (40, "passed", 7)], [40]),
        ([(0, "passed", None), (400, "passed", None)], []),
        ([(0, "failed", 31), (60, "passed", 31)], []),
    ],
)  # fmt: skip
def test_gaps_longer_than_the_rhythm_are_named_for_the_past_too(
    drills: list[tuple[float, str, float | None]], days: list[float]
) -> None:
    told = late(past(*drills), None)
    assert len(told) == len(days)
    assert all(one.startswith("Scenario shop passed on 2026-01-01 and then not before 2026-") for one in told)


def test_a_gap_is_held_against_the_cadence_that_was_asked_for(site: Site, drtool: Run) -> None:
    site.every = timedelta(days=40)
    site.now = datetime.now(UTC) - timedelta(days=41)
    site.drill()
    site.drill()
    assert drtool("audit", site.reports, "--json").result["notes"] == []
    ended = drtool("audit", site.reports, "--json", "--cadence", "31d")
    assert ended.code == 0
    (note,) = ended.result["notes"]
    assert note.endswith(", 40 d later, though it should pass every 31 d.")
    assert late(past((0, "passed", None), (40, "passed", None)), timedelta(days=31), asked=("blog",)) == []
