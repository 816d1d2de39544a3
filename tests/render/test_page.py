"""The page: self-contained, in good order for every reader, complete, and harmless whatever stands in the record."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from drtool.host.plain import printable
from drtool.record.environment import Profile
from drtool.record.model import Destruction, DrillRecord
from drtool.record.verdicts import Verdict
from drtool.render.page import page
from tests.render import parts, records, rewording
from tests.render.markup import Page

EVERY = [
    records.passed,
    records.failed,
    records.unverified,
    records.interrupted,
    records.unsigned,
    records.sampled,
    rewording.hostile,
]
every_record = pytest.mark.parametrize("make", EVERY)


@every_record
def test_page_runs_nothing_and_fetches_nothing(make: Callable[[], DrillRecord]) -> None:
    read = Page(page(make()))
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "input", "base", "audio", "video"}
    for _, attributes in read.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
        assert (attributes.get("href") or "#").startswith("#")
    styles = "".join(text for within, text in read.texts if "style" in within)
    assert "url(" not in styles
    assert "@import" not in styles


@every_record
def test_page_forbids_the_browser_to_run_or_fetch_anything(make: Callable[[], DrillRecord]) -> None:
    policies = [one for one in Page(page(make())).named("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert (policies[0]["content"] or "").startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


@every_record
def test_page_is_well_formed_and_says_its_language_and_title(make: Callable[[], DrillRecord]) -> None:
    record = make()
    document = page(record)
    read = Page(document)
    assert document.startswith("<!DOCTYPE html>")
    assert read.unclosed == []
    assert read.named("html")[0]["lang"] == "en"
    title = "".join(text for within, text in read.texts if within[-1:] == ("title",))
    assert record.verdict.upper() in title
    assert printable(record.scenario) in title
    identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


@every_record
def test_headings_come_in_order_and_no_level_is_left_out(make: Callable[[], DrillRecord]) -> None:
    levels = [int(tag[1]) for tag, _ in Page(page(make())).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


@every_record
def test_every_table_header_says_what_it_heads(make: Callable[[], DrillRecord]) -> None:
    read = Page(page(make()))
    assert all(attributes.get("scope") in {"col", "row", "rowgroup"} for attributes in read.named("th"))
    assert len(read.named("table")) == len(read.named("thead"))


@every_record
def test_every_reference_within_the_page_leads_somewhere(make: Callable[[], DrillRecord]) -> None:
    read = Page(page(make()))
    identifiers = {attributes.get("id") for _, attributes in read.tags}
    assert all((one["href"] or "").removeprefix("#") in identifiers for one in read.named("a"))
    labels = [attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes]
    assert set(labels) <= identifiers


def test_page_drops_no_text_of_the_record() -> None:
    record = rewording.marked()
    shown = set(re.findall(r"t[0-9]+", Page(page(record)).text))
    # A step's name says what it is about, and a reason says no more than the figures it was reckoned from.
    told_otherwise = {step.resource for step in record.steps} | {record.rto.reason}
    assert set(rewording.texts_of(record)) - shown == told_otherwise


@every_record
def test_page_drops_no_finding_deviation_or_assumption(make: Callable[[], DrillRecord]) -> None:
    record = make()
    text = Page(page(record)).text
    for found in record.findings:
        assert all(" ".join(printable(part).split()) in text for part in (found.code, found.message, found.mend))
    assert all(" ".join(printable(one).split()) in text for one in (*record.deviations, *record.assumptions))


def test_hostile_text_is_shown_and_never_obeyed() -> None:
    document = page(rewording.hostile())
    assert "<script" not in document
    assert "<img" not in document
    assert "</title></style>" not in document
    assert "<script>alert(1)</script>" in Page(document).text
    assert "{{ 7*7 }}{% raw %}" in Page(document).text
    assert not [one for one in document if not (one.isprintable() or one in "\n\N{NO-BREAK SPACE}\N{EN SPACE}")]
    document.encode()


def test_text_from_outside_cannot_turn_the_direction_of_what_stands_beside_it() -> None:
    record = replace(records.passed(), scenario="חנות", owner="מפעיל")
    read = Page(page(record))
    assert all(within[-1] in {"bdi", "title"} for within, text in read.texts if "חנות" in text or "מפעיל" in text)


@every_record
def test_verdict_and_reason_stand_in_words_before_anything_else(make: Callable[[], DrillRecord]) -> None:
    record = make()
    text = Page(page(record)).text
    assert f"Verdict: {record.verdict.capitalize()}" in text
    assert text.index("Verdict:") < text.index("What was restored") < text.index("Timeline")
    assert " ".join(printable(record.reason).split()) in text


def test_objectives_are_shown_with_their_actuals_and_drawn_to_scale() -> None:
    read = Page(page(records.failed()))
    assert "47 min 12 s to recover, of 30 min allowed (157 %)" in read.text
    titles = [text for within, text in read.texts if within[-2:] == ("svg", "title")]
    assert [one for one in titles if one.startswith("R")] == ["RTO: actual 47 min 12 s, objective 30 min"]
    spent, over = (one for one in read.named("rect") if one.get("class") in {"spent", "over"})
    target = next(one for one in read.named("line") if one.get("class") == "target")
    assert over["x"] == target["x1"]
    actual, objective = (float((one or "").removesuffix("%")) for one in (spent["width"], target["x1"]))
    assert actual / objective == pytest.approx(2832 / 1800, rel=0.01)


def test_what_is_not_known_without_an_objective_is_not_blamed_on_that() -> None:
    record = records.interrupted()
    none = "no objective was set"
    rto = replace(record.rto, objective_seconds=None, verdict=None, reason=none)
    rpo = replace(record.rpo, objective_seconds=None, verdict=None, reason=none)
    text = Page(page(replace(record, rto=rto, rpo=rpo))).text
    assert "Recovery time (RTO) no objective not known" in text
    assert "In time Not known." in text
    assert "No recovery time was measured." in text


def test_an_allowance_is_drawn_and_said_apart() -> None:
    record = records.passed()
    with_allowance = replace(record, rto=replace(record.rto, allowance_seconds=600.0, actual_seconds=705.2))
    read = Page(page(with_allowance))
    assert [one for one in read.named("rect") if one.get("class") == "allowed"]
    assert "An allowance of 10 min, for what no drill can exercise, was added to it." in read.text


def test_unsigned_is_said_in_the_title_in_a_notice_and_on_every_printed_page() -> None:
    document = page(records.unsigned())
    read = Page(document)
    assert "UNSIGNED. Nothing shows who wrote this record" in read.text
    assert "PASSED, UNSIGNED: shop_monthly" in read.text
    assert read.named("body")[0]["class"] == "unsigned"
    assert "ssh-keygen" not in read.text
    signed = Page(page(records.passed()))
    assert "UNSIGNED" not in signed.text
    assert "class" not in signed.named("body")[0]


def test_an_interrupted_drill_says_so() -> None:
    assert "INTERRUPTED. The drill was stopped before its end." in Page(page(records.interrupted())).text


def test_the_three_commands_are_what_an_auditor_can_paste() -> None:
    text = Page(page(records.passed())).text
    assert "ssh-keygen -Y verify" in text
    assert "-n drtool-report -s report.json.sig" in text
    assert "jq -r '.files | to_entries[] | \"\\(.value) \\(.key)\"' report.json | sha256sum --check" in text
    assert 'grep "$(sha256sum report.json | cut -c1-64)" ../ledger.jsonl' in text


def test_nothing_of_the_record_gets_into_the_commands() -> None:
    def commands(record: DrillRecord) -> list[str]:
        return [text for within, text in Page(page(record)).texts if "code" in within]

    assert commands(replace(rewording.hostile(), signed=True)) == commands(records.passed())


def test_a_sandbox_that_is_still_there_is_not_called_removed() -> None:
    left = Destruction(removed=("container a",), left=("volume b",), looked_at=parts.START, kept_on_request=False)
    text = Page(page(replace(records.passed(), destruction=left))).text
    assert "still there after the removal" in text
    assert "volume b" in text
    assert "found nothing left" not in text


def test_a_way_out_of_the_sandbox_stands_out() -> None:
    record = records.passed()
    probes = (replace(record.isolation[0], contained=False, observed="found an address"), *record.isolation[1:])
    assert "found an address, GOT OUT" in Page(page(replace(record, isolation=probes))).text


def test_a_check_that_could_not_run_is_not_shown_as_passed() -> None:
    record = records.passed()
    check = replace(record.checks[0], outcome=Verdict.UNVERIFIED, observed="the check did not finish")
    text = Page(page(replace(record, checks=(check,)))).text
    assert re.search(r"the check did not finish 137.ms UNVERIFIED", text)


def test_a_fast_profile_says_what_it_means_for_the_recovery_time() -> None:
    record = records.passed()
    rto = replace(record.rto, verdict=None, reason="recovered in 1 min 45 s; not judged, because tuned for speed")
    text = Page(page(replace(record, profile=Profile.FAST, rto=rto))).text
    assert "Recovery time (RTO) not judged" in text
    assert "restores faster than production would" in text


def test_evidence_that_contradicts_itself_is_pointed_out() -> None:
    record = records.passed()
    witness, store, files = record.rpo.evidence
    early = replace(store, recovery_point=witness.recovery_point.replace(hour=20))
    text = Page(page(replace(record, rpo=replace(record.rpo, evidence=(witness, early, files))))).text
    assert "Contradiction: db: the newest time in the data says" in text


def test_a_reckoned_time_stands_beside_the_measured_one_as_reckoned() -> None:
    assert "reckoned, not measured" in Page(page(records.sampled())).text
    assert "reckoned" not in Page(page(records.passed())).text


def test_the_same_record_always_makes_the_same_page() -> None:
    assert page(records.failed()) == page(records.failed())


def test_steps_of_verification_in_a_row_are_one_line_that_names_them_and_one_that_failed_is_its_own() -> None:
    record = records.passed()
    (check,) = (step for step in record.steps if step.name == "check db")
    quiet = [replace(check, name=f"question {number}", elapsed_seconds=2.0) for number in range(3)]
    broken = replace(check, name="question 3", outcome=Verdict.UNVERIFIED, error="it broke off")
    text = Page(page(replace(record, steps=(*quiet, broken)))).text
    assert "3 steps of verification verify" in text
    assert "6.0 s" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "question 0, question 1, question 2" in text
    assert "question 3 verify" in text
    assert "Error: it broke off" in text


def test_the_checks_of_the_scenario_stand_apart_from_those_that_drtool_asks_by_itself() -> None:
    text = Page(page(records.passed())).text
    own, builtin = text.index("Asked by the scenario"), text.index("Asked by drtool of whatever it restores")
    assert own < text.index("db: there are orders") < builtin < text.index("db: CHECK TABLE")


def test_the_title_is_plain_text() -> None:
    titles = [text for within, text in Page(page(records.passed())).texts if within == ("html", "head", "title")]
    assert titles == ["PASSED: shop_monthly, drill of 2026-11-24 03:00:00 UTC"]
