"""Whatever is done to a drill's folder and what is in it is named by `drtool audit`, which then exits with 1."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256

import pytest

from tests.audit.tampering import FAILED_DRILL, LAST, Manipulation, Manipulations, assert_named
from tests.evidence.builder import Site, as_document
from tests.evidence.conftest import Run

names = Manipulations()


@names("report-changed")
def report_says_passed_where_it_said_failed(site: Site) -> None:
    path = site.path(FAILED_DRILL, "report.json")
    path.write_bytes(path.read_bytes().replace(b'"verdict": "failed"', b'"verdict": "passed"'))


@names("report-changed")
def one_space_more_in_the_report(site: Site) -> None:
    path = site.path(0, "report.json")
    path.write_bytes(path.read_bytes() + b" ")


@names("signature-broken")
def report_edited_and_ledger_rebuilt(site: Site) -> None:
    site.rewrite_report(LAST, as_document(site.record(LAST) | {"reason": "All is very well."}))


@names("verdict-disagrees")
def failed_report_turned_in_a_rebuilt_ledger(site: Site) -> None:
    lines = site.lines()
    for line in lines:
        line.update({"verdict": "passed"} if line["event"] == "end" else {})
    site.rebuild(lines)


@names("report-missing")
def report_deleted(site: Site) -> None:
    site.path(FAILED_DRILL, "report.json").unlink()


@names("report-unreadable")
def report_is_no_json(site: Site) -> None:
    site.rewrite_report(LAST, b"{not json")


@names("report-unreadable")
def report_is_no_text(site: Site) -> None:
    site.rewrite_report(LAST, b'{"scenario": "\xff\xfe\x00"}')


@names("report-unreadable")
def report_is_nested_without_end(site: Site) -> None:
    site.rewrite_report(LAST, b'{"extra": ' + b"[" * 200_000)


@names("report-unreadable")
def report_of_a_version_to_come(site: Site) -> None:
    site.rewrite_report(LAST, as_document({"schema_version": 2, "outcome": "splendid"}))


@names("report-unreadable")
def report_with_a_time_beyond_all_calendars(site: Site) -> None:
    record = site.record(LAST) | {"finished_at": "0001-01-01T00:00:00+23:59"}
    site.rewrite_report(LAST, as_document(record))


@names("file-not-plain")
def report_is_a_terabyte_of_nothing(site: Site) -> None:
    with site.path(0, "report.json").open("wb") as file:
        file.truncate(2**40)


@names("file-not-plain")
def report_is_a_link(site: Site) -> None:
    path = site.path(0, "report.json")
    elsewhere = path.rename(site.reports.parent / "report.json")
    path.symlink_to(elsewhere)


@names("drill-id-disagrees")
def passed_drill_replayed_over_the_failed_one(site: Site) -> None:
    shutil.rmtree(site.path(FAILED_DRILL))
    shutil.copytree(site.path(1), site.path(FAILED_DRILL))


@names("drill-id-disagrees")
def passed_drill_replayed_and_entered_in_a_rebuilt_ledger(site: Site) -> None:
    passed_drill_replayed_over_the_failed_one(site)
    lines = site.lines()
    digest = sha256(site.path(FAILED_DRILL, "report.json").read_bytes()).hexdigest()
    lines[FAILED_DRILL * 2 + 1] |= {"report_sha256": digest, "verdict": "passed"}
    site.rebuild(lines)


@names("file-changed")
def page_edited(site: Site) -> None:
    path = site.path(FAILED_DRILL, "report.html")
    path.write_text(path.read_text().replace("failed", "passed"))


@names("report-changed")
def page_and_its_digest_edited(site: Site) -> None:
    page_edited(site)
    digest = sha256(site.path(FAILED_DRILL, "report.html").read_bytes()).hexdigest()
    record = site.record(FAILED_DRILL)
    record["files"]["report.html"] = digest
    site.path(FAILED_DRILL, "report.json").write_bytes(as_document(record))


@names("signature-broken")
def page_its_digest_and_the_ledger_edited(site: Site) -> None:
    page_and_its_digest_edited(site)
    site.rewrite_report(FAILED_DRILL, site.path(FAILED_DRILL, "report.json").read_bytes())


@names("file-changed")
def log_edited(site: Site) -> None:
    path = site.path(0, "drill.log")
    path.write_text(path.read_text() + "all went well\n")


@names("file-missing")
def log_deleted(site: Site) -> None:
    site.path(0, "drill.log").unlink()


@names("file-missing")
def page_deleted(site: Site) -> None:
    site.path(0, "report.html").unlink()


@names("file-unlisted")
def file_added(site: Site) -> None:
    site.path(0, "approval.txt").write_text("approved\n")


@names("file-unlisted")
def folder_added_within_a_drill(site: Site) -> None:
    site.path(0, "appendix").mkdir()


@names("file-unlisted")
def page_under_a_name_that_looks_alike(site: Site) -> None:
    site.path(0, "rep\u043ert.html").write_text("passed")


@names("file-not-plain")
def page_is_a_link_to_the_very_same_bytes(site: Site) -> None:
    path = site.path(0, "report.html")
    path.symlink_to(path.rename(site.reports.parent / "page"))


@names("file-not-plain")
def page_is_a_folder(site: Site) -> None:
    path = site.path(0, "report.html")
    path.unlink()
    path.mkdir()


@names("file-not-plain")
def log_is_a_pipe_that_nobody_writes_to(site: Site) -> None:
    path = site.path(0, "drill.log")
    path.unlink()
    os.mkfifo(path)


@names("file-not-plain")
def log_is_a_terabyte_of_nothing(site: Site) -> None:
    with site.path(0, "drill.log").open("ab") as file:
        file.truncate(2**40)


@names("folder-missing")
def failed_drill_deleted(site: Site) -> None:
    shutil.rmtree(site.path(FAILED_DRILL))


@names("folder-unknown")
def folder_renamed(site: Site) -> None:
    site.path(0).rename(site.reports / "20260302T030000Z-shop_monthly-abcdef")


@names("folder-unknown")
def folder_copied(site: Site) -> None:
    shutil.copytree(site.path(0), site.reports / "20260402T030000Z-shop_monthly-abcdef")


@names("folder-unknown")
def folder_under_a_name_that_looks_alike(site: Site) -> None:
    path = site.path(0)
    path.rename(path.with_name(path.name.replace("o", "\u043e")))


@names("folder-unknown")
def folder_under_a_name_that_is_no_text(site: Site) -> None:
    shutil.copytree(site.path(0), site.reports / os.fsdecode(b"\xff\x1b[2J"))


@names("folder-unknown")
def drill_hidden_behind_a_dot(site: Site) -> None:
    shutil.copytree(site.path(0), site.reports / ".20260302T030000Z-shop_monthly-000001")


@names("folder-unknown")
def drill_that_left_nothing_but_its_folder(site: Site) -> None:
    (site.reports / "20260302T030000Z-shop_monthly-ffffff").mkdir()


@names("folder-unknown")
def log_of_a_drill_under_another_name(site: Site) -> None:
    (site.reports / "old").mkdir()
    shutil.copy(site.path(0, "drill.log"), site.reports / "old")


@names("folder-not-plain")
def folder_is_a_link(site: Site) -> None:
    path = site.path(0)
    path.symlink_to(path.rename(site.reports.parent / "elsewhere"))


@names("folder-not-plain")
def folder_is_a_file(site: Site) -> None:
    path = site.path(0)
    shutil.rmtree(path)
    path.write_text("")


@names("folder-not-plain")
def folder_is_a_link_to_itself(site: Site) -> None:
    path = site.path(0)
    shutil.rmtree(path)
    path.symlink_to(path)


@names.each()
def test_tampering_with_a_drill_is_named(
    code: str, manipulate: Manipulation, evidence: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_named(code, manipulate, evidence, drtool, monkeypatch)


def test_names_that_look_alike_are_written_as_escapes(evidence: Site, drtool: Run) -> None:
    folder_under_a_name_that_looks_alike(evidence)
    output = drtool("audit", evidence.reports).output
    assert "sh\\u043ep_m\\u043enthly" in output
    assert "\u043e" not in output


def test_a_name_cannot_write_to_the_terminal(evidence: Site, drtool: Run) -> None:
    folder_under_a_name_that_is_no_text(evidence)
    output = drtool("audit", evidence.reports).output
    assert "\\udcff\\x1b[2J" in output
    assert "\x1b" not in output
