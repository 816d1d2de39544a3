"""The overview: self-contained, harmless, complete, and never showing what a tampered report says as a fact."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import pytest

from drtool.audit.result import AuditedDrill, AuditResult, State, Target, controls
from drtool.host.plain import printable
from drtool.record.verdicts import Verdict
from drtool.render import trend
from drtool.render.index import index
from tests.render import audits
from tests.render.markup import Page
from tests.render.rewording import EVIL


def hostile() -> AuditResult:
    """Return an audit of drills whose every text is written to do harm."""
    whole = audits.every_kind()
    drills = tuple(
        _evil(replace(one, drill_id=f"{one.drill_id}{number}")) for number, one in enumerate(whole.drills)
    )  # fmt: skip
    evil: AuditResult = _evil(replace(whole, drills=(), controls=()))
    return replace(evil, drills=drills, controls=controls(drills), head=audits.HEAD)


def _evil(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return f"[{value}]{EVIL}"
    if is_dataclass(value) and not isinstance(value, type):
        kept = ("page", "code")  # made by drtool itself
        return replace(
            value, **{one.name: _evil(getattr(value, one.name)) for one in fields(value) if one.name not in kept}
        )
    if isinstance(value, dict):
        return {_evil(name): _evil(one) for name, one in value.items()}
    return tuple(map(_evil, value)) if isinstance(value, tuple) else value


EVERY: list[Callable[[], AuditResult]] = [audits.every_kind, audits.clean, audits.none_at_all, hostile]
every_audit = pytest.mark.parametrize("make", EVERY)


def shown(result: AuditResult, reports: str = ".") -> Page:
    return Page(index(result, reports=reports))


def line_of(drill: AuditedDrill, document: str) -> str:
    """Return what the page says of a drill, up to the next."""
    _, _, rest = document.partition(f'<tr id="drill-{drill.drill_id}">')
    assert rest
    return Page(re.split('<tr id="|</tbody>', rest)[0]).text


@every_audit
def test_page_runs_nothing_and_fetches_nothing(make: Callable[[], AuditResult]) -> None:
    read = shown(make())
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "input", "base", "audio", "video"}
    for _, attributes in read.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
        assert re.fullmatch(r"#[\w-]+|[\w-]+/report\.html", attributes.get("href") or "#x")
    policies = [one for one in read.named("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert (policies[0]["content"] or "").startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    styles = "".join(text for within, text in read.texts if "style" in within)
    assert "url(" not in styles
    assert "@import" not in styles


@every_audit
def test_page_is_well_formed_and_every_reference_leads_somewhere(make: Callable[[], AuditResult]) -> None:
    result = make()
    document = index(result, reports=".")
    read = Page(document)
    assert document.startswith("<!DOCTYPE html>")
    assert read.unclosed == []
    assert read.named("html")[0]["lang"] == "en"
    title = "".join(text for within, text in read.texts if within[-1:] == ("title",))
    assert title.startswith(f"Audit {result.verdict.upper()}: ")
    identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    inner = [one["href"] for one in read.named("a", "use") if (one["href"] or "").startswith("#")]
    labels = [attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes]
    assert {(one or "").removeprefix("#") for one in inner} | set(labels) <= set(identifiers)


@every_audit
def test_headings_and_tables_are_in_order_for_every_reader(make: Callable[[], AuditResult]) -> None:
    read = shown(make())
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert all(attributes.get("scope") in {"col", "row"} for attributes in read.named("th"))
    assert len(read.named("table")) == len(read.named("thead"))


def test_hostile_text_is_shown_and_never_obeyed() -> None:
    result = hostile()
    document = index(result, reports=".")
    for bad in ("<script", "<img", "</title></style>", "javascript:"):
        assert bad not in document
    text = Page(document).text
    assert "<script>alert(1)</script>" in text
    assert "{{ 7*7 }}{% raw %}" in text
    assert not [one for one in document if not (one.isprintable() or one in "\n\N{NO-BREAK SPACE}\N{EN SPACE}")]
    for problem in result.problems:
        assert " ".join(printable(problem.sentence).split()) in text
    document.encode()


def test_letters_that_look_like_others_are_shown_as_escapes() -> None:
    alike = audits.drill(1, scenario="sh\N{CYRILLIC SMALL LETTER O}p_monthly")
    text = shown(audits.result([audits.drill(0), alike])).text
    assert "sh\\u043ep_monthly" in text
    assert "of 2 scenarios" in text


def test_audit_head_and_how_the_drills_stand_come_before_all_details() -> None:
    text = shown(audits.every_kind()).text
    assert "10 drills of 2 scenarios" in text
    assert "Audit failed The reason in a sentence." in text
    order = ["Audit failed", audits.HEAD, "What is wrong", "RTA against the RTO", "Controls", "How to verify"]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)
    for mark in (
        "TAMPERED 1", "KEY NOT TRUSTED 1", "ABANDONED 1", "FAILED 1", "UNSIGNED 1", "UNVERIFIED 1", "INTERRUPTED 1",
        "NOT ENDED 1", "passed 2",
    ):  # fmt: skip
        assert f" {mark} " in text


def test_everything_that_is_wrong_is_said_with_its_code_and_what_is_wrong_first() -> None:
    result = audits.every_kind()
    text = shown(result).text
    for problem in result.problems:
        assert f"{problem.sentence} {problem.code}" in text
    assert text.index("WRONG ledger.jsonl, line 9,") < text.index("UNSURE Drill")
    assert "ledger.jsonl, line 4, is torn." in text


def test_several_problems_of_one_drill_stand_together() -> None:
    one = audits.tampered(0)
    file = f"{one.drill_id}/drill.log"
    more = replace(audits.edited(one), code="file-changed", file=file, sentence=f"{file} was changed.")
    document = index(audits.result([one], [audits.edited(one), more]), reports=".")
    assert document.count("<li class=") == 1
    assert Page(document).text.count("WRONG Drill") == 1


def test_what_is_the_same_for_many_files_is_said_once_and_names_them_all() -> None:
    drills = [audits.unsigned(number) for number in range(30)]
    read = shown(audits.result(drills, [audits.nobody_signed(one) for one in drills]))
    attention = read.text.partition("What is wrong")[2].partition(" Scenarios ")[0]
    assert attention.count("so nothing proves who wrote it") == 1
    assert "UNSURE 30 times unsigned" in attention
    assert all(f"{one.drill_id}/report.json" in attention for one in drills)


def test_what_a_tampered_report_says_is_no_fact() -> None:
    result = audits.every_kind()
    document = index(result, reports=".")
    for number in (3, 5, 6):
        one = result.drills[number]
        line = line_of(one, document)
        assert not re.search(r"\d (min|s|h|d)\b", line), line
        assert f"{one.drill_id}/report.html" not in document
        assert f"#drill-{one.drill_id}" not in document.partition('id="controls"')[2]
    assert "TAMPERED failed by the ledger" in line_of(result.drills[3], document)
    assert "it was edited or exchanged" in line_of(result.drills[3], document)
    assert "KEY NOT TRUSTED passed by the ledger" in line_of(result.drills[5], document)
    assert "ABANDONED" in line_of(result.drills[6], document)


def test_an_unsigned_drill_is_never_shown_as_passed() -> None:
    one = audits.unsigned(0)
    document = index(audits.result([one], [audits.nobody_signed(one)]), reports=".")
    assert "UNSIGNED monthly, passed by its own account" in line_of(one, document)
    text = Page(document).text
    assert "SOC2 A1.3 shop_monthly NONE PASSED" in text
    assert "1 UNSIGNED" in text.partition("Controls")[2]


def test_signatures_by_nobody_knows_whom_are_said_so() -> None:
    one = audits.drill(0, signature="signer unknown", signer=None)
    nobody = replace(audits.clean().signers, trusted_from=None)
    read = shown(replace(audits.result([one]), signers=nobody))
    assert "none were given, so nobody knows who signed" in read.text
    assert "1 signer unknown" in read.text.partition("Controls")[2]


def test_each_intact_report_is_linked_and_the_way_to_it_is_as_long_as_it_takes() -> None:
    one = audits.drill(0)
    page = f"{one.drill_id}/report.html"
    for reports, link in ((".", page), ("../drills", f"../drills/{page}"), ("my: #1?", f"my%3A%20%231%3F/{page}")):
        links = [one["href"] for one in shown(audits.result([one]), reports).named("a")]
        assert link in links
    without_page = audits.drill(0, report=audits.report(page=None))
    assert not [one for one in shown(audits.result([without_page])).named("a") if "report.html" in (one["href"] or "")]


def test_a_folder_whose_name_is_no_text_can_be_linked() -> None:
    broken = b"../\xe4".decode("utf-8", "surrogateescape")
    assert "../%E4/2026" in index(audits.result([audits.drill(0)]), reports=broken)


def test_figures_objectives_and_the_worst_exposure_are_shown_drill_by_drill() -> None:
    one = audits.drill(0)
    line = " ".join(line_of(one, index(audits.result([one]), reports=".")).split())
    assert "passed monthly 10 min 12 s met, 30 min 3 h 12 min met, 1 d 1 d 2 h MISSED, 1 d drtool@backup1" in line


def test_a_scenario_that_is_overdue_stands_out_and_one_that_nobody_says_is_due_does_not() -> None:
    drills = [audits.drill(0), audits.drill(45, scenario="mail_weekly")]
    late = shown(audits.result(drills, cadence=timedelta(days=31))).text
    assert late.count("OVERDUE") == 2
    assert "OVERDUE It last passed on 2026-01-05 03:00:00 UTC, and should pass every 31 d." in late
    unasked = shown(audits.result(drills)).text
    assert "OVERDUE" not in unasked
    assert "one that does not say is never overdue" in unasked


def test_a_scenario_that_is_overdue_by_its_own_reports_stands_out_in_the_same_way() -> None:
    often, seldom = (audits.report(every_seconds=days * 86_400.0) for days in (31, 365))
    drills = [audits.drill(0, report=often), audits.drill(45, scenario="mail_weekly", report=seldom)]
    late = shown(audits.result(drills)).text
    assert late.count("OVERDUE") == 2
    assert "OVERDUE It last passed on 2026-01-05 03:00:00 UTC, and should pass every 31 d." in late


def test_a_scenario_that_was_asked_for_and_never_drilled_has_its_place() -> None:
    whole = audits.result([audits.drill(0)])
    never = replace(
        whole.scenarios[0],
        scenario="payroll",
        drills=0,
        passed=0,
        last_at=None,
        last_passed_at=None,
        overdue=True,
        every_seconds=1.0,
    )
    text = shown(replace(whole, scenarios=(*whole.scenarios, never), cadence_seconds=1.0)).text
    assert "payroll 0 in all never OVERDUE" in text
    assert "It was never drilled." in text


def test_each_control_names_its_drills_with_their_verdicts_and_who_signed() -> None:
    document = index(audits.every_kind(), reports=".")
    matrix = Page(document.partition('aria-labelledby="controls"')[2].partition("</section>")[0]).text
    assert "SOC2 A1.3 mail_weekly 1 passed, the last on 2026-01-12" in matrix
    assert re.search(r"ISO27001 A.8.13 shop_monthly 1 passed, the last on 2026-01-05 .*2026-01-19 failed", matrix)
    assert "2026-02-02 unsigned" in matrix
    assert "4 by drtool@backup1, 1 UNSIGNED" in matrix
    assert "tampered" not in matrix.partition("A drill is evidence")[0]


def test_one_scenario_can_be_shown_alone_without_script() -> None:
    document = index(audits.every_kind(), reports=".")
    assert 'href="#scenario-mail_weekly"' in document
    assert "main:has(.scenario:target) .scenario:not(:target) { display: none; }" in document
    assert document.count("Only this scenario's drills are shown.") == 2


def test_heads_that_were_asked_for_are_said_to_be_there_or_gone() -> None:
    assert f"still there: {audits.HEAD}" in shown(audits.clean()).text
    gone = replace(audits.edited(audits.drill(0)), code="head-not-found", drill_id=None)
    assert "NOT ALL ARE THERE" in shown(replace(audits.clean(), problems=(gone,))).text
    assert (
        "none was asked for, so whether the ledger's end was cut off cannot be told" in shown(audits.every_kind()).text
    )


def test_nothing_but_the_head_gets_into_the_command() -> None:
    commands = [text for within, text in shown(hostile()).texts if within[-2:] == ("pre", "code")]
    assert "".join(commands).strip() == (
        f"drtool audit --allowed-signers /path/to/your/allowed_signers --head {audits.HEAD}"
    )


def test_the_same_audit_always_makes_the_same_page() -> None:
    assert index(audits.every_kind(), reports=".") == index(audits.every_kind(), reports=".")


def test_two_hundred_drills_make_a_page_within_two_seconds() -> None:
    drills = [audits.drill(number, scenario=f"scenario_{number % 5}") for number in range(200)]
    began = datetime.now(UTC)
    document = index(audits.result(drills), reports=".")
    assert datetime.now(UTC) - began < timedelta(seconds=2)
    assert document.count('<tr id="drill-') == 200


def charted(*targets: Target | None) -> trend.Trend:
    drills = [
        audits.drill(number, report=audits.report(rto=target) if target else None)
        for number, target in enumerate(targets)
    ]
    return trend.rta(drills, drills[0].started_at, drills[-1].started_at)


def target(actual: float | None, objective: float | None, verdict: Verdict | None) -> Target:
    return Target(objective_seconds=objective, actual_seconds=actual, verdict=verdict)


def test_a_trend_is_drawn_to_scale_and_in_time() -> None:
    drawn = charted(target(900.0, 1800.0, Verdict.PASSED), None, target(2700.0, 1800.0, Verdict.FAILED))
    first, last = drawn.points
    (level,) = drawn.levels
    assert (trend.BASE - last.y) / (trend.BASE - first.y) == pytest.approx(3.0)
    assert (trend.BASE - level.y) / (trend.BASE - first.y) == pytest.approx(2.0)
    assert list(drawn.without) == pytest.approx([(first.x + last.x) / 2])
    assert [point.outcome for point in drawn.points] == ["met", "missed"]
    assert (level.start, level.end) == (trend.LEFT, trend.RIGHT)
    assert drawn.words == (
        "RTA: latest 45 min (2026-01-19), longest 45 min (2026-01-19), RTO missed by 1 of 3 drills, "
        "1 drill without an RTA."
    )


def test_an_objective_that_was_changed_is_drawn_as_a_step() -> None:
    drawn = charted(target(1.0, 10.0, Verdict.PASSED), target(1.0, 5.0, Verdict.PASSED), target(1.0, None, None))
    before, after = drawn.levels
    assert before.start == trend.LEFT
    assert before.end == after.start == drawn.points[1].x
    assert after.end == drawn.points[2].x
    assert (trend.BASE - before.y) / (trend.BASE - after.y) == pytest.approx(2.0)
    assert drawn.points[2].outcome == "open"


@pytest.mark.parametrize(
    "targets",
    [
        (None,),
        (target(None, None, None),),
        (target(0.0, None, None),),
        (target(1e300, 1e-9, Verdict.FAILED),),
        (target(-5.0, 1800.0, Verdict.PASSED),),
        tuple(target(float(number), 50.0, Verdict.PASSED) for number in range(200)),
    ],
)
def test_a_trend_never_leaves_its_frame(targets: tuple[Target | None, ...]) -> None:
    drawn = charted(*targets)
    assert len(drawn.points) + len(drawn.without) == len(targets)
    for point in drawn.points:
        assert trend.LEFT <= point.x <= trend.RIGHT
        assert trend.HIGH <= point.y <= trend.BASE
    for label in drawn.labels:
        assert 0 <= label.x <= trend.WIDTH
        assert 0 <= label.y <= trend.HEIGHT
    assert drawn.words.endswith(".")


def test_a_drill_that_is_still_running_is_not_counted_as_wrong() -> None:
    running = audits.drill(
        0, state=State.NOT_ENDED, ended_at=None, intact=None, signature=None, signer=None, report=None
    )
    document = index(audits.result([running]), reports=".")
    assert "NOT ENDED" in line_of(running, document)
    assert "TAMPERED" not in Page(document).text
