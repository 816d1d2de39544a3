"""Records of drills as they come out of real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drtool.record.environment import ContainerRun, Environment, Profile
from drtool.record.model import SCHEMA_VERSION, Destruction, DrillRecord, LedgerPosition, ScenarioInfo
from drtool.record.recovery import Projection, Rpo, Rto
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Effect, Finding, IsolationProbe, Loss, Verdict
from tests.render import parts
from tests.render.parts import DUMP, START, UPLOADS

DRILL_ID = "20261124T030000Z-shop_monthly-3f9a1c"


def passed() -> DrillRecord:
    """Return a drill as it should be: both objectives met, every check passed."""
    return DrillRecord(
        schema_version=SCHEMA_VERSION,
        drtool_version="0.1.0",
        drill_id=DRILL_ID,
        scenario="shop_monthly",
        scenario_info=ScenarioInfo(
            description="The shop's database and uploads come back complete within half an hour.",
            file="scenarios/shop.py",
            sha256="6b1f0d2c9a7e4b58" * 4,
            git_commit="4f2c9d1e0b7a6835c1d2e3f405162738495a6b7c",
        ),
        owner="ops@example.org",
        operator="backup",
        host="drill-1.example.org",
        environment="monthly",
        controls=("SOC2 A1.3", "ISO27001 A.8.13"),
        profile=Profile.FAITHFUL,
        verdict=Verdict.PASSED,
        reason=(
            "11 of 11 checks passed; RTO met: recovered in 1 min 45 s, against an objective of 30 min; "
            "RPO met: 3 h 12 min of data lost, against an objective of 1 d."
        ),
        interrupted=False,
        signed=True,
        started_at=START,
        disaster_at=START,
        recovered_at=START + timedelta(seconds=106.4),
        finished_at=START + timedelta(seconds=123.9),
        rto=Rto(
            objective_seconds=1800.0,
            actual_seconds=105.2,
            measured_seconds=105.2,
            allowance_seconds=0.0,
            includes_checks=False,
            verdict=Verdict.PASSED,
            reason="RTO met: recovered in 1 min 45 s, against an objective of 30 min",
        ),
        rpo=Rpo(
            objective_seconds=86_400.0,
            actual_seconds=11_523.0,
            recovery_point=START - timedelta(seconds=11_523),
            verdict=Verdict.PASSED,
            reason="RPO met: 3 h 12 min of data lost, against an objective of 1 d",
            evidence=parts.evidence(),
        ),
        backups=parts.backups(),
        choices=(
            parts.choice("s3://backups/shop/db-*.sql.zst", DUMP, 157_286_400),
            parts.choice("s3://backups/shop/uploads-*.tar.zst", UPLOADS, 1_288_490_188),
        ),
        sandbox=Environment(
            engine="drill-1.example.org",
            engine_version="28.5.1",
            engine_os="Debian GNU/Linux 13 (trixie)",
            cpus=4,
            memory_bytes=16_776_556_544,
            processor="AMD EPYC 9354P 32-Core Processor",
            storage_driver="overlay2",
            containers=(
                ContainerRun(
                    resource="db",
                    image="mariadb:11.4",
                    image_digest="mariadb@sha256:" + "4b9f3c7d5a1e8062" * 4,
                    server_version="11.4.9-MariaDB-ubu2404-log",
                    memory_limit_bytes=2 * 2**30,
                    process_limit=512,
                    disk_limit_bytes=0,
                    data_storage="volume",
                    settings={"max_allowed_packet": "64M"},
                    config_file="/srv/drills/production.cnf",
                    config_sha256="9d41c6a2f0537be8" * 4,
                    requested_series="11.4",
                ),
                ContainerRun(
                    resource="files",
                    image="mariadb:11.8",
                    image_digest="mariadb@sha256:" + "0c8e1f7a2b6d4935" * 4,
                    server_version=None,
                    memory_limit_bytes=2**30,
                    process_limit=128,
                    disk_limit_bytes=20 * 2**30,
                    data_storage="volume",
                ),
            ),
        ),
        steps=parts.steps(),
        checks=parts.checks(),
        losses=(),
        findings=(
            Finding(
                code="recovery-point-behind",
                effect=Effect.WARNING,
                resource=None,
                message="db: the newest time in the data says 2026-11-23T23:47:57Z, which is 1 min 34 s before the "
                "recovery point by the store's modification time.",
                mend="Find out which is right; the earlier one counts",
            ),
        ),
        deviations=(
            "No baseline was compared: rows, files and schema objects that are missing or changed were not looked for",
        ),
        assumptions=("db: a DATETIME without a time zone was taken as UTC",),
        isolation=(
            IsolationProbe(resource="db", attempt="look up the name example.com", observed="no answer", contained=True),
            IsolationProbe(
                resource="db", attempt="reach the engine's host at 172.17.0.1", observed="unreachable", contained=True
            ),
            IsolationProbe(resource="db", attempt="reach 192.0.2.1, outside", observed="unreachable", contained=True),
            IsolationProbe(resource="db", attempt="list its network interfaces", observed="lo", contained=True),
        ),
        destruction=Destruction(
            removed=(
                f"container drtool-{DRILL_ID}-db-3",
                f"container drtool-{DRILL_ID}-files-6",
                f"volume drtool-{DRILL_ID}-backup-1",
                f"volume drtool-{DRILL_ID}-data-2",
                f"volume drtool-{DRILL_ID}-backup-4",
                f"volume drtool-{DRILL_ID}-files-5",
            ),
            left=(),
            looked_at=START + timedelta(seconds=123.8),
            kept_on_request=False,
        ),
        ledger=LedgerPosition(start_sequence=41, head_sequence=41, head="9d4e6a10b3c85f72" * 4),
        files={"drill.log": "1f3d5b79a2c4e608" * 4},
        projection=None,
    )


def sampled() -> DrillRecord:
    """Return a drill that restored a sample, from which production's recovery time was reckoned."""
    return replace(
        passed(),
        projection=Projection(
            production_bytes={"db": 96_636_764_160, "files": 1_288_490_188},
            actual_seconds=46_512.0,
            assumption="fetching, restoring and replaying grow in proportion to the backup's size, all else stays as "
            "it is",
        ),
    )


