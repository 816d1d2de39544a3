"""Makes reports folders as drills leave them, without drilling."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from drtool.attest.authority import Authority
from drtool.attest.enclosures import enclose, makers
from drtool.errors import DrtoolError
from drtool.evidence import folder
from drtool.evidence.ledger import Ledger
from drtool.keys.raw_signing import RawKey, find_raw_key
from drtool.keys.signing import SigningKey, check_key
from drtool.record.environment import Profile
from drtool.record.model import SCHEMA_VERSION, Destruction, DrillRecord, LedgerPosition, ScenarioInfo
from drtool.record.recovery import Rpo, Rto
from drtool.record.verdicts import Verdict

FIRST_DRILL_AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

Change = Callable[[DrillRecord], DrillRecord]


def write_evidence(
    reports: Path, record: DrillRecord, *, render_page: Callable[[DrillRecord], str], key: SigningKey | None
) -> folder.Written:
    """Write a drill's evidence, as a drill does at its end."""
    written = folder.compose(reports, record, render_page=render_page, key=key)
    folder.write(reports, written, key=key)
    return written


def a_record(drill_id: str, **changes: Any) -> DrillRecord:
    """Return the record of a small drill that passed."""
    started_at = changes.get("started_at", FIRST_DRILL_AT)
    script = f"scenarios/{changes.get('scenario', 'shop_monthly').split('_')[0]}.py"
    record = DrillRecord(
        schema_version=SCHEMA_VERSION,
        drtool_version="0.1.0",
        drill_id=drill_id,
        scenario="shop_monthly",
        scenario_info=ScenarioInfo(description="The shop", file=script, sha256=None, git_commit=None),
        owner=None,
        operator="ops",
        host="drillhost",
        environment="monthly",
        controls=(),
        profile=Profile.FAITHFUL,
        verdict=Verdict.PASSED,
        reason="All is well.",
        interrupted=False,
        signed=True,
        started_at=started_at,
        disaster_at=started_at,
        recovered_at=None,
        finished_at=started_at + timedelta(minutes=12),
        rto=Rto(
            objective_seconds=1800.0, actual_seconds=700.0, measured_seconds=700.0, allowance_seconds=0.0,
            includes_checks=False, verdict=Verdict.PASSED, reason="met",
        ),
        rpo=Rpo(
            objective_seconds=86400.0, actual_seconds=3600.0, recovery_point=None, verdict=Verdict.PASSED, reason="met"
        ),
        backups=(), choices=(), sandbox=None, steps=(), checks=(), losses=(), findings=(), deviations=(),
        assumptions=(), isolation=(),
        destruction=Destruction(removed=(), left=(), looked_at=None, kept_on_request=False),
        ledger=None,
        files={},
    )  # fmt: skip
    return replace(record, **changes)


def like(other: DrillRecord) -> Change:
    """Return a change that makes a drill one that found what another did."""
    own = ("drill_id", "scenario", "operator", "host", "verdict", "interrupted", "started_at", "finished_at", "ledger")
    return lambda record: replace(other, files={}, **{name: getattr(record, name) for name in own})


def a_page(record: DrillRecord) -> str:
    """Render a record as a page, for want of a better one."""
    return f"<!doctype html><title>{record.drill_id}</title><p>{record.verdict}"


