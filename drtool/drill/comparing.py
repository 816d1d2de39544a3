"""Holds what was restored against a baseline or the running database, and enters in the journal what was lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.baseline.database.capture import SANDBOX, capture_database
from drtool.baseline.database.compare_database import DatabaseComparison, TableDifference, Tolerated, compare_database
from drtool.baseline.database.live import LiveServer
from drtool.baseline.database.localise import Side, localise
from drtool.baseline.database.model import IN_PART, ON_REQUEST, DatabaseBaseline, ObjectKind
from drtool.baseline.database.part import nothing_of, part_of
from drtool.baseline.database.schema import read_schema
from drtool.baseline.database.snapshot import BEGIN
from drtool.baseline.files.compare_files import FilesComparison, compare_files
from drtool.baseline.files.file_list import decode_path
from drtool.baseline.files.files_in_container import files_in_container, restored_root
from drtool.baseline.findings import database_findings, database_losses, file_losses, files_findings, total
from drtool.baseline.kept import Kept, Standing, find_database_baseline, find_folder_baseline
from drtool.baseline.tolerance import Tolerances
from drtool.errors import DrtoolError, Unverifiable
from drtool.mariadb.sql import rows_of, tables_of
from drtool.record.journal import Journal
from drtool.record.recovery import Evidence
from drtool.record.steps import Phase
from drtool.record.verdicts import AgreedTolerance, Check, Loss, Verdict
from drtool.restore.interface import RestoredServer
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import RESTORED_PATH
from drtool.times import utc

CONTENTS_CHECK = "contents are those of the baseline"
_WITNESS_RANK = 1
_VERSIONED = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'SYSTEM VERSIONED'"

# What was written since the backup shows as these; anything else is a difference that a backup should not have.
_LOST_SINCE = {"rows-missing", "rows-extra", "rows-changed", "auto-increment-behind", "sequence-behind"}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison came to, of databases or of files."""

    losses: tuple[Loss, ...]
    findings: tuple[DrtoolError, ...]
    tolerated: tuple[Tolerated, ...]
    unproved: bool
    extent: str
    left_out: str = ""

    @property
    def proved(self) -> Verdict:
        """What it came to if nothing differs too much: not all may have been compared."""
        return Verdict.UNVERIFIED if self.unproved else Verdict.PASSED


def compare_with_baseline(
    journal: Journal,
    resource: str,
    restored: RestoredServer,
    backup: Backup,
    tolerances: Tolerances,
    *,
    unasked: bool = False,
) -> bool:
    """Compare a restored server with the baseline beside its backup.

    With `unasked`, one that proves nothing is named and not compared.

    Returns:
        Whether nothing differs but what is tolerated.

    Raises:
        Unverifiable: there is no baseline, or one of the two could not be read.
    """
    _agree(journal, resource, tolerances)
    with journal.step(Phase.VERIFY, f"compare {resource} with its baseline", resource=resource):
        started = time.monotonic()
        with find_database_baseline(backup.store, backup.location) as (kept, read):
            proves = _proves(journal, resource, kept, unasked=unasked)
            if unasked and not proves:
                return True
            baseline = read()
            known = _databases_of(restored)
            renamed = _renamed(journal, resource, restored, backup, baseline, known)
            baseline = part_of(baseline, restored.only, renamed)
            if lacking := nothing_of(baseline, restored.only, f"the baseline {kept.location}"):
                if not unasked:
                    raise lacking
                journal.deviation(f"{resource}: {lacking.what}, so it was not compared")
                return True
            names = [renamed.get(name, name) for name in baseline.databases]
            observed = capture_database(restored.server.asking, names, manner=SANDBOX, like=baseline, renamed=renamed)
            comparison = compare_database(
                baseline,
                part_of(observed, restored.only, {}),
                tolerances,
                renamed=renamed,
                counters_kept=restored.keeps_counters,
                history_kept=restored.keeps_history or (None if restored.keeps_counters else False),
                memory_kept=not restored.data_files,
                zoneless=restored.zoneless,
            )
            _note(journal, resource, comparison, baseline)
            covers = _covers_all(journal, resource, restored, baseline, known - set(names))
            passed = _enter(journal, resource, of_databases(comparison, resource), kept, started, proves=proves)
            if passed and comparison.equal and not comparison.tolerated and covers:
                row = f"row of {restored.only} in" if restored.only else "row of"
                _enter_witness(journal, resource, backup, kept, baseline.taken_at, row)
                if ON_REQUEST.issuperset(comparison.unseen) and not comparison.unknown:
                    journal.is_complete(resource, "it is equal to its baseline")
    return passed


