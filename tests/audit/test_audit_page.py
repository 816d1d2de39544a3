"""`drtool audit --html`: a page beside the evidence that no audit minds or trusts, and that never replaces evidence."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict
from drtool.render.index import MARK
from tests import pace
from tests.audit.tampering import FAILED_DRILL
from tests.evidence.builder import Change, Site
from tests.evidence.conftest import Run


def all_bytes(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_page_lies_in_the_reports_folder_and_touches_nothing_else(evidence: Site, drtool: Run) -> None:
    before = all_bytes(evidence.reports)
    ended = drtool("audit", evidence.reports, "--html")
    page = evidence.reports / "index.html"
    assert ended.code == 0
    assert f"Wrote {page}" in ended.errors
    assert all_bytes(evidence.reports) == before | {"index.html": sha256(page.read_bytes()).hexdigest()}
    assert page.stat().st_mode & 0o777 == 0o644
    assert "5 drills of 2 scenarios" in page.read_text()


def test_no_audit_minds_the_page_or_believes_it(evidence: Site, drtool: Run) -> None:
    drtool("audit", evidence.reports, "--html")
    before = drtool("audit", evidence.reports, "--json").result
    (evidence.reports / "index.html").write_text("<h1>All is splendid</h1>")
    after = drtool("audit", evidence.reports, "--json").result
    assert (before["verdict"], after["verdict"], after["problems"]) == ("passed", "passed", [])


def test_the_page_is_made_anew_and_tells_of_what_was_done_since(evidence: Site, drtool: Run) -> None:
    drtool("audit", evidence.reports, "--html")
    evidence.path(FAILED_DRILL, "drill.log").write_text("nothing happened")
    ended = drtool("audit", "--reports", evidence.reports, "--html")
    assert ended.code == 1
    page = (evidence.reports / "index.html").read_text()
    assert "Audit failed" in page
    assert re.search(r"TAMPERED.*failed by the ledger", page, re.DOTALL)
    assert f'"{evidence.drill_ids()[FAILED_DRILL]}/report.html"' not in page


def test_a_page_elsewhere_leads_to_the_reports(evidence: Site, drtool: Run, tmp_path: Path) -> None:
    page = tmp_path / "site" / "overview.html"
    page.parent.mkdir()
    assert drtool("audit", evidence.reports, "--html", page).code == 0
    assert not (evidence.reports / "index.html").exists()
    links = re.findall(r'href="([^"#]+)"', page.read_text())
    assert len(links) == 5
    assert all((page.parent / link).is_file() for link in links)


def test_json_is_still_all_that_is_printed(evidence: Site, drtool: Run) -> None:
    ended = drtool("audit", evidence.reports, "--html", "--json")
    assert ended.result["verdict"] == "passed"
    assert "Wrote" in ended.errors


@pytest.mark.parametrize("name", ["ledger.jsonl", "allowed_signers", "README.md"])
def test_no_file_without_a_pages_name_is_ever_written(name: str, evidence: Site, drtool: Run) -> None:
    (evidence.reports / "README.md").write_text("Our drills.\n")
    for missing in (False, True):
        if missing:
            (evidence.reports / name).unlink()
        before = all_bytes(evidence.reports)
        ended = drtool("audit", evidence.reports, "--html", evidence.reports / name)
        assert (ended.code, all_bytes(evidence.reports)) == (2, before)
        assert "is no name of a page" in ended.errors


def test_a_reports_folder_that_html_would_swallow_is_wrong_use_and_says_how_to_write_it(
    evidence: Site, drtool: Run
) -> None:
    ended = drtool("audit", "--html", evidence.reports)
    assert ended.code == 2
    assert "a reports folder goes before --html" in ended.errors


def test_a_drills_own_page_is_never_replaced_and_nothing_is_added_beside_it(evidence: Site, drtool: Run) -> None:
    before = all_bytes(evidence.reports)
    for page in (evidence.path(0, "report.html"), evidence.path(0, "index.html"), evidence.reports / "x" / "y.html"):
        ended = drtool("audit", evidence.reports, "--html", page)
        assert (ended.code, all_bytes(evidence.reports)) == (2, before)
        assert "lies among the evidence" in ended.errors


def test_the_way_into_a_drills_folder_through_a_link_is_seen_through(
    evidence: Site, drtool: Run, tmp_path: Path
) -> None:
    (tmp_path / "innocent").symlink_to(evidence.path(0))
    ended = drtool("audit", evidence.reports, "--html", tmp_path / "innocent" / "index.html")
    assert (ended.code, "lies among the evidence" in ended.errors) == (2, True)


@pytest.mark.parametrize("page", ["index.html", "elsewhere.html"])
def test_a_page_that_somebody_else_wrote_is_left_as_it_is(
    page: str, evidence: Site, drtool: Run, tmp_path: Path
) -> None:
    path = (evidence.reports if page == "index.html" else tmp_path) / page
    path.write_text("<h1>Our own page</h1>")
    ended = drtool("audit", evidence.reports, "--html", *([path] if page != "index.html" else []))
    assert (ended.code, path.read_text()) == (2, "<h1>Our own page</h1>")
    assert "was not written by `drtool audit`" in ended.errors


def test_a_link_a_folder_or_a_pipe_in_the_pages_place_is_left_alone(
    evidence: Site, drtool: Run, tmp_path: Path
) -> None:
    page, elsewhere = evidence.reports / "index.html", tmp_path / "important.html"
    elsewhere.write_text(f"<!DOCTYPE html>\n{MARK}\n")
    page.symlink_to(elsewhere)
    assert drtool("audit", evidence.reports, "--html").code == 2
    page.unlink()
    os.mkfifo(page)
    assert drtool("audit", evidence.reports, "--html").code == 2
    page.unlink()
    page.mkdir()
    assert drtool("audit", evidence.reports, "--html").code == 2
    assert page.is_dir()


def test_a_page_that_cannot_be_written_is_an_error_with_a_mend(evidence: Site, drtool: Run, tmp_path: Path) -> None:
    ended = drtool("audit", evidence.reports, "--html", tmp_path / "nowhere" / "index.html")
    assert ended.code == 3
    assert ended.errors.startswith("drtool: The page cannot be written to")
    assert "--html FILE" in ended.errors


def test_json_has_everything_that_the_page_shows(evidence: Site, drtool: Run) -> None:
    until, head = "2026-03-07T00:00:00Z", json.loads(drtool("audit", evidence.reports, "--json").output)["head"]
    ended = drtool("audit", evidence.reports, "--json", "--until", until, "--cadence", "12h", "--head", head)
    result = ended.result
    assert (result["until"], result["cadence_seconds"], result["heads"]) == (until, 43_200.0, [head])
    assert [one["overdue"] for one in result["scenarios"]] == [True, True]
    trend = [(one["report"]["rto"], one["report"]["rpo"]) for one in result["drills"]]
    assert (
        trend
        == [
            (
                {"objective_seconds": 1800.0, "actual_seconds": 700.0, "verdict": "passed"},
                {"objective_seconds": 86400.0, "actual_seconds": 3600.0, "verdict": "passed"},
            )
        ]
        * 5
    )
    assert all(one["report"]["page"] == f"{one['drill_id']}/report.html" for one in result["drills"])


def test_overdue_is_neither_true_nor_false_where_it_was_not_asked(evidence: Site, drtool: Run) -> None:
    assert [one["overdue"] for one in drtool("audit", evidence.reports, "--json").result["scenarios"]] == [None, None]


def test_each_control_lists_the_drills_that_claim_it_and_counts_those_that_passed(site: Site, drtool: Run) -> None:
    def claims(*names: str) -> Change:
        return lambda record: replace(record, controls=names)

    first = site.drill(change=claims("SOC2 A1.3", "DORA Art. 12", "SOC2 A1.3"))
    second = site.drill(Verdict.FAILED, change=claims("SOC2 A1.3"))
    edited = site.drill(change=claims("SOC2 A1.3"))
    site.path(2, "drill.log").write_text("tampered")
    site.key = None
    nobody = site.drill(change=claims("SOC2 A1.3"))
    dora, soc2 = drtool("audit", site.reports, "--json").result["controls"]
    assert (dora["control"], dora["drills"], dora["passed"]) == ("DORA Art. 12", [first], 1)
    assert (soc2["control"], soc2["drills"]) == ("SOC2 A1.3", [first, second, nobody])
    assert (soc2["passed"], soc2["last_passed"], soc2["last_passed_at"]) == (1, first, "2026-03-02T03:00:00Z")
    assert edited not in soc2["drills"]


def test_what_a_tampered_report_says_is_not_passed_on(evidence: Site, drtool: Run) -> None:
    path = evidence.path(FAILED_DRILL, "report.json")
    path.write_bytes(path.read_bytes().replace(b'"verdict": "failed"', b'"verdict": "passed"'))
    drill = drtool("audit", evidence.reports, "--json").result["drills"][FAILED_DRILL]
    assert (drill["state"], drill["intact"], drill["report"]) == ("failed", False, None)


@pytest.mark.long
def test_a_page_over_two_hundred_drills_takes_a_few_seconds(
    site: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.every = timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # these need not survive a power cut
        for number in range(200):
            site.drill(Verdict.FAILED if number % 7 == 0 else Verdict.PASSED, scenario=f"shop_{number % 4}")
    shutil.rmtree(site.path(50))
    began = time.monotonic()
    ended = drtool("audit", site.reports, "--html")
    assert time.monotonic() - began < pace.seconds(10.0)
    assert ended.code == 1
    page = (site.reports / "index.html").read_text()
    assert page.count('<tr id="drill-') == 200
    assert len(page) < 1_000_000


def test_a_report_with_odd_figures_and_times_still_makes_a_page(site: Site, drtool: Run) -> None:
    def odd(record: DrillRecord) -> DrillRecord:
        rto = replace(record.rto, objective_seconds=-1.0, actual_seconds=1e12, verdict=None)
        return replace(record, rto=rto, rpo=replace(record.rpo, objective_seconds=0.0, actual_seconds=-7.0))

    site.drill(change=odd)
    ended = drtool("audit", site.reports, "--html")
    assert ended.code == 0, ended.errors
