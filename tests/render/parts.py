"""What the records are made of: the sample shop's backups, steps and checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drtool.record.backups import BackupRead, Candidate, Choice
from drtool.record.recovery import Evidence
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Check, Verdict

START = datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)
DUMP = "s3://backups/shop/db-20261123T234800Z.sql.zst"
UPLOADS = "s3://backups/shop/uploads-20261123T235200Z.tar.zst"


def evidence() -> tuple[Evidence, ...]:
    """Return the evidence for the recovery points of both resources."""
    began = START - timedelta(seconds=11_523)
    return (
        Evidence(
            resource="db",
            rank=1,
            source="newest time in the data",
            recovery_point=began,
            detail="SELECT MAX(ts) FROM shop.heartbeat",
            used=True,
        ),
        Evidence(
            resource="db",
            rank=4,
            source="store's modification time",
            recovery_point=began + timedelta(seconds=94),
            detail=f"when {DUMP} was last written; the backup began earlier, so this is the latest it can be",
        ),
        Evidence(
            resource="files",
            rank=4,
            source="store's modification time",
            recovery_point=began + timedelta(seconds=240),
            detail=f"when {UPLOADS} was last written; the backup began earlier, so this is the latest it can be",
            used=True,
        ),
    )


def backups() -> tuple[BackupRead, ...]:
    """Return the two backups as they were read."""
    began = START - timedelta(seconds=11_523)
    return (
        BackupRead(
            resource="db",
            location=DUMP,
            size_bytes=157_286_400,
            modified_at=began + timedelta(seconds=94),
            sha256="a7c3e19f5b0d2846" * 4,
            version_id="3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
            lock_state="COMPLIANCE until 2026-12-24T00:00:00Z",
            format="MariaDB dump",
            compression="zstd",
            server_version="11.4.9-MariaDB-log",
            header={
                "tool": "MariaDB dump 10.19",
                "host": "db-1.internal",
                "completed": "2026-11-24 00:49:34 (client's local time)",
            },
        ),
        BackupRead(
            resource="files",
            location=UPLOADS,
            size_bytes=1_288_490_188,
            modified_at=began + timedelta(seconds=240),
            sha256="d2f4068a1c3e597b" * 4,
            version_id=None,
            lock_state=None,
            format="tar archive",
            compression="zstd",
            server_version=None,
        ),
    )


def choice(pattern: str, chosen: str, size_bytes: int) -> Choice:
    """Return what a pattern matched: a backup a night."""
    newest = START - timedelta(seconds=11_429)
    candidates = tuple(
        Candidate(
            location=chosen.replace("20261123", f"202611{23 - night:02}"),
            size_bytes=size_bytes - 1_310_720 * night,
            modified_at=newest - timedelta(days=night, seconds=37 * night),
        )
        for night in range(10)
    )
    return Choice(
        pattern=pattern,
        considered=31,
        chosen=chosen,
        why="last modified of all that were there at the disaster time",
        newest=candidates,
    )


def steps(*, restore_seconds: float = 71.4) -> tuple[Step, ...]:
    """Return the steps, one after the other."""
    plan: tuple[tuple[Phase, str, float, int | None], ...] = (
        (Phase.PREPARE, "reach the Docker engine", 0.041, None),
        (Phase.LOCATE, "find the newest s3://backups/shop/db-*.sql.zst", 0.62, None),
        (Phase.LOCATE, "find the newest s3://backups/shop/uploads-*.tar.zst", 0.58, None),
        (Phase.PREPARE, "find an image for MariaDB 11.4", 0.02, None),
        (Phase.FETCH, f"fetch {DUMP}", 6.9, 157_286_400),
        (Phase.PROVISION, "start an empty MariaDB for db", 2.9, None),
        (Phase.PREPARE, "prove that db is isolated", 0.8, None),
        (Phase.RESTORE, "restore db-20261123T234800Z.sql.zst into db", restore_seconds, 157_286_400),
        (Phase.PREPARE, "find an image for any series", 0.01, None),
        (Phase.FETCH, f"fetch {UPLOADS}", 14.2, 1_288_490_188),
        (Phase.PROVISION, "make an empty folder for files", 0.7, None),
        (Phase.RESTORE, "restore uploads-20261123T235200Z.tar.zst into files", 7.8, 1_288_490_188),
        (Phase.VERIFY, "check db", 11.6, None),
        (Phase.VERIFY, "check files", 0.4, None),
        (Phase.DESTROY, "remove containers and volumes", 4.9, None),
    )
    steps, offset = [], 0.01
    for phase, name, elapsed, size_bytes in plan:
        steps.append(
            Step(
                phase=phase,
                name=name,
                started_at=START + timedelta(seconds=offset),
                offset_seconds=offset,
                elapsed_seconds=elapsed,
                size_bytes=size_bytes,
                counted=phase not in (Phase.PREPARE, Phase.VERIFY, Phase.DESTROY),
                outcome=Verdict.PASSED,
            )
        )
        offset += elapsed + 0.01
    return tuple(steps)


def checks() -> tuple[Check, ...]:
    """Return the checks, all of which passed."""

    def check(resource: str, name: str, question: str, expected: str, observed: str, *, builtin: bool) -> Check:
        return Check(
            resource=resource,
            name=name,
            question=question,
            expected=expected,
            observed=observed,
            outcome=Verdict.PASSED,
            builtin=builtin,
            elapsed_seconds=0.137,
        )

    return (
        check("db", "backup is complete", "the dump ends with its tool's closing comment", "it does", "it does",
              builtin=True),
        check("files", "backup is complete", "the archive ends with tar's end mark", "it does", "it does",
              builtin=True),
        check("db", "there are customers", "SELECT COUNT(*) FROM shop.customers", "at least 1", "48211", builtin=False),
        check("db", "there are orders", "SELECT COUNT(*) FROM shop.orders", "at least 1", "1523304", builtin=False),
        check("db", "freshness", "SELECT MAX(ts) FROM shop.heartbeat", "at most 1 d before the disaster",
              "2026-11-23 23:47:57", builtin=False),
        check("files", "count of *", "paths that match *", "at least 10", "18402", builtin=False),
        check("db", "tables are present", "base tables outside the system databases", "at least 1", "12", builtin=True),
        check("db", "tables and views are readable", "SELECT ... LIMIT 1 from every table and view",
              "0 that cannot be read", "0 of 14", builtin=True),
        check("db", "CHECK TABLE", "CHECK TABLE on every base table", "0 tables with errors", "0 of 12", builtin=True),
        check("db", "foreign keys have their parents", "child rows without a parent row, over every foreign key",
              "0 orphans", "0 over 9 foreign keys", builtin=True),
        check("files", "files are present", "files in the restored folder", "at least 1", "18112", builtin=True),
    )  # fmt: skip
