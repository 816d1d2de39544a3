"""Where in the binary log a backup was taken: what its replay starts from."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOG_NAME = re.compile(r"[\w.-]{1,250}\.\d{6,10}", re.ASCII)
_GTIDS = re.compile(r"(?:\d{1,10}-\d{1,10}-\d{1,20}(?:,\d{1,10}-\d{1,10}-\d{1,20})*)?", re.ASCII)
_POSITION = re.compile(
    r"^(?:-- )?CHANGE MASTER (?:'[^'\n]*' )?TO [^\n]*?"
    r"MASTER_LOG_FILE='(?P<file>[^'\n]+)', *MASTER_LOG_POS=(?P<position>\d{1,20})",
    re.MULTILINE,
)
_OF_REPLICA = re.compile(r"^(?:-- )?CHANGE MASTER '[^'\n]*' TO |^-- [^\n]*\(the master of this slave\)", re.MULTILINE)
_GTID = re.compile(r"^(?:-- )?SET GLOBAL gtid_slave_pos='(?P<gtid>[\d,-]*)'", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class BinlogStart:
    """A position in the binary log of the server that a backup was made of.

    Attributes:
        file: the log's name without its folder, such as `binlog.000042`.
        position: of the first byte behind the last transaction that the backup holds.
        gtid: the same position as a list of GTIDs, such as `0-1-77` or `0-1-77,1-2-9`; empty where nothing was logged
            yet, and None where the backup does not say.
        replicated: as a list of GTIDs, what a replica that the backup was made of had taken over from its primary; None
            where it was none, or does not say. Without log_slave_updates its own log does not hold that.
    """

    file: str
    position: int
    gtid: str | None = None
    replicated: str | None = None

    def __str__(self) -> str:
        gtid = self.replicated or self.gtid
        return f"{self.file}:{self.position}" + (f" ({gtid})" if gtid else "")


def start_of_dump(text: str) -> BinlogStart | None:
    """Return the position that mariadb-dump writes near the beginning of a dump (`--master-data`, `--dump-slave`).

    MariaDB 10.5 writes the GTID beside it, 10.11 and 11.8 at the dump's end. A dump with the positions of several
    servers has none that could be relied on.

    Args:
        text: the beginning of the dump.
    """
    found = {(one["file"], int(one["position"])) for one in _POSITION.finditer(text)}
    if len(found) != 1:
        return None
    ((file, position),) = found
    gtid = _GTID.search(text)
    return binlog_start(file, str(position), gtid["gtid"] if gtid else None)


def is_of_replica(text: str) -> bool:
    """Tell whether a dump says the position of another server, whose replica it was made of (`--dump-slave`).

    Only there does mariadb-dump name a connection, be it the one without a name.

    Args:
        text: the beginning of the dump.
    """
    return _OF_REPLICA.search(text) is not None


def binlog_start(file: str, position: str, gtid: str | None) -> BinlogStart | None:
    """Return a position as some tool wrote it down, or None where it has not the shape of one.

    Args:
        file: the log's name; a folder before it does not count.
        position: in it.
        gtid: a list of GTIDs, if there is one; one that is none is left out.
    """
    name = file.strip().rpartition("/")[2]
    if not _LOG_NAME.fullmatch(name) or not re.fullmatch(r"\d{1,20}", position.strip()):
        return None
    known = gtid is not None and _GTIDS.fullmatch(gtid.strip())
    return BinlogStart(file=name, position=int(position), gtid=gtid.strip() if gtid is not None and known else None)
