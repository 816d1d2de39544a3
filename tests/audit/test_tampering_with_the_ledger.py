"""Whatever is done to the ledger is named by `drtool audit`, which then exits with 1."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from drtool.evidence import chain
from drtool.record.model import DrillRecord, LedgerPosition
from drtool.record.verdicts import Verdict
from tests.audit.tampering import FAILED_DRILL, LAST, Manipulation, Manipulations, assert_named
from tests.evidence.builder import FIRST_DRILL_AT, Site
from tests.evidence.conftest import Run

names = Manipulations()


def keep_lines(site: Site, kept: Callable[[int], bool]) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    site.ledger.write_bytes(b"".join(line for number, line in enumerate(lines) if kept(number)))


@names("ledger-entry-removed")
def failed_drill_deleted_and_its_lines_too(site: Site) -> None:
    shutil.rmtree(site.path(FAILED_DRILL))
    keep_lines(site, lambda number: number not in (4, 5))


@names("ledger-replaced")
def ledger_rebuilt_without_the_failed_drill(site: Site) -> None:
    name = site.path(FAILED_DRILL).name
    shutil.rmtree(site.path(FAILED_DRILL))
    site.rebuild([line for line in site.lines() if line["drill_id"] != name])


@names("ledger-entry-removed")
def first_drill_cut_off_the_beginning(site: Site) -> None:
    shutil.rmtree(site.path(0))
    keep_lines(site, lambda number: number > 1)


@names("ledger-entry-removed")
def two_lines_swapped(site: Site) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    lines[4], lines[6] = lines[6], lines[4]
    site.ledger.write_bytes(b"".join(lines))


@names("ledger-replaced")
def drills_reordered_in_a_rebuilt_ledger(site: Site) -> None:
    lines = site.lines()
    site.rebuild([*lines[:4], *lines[6:8], *lines[4:6], *lines[8:]])


@names("ledger-entry-changed")
def verdict_edited_in_the_ledger(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes().replace(b'"verdict":"failed"', b'"verdict":"passed"'))


@names("ledger-entry-moved")
def line_repeated(site: Site) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    site.ledger.write_bytes(b"".join([*lines, lines[5]]))


@names("drill-started-twice")
def drill_entered_again(site: Site) -> None:
    site.rebuild([*site.lines(), *site.lines()[:2]])


@names("drill-ended-twice")
def second_end_entered(site: Site) -> None:
    lines = site.lines()
    site.rebuild([*lines, lines[FAILED_DRILL * 2 + 1] | {"verdict": "passed"}])


@names("drill-never-started")
def start_left_out(site: Site) -> None:
    lines = site.lines()
    site.rebuild([*lines[:-2], lines[-1]])


@names("drill-abandoned")
def last_line_cut_off(site: Site) -> None:
    keep_lines(site, lambda number: number < 9)


@names("drill-abandoned")
def last_line_cut_in_its_middle(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes()[:-40])


@names("folder-unknown")
def last_drill_cut_off_and_its_folder_left(site: Site) -> None:
    keep_lines(site, lambda number: number < 8)


@names("ledger-entry-moved")
def two_histories_with_a_common_beginning_put_together(site: Site) -> None:
    other = site.copied_to(site.reports.parent / "other")
    site.key = other.key
    ours, theirs = site.drill(scenario="ours"), other.drill(scenario="theirs")
    assert ours != theirs
    shutil.copytree(other.reports / theirs, site.reports / theirs)
    added = other.ledger.read_bytes().splitlines(keepends=True)[10:]
    site.ledger.write_bytes(site.ledger.read_bytes() + b"".join(added))


@names("folder-unknown")
def one_history_exchanged_for_another_with_a_common_beginning(site: Site) -> None:
    other = site.copied_to(site.reports.parent / "other")
    site.drill(Verdict.FAILED, scenario="ours")
    theirs = other.drill(scenario="theirs")
    shutil.copytree(other.reports / theirs, site.reports / theirs)
    shutil.copy(other.ledger, site.ledger)


@names("clock-set-back")
def drill_back_dated_by_somebody_with_the_key(site: Site) -> None:
    site.now = FIRST_DRILL_AT + timedelta(hours=12)
    site.drill(scenario="back_dated")


@names("time-disagrees")
def drill_back_dated_in_its_report_alone_by_somebody_with_the_key(site: Site) -> None:
    month = timedelta(days=30)
    site.now = FIRST_DRILL_AT + timedelta(days=40)

    def change(record: DrillRecord) -> DrillRecord:
        return replace(record, started_at=record.started_at - month, finished_at=record.finished_at - month)

    site.drill(scenario="back_dated", change=change)


@names("ledger-replaced")
def times_edited_in_a_rebuilt_ledger(site: Site) -> None:
    lines = site.lines()
    lines[4]["at"] = "2026-03-03T23:00:00Z"
    site.rebuild(lines)


@names("scenario-disagrees")
def scenario_renamed_in_a_rebuilt_ledger(site: Site) -> None:
    lines = site.lines()
    lines[8]["scenario"] = "payroll_monthly"
    site.rebuild(lines)


@names("ledger-replaced")
def report_written_on_another_ledger_by_somebody_with_the_key(site: Site) -> None:
    position = LedgerPosition(start_sequence=11, head_sequence=11, head="ab" * 32)
    site.drill(change=lambda record: replace(record, ledger=position))


@names("ledger-position-missing")
def report_without_a_place_in_the_ledger_by_somebody_with_the_key(site: Site) -> None:
    site.drill(change=lambda record: replace(record, ledger=None))


@names("ledger-missing")
def ledger_deleted(site: Site) -> None:
    site.ledger.unlink()


@names("ledger-missing")
def ledger_emptied(site: Site) -> None:
    site.ledger.write_bytes(b"")


@names("ledger-not-plain")
def ledger_is_a_link(site: Site) -> None:
    site.ledger.symlink_to(site.ledger.rename(site.reports.parent / "ledger.jsonl"))


@names("ledger-not-plain")
def ledger_is_a_folder(site: Site) -> None:
    site.ledger.unlink()
    site.ledger.mkdir()


@names("ledger-not-plain")
def ledger_is_a_terabyte_of_nothing(site: Site) -> None:
    with site.ledger.open("ab") as file:
        file.truncate(2**40)


@names("ledger-line-unreadable")
def line_put_in(site: Site) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    site.ledger.write_bytes(b"".join([*lines[:4], b"approved by the board\n", *lines[4:]]))


@names("ledger-line-unreadable")
def line_torn_that_no_note_tells_of(site: Site) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    lines[5] = lines[5][:-30] + b"\n"
    site.ledger.write_bytes(b"".join(lines))


@names("ledger-line-unreadable")
def empty_line_at_the_end(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes() + b"\n")


@names("ledger-line-unreadable")
def line_that_is_no_text(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes() + b"\xff\xfe\x00\n")


@names("ledger-line-unreadable")
def line_nested_without_end(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes() + b'{"event":' * 100_000 + b"\n")


@names("line-ends-converted")
def line_ends_converted(site: Site) -> None:
    site.ledger.write_bytes(site.ledger.read_bytes().replace(b"\n", b"\r\n"))


@names("bad-drill-id")
def drill_that_leads_out_of_the_folder(site: Site) -> None:
    lines = site.lines()
    secret = site.reports.parent / "secret"
    shutil.copytree(site.path(LAST), secret)
    for line in lines[8:]:
        line["drill_id"] = "../secret"
    site.rebuild(lines)


@names.each()
def test_tampering_with_the_ledger_is_named(
    code: str, manipulate: Manipulation, evidence: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_named(code, manipulate, evidence, drtool, monkeypatch)


def test_a_cut_tail_is_found_by_a_head_that_was_noted(evidence: Site, drtool: Run) -> None:
    head = drtool("audit", evidence.reports, "--json").result["head"]
    shutil.rmtree(evidence.path(LAST))
    keep_lines(evidence, lambda number: number < 8)
    assert drtool("audit", evidence.reports).code == 0, "nothing in the folder itself can tell"
    ended = drtool("audit", evidence.reports, "--head", head, "--json")
    assert (ended.code, ended.codes) == (1, ["head-not-found"])
    assert head in ended.result["problems"][0]["sentence"]


def test_an_older_head_is_still_there_after_more_drills(evidence: Site, drtool: Run) -> None:
    head = drtool("audit", evidence.reports, "--json").result["head"]
    evidence.now = FIRST_DRILL_AT + timedelta(days=10)
    evidence.drill()
    assert drtool("audit", evidence.reports, "--head", head.upper()).code == 0


def test_the_rebuilt_ledgers_of_these_tests_are_sound_chains(evidence: Site) -> None:
    before = evidence.ledger.read_bytes()
    evidence.rebuild(evidence.lines())
    assert chain.read(evidence.ledger.read_bytes()).breaks == ()
    assert evidence.ledger.read_bytes() == before
