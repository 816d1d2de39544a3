"""What a scenario gets back from a restore: a database or a folder to put questions to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.baseline.database.live import LiveServer
from drtool.baseline.kept import lies_beside
from drtool.baseline.tolerance import Tolerances
from drtool.checks import builtin, files
from drtool.checks.expectation import Expectation, Number, spoken
from drtool.checks.open_accounts import open_accounts, rights_of_nobody
from drtool.checks.sql import Answer, Moment, ask, judge_expectation, timed_check, to_moment
from drtool.drill.comparing import compare_files_with_baseline, compare_with_baseline, measure_loss
from drtool.drill.on_record import on_record
from drtool.errors import Unverifiable
from drtool.mariadb import server_url
from drtool.mariadb.known_state import set_back
from drtool.mariadb.sql import describe_sql_error, error_code, is_of_sandbox, rows_of
from drtool.record.journal import Journal
from drtool.record.recovery_point import CONTRADICTION_SECONDS, finished_by
from drtool.record.steps import Phase
from drtool.record.verdicts import Loss, Verdict
from drtool.record.witness import Proven, proven_by
from drtool.restore.dumps_among import judge_dumps_among
from drtool.restore.interface import RestoredServer
from drtool.sandbox.container import Container
from drtool.times import format_both, format_duration, parse_duration, utc

_STATEMENT_LIMIT_SECONDS = 600.0
_TIMES = (
    "ask for a TIMESTAMP, a DATETIME or seconds since 1970; of days and text, CAST(MAX(...) AS DATETIME), of "
    "milliseconds a thousandth"
)
_UNPLACED = "taken as UTC, since the zone of this DATETIME was not named: say zone="


@on_record
class Database:
    """A restored database; scenarios get it from `Drill.restore_mariadb`.

    Attributes:
        name: what the drill calls it.
        restored: its server, and where its data stands; drtool's own.
    """

    def __init__(
        self,
        journal: Journal,
        name: str,
        backup: Backup,
        restored: RestoredServer,
        rpo_seconds: float | None,
        disaster_at: datetime,
    ) -> None:
        self.name = name
        self._journal = journal
        self._backup = backup
        self.restored = restored
        self._rpo_seconds = rpo_seconds
        self._disaster_at = disaster_at

    def check(
        self,
        name: str,
        query: str,
        *,
        equals: object = None,
        at_least: Number | None = None,
        at_most: Number | None = None,
        between: tuple[Number, Number] | None = None,
    ) -> bool:
        """Check the one value that a query gives.

        Args:
            name: what is checked, for the report.
            query: SQL that gives one row of one column; it runs read-only, for ten minutes at most.
            equals: the value is exactly this.
            at_least, at_most, between: the value is a number, not smaller, not larger, or within two, both included.

        Returns:
            Whether it is as expected; the drill goes on either way.

        Raises:
            WrongUse: not exactly one expectation was given.
        """
        expectation = Expectation(equals=equals, at_least=at_least, at_most=at_most, between=between)
        return self._ask(str(name), query, str(expectation), judge_expectation(expectation))

    def check_freshness(self, query: str, *, within: str | None = None, zone: str | None = None) -> bool:
        """Check how old the newest data is, and take it as a witness of the recovery point.

        Args:
            query: SQL that gives the newest time in the data, such as `SELECT MAX(created_at) FROM shop.orders`:
                a TIMESTAMP, a DATETIME or seconds since 1970. A heartbeat table makes the best witness.
            within: how old it may be at the disaster time, such as `1h`; the scenario's RPO if not given.
            zone: the time zone that DATETIME values are in, such as `Europe/Berlin`. If not given, UTC is assumed and
                the assumption recorded, and they make the recovery point no newer than the backup itself says.

        Returns:
            Whether it is fresh enough; the drill goes on either way.
        """
        limit = parse_duration(within).total_seconds() if within else self._rpo_seconds

        def judge(value: object, column_type: int) -> Answer:
            moment = to_moment(value, column_type, zone)
            if value is None:
                return Answer(outcome=Verdict.FAILED, observed=spoken(value))
            if moment is None:
                return Answer(outcome=Verdict.UNVERIFIED, observed=f"{spoken(value)}, which is no time: {_TIMES}")
            if moment.assumption:
                self._journal.assumption(f"{self.name}: {moment.assumption}: {query}")
            return self._weigh(moment, query, limit)

        expected = f"at most {format_duration(limit)} before the disaster" if limit is not None else "a time"
        return self._ask("newest data is fresh", query, expected, judge)

    def _weigh(self, moment: Moment, query: str, limit: float | None) -> Answer:
        """Enter the newest time in the data as a witness, and say whether the data is fresh enough."""
        at, known = moment.at, self._journal.evidence
        bound = finished_by(known, self.name)
        late = bound is not None and (at - bound).total_seconds() > CONTRADICTION_SECONDS
        spread = self.restored.spread_of(query)
        proven = proven_by(known, self.name, at, placed=moment.assumption is None, spread=spread)
        if late:
            proven = Proven(earliest=at, latest=at)
        detail = query
        if not moment.assumption and (at - proven.latest).total_seconds() > CONTRADICTION_SECONDS:
            detail += f", which gave {utc(at)}; another dump of the backup is older, and counts"
        self._journal.recovery_point(proven.as_evidence(self.name, "witness in the data", detail))
        if late:
            why = _UNPLACED if moment.assumption else "a zone, a clock or the query is wrong"
            told = f"{utc(at)}, after the backup was finished at {utc(bound or at)}: {why}"
            return Answer(outcome=Verdict.UNVERIFIED, observed=told)
        if (at - self._disaster_at).total_seconds() > CONTRADICTION_SECONDS:
            why = f"{utc(at)}, after the disaster: a clock, a zone or the data is wrong"
            return Answer(outcome=Verdict.UNVERIFIED, observed=why)
        if moment.assumption:
            seen, latest = proven.earliest, proven.latest
        else:  # the query's own value, whatever an older dump beside this one makes of the recovery point
            seen, latest = at, min(at, bound or at)
        least, most = ((self._disaster_at - one).total_seconds() for one in (latest, proven.earliest))
        if limit is not None and least <= limit < most:
            others = f"other tables may be {format_duration((at - proven.earliest).total_seconds())} older"
            why = _UNPLACED if moment.assumption else others
            return Answer(outcome=Verdict.UNVERIFIED, observed=f"{utc(at)}, which does not settle it: {why}")
        old = limit is not None and least > limit
        seen = latest if old and moment.assumption else seen
        age = (self._disaster_at - seen).total_seconds()
        told = format_duration(age) if limit is None else format_both(age, limit)[0]
        outcome = Verdict.FAILED if old else Verdict.PASSED
        return Answer(outcome=outcome, observed=f"{utc(seen)}, {told} before the disaster")

    def check_baseline(
        self,
        *,
        append_only: Iterable[str] = (),
        drift: Mapping[str, int] | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> bool:
        """Compare everything with the baseline that is kept beside the backup: rows, tables, routines, triggers, ...

        `drtool baseline SOURCE --beside BACKUP` takes one. What is missing, extra or changed is named by table and key
        range or by object, never by value, and fails the drill. Names are patterns of tables, such as `shop.log_*`.

        Args:
            append_only: tables that only grow: rows that came after the baseline are let pass, changed ones are not.
            drift: how many rows of a table may differ. What cannot be told apart counts whole: of a part of which the
                digest differs, any row may (parts have some 2,000 to 50,000 rows, small tables are one).
            ignore: tables that are not compared, each with the reason, which the report shows.

        Returns:
            Whether nothing differs but what is let pass; the drill goes on either way.

        Raises:
            WrongUse: a table is ignored without a reason.
            Unverifiable: there is no baseline, or it cannot be read.
        """
        tolerances = Tolerances.of(append_only=append_only, drift=drift, ignore=ignore)
        return compare_with_baseline(self._journal, self.name, self.restored, self._backup, tolerances)

    def compare_to(
        self,
        url: str,
        *,
        at_most: int | None = None,
        defaults_file: str | None = None,
        statement_limit: str = "10m",
        append_only: Iterable[str] = (),
        ignore: Mapping[str, str] | None = None,
    ) -> Loss:
        """Measure what a disaster now would lose in rows, against the running database itself, read-only.

        Args:
            url: `mariadb://readonly@host[:port]/database[,database]`. The password comes from `DRTOOL_DB_PASSWORD`,
                `MYSQL_PWD` or an option file, never from the URL.
            at_most: how many rows may be lost; without it the loss is measured and not judged.
            defaults_file: the option file; `~/.my.cnf` if not given.
            statement_limit: how long one statement may take on the running server.
            append_only: tables that only grow.
            ignore: tables that are not compared, each with the reason.

        Returns:
            The rows missing, extra and changed, over all tables; the report has them table by table.

        Raises:
            WrongUse: the URL is none, or has a password in it.
            Unverifiable: the running server cannot be reached or read, or its session is not read-only.
        """
        server = server_url.parse(url, defaults_file=Path(defaults_file) if defaults_file else None)
        return measure_loss(
            self._journal,
            self.name,
            self.restored,
            LiveServer(server=server, statement_limit_seconds=parse_duration(statement_limit).total_seconds()),
            server.databases,
            Tolerances.of(append_only=append_only, ignore=ignore),
            at_most=at_most,
        )

    def run_builtin_checks(self) -> None:
        """Put the questions that every restored database is asked; drtool does so by itself at the end."""
        with self._journal.step(Phase.VERIFY, f"built-in checks of {self.name}"):
            try:
                connection = self.restored.server.asking(timeout_seconds=_STATEMENT_LIMIT_SECONDS)
                rows_of(connection, "SET SESSION sql_mode = ''")  # production's may pad and quote otherwise
            except pymysql.err.MySQLError as error:
                why = describe_sql_error(error_code(error))
                if is_of_sandbox(error):
                    raise Unverifiable("sandbox-lost", f"The server of {self.name} went away", why=why) from error
                what = f"The restored server of {self.name} does not let drtool in"
                raise Unverifiable("locked-out", what, why=why) from error
            with closing(connection):
                put: dict[str, Answer] = {}
                for one in builtin.questions(
                    accounts_brought=len(self.restored.brought_accounts),
                    data_files=self.restored.data_files,
                    tables_expected=self.restored.tables_expected,
                    system_tables=self.restored.system_tables,
                    only=self.restored.only,
                ):
                    with timed_check(
                        self.name, one.name, one.question, one.expected, self._journal.check, builtin=True
                    ) as answers:
                        answers.append(put.setdefault(one.name, builtin.answered(one, connection)))
                if builtin.holds_no_row(put) and self.name not in self._journal.compared:
                    what = f"There are tables in {self.name}, and not one of them has a row"
                    self._journal.warning("no-rows", what, resource=self.name)
                self._warn_of_open_accounts(connection)
                self._warn_of_rights_of_nobody(connection)

    def _warn_of_open_accounts(self, connection: Connection[Any]) -> None:
        """Warn of accounts that came with the backup and let anybody in: production has them too."""
        if (brought := self.restored.brought_accounts) and (found := open_accounts(connection, brought)):
            self._journal.warning(
                "account-without-password",
                f"Accounts came with the backup of {self.name} that let in whoever asks, without a password: "
                f"{listed(found)}",
                resource=self.name,
            )

    def _warn_of_rights_of_nobody(self, connection: Connection[Any]) -> None:
        """Warn of rights whose accounts did not come back with them."""
        with suppress(pymysql.err.MySQLError):  # no tables of accounts as this series has them
            if found := rights_of_nobody(connection):
                what = f"There are rights in {self.name} for accounts that are not there: {listed(found)}"
                self._journal.warning("rights-without-account", what, resource=self.name)

    def _ask(self, name: str, query: str, expected: str, judge: Callable[[object, int], Answer]) -> bool:
        query = str(query)
        connect = partial(self.restored.server.asking, timeout_seconds=_STATEMENT_LIMIT_SECONDS)
        with (
            self._journal.step(Phase.VERIFY, name),
            timed_check(self.name, name, query, expected, self._journal.check, builtin=False) as answers,
        ):
            answers.append(ask(connect, query, judge, only=self.restored.only))
            self._set_back()
        return answers[-1].outcome is Verdict.PASSED

    def _set_back(self) -> None:
        """Undo what a function in the data has set for the whole server, by the rights of whoever made it."""
        server = self.restored.server
        with suppress(pymysql.err.MySQLError, Unverifiable):  # a server that is gone: who asks next says so
            if changed := set_back(server.standing(), server.known)[0]:
                self._journal.deviation(
                    f"{self.name}: a question led to a function in the data that sets these for the whole server; they "
                    f"were set back: {', '.join(changed)}"
                )


@on_record
class Files:
    """A restored folder; scenarios get it from `Drill.restore_files`.

    Attributes:
        name: what the drill calls it.
    """

    def __init__(self, journal: Journal, name: str, backup: Backup, container: Container) -> None:
        self.name = name
        self._journal = journal
        self._backup = backup
        self._container = container

    def check_exists(self, path: str) -> bool:
        """Check that a file, folder or link was restored.

        Args:
            path: relative to the restored folder; a pattern will do (`*` matches slashes too).

        Returns:
            Whether there is at least one; the drill goes on either way.
        """
        return self._count(f"{path} exists", path, Expectation(at_least=1), kind=None, builtin=False)

    def check_count(
        self,
        pattern: str,
        *,
        equals: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        between: tuple[int, int] | None = None,
    ) -> bool:
        """Check how many regular files match a pattern.

        Args:
            pattern: relative to the restored folder, such as `*.jpg`; `*` matches slashes too.
            equals, at_least, at_most, between: how many; see `Database.check`.

        Returns:
            Whether the number is as expected; the drill goes on either way.

        Raises:
            WrongUse: not exactly one expectation was given.
        """
        expectation = Expectation(equals=equals, at_least=at_least, at_most=at_most, between=between)
        return self._count(f"number of files {pattern}", pattern, expectation, kind="f", builtin=False)

    def check_baseline(
        self,
        *,
        append_only: Iterable[str] = (),
        drift: Mapping[str, int] | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> bool:
        """Compare every file with the baseline that is kept beside the archive: content, mode, owner, links.

        `drtool baseline FOLDER --beside ARCHIVE` takes one. Arguments, what is returned and errors are those of
        `Database.check_baseline`, with patterns of paths, such as `cache/*`, for tables and files for rows.
        """
        tolerances = Tolerances.of(append_only=append_only, drift=drift, ignore=ignore)
        return compare_files_with_baseline(self._journal, self.name, self._container, self._backup, tolerances)

    def run_builtin_checks(self) -> None:
        """Put the question that every restored folder is asked; drtool does so by itself at the end."""
        if self._count("files are present", "*", Expectation(at_least=1), kind="f", builtin=True):
            with self._journal.step(Phase.VERIFY, f"look for content in {self.name}"):
                if not files.any_content(self._container):
                    what = f"There are files in {self.name}, and not one of them has anything in it"
                    self._journal.warning("files-empty", what, resource=self.name)
        judge_dumps_among(
            self._journal, self.name, self._container, self._journal.loaded.get(self._backup.location, ())
        )

    def _count(self, name: str, pattern: str, expectation: Expectation, *, kind: str | None, builtin: bool) -> bool:
        with (
            self._journal.step(Phase.VERIFY, name),
            timed_check(
                self.name, name, f"files that match {pattern}", str(expectation), self._journal.check, builtin=builtin
            ) as answers,
        ):
            answers.append(files.judge_count(files.count(self._container, pattern, kind=kind), expectation))
        return answers[-1].outcome is Verdict.PASSED


def compare_unasked(restored: Database | Files) -> None:
    """Compare with a baseline that happens to lie beside the backup, where it proves something."""
    backup, journal, none = restored._backup, restored._journal, Tolerances.of()
    if not lies_beside(backup.store, backup.location, folder=isinstance(restored, Files)):
        return
    if isinstance(restored, Files):
        compare_files_with_baseline(journal, restored.name, restored._container, backup, none, unasked=True)
    else:
        compare_with_baseline(journal, restored.name, restored.restored, backup, none, unasked=True)
