"""What a physical MariaDB backup says of itself, in the small files that mariadb-backup leaves beside the data.

The files are called `xtrabackup_*` up to MariaDB 11.0 and `mariadb_backup_*` since
(https://mariadb.com/kb/en/files-created-by-mariadb-backup/). They are part of the backup, so hostile until proven
otherwise: only what is understood is taken out of them. The command line of the tool (`tool_command`) is not, for
people write passwords on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from drtool.amounts import listed
from drtool.binlogs.start import BinlogStart
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.series import numbers, series_of

_BINLOG = re.compile(
    r"filename '(?P<file>[^'/]+)', position '(?P<position>\d{1,20})'(?:, GTID of the last change '(?P<gtid>[\d,-]*)')?"
)
_BINLOG_FILE = re.compile(r"(?P<file>[^\t/]+)\t(?P<position>\d{1,20})(?:\t(?P<gtid>[\d,-]*))?")
_NO_DATABASE = re.compile(r"databases-exclude '?(?:lost\+found|\.snapshot)'?")
_REPLICATED = re.compile(r"gtid_slave_pos *= *'(?P<gtid>[\d,-]+)'")
_VERSION = re.compile(r"\d[\w.-]*")
_LSN = re.compile(r"[0-9]{1,20}")
_LOG = re.compile(r"(?P<format>\S*) (?P<begins>\d{1,20}) (?P<size>\d{1,20})", re.ASCII)
_HEADER_SINCE_10_8, _HEADER_BEFORE = 12 * 1024, 2 * 1024
_FULL, _INCREMENTAL = "full-backuped", "incremental"
# "full-prepared" is what mariadb-backup's forerunner writes, "log-applied" what MariaDB does.
_PREPARED = {"full-prepared", "log-applied"}

# What a server keeps in its data folder and mariadb-backup never copies.
OF_SERVER = frozenset(
    {"ibtmp1", "mysql_upgrade_info", "mariadb_upgrade_info", "multi-master.info", "ddl.log", "ddl_recovery.log"}
)

_DATA_FILE = r"[\w.-]+:\d+[KMG]?(?::autoextend(?::max:\d+[KMG]?)?)?"
# What the data needs of the server that reads it; names without a slash, so that no file lies outside the data folder.
_NEEDED = {
    "innodb_page_size": re.compile(r"\d{4,5}"),
    "innodb_data_file_path": re.compile(f"{_DATA_FILE}(?:;{_DATA_FILE})*", re.IGNORECASE),
    "innodb_undo_tablespaces": re.compile(r"\d{1,3}"),
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The small files of a backup, as they were found in its folder; what is not there is empty.

    Attributes:
        checkpoints: `xtrabackup_checkpoints`: the kind of backup and its LSNs.
        info: `xtrabackup_info`.
        binlog: `xtrabackup_binlog_info`.
        chosen: the options that chose or left out databases and tables, with their values, as the tool was called.
        replicated: `xtrabackup_slave_info`: what a replica had taken over from its primary (`--slave-info`).
        options: `backup-my.cnf`.
        log: format, first LSN and size in bytes of the log that was copied along.
        lacks: files of the system tablespace that are not there.
        has_accounts: whether the system database `mysql` is in it.
        of_server: whether files in it are a server's own, which no backup tool copies.
        has_compressed: whether files in it are compressed one by one (`--compress`).
        has_encrypted: whether files in it are encrypted one by one (`--encrypt`).
        has_corrupted_pages: whether the tool met damaged pages while it backed up, and went on.
        links: symbolic links in it, which the tool never makes.
        left_behind: what its files are called that transfers, editors or NFS left.
    """

    checkpoints: Mapping[str, str]
    info: Mapping[str, str]
    binlog: str = ""
    chosen: tuple[str, ...] = ()
    replicated: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    lacks: tuple[str, ...] = ()
    has_accounts: bool = True
    of_server: bool = False
    has_compressed: bool = False
    has_encrypted: bool = False
    has_corrupted_pages: bool = False
    links: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Physical:
    """A physical backup, as it describes itself.

    Attributes:
        tool: `mariadb-backup`, with its version.
        server_version: of the server that was backed up.
        series: `major.minor` of that server.
        incremental: whether it holds only what changed since another backup.
        prepared: whether its log has been applied already.
        from_lsn: where an incremental backup begins: the `to_lsn` of the backup that it builds on; 0 for a full one.
        to_lsn: the checkpoint from which the next incremental backup may go on.
        started_wall: when it began: the backup host's local time, its zone unknown.
        ended_wall: when it ended, likewise.
        binlog_start: where its data stands in the binary log; None where the server wrote none.
        settings: server options without which the data cannot be read.
    """

    tool: str
    server_version: str
    series: str
    incremental: bool
    prepared: bool
    from_lsn: int
    to_lsn: int
    started_wall: datetime | None
    ended_wall: datetime | None
    binlog_start: BinlogStart | None
    settings: Mapping[str, str]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The server's version as numbers, such as (10, 11, 19)."""
        return numbers(self.server_version)

    @property
    def header(self) -> dict[str, str]:
        """What the report says of it."""
        said = {"tool": self.tool, "lsn": f"{self.from_lsn} to {self.to_lsn}"}
        if self.started_wall and self.ended_wall:
            said["started"] = f"{self.started_wall:%Y-%m-%d %H:%M:%S} (the backup host's local time)"
            said["completed"] = f"{self.ended_wall:%Y-%m-%d %H:%M:%S} (the backup host's local time)"
        if self.binlog_start:
            said["binary log"] = f"{self.binlog_start.file}:{self.binlog_start.position}"
            if gtid := self.binlog_start.replicated or self.binlog_start.gtid:
                said["gtid"] = gtid
        return said


