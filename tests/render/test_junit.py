"""What a CI job is shown: what failed is a failure, what could not be verified an error, nothing is skipped."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest

from drtool.host.plain import printable
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict
from drtool.render.junit import junit
from tests.render import records, rewording


def parsed(*drills: DrillRecord) -> ET.Element:
    """Return the document as an XML parser reads it from a file."""
    return ET.fromstring(junit(drills).encode())  # noqa: S314 (our own document)


def cases(document: ET.Element) -> dict[str, ET.Element]:
    """Return the test cases by class and name."""
    return {f"{case.get('classname')}: {case.get('name')}": case for case in document.iter("testcase")}


@pytest.mark.parametrize(
    ("make", "kind"), [(records.failed, "failure"), (records.unverified, "error"), (records.interrupted, "error")]
)
def test_a_drill_that_did_not_pass_is_never_green(make: Callable[[], DrillRecord], kind: str) -> None:
    document = parsed(make())
    assert list(document.iter(kind))
    assert document.get(f"{kind}s") == str(len(list(document.iter(kind))))
    assert not list(document.iter("skipped"))


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.UNVERIFIED])
def test_the_verdict_alone_is_enough_not_to_be_green(verdict: Verdict) -> None:
    document = parsed(replace(records.passed(), verdict=verdict))
    assert len([*document.iter("failure"), *document.iter("error")]) == 1


def test_a_passed_drill_has_neither_failures_nor_errors() -> None:
    document = parsed(records.passed())
    assert (document.get("failures"), document.get("errors")) == ("0", "0")
    assert document.get("tests") == str(1 + 2 + len(records.passed().checks))


def test_each_check_objective_and_finding_has_a_case_of_its_own() -> None:
    found = cases(parsed(records.failed()))
    assert found["shop_monthly.drill: recovery time objective (RTO)"].find("failure") is not None
    assert found["shop_monthly.drill: recovery point objective (RPO)"].find("failure") is not None
    assert found["shop_monthly.db: finding: dump-incomplete"].find("failure") is not None
    assert found["shop_monthly.files: backup is complete"].find("failure") is None
    failure = found["shop_monthly.db: there are orders"].find("failure")
    assert failure is not None
    assert failure.get("message") == "expected at least 1, observed 0"


def test_what_could_not_be_verified_is_an_error_and_says_the_mend() -> None:
    error = cases(parsed(records.unverified()))["shop_monthly.drill: finding: engine-unreachable"].find("error")
    assert error is not None
    assert "mend: Start it" in (error.text or "")


def test_an_objective_that_was_not_judged_has_no_green_case() -> None:
    record = records.passed()
    document = parsed(replace(record, rto=replace(record.rto, verdict=None, reason="not judged: tuned for speed")))
    assert not any("RTO" in name for name in cases(document))
    assert "tuned for speed" in (document.findtext("testsuite/system-out") or "")


def test_warnings_and_deviations_are_told_without_failing_anything() -> None:
    said = parsed(records.passed()).findtext("testsuite/system-out") or ""
    assert "warning: recovery-point-behind" in said
    assert records.passed().deviations[0] in said


def test_properties_carry_the_drill_and_its_verdict() -> None:
    properties = {one.get("name"): one.get("value") for one in parsed(records.failed()).iter("property")}
    assert properties["drill_id"] == records.DRILL_ID
    assert properties["verdict"] == "failed"
    assert properties["rto.objective_seconds"] == "1800.0"
    assert properties["rto.actual_seconds"] == "2832.0"


def test_unsigned_is_said() -> None:
    document = junit([records.unsigned()])
    assert "UNSIGNED" in document
    assert "UNSIGNED" not in junit([records.passed()])


def test_a_hostile_record_makes_valid_xml_and_loses_no_text() -> None:
    record = rewording.hostile()
    document = parsed(record)
    values = " ".join(text for one in document.iter() for text in (*one.attrib.values(), one.text or ""))
    assert printable(record.reason) in values
    assert all(printable(check.observed) in values for check in record.checks if check.outcome is not Verdict.PASSED)
    assert all(printable(found.message) in values for found in record.findings)


def test_several_drills_are_several_suites_and_are_added_up() -> None:
    document = parsed(records.passed(), records.failed(), records.unverified())
    suites = document.findall("testsuite")
    assert len(suites) == 3
    for name in ("tests", "failures", "errors"):
        assert document.get(name) == str(sum(int(suite.get(name) or 0) for suite in suites))


def test_no_two_cases_have_the_same_names_whoever_takes_the_last_of_them_for_all() -> None:
    passed, failed = records.passed(), records.failed()
    asked = next(check for check in failed.checks if check.outcome is Verdict.FAILED)
    again = replace(passed, checks=(replace(asked, outcome=Verdict.PASSED), asked, asked))
    found = cases(parsed(again))
    names = [f"shop_monthly.{asked.resource}: {asked.name}{times}" for times in ("", " (2)", " (3)")]
    assert [found[name].find("failure") is not None for name in names] == [False, True, True]


def test_backups_that_are_drilled_without_a_scenario_are_told_apart() -> None:
    def verified(make: Callable[[], DrillRecord], location: str) -> DrillRecord:
        record = make()
        info = replace(record.scenario_info, sha256=None, description=f"{location} restores and holds together")
        return replace(record, scenario="verify", scenario_info=info)

    document = parsed(verified(records.failed, "a.sql"), verified(records.passed, "b.sql"))
    assert [suite.get("name") for suite in document] == [f"verify: {x}.sql restores and holds together" for x in "ab"]
    assert len(cases(document)) == len([*document.iter("testcase")])
    named = parsed(records.failed(), records.passed())
    assert [suite.get("name") for suite in named] == ["shop_monthly", "shop_monthly (2)"]
    assert len(cases(named)) == len([*named.iter("testcase")]), (
        "the drill that passed does not hide the one that failed"
    )