@dataclass
class Site:
    """A site whose drills leave evidence; instants move on with each drill.

    Attributes:
        reports: the reports folder.
        config: what `XDG_CONFIG_HOME` is to be.
        key: what it signs with.
        authority: what is asked for a time-stamp over each report.
        statement: whether a statement is made about each report.
        lacking: what of that was not made, and why.
    """

    reports: Path
    config: Path
    key: SigningKey | None
    now: datetime = FIRST_DRILL_AT
    every: timedelta = timedelta(days=1)
    authority: Authority | None = None
    statement: bool = False
    lacking: list[DrtoolError] = field(default_factory=list)

    def drill(
        self,
        verdict: Verdict = Verdict.PASSED,
        *,
        scenario: str = "shop_monthly",
        interrupted: bool = False,
        change: Change = lambda record: record,
        render_page: Callable[[DrillRecord], str] = a_page,
    ) -> str:
        """Leave the evidence of one drill, as `conduct` does it, and return its id."""
        ledger = Ledger(self.reports)
        at, self.now = self.now, self.now + self.every
        entered = 1 if (head := ledger.head()) is None else head.sequence + 1
        drill_id = f"{at:%Y%m%dT%H%M%SZ}-{scenario}-{entered:06x}"
        start = self.begin(drill_id, scenario, at)
        head = ledger.head()
        assert head is not None
        record = a_record(
            drill_id,
            scenario=scenario,
            verdict=verdict,
            interrupted=interrupted,
            started_at=at,
            ledger=LedgerPosition(start_sequence=start, head_sequence=head.sequence, head=head.hash),
        )
        record = change(record)
        asked = self.authority.name if self.authority else None
        record = replace(record, timestamp_authority=asked, statement=self.statement)
        written = write_evidence(self.reports, record, render_page=render_page, key=self.key)
        making = makers(self.authority, self.raw_key() if self.statement else None)
        enclosed = enclose(self.reports / drill_id, written.document, making)
        self.lacking += enclosed.lacking
        ledger.end(
            drill_id=drill_id,
            verdict=written.record.verdict,
            report_sha256=written.report_sha256,
            interrupted=written.record.interrupted,
            at=at + timedelta(minutes=12),
            enclosed=enclosed.digests,
        )
        return drill_id

    def raw_key(self) -> RawKey:
        """Return the site's key as one that signs statements."""
        assert self.key is not None
        return find_raw_key(self.key, check_key(self.key))

    def begin(self, drill_id: str, scenario: str, at: datetime) -> int:
        """Enter a drill's start and make its folder with a log in it; return the entry's number."""
        start = Ledger(self.reports).start(
            drill_id=drill_id, scenario=scenario, operator="ops", host="drillhost", time_limit_seconds=3600.0, at=at
        )
        own = folder.make(self.reports, drill_id)
        (own / folder.LOG).write_text(f"{at:%Y-%m-%dT%H:%M:%SZ} {drill_id}\n")
        return start.sequence

    def drill_ids(self) -> list[str]:
        """Return the drills' ids, the oldest first."""
        return [line["drill_id"] for line in self.lines() if line["event"] == "start"]

    def path(self, number: int, name: str = "") -> Path:
        """Return the path of a drill's folder, or of a file in it; the drills count from 0."""
        return self.reports / self.drill_ids()[number] / name

    @property
    def ledger(self) -> Path:
        """The ledger's path."""
        return self.reports / "ledger.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        """Return the ledger's lines."""
        return [json.loads(line) for line in self.ledger.read_bytes().splitlines()]

    def copied_to(self, reports: Path) -> Site:
        """Return the same site with a copy of its reports, to be tampered with."""
        shutil.copytree(self.reports, reports, symlinks=True)
        return replace(self, reports=reports)

    def rebuild(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write the ledger anew from the first line to the last, as somebody would who knows how it is chained."""
        content, previous = b"", "0" * 64
        for sequence, line in enumerate(lines, start=1):
            rebuilt = line | {"previous": previous, "sequence": sequence}
            encoded = json.dumps(rebuilt, separators=(",", ":")).encode() + b"\n"
            content, previous = content + encoded, sha256(encoded).hexdigest()
        self.ledger.write_bytes(content)

    def rewrite_report(self, number: int, document: bytes) -> None:
        """Replace a drill's report and enter its digest in a rebuilt ledger."""
        path = self.path(number, folder.RECORD)
        path.write_bytes(document)
        lines = self.lines()
        for line in lines:
            if line["event"] == "end" and line["drill_id"] == path.parent.name:
                line["report_sha256"] = sha256(document).hexdigest()
        self.rebuild(lines)

    def record(self, number: int) -> dict[str, Any]:
        """Return what is in a drill's report."""
        content: dict[str, Any] = json.loads(self.path(number, folder.RECORD).read_bytes())
        return content


def signed(document: Path, key: Path, namespace: str = "drtool-report") -> None:
    """Sign a file as anybody can on a command line."""
    document.with_name(document.name + ".sig").unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, document], check=True, capture_output=True
    )


def new_key(path: Path, *, passphrase: str = "", comment: str = "jane@laptop") -> Path:
    """Make a key pair."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", comment, "-f", path], check=True, timeout=30
    )
    return path


def as_document(content: dict[str, Any]) -> bytes:
    """Return a report's content as bytes, laid out as drtool does it."""
    return json.dumps(content, indent=2).encode() + b"\n"