def compare_files_with_baseline(
    journal: Journal,
    resource: str,
    container: Container,
    backup: Backup,
    tolerances: Tolerances,
    *,
    unasked: bool = False,
) -> bool:
    """Compare restored files with the baseline beside their archive; `unasked` as of `compare_with_baseline`.

    Returns:
        Whether nothing differs but times and what is tolerated.

    Raises:
        Unverifiable: there is no baseline, or one of the two could not be read.
    """
    _agree(journal, resource, tolerances)
    with journal.step(Phase.VERIFY, f"compare {resource} with its baseline", resource=resource):
        started = time.monotonic()
        with find_folder_baseline(backup.store, backup.location) as (kept, read):
            proves = _proves(journal, resource, kept, unasked=unasked)
            if unasked and not proves:
                return True
            header, entries = read()
            original = decode_path(header.root)
            root, is_all = restored_root(
                container, RESTORED_PATH, original, lambda: {one.path for one in entries() if b"/" not in one.path}
            )
            if not is_all:
                what = f"not compared, since its baseline does not cover it: what lies outside {root}"
                journal.deviation(f"{resource}: {what}")
            with files_in_container(container, root) as observed:
                comparison = compare_files(entries(), observed, tolerances)
            if comparison.unknown:
                journal.deviation(
                    f"{resource}: not compared, since none came back or could be seen: {listed(comparison.unknown)}"
                )
            passed = _enter(journal, resource, _of_files(comparison, resource), kept, started, proves=proves)
            if passed and comparison.equal and not comparison.tolerated and is_all:
                _enter_witness(journal, resource, backup, kept, header.taken_at, "file of")
    return passed


def _agree(journal: Journal, resource: str, tolerances: Tolerances) -> None:
    """Enter what was agreed to let pass, before anything is known to differ."""
    journal.tolerances += (
        AgreedTolerance(resource=resource, pattern=one.pattern, leniency=one.leniency, most=one.most, reason=one.reason)
        for one in tolerances
    )


def of_databases(comparison: DatabaseComparison, resource: str) -> Compared:
    """Return what a comparison of databases means for a drill."""
    return Compared(
        losses=database_losses(comparison, resource),
        findings=database_findings(comparison),
        tolerated=comparison.tolerated,
        unproved=bool(comparison.unproved),
        extent=f"{comparison.rows:,} rows in {comparison.tables:,} tables",
        left_out=listed([*map(_those, comparison.unseen), *comparison.unknown], at_most=len(ObjectKind)),
    )


def _of_files(comparison: FilesComparison, resource: str) -> Compared:
    return Compared(
        losses=file_losses(comparison, resource),
        findings=files_findings(comparison),
        tolerated=comparison.tolerated,
        unproved=bool(comparison.unproved),
        extent=f"{comparison.entries:,} entries, {comparison.files:,} of them files",
        left_out=listed(comparison.unknown),
    )


def _enter(journal: Journal, resource: str, compared: Compared, kept: Kept, started: float, *, proves: bool) -> bool:
    """Enter the check, the losses, the findings and what was let pass; return whether the check passed."""
    everything = total(compared.losses)
    differs = f"{everything.missing:,} missing, {everything.extra:,} extra, {everything.changed:,} changed"
    failed = any(finding.code != "baseline-unproved" for finding in compared.findings)
    outcome = Verdict.FAILED if failed else compared.proved if proves else Verdict.UNVERIFIED
    left_out = f"; not compared: {compared.left_out}" if compared.left_out else ""
    journal.check(
        Check(
            resource=resource,
            name=CONTENTS_CHECK,
            question=f"{kept.location}, SHA-256 {kept.sha256}",
            expected="nothing missing, extra or changed",
            observed=f"{differs}; compared {compared.extent}{left_out}",
            outcome=outcome,
            builtin=False,
            elapsed_seconds=time.monotonic() - started,
        )
    )
    enter_losses(journal, resource, compared)
    for finding in compared.findings:
        journal.finding(finding, resource=resource)
    return outcome is Verdict.PASSED