def read_physical(facts: Facts) -> Physical:
    """Return what a backup says of itself, if it is one that a server can be restored from.

    Raises:
        RestoreFailed: it is partial, damaged when it was taken, or its description is missing or makes no sense.
        Unverifiable: it is of a kind that drtool does not restore.
    """
    kind = facts.checkpoints.get("backup_type", "")
    server_version = facts.info.get("server_version", "")
    series = series_of(server_version)
    if failure := _unsuitable(facts, kind, server_version, is_mariadb=series is not None):
        raise failure
    assert series is not None  # noqa: S101 (for the type checker: without it, it was unsuitable)
    try:
        from_lsn, to_lsn = int(facts.checkpoints["from_lsn"]), int(facts.checkpoints["to_lsn"])
    except (KeyError, ValueError) as error:
        raise undescribed("its LSNs cannot be read") from error
    ends, last_lsn = _log_ends(facts), facts.checkpoints.get("last_lsn", "")
    if kind not in _PREPARED and ends is not None and _LSN.fullmatch(last_lsn) and ends < int(last_lsn):
        what = f"The log in the backup was cut short: it ends at LSN {ends} and was copied up to {last_lsn}"
        why = "mariadb-backup prepares such a backup without a complaint, and what the log lacks is lost"
        raise RestoreFailed("redo-log-damaged", what, why=why)
    tool = "mariabackup" if facts.info.get("tool_name") == "mariabackup" else "mariadb-backup"
    tool_version = _VERSION.match(facts.info.get("tool_version", ""))
    return Physical(
        tool=f"{tool} {tool_version[0]}" if tool_version else tool,
        server_version=server_version,
        series=series,
        incremental=kind == _INCREMENTAL,
        prepared=kind in _PREPARED,
        from_lsn=from_lsn,
        to_lsn=to_lsn,
        started_wall=_wall(facts.info.get("start_time", "")),
        ended_wall=_wall(facts.info.get("end_time", "")),
        binlog_start=_binlog_start(facts),
        settings=_settings(facts.options),
    )


