"""Every field of a report and of a ledger's entry, edited by somebody who has all but the key, is told by the audit.

In the twin a drill that is what the field says has left it, and the audit has nothing to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drtool.record.model import DrillRecord, decode, encode
from tests.audit.tampering import FAILED_DRILL, LAST
from tests.evidence.builder import FIRST_DRILL_AT, Site, as_document, new_key, signed
from tests.evidence.conftest import Run

pytestmark = pytest.mark.long

Way = tuple[str, ...]
_CHECK = {
    "resource": "db", "name": "rows", "question": "SELECT 1", "expected": "1", "observed": "1", "outcome": "passed",
    "builtin": False, "elapsed_seconds": 1.0,
}  # fmt: skip
_FINDING = {
    "resource": "db",
    "effect": "warning",
    "code": "no-baseline",
    "message": "There is none",
    "mend": "Take one",
}


@dataclass(frozen=True)
class Field:
    """A field of a report, what it is edited to, and whether a drill can be like that and pass an audit."""

    way: Way
    to: Any
    of_a_drill: bool = True

    def __str__(self) -> str:
        return "-".join(self.way)


FIELDS = (
    Field(("verdict",), "passed", False),
    Field(("reason",), "All is very well."),
    Field(("started_at",), "2026-03-04T04:00:00Z", False),
    Field(("disaster_at",), "2026-03-04T02:00:00Z"),
    Field(("recovered_at",), "2026-03-04T03:05:00Z"),
    Field(("finished_at",), "2026-03-04T03:01:00Z", False),
    Field(("scenario",), "mail_monthly", False),
    Field(("scenario_info", "description"), "All systems"),
    Field(("scenario_info", "sha256"), "0" * 64),
    Field(("scenario_info", "git_commit"), "0" * 40),
    Field(("operator",), "auditor", False),
    Field(("host",), "elsewhere", False),
    Field(("owner",), "ops@example.org"),
    Field(("environment",), "production"),
    Field(("controls",), ["SOC2 A1.3"]),
    Field(("profile",), "fast"),
    Field(("interrupted",), True, False),
    Field(("signed",), False, False),
    Field(("drtool_version",), "99.0"),
    Field(("drill_id",), "20260304T030000Z-shop_monthly-000001", False),
    Field(("rto", "objective_seconds"), 90000.0),
    Field(("rto", "actual_seconds"), 1.0),
    Field(("rto", "verdict"), None),
    Field(("rto", "reason"), "met by far"),
    Field(("rpo", "objective_seconds"), 900000.0),
    Field(("rpo", "actual_seconds"), 1.0),
    Field(("rpo", "verdict"), None),
    Field(("rpo", "recovery_point"), "2026-03-04T02:59:59Z"),
    Field(("checks",), [_CHECK]),
    Field(("findings",), [_FINDING]),
    Field(("deviations",), ["nothing was left out"]),
    Field(("assumptions",), ["it is so"]),
    Field(("destruction", "left"), ["volume x"]),
    Field(("every_seconds",), 86400.0 * 3650, False),
    Field(("ledger", "head"), "0" * 64, False),
    Field(("ledger", "start_sequence"), 1, False),
    Field(("files", "drill.log"), "0" * 64, False),
    Field(("timestamp_authority",), "https://example.org", False),
    Field(("statement",), True, False),
)  # fmt: skip


def _with(document: dict[str, Any], way: Way, to: Any) -> dict[str, Any]:
    key, *rest = way
    return {**document, key: _with(document[key], tuple(rest), to) if rest else to}


def _names_it(site: Site, drtool: Run) -> None:
    ended = drtool("audit", site.reports, "--json")
    assert ended.code == 1, ended.errors
    assert ended.codes
    assert drtool("audit", site.reports).code == 1


@pytest.mark.parametrize("field", FIELDS, ids=str)
@pytest.mark.parametrize("rebuilt", [False, True], ids=["as-it-is", "with-its-ledger-rebuilt"])
def test_a_report_of_which_one_field_is_edited_is_told(
    evidence: Site, drtool: Run, field: Field, *, rebuilt: bool
) -> None:
    document = as_document(_with(evidence.record(FAILED_DRILL), field.way, field.to))
    if rebuilt:
        evidence.rewrite_report(FAILED_DRILL, document)
    else:
        evidence.path(FAILED_DRILL, "report.json").write_bytes(document)
    _names_it(evidence, drtool)


@pytest.mark.parametrize("field", [one for one in FIELDS if one.of_a_drill], ids=str)
def test_a_drill_that_is_like_that_is_not(site: Site, drtool: Run, field: Field) -> None:
    site.now = FIRST_DRILL_AT + timedelta(days=2)

    def change(record: DrillRecord) -> DrillRecord:
        return decode(json.dumps(_with(json.loads(encode(record)), field.way, field.to)).encode())

    site.drill(change=change)
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes) == (0, []), ended.errors


@pytest.mark.parametrize("field", FIELDS[:4], ids=str)
def test_a_report_that_is_edited_and_signed_by_another_key_is_told(
    evidence: Site, drtool: Run, field: Field, tmp_path: Path
) -> None:
    evidence.rewrite_report(FAILED_DRILL, as_document(_with(evidence.record(FAILED_DRILL), field.way, field.to)))
    signed(evidence.path(FAILED_DRILL, "report.json"), new_key(tmp_path / "mine"))
    _names_it(evidence, drtool)


@pytest.mark.parametrize("number", range(10))
def test_a_ledger_of_which_a_line_is_cut_is_told(evidence: Site, drtool: Run, number: int) -> None:
    lines = evidence.ledger.read_bytes().splitlines(keepends=True)
    evidence.ledger.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    _names_it(evidence, drtool)


@pytest.mark.parametrize("number", range(10))
def test_a_ledger_of_which_a_line_is_repeated_is_told(evidence: Site, drtool: Run, number: int) -> None:
    lines = evidence.ledger.read_bytes().splitlines(keepends=True)
    evidence.ledger.write_bytes(b"".join(lines[: number + 1] + lines[number:]))
    _names_it(evidence, drtool)


@pytest.mark.parametrize("number", range(9))
def test_a_ledger_of_which_a_line_is_moved_is_told(evidence: Site, drtool: Run, number: int) -> None:
    lines = evidence.ledger.read_bytes().splitlines(keepends=True)
    lines[number], lines[number + 1] = lines[number + 1], lines[number]
    evidence.ledger.write_bytes(b"".join(lines))
    _names_it(evidence, drtool)


_ENTRIES: dict[str, tuple[str, Any]] = {
    "time": ("at", "2026-03-04T03:00:01Z"), "drill": ("drill_id", "20260304T030000Z-mail-000001"),
    "scenario": ("scenario", "other"), "operator": ("operator", "auditor"), "host": ("host", "elsewhere"),
    "limit": ("time_limit_seconds", 1.0), "verdict": ("verdict", "passed"), "digest": ("report_sha256", "0" * 64),
    "interrupted": ("interrupted", True), "sequence": ("sequence", 2), "previous": ("previous", "0" * 64),
}  # fmt: skip


@pytest.mark.parametrize("field", _ENTRIES)
@pytest.mark.parametrize("rebuilt", [False, True], ids=["as-it-is", "with-its-ledger-rebuilt"])
def test_a_ledger_of_which_one_field_is_edited_is_told(
    evidence: Site, drtool: Run, field: str, *, rebuilt: bool
) -> None:
    name, to = _ENTRIES[field]
    lines = evidence.lines()
    edited = next(one for one in lines[FAILED_DRILL * 2 : FAILED_DRILL * 2 + 2] if name in one)
    edited[name] = to
    if rebuilt and name not in {"sequence", "previous"}:
        evidence.rebuild(lines)
    else:
        evidence.ledger.write_bytes(b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in lines))
    _names_it(evidence, drtool)


def _end_left_out(site: Site) -> None:
    site.ledger.write_bytes(b"".join(site.ledger.read_bytes().splitlines(keepends=True)[:-1]))


def _begun_and_never_ended(site: Site) -> None:
    at = FIRST_DRILL_AT + timedelta(days=20)
    site.begin(f"{at:%Y%m%dT%H%M%SZ}-shop_monthly-00000b", "shop_monthly", at)


def _page_of_another_drill(site: Site) -> None:
    site.path(FAILED_DRILL, "report.html").write_bytes(site.path(LAST, "report.html").read_bytes())


def _log_of_another_drill(site: Site) -> None:
    site.path(FAILED_DRILL, "drill.log").write_bytes(site.path(LAST, "drill.log").read_bytes())


def _signature_of_another_drill(site: Site) -> None:
    site.path(FAILED_DRILL, "report.json.sig").write_bytes(site.path(LAST, "report.json.sig").read_bytes())


def _report_of_another_drill(site: Site) -> None:
    for name in ("report.json", "report.json.sig"):
        site.path(FAILED_DRILL, name).write_bytes(site.path(LAST, name).read_bytes())


def _signature_taken_away(site: Site) -> None:
    site.path(FAILED_DRILL, "report.json.sig").unlink()


def _verdict_last_wins(site: Site) -> None:
    path = site.path(FAILED_DRILL, "report.json")
    path.write_bytes(path.read_bytes().rstrip()[:-1].rstrip() + b',\n  "verdict": "passed"\n}\n')


@pytest.mark.parametrize(
    "manipulate",
    [
        _end_left_out, _begun_and_never_ended, _page_of_another_drill, _log_of_another_drill,
        _signature_of_another_drill, _report_of_another_drill, _signature_taken_away, _verdict_last_wins,
    ],
    ids=lambda one: one.__name__.strip("_").replace("_", "-"),
)  # fmt: skip
def test_evidence_of_one_drill_in_anothers_place_is_told(
    evidence: Site, drtool: Run, manipulate: Callable[[Site], None]
) -> None:
    manipulate(evidence)
    _names_it(evidence, drtool)


def test_what_nobody_touched_is_sound(evidence: Site, drtool: Run) -> None:
    ended = drtool("audit", evidence.reports, "--json")
    assert (ended.code, ended.codes) == (0, []), ended.errors
