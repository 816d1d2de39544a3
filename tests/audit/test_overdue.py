"""Drills that are overdue by what their own scenarios say, and what an operator can and cannot do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drtool.audit.cadence import PastDrill, histories, judged, loosened
from drtool.record.verdicts import Verdict
from tests.evidence.builder import Change, Site
from tests.evidence.conftest import Run

NOW = datetime.now(UTC)


def every(days: float | None) -> Change:
    """Have the report say how often its scenario is to be drilled."""
    return lambda record: replace(record, every_seconds=days * 86_400.0 if days else None)


def drilled(
    site: Site, days_ago: float, says: float | None, verdict: Verdict = Verdict.PASSED, scenario: str = "shop"
) -> str:
    site.now = NOW - timedelta(days=days_ago)
    return site.drill(verdict, scenario=scenario, change=every(says))


def test_a_scenario_that_has_not_passed_for_longer_than_it_says_is_overdue(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 35, 50, scenario="mail")
    drilled(site, 33, None, scenario="blog")
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes) == (1, ["overdue"])
    sentence = ended.result["problems"][0]["sentence"]
    assert sentence == (
        f"Scenario shop is overdue: it last passed on {NOW - timedelta(days=40):%Y-%m-%d}, 40 d back, "
        "and should pass every 31 d."
    )
    stands = {one["scenario"]: (one["overdue"], one["every_seconds"]) for one in ended.result["scenarios"]}
    assert stands == {"blog": (None, None), "mail": (False, 50 * 86_400), "shop": (True, 31 * 86_400)}
    shop = ended.result["scenarios"][-1]
    assert datetime.fromisoformat(shop["due_at"]) == datetime.fromisoformat(shop["last_passed_at"]) + timedelta(days=31)


def test_the_table_and_the_page_say_it_too(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 35, 50, scenario="mail")
    ended = drtool("audit", site.reports, "--html")
    lines = [line.split() for line in ended.output.splitlines() if line.startswith(("shop", "mail"))]
    ends = {words[0]: words[-1] for words in lines}
    assert ends == {"shop": "overdue", "mail": f"{NOW + timedelta(days=15):%Y-%m-%d}"}
    page = (site.reports / "index.html").read_text()
    assert page.count("OVERDUE") == 2
    assert "should pass every 31&nbsp;d" in page or "should pass every 31\N{NO-BREAK SPACE}d" in page


def test_a_cadence_that_is_asked_for_counts_instead(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    assert drtool("audit", site.reports, "--cadence", "50d").code == 0
    drilled(site, 20, 31)
    assert drtool("audit", site.reports).code == 0
    ended = drtool("audit", site.reports, "--cadence", "7d")
    assert ended.code == 1
    assert "should pass every 7 d" in ended.output


def test_what_is_due_is_judged_at_the_end_of_the_period_by_what_had_passed_then(site: Site, drtool: Run) -> None:
    drilled(site, 100, 31)
    drilled(site, 10, 31)
    assert drtool("audit", site.reports).code == 0
    then = f"{NOW - timedelta(days=50):%Y-%m-%dT%H:%M:%SZ}"
    ended = drtool("audit", site.reports, "--until", then, "--json")
    assert (ended.code, ended.codes) == (1, ["overdue"])
    assert ended.result["scenarios"][0]["drills"] == 1


def test_a_drill_from_before_the_period_still_says_when_the_next_was_due(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 5, None, scenario="blog")
    assert drtool("audit", site.reports, "--since", "30d", "--json").codes == ["overdue"]


def test_a_scenario_that_never_passed_is_overdue_when_its_first_time_is_over(site: Site, drtool: Run) -> None:
    drilled(site, 20, 31, Verdict.FAILED)
    assert drtool("audit", site.reports).code == 0
    drilled(site, 40, 31, Verdict.FAILED, scenario="mail")
    ended = drtool("audit", site.reports, "--json")
    assert "Scenario mail is overdue: it never passed a drill" in ended.result["problems"][-1]["sentence"]
    assert [one["overdue"] for one in ended.result["scenarios"]] == [True, False]


# What an operator can and cannot do about it


@pytest.mark.parametrize("says", [365, None], ids=["a longer rhythm", "no rhythm at all"])
def test_a_script_that_was_changed_puts_nothing_off_until_a_drill_passes(
    says: float | None, site: Site, drtool: Run
) -> None:
    drilled(site, 40, 31)
    drilled(site, 3, says, Verdict.FAILED)
    assert drtool("audit", site.reports, "--json").codes == ["overdue"]
    drilled(site, 2, says)
    assert drtool("audit", site.reports).code == 0


def test_a_rhythm_that_became_longer_is_mentioned_for_ever_and_a_shorter_one_is_not(site: Site, drtool: Run) -> None:
    drilled(site, 90, 31)
    drilled(site, 60, 7)
    drilled(site, 50, 90)
    drilled(site, 20, None)
    drilled(site, 10, None)
    ended = drtool("audit", site.reports, "--json")
    assert ended.code == 0
    longer, gone, late = ended.result["notes"]
    assert longer.startswith("Scenario shop is to be drilled every 90 d since its drill of ")
    assert longer.endswith("; before that it was every 7 d.")
    assert "is to be drilled and does not say how often since its drill of" in gone
    assert late.endswith(", 10 d later, though it should pass every 7 d.")
    assert f"Note   {longer}" in drtool("audit", site.reports).output
    assert drtool("audit", site.reports, "--since", "15d", "--json").result["notes"] == []
    assert len(drtool("audit", site.reports, "--since", "30d", "--json").result["notes"]) == 1


def test_a_drill_whose_script_could_not_be_loaded_is_no_change_of_the_rhythm(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 10, None, Verdict.UNVERIFIED)
    ended = drtool("audit", site.reports, "--json")
    assert (ended.codes, ended.result["notes"]) == (["overdue"], [])


def test_a_report_that_was_edited_says_nothing_of_when_a_drill_is_due(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 5, 31)
    path = site.path(1, "report.json")
    path.write_bytes(path.read_bytes().replace(b"2678400.0", b"9678400.0"))
    codes = drtool("audit", site.reports, "--json").codes
    assert "report-changed" in codes
    assert "overdue" in codes


def test_a_retired_scenario_is_not_overdue_and_the_audit_says_whose_word_that_is(site: Site, drtool: Run) -> None:
    drilled(site, 40, 31)
    drilled(site, 5, 31, scenario="mail")
    ended = drtool("audit", site.reports, "--retired", "shop", "--json")
    assert (ended.code, ended.codes) == (0, [])
    assert ended.result["notes"] == ["Scenario shop is taken to be retired, so nobody asks whether it is overdue."]
    assert drtool("audit", site.reports, "--retired", "shop", "--cadence", "7d").code == 0
    assert drtool("audit", site.reports, "--retired", "mail").code == 1


@pytest.mark.parametrize("seconds", [4e11, 1e11, -1.0, 0.0])
def test_an_odd_rhythm_does_no_harm(seconds: float, site: Site, drtool: Run) -> None:
    site.now = NOW - timedelta(days=40)
    site.drill(change=lambda record: replace(record, every_seconds=seconds))
    site.drill(change=lambda record: replace(record, every_seconds=seconds * 2))
    ended = drtool("audit", site.reports, "--html")
    assert ended.code == 0, ended.errors


# The rule itself


def told(*drills: tuple[float, str, float | None]) -> Sequence[PastDrill]:
    return [
        PastDrill(scenario="shop", at=NOW - timedelta(days=ago), state=state, read=True, every_seconds=says)
        for ago, state, says in drills
    ]


@pytest.mark.parametrize(
    ("drills", "counts"),
    [
        ([(9, "passed", 31.0)], 31.0),
        ([(9, "passed", 31.0), (8, "passed", 90.0)], 90.0),
        ([(9, "passed", 31.0), (8, "failed", 90.0)], 31.0),
        ([(9, "passed", 31.0), (8, "failed", 7.0)], 7.0),
        ([(9, "passed", 31.0), (8, "passed", None)], None),
        ([(9, "failed", 31.0), (8, "failed", 90.0)], 31.0),
        ([(9, "passed", 31.0), (8, "passed", 90.0), (7, "abandoned", None)], 90.0),
        ([(9, "passed", None)], None),
    ],
)
def test_the_last_drill_that_passed_says_when_the_next_is_due_or_a_later_one_that_says_sooner(
    drills: list[tuple[float, str, float | None]], counts: float | None
) -> None:
    (history,) = judged(histories(told(*drills)), None, NOW)
    assert history.every_seconds == counts
    assert history.overdue is (None if counts is None else True)


def test_what_nobody_read_is_no_change_of_the_rhythm() -> None:
    before, after = told((9, "passed", 31.0), (7, "passed", 31.0))
    unread = replace(before, at=NOW - timedelta(days=8), read=False, every_seconds=None)
    assert loosened([before, unread, after]) == []
