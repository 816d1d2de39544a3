"""Replays binary logs in a container beside the restored server, and tells how it went.

Logs are hostile input to a parser written in C++. So they are read where there is nothing but them: in a container
without the data, whose only way out is the server's socket.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from importlib.resources import files

from pymysql.constants import CR, ER

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.sql import SQL_ERROR, describe_sql_error
from drtool.restore.pipeline import Outcome, Progress, take_fact
from drtool.sandbox.container import Container
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Limits, Mount, Sandbox
from drtool.sandbox.server import SOCKET, Server

LOGS_PATH = "/logs"
"""Where the logs lie in the container, under names of our own."""

_SCRIPT = files("drtool.replay").joinpath("replay.sh").read_text(encoding="utf-8")
_LIMITS = Limits(memory_bytes=512 * 2**20)
_LISTEN = ["socat", "-b", "262144", "ABSTRACT-LISTEN:drtool-replay", f"UNIX-CONNECT:{SOCKET}"]
_LISTENING = "for _ in {1..500}; do grep -q '@drtool-replay$' /proc/net/unix && break; sleep 0.02; done"
_DOING = "replaying binary logs"
_GTID = re.compile(r"\d+-\d+-\d+", re.ASCII)
_KILLED = 137
_NOBODY_READ_ON = 141
_LOCAL_INFILE_OFF = {ER.NOT_ALLOWED_COMMAND, 3948, 4166}
_NO_ROW = {ER.KEY_NOT_FOUND, ER.DUP_ENTRY, ER.TABLE_EXISTS_ERROR}


def start_beside(
    sandbox: Sandbox, server: Server, name: str, image: Image, volume: str, *, read_only: bool
) -> Container:
    """Start a container with the copies of the logs, which shares nothing with the server's but its empty network."""
    logs = Mount(target=LOGS_PATH, source=volume, read_only=read_only)
    return sandbox.room(f"{name}-replay", image, limits=_LIMITS, mounts=[logs], beside=server.container)


def replay(
    server: Server,
    container: Container,
    logs: Sequence[str],
    *,
    start: int,
    stop: int,
    shorten: bool,
    database: str | None,
    progress: Progress,
) -> Outcome:
    """Replay logs through the pipe `mariadb-binlog | mariadb`.

    Args:
        server: what to replay into.
        container: from `start_beside`.
        logs: their names in `LOGS_PATH`, in order.
        start: a position in the first.
        stop: a position in the last.
        shorten: whether to cut the copy of the last off there, because what follows is not whole.
        database: the only one to replay; None for all.
        progress: is told how many bytes of the logs have been read.

    Returns:
        How the pipe ended, whether or not it ended well: see `replay_failure`.

    Raises:
        Unverifiable: the engine, a container or the disk gave out.
    """
    server.connect().close()  # finds out which account lets us in
    outcome = Outcome()
    started = time.monotonic()
    server.container.serve(_LISTEN, doing=_DOING, user="mysql")  # one connection, and ends with it
    list(server.container.talk(_LISTENING, doing=_DOING))
    told = (str(start), str(stop), "yes" if shorten else "no", database or "", server.account, LOGS_PATH, *logs)
    for fact, rest in container.talk(_SCRIPT, *told, doing=_DOING, environment=server.login):
        if fact == "progress":
            progress(int(rest))
        elif fact == "done":
            outcome.finished = True
        elif fact == "gtid":
            outcome.end_detail = rest if _GTID.fullmatch(rest) else ""
        else:
            take_fact(outcome, fact, rest)
    outcome.elapsed_seconds = time.monotonic() - started
    return outcome


def replay_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why a replay failed, in words that hold no customer's data, or None when both programs were content."""
    decode, sink = outcome.statuses.get("decode", 0), outcome.statuses.get("sink", 0)
    if sink:
        return _refused(outcome, sink)
    if decode == _KILLED:
        return Unverifiable("out-of-memory", "The program that reads the binary logs was killed for memory")
    if decode not in {0, _NOBODY_READ_ON}:
        what = "mariadb-binlog gave up on the binary logs"
        mend = "Read them by hand: mariadb-binlog --verify-binlog-checksum"
        return RestoreFailed("binary-log-damaged", what, why=f"status {decode}", mend=mend)
    return None


def _refused(outcome: Outcome, status: int) -> DrtoolError:
    found = SQL_ERROR.search(outcome.complaint("sink"))
    where = f"at GTID {outcome.end_detail}" if outcome.end_detail else "at a place that cannot be told"
    if found is None:
        what = f"The replay of the binary logs failed {where}"
        return RestoreFailed("replay-failed", what, why=f"client status {status}")
    code = int(found["code"])
    what = describe_sql_error(code, found["text"] or "")
    if code in _LOCAL_INFILE_OFF:
        held = f"The binary logs hold a LOAD DATA that was logged as a statement, {where}, which the sandbox refuses"
        return Unverifiable("replay-needs-files", held, why=what)
    if code == ER.UNKNOWN_TIME_ZONE:
        return Unverifiable("time-zone-missing", f"The binary logs name a time zone by its name, {where}", why=what)
    if code in {ER.NET_PACKET_TOO_LARGE, CR.CR_SERVER_GONE_ERROR}:
        large = f"A transaction of the binary logs is larger than the server takes, {where}"
        return RestoreFailed("packet-too-large", large, why=what)
    mend = "Look at that transaction with mariadb-binlog"
    if code in {ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR}:
        mend = "Where the backup holds one database and the logs are the whole server's, replay that one alone: "
        mend += "database="
    elif code in _NO_ROW:
        mend = "The restored data is not what the log goes on from: was the backup taken with --single-transaction, of "
        mend += "this server, with all the databases that the log writes to?"
    return RestoreFailed("replay-failed", f"The server refused the binary logs {where}", why=what, mend=mend)
