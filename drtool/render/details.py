"""The sections of a record on the terminal that stand behind its answer."""

from __future__ import annotations

from drtool.amounts import count, format_size
from drtool.record.backups import BackupRead
from drtool.record.environment import ContainerRun
from drtool.record.model import DrillRecord
from drtool.record.recovery_point import contradictions
from drtool.record.steps import Step
from drtool.record.verdicts import Verdict
from drtool.render.answers import beside_the_used, between_steps_seconds, evidence, projection_in_words
from drtool.render.sheet import Sheet, Words, words
from drtool.render.verifying import asked_beside, commands
from drtool.render.wording import PROFILES, RANKS, format_instant, format_share, format_span
from drtool.times import format_duration

OUTCOMES = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.UNVERIFIED: "bold yellow"}
"""The style of each outcome; its word always stands with it."""


def write_details(sheet: Sheet, record: DrillRecord) -> None:
    """Write every section that the record has something for."""
    _identity(sheet, record)
    _timeline(sheet, record)
    _checks(sheet, record)
    _losses(sheet, record)
    _evidence(sheet, record)
    _exposure(sheet, record)
    for backup in record.backups:
        _backup(sheet, backup)
    _choices(sheet, record)
    _environment(sheet, record)
    _isolation(sheet, record)
    _destruction(sheet, record)
    _trust(sheet, record)


def _identity(sheet: Sheet, record: DrillRecord) -> None:
    sheet.heading("Who and when")
    sheet.row("Owner", record.owner or "not named")
    sheet.row("Operator", f"{record.operator} on {record.host}")
    sheet.row("Part of", record.environment)
    sheet.row("Disaster", format_instant(record.disaster_at))
    sheet.row("Started", format_instant(record.started_at))
    sheet.row("Recovered", format_instant(record.recovered_at) if record.recovered_at else "not recovered")
    sheet.row("Finished", format_instant(record.finished_at))
    sheet.row("Controls", ", ".join(record.controls) or "none claimed")
    sheet.row("Scenario", f"{record.scenario}: {record.scenario_info.description}")
    sheet.row("", record.scenario_info.file)
    sheet.row("", f"SHA-256 {record.scenario_info.sha256 or 'unknown'}")
    sheet.row("", f"git commit {record.scenario_info.git_commit or 'unknown'}")
    sheet.row("drtool", f"{record.drtool_version}, schema version {record.schema_version}")


def _exposure(sheet: Sheet, record: DrillRecord) -> None:
    if record.exposure:
        sheet.heading("Exposure over the store's history")
    for one in record.exposure:
        sheet.row("", one.series or one.pattern)
        sheet.row("", one.reason)
        for warning in one.warnings:
            sheet.row("", f"- {warning}")


def _timeline(sheet: Sheet, record: DrillRecord) -> None:
    if not record.steps:
        return
    sheet.heading("Steps")
    measured = record.rto.measured_seconds
    rows: list[list[Words]] = [_step(step, measured) for step in record.steps]
    if (between := between_steps_seconds(record)) and measured:
        share = format_share(between, measured)
        rows.append(["", "", "between the counted steps", format_duration(between), share, "", ""])
    heads = ("at", "phase", "step", "took", "of the RTA", "amount", "outcome")
    sheet.table(heads, rows, right=("at", "took", "of the RTA", "amount"))
    if measured is not None:
        checks = "the checks are counted" if record.rto.includes_checks else "the checks are not counted"
        sheet.row("Measured", f"{format_duration(measured, units=3)}; {checks}")
    if record.rto.allowance_seconds:
        sheet.row("Allowance", f"{format_duration(record.rto.allowance_seconds)}, for what no drill can exercise")
    if record.projection:
        sheet.row("Reckoned", f"{projection_in_words(record)}; {record.projection.assumption}")
    for step in record.steps:
        if step.error:
            sheet.row("Error", f"{step.name}: {step.error}")


def _step(step: Step, measured: float | None) -> list[Words]:
    return [
        f"{step.offset_seconds:.1f} s",
        step.phase,
        step.name,
        format_duration(step.elapsed_seconds),
        format_share(step.elapsed_seconds, measured) if step.counted and measured else "-",
        "" if step.size_bytes is None else format_size(step.size_bytes),
        words((step.outcome, OUTCOMES[step.outcome])),
    ]


def _checks(sheet: Sheet, record: DrillRecord) -> None:
    if record.checks:
        sheet.heading("Checks")
    for check in record.checks:
        who = "built in" if check.builtin else "the scenario's"
        text = f" {check.resource}: {check.name} ({who}, {format_duration(check.elapsed_seconds)})"
        sheet.row(check.outcome, text.strip(), style=OUTCOMES[check.outcome])
        sheet.row("", check.question)
        sheet.row("", f"expected {check.expected}, observed {check.observed}")


def _losses(sheet: Sheet, record: DrillRecord) -> None:
    if not record.losses:
        return
    sheet.heading("Losses in rows and files")
    rows = [
        [loss.resource, loss.subject, f"{loss.missing:,}", f"{loss.extra:,}", f"{loss.changed:,}"]
        for loss in record.losses
    ]
    numbers = ("missing", "extra", "changed")
    sheet.table(("resource", "table or folder", *numbers), rows, right=numbers)