def enter_losses(journal: Journal, resource: str, compared: Compared) -> None:
    """Enter what was lost, or that nothing was, and what was let pass."""
    whole = f"all that was compared ({compared.extent})"
    nothing = Loss(resource=resource, subject=whole, missing=0, extra=0, changed=0)
    journal.losses.extend(compared.losses or (nothing,))
    for one in compared.tolerated:
        why = f" ({one.reason})" if one.reason else ""
        journal.deviation(f"{resource}: {one.subject} was let pass as {one.leniency}{why}: {one.detail}")
    journal.compared.append(resource)


def _enter_witness(journal: Journal, resource: str, backup: Backup, kept: Kept, taken_at: datetime, what: str) -> None:
    """Enter that the data is that of the baseline's instant; a baseline taken after the backup proves its end alone."""
    if backup.found.time_is_lost:
        return  # whether it was taken after the backup, nothing tells
    journal.recovery_point(
        Evidence(
            resource=resource,
            rank=_WITNESS_RANK,
            source="baseline, to which the restored data is equal",
            recovery_point=min(taken_at, backup.found.modified_here),
            detail=f"every {what} {kept.location}, taken at {utc(taken_at)}, is here unchanged",
        )
    )


def _those(unseen: ObjectKind) -> str:
    plural = f"{unseen}es" if unseen is ObjectKind.INDEX else f"{unseen}s"
    return f"other {plural}" if unseen in IN_PART else plural


def _note(journal: Journal, resource: str, comparison: DatabaseComparison, baseline: DatabaseBaseline) -> None:
    for note in comparison.notes:
        journal.assumption(f"{resource}: {note}")
    not_asked_for = set() if ObjectKind.GRANT in baseline.kinds else ON_REQUEST
    if unseen := [_those(kind) for kind in comparison.unseen if kind not in not_asked_for]:
        journal.deviation(f"{resource}: not compared, since one side may not see them: {', '.join(unseen)}")
    if comparison.unknown:
        journal.deviation(f"{resource}: not compared, since a backup need not bring that: {listed(comparison.unknown)}")
    for moved in comparison.collations:
        why = "the default of this server's series: texts may be equal, unique or in order otherwise than they were"
        mend = "name collations in the definitions, or give the server character_set_collations"
        journal.deviation(f"{resource}: {moved}, {why}; {mend}")


