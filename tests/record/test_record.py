"""The record survives the way to its bytes and back, and refuses what it does not know."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from subprocess import PIPE

import pytest

from drtool.errors import DrtoolError
from drtool.record.backups import BackupRead, Candidate, Choice
from drtool.record.environment import ContainerRun, Environment, Profile
from drtool.record.model import SCHEMA_VERSION, Destruction, DrillRecord, LedgerPosition, ScenarioInfo, decode, encode
from drtool.record.recovery import Evidence, Rpo, Rto
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Check, Effect, Finding, IsolationProbe, Loss, Verdict

AT = datetime(2026, 11, 24, 3, 0, 0, 250_000, tzinfo=UTC)

RECORD = DrillRecord(
    schema_version=SCHEMA_VERSION, drtool_version="0.1.0", drill_id="20261124T030000Z-shop-3f9a1c", scenario="shop",
    scenario_info=ScenarioInfo(description="d", file="scenarios/shop.py", sha256="ab" * 32, git_commit=None),
    owner="ops@example.org", operator="ops", host="dr-1", environment="monthly", controls=("SOC2 A1.3",),
    profile=Profile.FAITHFUL, verdict=Verdict.FAILED, reason="RTO missed.", interrupted=False, signed=True,
    started_at=AT, disaster_at=AT, recovered_at=None, finished_at=AT,
    rto=Rto(objective_seconds=1800.0, actual_seconds=None, measured_seconds=None, allowance_seconds=0.0,
            includes_checks=False, verdict=Verdict.FAILED, reason="RTO missed"),
    rpo=Rpo(objective_seconds=None, actual_seconds=60.5, recovery_point=AT, verdict=None, reason="no objective",
            evidence=(Evidence(resource="db", rank=4, source="store", recovery_point=AT, detail="", used=True),)),
    backups=(BackupRead(resource="db", location="/b/ü.sql", size_bytes=1, modified_at=AT, sha256=None, version_id=None,
                        lock_state=None, format="MariaDB dump", compression="zstd", server_version="10.11.18-MariaDB",
                        header={"host": "localhost"}),),
    choices=(Choice(pattern="/b/*", considered=1, chosen="/b/ü.sql", why="last modified",
                    newest=(Candidate(location="/b/ü.sql", size_bytes=1, modified_at=AT),)),),
    sandbox=Environment(engine="Docker", engine_version="20.10", engine_os="Debian", cpus=2, memory_bytes=1,
                        containers=(ContainerRun(resource="db", image="i", image_digest="sha256:0", server_version=None,
                                              memory_limit_bytes=1, process_limit=1, disk_limit_bytes=0,
                                              data_storage="volume"),)),
    steps=(Step(phase=Phase.RESTORE, name="restore", started_at=AT, offset_seconds=0.5, elapsed_seconds=1.5,
                size_bytes=10, counted=True, outcome=Verdict.PASSED),),
    checks=(Check(resource="db", name="n", question="<b>", expected="1", observed="0", outcome=Verdict.FAILED,
                  builtin=False, elapsed_seconds=0.1),),
    losses=(Loss(resource="db", subject="shop.orders", missing=1, extra=0, changed=2),),
    findings=(Finding(code="stream-damaged", effect=Effect.FAILED, resource="db", message="It is.", mend=""),),
    deviations=("a deviation",), assumptions=(),
    isolation=(IsolationProbe(resource="db", attempt="resolve a name", observed="no", contained=True),),
    destruction=Destruction(removed=("volume v",), left=(), looked_at=AT, kept_on_request=False),
    ledger=LedgerPosition(start_sequence=1, head_sequence=2, head="cd" * 32), files={"drill.log": "ef" * 32},
)  # fmt: skip


def test_a_record_comes_back_as_it_was() -> None:
    assert decode(encode(RECORD)) == RECORD


def test_the_document_is_made_to_be_read_by_people_and_scripts() -> None:
    text = encode(RECORD).decode()
    assert text.startswith('{\n  "schema_version": 1,')
    assert text.endswith("}\n")
    assert "/b/ü.sql" in text
    assert json.loads(text)["rpo"]["recovery_point"] == "2026-11-24T03:00:00.250000Z"


def test_the_names_that_scripts_rely_on_stay() -> None:
    document = json.loads(encode(RECORD))
    assert document.keys() >= {
        "schema_version", "drill_id", "scenario", "verdict", "reason", "started_at", "disaster_at", "recovered_at",
        "finished_at", "rto", "rpo", "steps", "checks", "findings", "losses",
    }  # fmt: skip
    assert document["rto"].keys() >= {"objective_seconds", "actual_seconds", "verdict"}
    assert document["rpo"].keys() >= {"objective_seconds", "actual_seconds", "recovery_point", "verdict"}
    assert document["steps"][0].keys() >= {"phase", "elapsed_seconds"}
    assert document["checks"][0].keys() >= {"name", "outcome"}
    assert document["findings"][0].keys() >= {"code"}


def test_the_same_record_gives_the_same_bytes() -> None:
    assert encode(RECORD) == encode(decode(encode(RECORD)))


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    berlin = replace(RECORD, started_at=AT.astimezone(timezone(timedelta(hours=1))))
    assert decode(encode(berlin)).started_at == AT


def test_a_field_of_a_later_drtool_is_passed_over() -> None:
    document = json.loads(encode(RECORD)) | {"something_new": {"deep": [1]}}
    assert decode(json.dumps(document).encode()) == RECORD


def test_a_record_of_a_later_schema_is_refused_and_says_so() -> None:
    document = json.loads(encode(RECORD)) | {"schema_version": 2}
    with pytest.raises(DrtoolError, match=r"schema version 2.*reads version 1") as refused:
        decode(json.dumps(document).encode())
    assert refused.value.code == "record-unreadable"


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{}", b"[]", b"null", b"not json", b'{"schema_version": 1}', b"\xff\xfe", encode(RECORD)[:-20],
        encode(RECORD).replace(b'"failed"', b'"splendid"'), encode(RECORD).replace(b"2026-11-24T03", b"2026-11-24T99"),
        b"[" * 100_000, encode(RECORD).replace(b'"ops"', b'"\xff"'),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused_and_does_not_crash(document: bytes) -> None:
    with pytest.raises(DrtoolError) as refused:
        decode(document)
    assert refused.value.code == "record-unreadable"


READ_BY_MANY_THREADS = """
import sys, threading
from drtool.record.model import decode
sys.setswitchinterval(1e-6)
document, together = sys.stdin.buffer.read(), threading.Barrier(8)
def read():
    together.wait()
    decode(document)
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_the_first_records_of_a_process_can_be_read_by_many_threads_at_once() -> None:
    """An audit does so; msgspec crashed the process in half of the runs when each thread made its own decoder."""
    readers = [subprocess.Popen([sys.executable, "-c", READ_BY_MANY_THREADS], stdin=PIPE) for _ in range(8)]
    for reader in readers:
        reader.communicate(encode(RECORD), timeout=60)
    assert [reader.returncode for reader in readers] == [0] * 8


def test_a_name_that_is_no_text_is_escaped_and_the_record_is_left_all_the_same() -> None:
    broken = b"/b/\xe4.sql".decode("utf-8", "surrogateescape")
    record = replace(RECORD, reason=f"There is no {broken}", files={broken: "ab"})
    read = decode(encode(record))
    assert read.reason == "There is no /b/\\udce4.sql"
    assert read.files == {"/b/\\udce4.sql": "ab"}
    assert read.backups == RECORD.backups