def _evidence(sheet: Sheet, record: DrillRecord) -> None:
    if record.rpo.evidence:
        sheet.heading("Evidence for the recovery point")
    for one in evidence(record):
        label = "used" if one.used else "not used"
        beside = f", {text}" if (text := beside_the_used(record, one)) else ""
        kind = RANKS.get(one.rank, "other evidence")
        sheet.row(label, f"{one.resource}: {format_span(one)}{beside}: {one.source} ({kind})")
        sheet.row("", one.detail)
    for text in contradictions(record.rpo.evidence):
        sheet.row("Contradicts", text, style="bold red")


def _backup(sheet: Sheet, backup: BackupRead) -> None:
    sheet.heading(f"Backup {backup.resource}" if backup.resource else "Backup, not restored")
    sheet.row("Location", backup.location)
    sheet.row("Size", f"{format_size(backup.size_bytes)} ({backup.size_bytes:,} bytes)")
    sheet.row("Written", format_instant(backup.modified_at))
    sheet.row("SHA-256", backup.sha256 or "not read to its end")
    sheet.row("Format", f"{backup.format}, compression: {backup.compression}")
    sheet.row("Made by", backup.server_version or "it does not say")
    sheet.row("Version id", backup.version_id or "none")
    sheet.row("Lock", backup.lock_state or "none on record")
    sheet.rows("Header", (f"{name}: {value}" for name, value in backup.header.items()))


def _choices(sheet: Sheet, record: DrillRecord) -> None:
    for choice in record.choices:
        sheet.heading("Chosen among")
        sheet.row("Pattern", choice.pattern)
        sheet.row("Chosen", choice.chosen)
        sheet.row("Why", f"{choice.why} ({count(choice.considered, 'backup')} considered)")
        rows = [[one.location, format_size(one.size_bytes), format_instant(one.modified_at)] for one in choice.newest]
        sheet.table(("newest first", "size", "written"), rows, right=("size",))
        for one in record.rejected:
            if one.pattern == choice.pattern:
                sheet.row("Rejected", f"{one.location}: {one.reason}")


def _environment(sheet: Sheet, record: DrillRecord) -> None:
    sheet.heading("Environment")
    sheet.row("Profile", f"{record.profile}: {PROFILES[record.profile]}")
    if (here := record.sandbox) is None:
        sheet.row("Engine", "not reached")
        return
    sheet.row("Engine", f"{here.engine} {here.engine_version} on {here.engine_os}")
    kind = f" ({here.processor})" if here.processor else ""
    sheet.row("Hardware", f"{count(here.cpus, 'CPU')}{kind}, {format_size(here.memory_bytes)} of memory")
    sheet.row("Storage", here.storage_driver or "not known")
    for container in here.containers:
        _container(sheet, container)


def _container(sheet: Sheet, one: ContainerRun) -> None:
    server = f", MariaDB {one.server_version}" if one.server_version else ""
    sheet.row("Container", f"{one.resource}: {one.image}{server}")
    sheet.row("", one.image_digest)
    disk = format_size(one.disk_limit_bytes) if one.disk_limit_bytes else "what the engine's disk has"
    sheet.row("", f"memory {format_size(one.memory_limit_bytes)}, {count(one.process_limit, 'process', 'processes')}, "
              f"disk {disk}, data on a {one.data_storage}")  # fmt: skip
    if one.requested_series:
        sheet.row("", f"series {one.requested_series} asked for in place of the backup's own")
    sheet.rows("Settings", (f"{name}: {value}" for name, value in one.settings.items()))
    if one.config_file:
        sheet.row("Option file", f"{one.config_file}, SHA-256 {one.config_sha256}")


def _isolation(sheet: Sheet, record: DrillRecord) -> None:
    if record.isolation:
        sheet.heading("Isolation: attempts to get out")
    for probe in record.isolation:
        label, style = ("contained", "green") if probe.contained else ("GOT OUT", "bold red")
        sheet.row(label, f"{probe.resource}: {probe.attempt}: {probe.observed}", style=style)


def _destruction(sheet: Sheet, record: DrillRecord) -> None:
    gone = record.destruction
    sheet.heading("Destruction")
    sheet.rows("Removed", gone.removed)
    sheet.rows("Left", gone.left)
    sheet.row("Looked at", format_instant(gone.looked_at) if gone.looked_at else "nobody looked")


def _trust(sheet: Sheet, record: DrillRecord) -> None:
    sheet.heading("How to verify")
    if ledger := record.ledger:
        sheet.row("Ledger", f"starts at entry {ledger.start_sequence}; written on entry {ledger.head_sequence}")
        sheet.row("", ledger.head)
    else:
        sheet.row("Ledger", "not entered")
    for name, digest in record.files.items():
        sheet.row("File", name)
        sheet.row("", f"SHA-256 {digest}")
    sheet.rows("Beside it", asked_beside(record))
    for command in commands(record):
        sheet.rows("", (f"# {command.what}", *command.lines))