def parse_assignments(lines: Iterable[str]) -> dict[str, str]:
    """Return the `name = value` lines of a small file; all others are passed over."""
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith(("#", "[")))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _unsuitable(facts: Facts, kind: str, server_version: str, *, is_mariadb: bool) -> DrtoolError | None:
    if facts.has_encrypted:
        what = "The files of the backup are encrypted one by one, by xtrabackup --encrypt, which drtool does not open"
        mend = (
            "Decrypt a copy (xtrabackup --decrypt), and drill that; or encrypt the stream with gpg, age or openssl enc"
        )
        return Unverifiable("encryption-unsupported", what, mend=mend)
    if facts.has_compressed or facts.info.get("compressed", "N") != "N":
        return Unverifiable(
            "compression-unsupported",
            "The files of the backup are compressed one by one, which drtool does not read: by mariadb-backup "
            "--compress (QuickLZ, which MariaDB has given up) or by a program that was run over its folder",
            mend="Back up with --stream=mbstream and compress the stream: `| zstd`",
        )
    if facts.of_server:
        # mariadb-backup's own files may lie among them: --move-back brings them along, and nothing renews them.
        what = "This is a copy of a server's data folder, not a backup that mariadb-backup took"
        return Unverifiable("data-folder-copied", what)
    if not kind or not server_version:
        missing = "xtrabackup_checkpoints" if not kind else "xtrabackup_info"
        return undescribed(f"{missing} (or its newer name) is not in it")
    if not is_mariadb:
        what = "This is a physical backup of another server than MariaDB, which drtool does not restore"
        return Unverifiable("format-unsupported", what)
    if (facts.info.get("partial", "N") == "Y" and not _lacks_no_database(facts)) or (
        not facts.has_accounts and kind != _INCREMENTAL
    ):
        what = "This is a partial backup: databases or tables were left out of it, so no server comes back from it"
        return RestoreFailed("backup-partial", what)
    if facts.has_corrupted_pages:
        what = "The backup holds pages that were damaged in production already when it was taken"
        why = "the tool was told to go on (--log-innodb-page-corruption) and left innodb_corrupted_pages"
        return RestoreFailed("page-corrupt", what, why=why)
    if kind not in {_FULL, _INCREMENTAL, *_PREPARED}:
        return undescribed("its kind is not known")
    if facts.lacks and kind != _INCREMENTAL:
        what = f"The backup lacks files of the system tablespace, which all tables need: {listed(facts.lacks)}"
        return RestoreFailed("physical-incomplete", what)
    return None


def _lacks_no_database(facts: Facts) -> bool:
    """Tell whether nothing was left out but a folder of the file system's, which is no database (mariadb-operator)."""
    return bool(facts.chosen) and all(_NO_DATABASE.fullmatch(option) for option in facts.chosen)


def _log_ends(facts: Facts) -> int | None:
    """Return the LSN that the copied log ends at, by its size: the tool applies a log that was cut without a word.

    Until MariaDB 10.7 a log is a header of 2 KiB and blocks of 512 bytes, since 10.8 a header of 12 KiB and then bytes
    as they come; LSNs count bytes in both (storage/innobase/include/log0log.h).
    """
    if (found := _LOG.fullmatch(facts.log)) is None:
        return None
    begins, size = int(found["begins"]), int(found["size"])
    header = _HEADER_SINCE_10_8 if found["format"] == "Phys" else _HEADER_BEFORE
    return max(begins, begins + size - header)


def undescribed(why: str) -> RestoreFailed:
    """Return the error of a backup that does not say what it is."""
    what = "The backup does not say what it is: its description is missing or cannot be read"
    return RestoreFailed("physical-info-missing", what, why=why)


def _wall(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 (its zone is what is not known)
    except ValueError:
        return None


def _binlog_start(facts: Facts) -> BinlogStart | None:
    found = _BINLOG_FILE.match(facts.binlog) or _BINLOG.match(facts.info.get("binlog_pos", ""))
    if found is None:
        return None
    replicated = _REPLICATED.search(facts.replicated)
    return BinlogStart(
        file=found["file"].strip(),
        position=int(found["position"]),
        gtid=found["gtid"],
        replicated=replicated["gtid"] if replicated else None,
    )


def _settings(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options that the data needs."""
    taken = {name: options[name] for name in _NEEDED if name in options}
    if odd := [name for name, value in taken.items() if not _NEEDED[name].fullmatch(value)]:
        what = f"The backup needs a setting that a sandbox cannot follow: {odd[0]} names files outside the data folder"
        raise Unverifiable("layout-unsupported", what)
    return taken