def _databases_of(restored: RestoredServer) -> set[str]:
    with restored.server.asking() as connection:
        return {schema for schema, _ in tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED", "SEQUENCE", "VIEW")}


def _renamed(
    journal: Journal,
    resource: str,
    restored: RestoredServer,
    backup: Backup,
    baseline: DatabaseBaseline,
    known: set[str],
) -> dict[str, str]:
    """Return what the database of a baseline is called here, where the backup does not say its name itself."""
    if len(baseline.databases) != 1 or len(known) != 1 or set(baseline.databases) == known:
        return {}
    (was,), (now,) = baseline.databases, known
    if was.lower() != now.lower() and (restored.data_files or backup.recognised.selects_database):
        return {}
    journal.deviation(f"{resource}: the baseline's {was} was restored as {now}, and compared with that")
    return {was: now}


def _covers_all(
    journal: Journal, resource: str, restored: RestoredServer, baseline: DatabaseBaseline, others: set[str]
) -> bool:
    """Tell whether a baseline holds all tables that there are, of which it is a witness; name what it does not hold."""
    with restored.server.asking() as connection:
        versioned = [f"{schema}.{table}" for schema, table in rows_of(connection, _VERSIONED)]
    if others:
        journal.deviation(f"{resource}: not compared, since its baseline does not cover them: {listed(sorted(others))}")
    covered = {f"{table.database}.{table.name}" for table in baseline.tables if table.history} if versioned else set()
    if tables := [table for table in versioned if table not in covered]:
        journal.deviation(f"{resource}: of system-versioned tables the history was not compared: {listed(tables)}")
    return not others and ObjectKind.TABLE in baseline.kinds


def _proves(journal: Journal, resource: str, kept: Kept, *, unasked: bool) -> bool:
    """Tell whether being equal to a baseline proves anything: else it may be of whoever changed the backup."""
    what = f"The baseline of {resource}, {kept.location}, is {kept.standing}"
    if kept.standing is not Standing.TRUSTED and unasked:
        journal.deviation(f"{what}, so it was not compared")
    elif kept.standing is not Standing.TRUSTED:
        journal.finding(Unverifiable("baseline-untrusted", what), resource=resource)
    return kept.standing is Standing.TRUSTED


def not_compared(journal: Journal) -> str | None:
    """Return the sentence on what was restored and not compared with anything; None where all was."""
    without = [name for name in journal.restored if name not in journal.compared]
    what = "rows, files and schema objects that are missing or changed were not looked for"
    return f"No baseline was compared for {', '.join(without)}: {what}" if without else None


def measure_loss(
    journal: Journal,
    resource: str,
    restored: RestoredServer,
    live: LiveServer,
    databases: Sequence[str],
    tolerances: Tolerances,
    *,
    at_most: int | None,
) -> Loss:
    """Count the rows in which a restored server differs from a running one.

    Where the tables differ, both sides are searched down to single rows, so the numbers are exact for tables with a
    primary key. A loss is what restored backups are expected to have: without `at_most` it is measured, not judged.

    Raises:
        Unverifiable: one of the two could not be read.
    """
    _agree(journal, resource, tolerances)
    with journal.step(Phase.VERIFY, f"compare {resource} with {live.server}", resource=resource):
        started = time.monotonic()
        was = part_of(capture_database(live.connect, databases, only=restored.only), restored.only, {})
        if lacking := nothing_of(was, restored.only, str(live.server)):
            raise lacking
        observed = capture_database(restored.server.asking, was.databases, manner=SANDBOX, like=was)
        observed = part_of(observed, restored.only, {})
        coarse = compare_database(was, observed, tolerances, history_kept=None, zoneless=restored.zoneless)
        comparison = replace(coarse, differing=_narrowed(coarse, was, live, restored))
        _note(journal, resource, comparison, was)
        compared = of_databases(comparison, resource)
        enter_losses(journal, resource, compared)
        if inexact := [one.table for one in comparison.differing if not one.exact]:
            journal.deviation(f"{resource}: the losses of {', '.join(inexact)} are the least that they can be")
        for finding in compared.findings:
            if finding.code not in _LOST_SINCE:
                journal.warning(finding.code, f"Against {live.server}: {finding.what}", finding.mend, resource=resource)
        everything = total(compared.losses)
        if at_most is not None:
            lost = everything.missing + everything.changed
            journal.check(
                Check(
                    resource=resource,
                    name="loss in rows",
                    question=f"rows of {live.server} as of {utc(was.taken_at)} that are missing or changed",
                    expected=f"at most {at_most:,}",
                    observed=f"{lost:,}; compared {compared.extent}",
                    outcome=Verdict.FAILED if lost > at_most else compared.proved,
                    builtin=False,
                    elapsed_seconds=time.monotonic() - started,
                )
            )
    return everything


def _narrowed(
    comparison: DatabaseComparison, was: DatabaseBaseline, live: LiveServer, restored: RestoredServer
) -> tuple[TableDifference, ...]:
    """Search the tables that differ down to single rows, where their keys allow it."""
    if not comparison.differing:
        return ()
    kinds = {table.qualified: table.key_kind for table in was.tables}
    with closing(live.connect()) as before, closing(restored.server.asking()) as after:
        rows_of(before, BEGIN)
        infos = read_schema(before, was.databases, with_grants=False).tables
        counted = {(database, table) for database, table, _ in restored.zoneless}  # of these each row differs
        tables = {f"{info.database}.{info.name}": info for info in infos if (info.database, info.name) not in counted}
        return tuple(
            localise(
                Side(connection=before, table=info.quoted),
                Side(connection=after, table=info.quoted),
                one,
                kind=kinds[one.table],
                columns=info.columns,
                key=info.key if info.unique else (),
            )
            if (info := tables.get(one.table))
            else one
            for one in comparison.differing
        )