def failed() -> DrillRecord:
    """Return a drill that was too slow and whose data has lost rows."""
    whole = passed()
    slow = "RTO missed: recovered in 47 min 12 s, against an objective of 30 min"
    trailer = (
        "The dump has no closing comment: its tool did not finish, so rows or whole tables may be missing at its end."
    )
    return replace(
        whole,
        verdict=Verdict.FAILED,
        reason=f"{trailer.rstrip('.')}; {slow}; check failed: backup is complete; and 1 more.",
        recovered_at=START + timedelta(seconds=2_832),
        finished_at=START + timedelta(seconds=2_850),
        rto=replace(whole.rto, actual_seconds=2_832.0, measured_seconds=2_832.0, verdict=Verdict.FAILED, reason=slow),
        rpo=replace(
            whole.rpo,
            actual_seconds=None,
            recovery_point=None,
            verdict=Verdict.FAILED,
            reason="RPO missed: a backup did not restore, against an objective of 1 d",
        ),
        steps=parts.steps(restore_seconds=2_798.2),
        checks=tuple(
            replace(check, outcome=Verdict.FAILED, observed="it does not")
            if check.resource == "db" and check.name == "backup is complete"
            else replace(check, outcome=Verdict.FAILED, observed="0")
            if check.name == "there are orders"
            else check
            for check in whole.checks
        ),
        losses=(
            Loss(resource="db", subject="shop.orders", missing=152_330, extra=0, changed=0),
            Loss(resource="db", subject="shop.order_lines", missing=401_877, extra=0, changed=12),
            Loss(resource="files", subject="uploads/2026/11", missing=3, extra=1, changed=0),
        ),
        findings=(
            *whole.findings,
            Finding(
                code="dump-incomplete",
                effect=Effect.FAILED,
                resource="db",
                message=trailer,
                mend="Look at the backup job's log of that night: was it killed, or did its disk fill up?",
            ),
        ),
        deviations=(
            f"By its name {DUMP}, which was taken, is newer than s3://backups/shop/db-20261123T194800Z.sql.zst, "
            "which the store modified last: it was copied or changed since, or its name is wrong",
            "The backup was made by MariaDB 11.4 and restored into 11.8.3-MariaDB; the drill says nothing of a "
            "recovery into the server it came from.",
        ),
    )


def unverified() -> DrillRecord:
    """Return a drill that found no engine: almost nothing is known."""
    return replace(
        passed(),
        verdict=Verdict.UNVERIFIED,
        reason="The Docker engine cannot be reached: there is no socket /var/run/docker.sock.",
        recovered_at=None,
        finished_at=START + timedelta(seconds=0.2),
        rto=Rto(
            objective_seconds=1800.0,
            actual_seconds=None,
            measured_seconds=None,
            allowance_seconds=0.0,
            includes_checks=False,
            verdict=Verdict.UNVERIFIED,
            reason="nothing was recovered, so there is no recovery time",
        ),
        rpo=Rpo(
            objective_seconds=86_400.0,
            actual_seconds=None,
            recovery_point=None,
            verdict=Verdict.UNVERIFIED,
            reason="nothing was restored",
        ),
        backups=(),
        choices=(),
        sandbox=None,
        steps=(
            Step(
                phase=Phase.PREPARE,
                name="reach the Docker engine",
                started_at=START,
                offset_seconds=0.01,
                elapsed_seconds=0.05,
                size_bytes=None,
                counted=False,
                outcome=Verdict.UNVERIFIED,
                error="The Docker engine cannot be reached: there is no socket /var/run/docker.sock.",
            ),
        ),
        checks=(),
        findings=(
            Finding(
                code="engine-unreachable",
                effect=Effect.UNVERIFIED,
                resource=None,
                message="The Docker engine cannot be reached: there is no socket /var/run/docker.sock.",
                mend="Start it, or set DOCKER_HOST; `drtool doctor` tells more",
            ),
        ),
        deviations=(),
        assumptions=(),
        isolation=(),
        destruction=Destruction(removed=(), left=(), looked_at=None, kept_on_request=False),
    )


def interrupted() -> DrillRecord:
    """Return a drill that somebody stopped while it restored."""
    whole = passed()
    return replace(
        whole,
        verdict=Verdict.UNVERIFIED,
        reason="The drill was interrupted.",
        interrupted=True,
        recovered_at=None,
        rto=replace(
            whole.rto,
            actual_seconds=None,
            measured_seconds=None,
            verdict=Verdict.UNVERIFIED,
            reason="the recovery did not end, so there is no recovery time",
        ),
        rpo=Rpo(
            objective_seconds=86_400.0,
            actual_seconds=None,
            recovery_point=None,
            verdict=Verdict.UNVERIFIED,
            reason="nothing was restored",
        ),
        backups=whole.backups[:1],
        checks=(),
        findings=(
            Finding(
                code="interrupted",
                effect=Effect.UNVERIFIED,
                resource=None,
                message="The drill was interrupted by SIGINT.",
                mend="Drill again",
            ),
        ),
    )


def unsigned() -> DrillRecord:
    """Return the good drill without a signature."""
    return replace(passed(), signed=False)
