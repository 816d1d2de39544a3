"""A MariaDB server in the sandbox: started from an empty data folder, reached through its own socket only."""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from importlib.resources import files
from typing import Any, cast

import pymysql
import tenacity
from docker.errors import APIError
from pymysql.connections import Connection
from pymysql.constants import CR, ER

from drtool.errors import Unverifiable
from drtool.mariadb.accounts import may_all
from drtool.mariadb.known_state import KnownState
from drtool.mariadb.sql import NO_PASSWORD_GIVEN, PLUGIN_NOT_LOADED, error_code, rows_of, value_of
from drtool.record.environment import Profile
from drtool.sandbox.container import Container, Stopped
from drtool.sandbox.engine import engine_errors
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Limits, Mount, MountedBackup, Sandbox
from drtool.sandbox.start_failure import start_failure

SOCKET = "/run/mysqld/mysqld.sock"
VOLUME_PATH = "/var/lib/mysql"
DATA_PATH = f"{VOLUME_PATH}/data"
KEYS_PATH = "/run/keys"
"""Where a server finds files that no disk may hold: in the container's memory, out of SQL's reach."""

_BOOT = "".join(files("drtool.sandbox").joinpath(name).read_text(encoding="utf-8") for name in ("zones.sh", "boot.sh"))
_TAKE = 'umask 077; head -c "$2" > "$1"'

# Not for the sake of speed but of safety: no way in, no events firing at restored data, no files of the server's.
# The scheduler is OFF and not DISABLED, with which the server would refuse CREATE EVENT (error 1577) and so any
# dump made with --events; whether the dump itself has switched it on is looked at after the load.
# Over data with accounts of its own, one more lets drtool in. It is made before the server answers anybody; a password
# that is given by its hash no password policy of production's can refuse.
_LET_IN = files("drtool.sandbox").joinpath("let_in.sql").read_text(encoding="utf-8")
_OVER_RESTORED_DATA = {
    "init-file": f"{KEYS_PATH}/let-in.sql",
    "strict-password-validation": "OFF",
    "skip-slave-start": "ON",
}

_CONTAINED = {
    "skip-networking": "ON",
    "socket": SOCKET,
    "event-scheduler": "OFF",
    "local-infile": "OFF",
    "secure-file-priv": "/run/mysqld",
    "pid-file": "/run/mysqld/mysqld.pid",
}
SET_BY_THE_SANDBOX = frozenset(name.replace("-", "_") for name in (*_CONTAINED, "datadir", "tmpdir"))
"""The names of the options that nobody else may set, with underscores."""

FAST_SETTINGS = {
    "innodb_flush_log_at_trx_commit": "0",
    "innodb_doublewrite": "OFF",
    "innodb_flush_method": "O_DIRECT_NO_FSYNC",
    "innodb_log_file_size": "1G",
}
"""What profile `fast` changes in the server: durability that a sandbox does not need."""

_NO_LIMIT = 2**64 - 1
_READY_TIMEOUT_SECONDS = 90.0
_CONNECT_SECONDS = 10.0
_GRACE_SECONDS = 30.0
"""What a server has beyond a statement's limit to keep it: after that it is given up."""
_ANSWER_BYTES = 64 * 2**20
"""How much of what it answers over a connection for one question is taken."""
# Waits inside the container for nearly as long as a connection may take: asking through the engine costs far more. Not
# with bash's `read -t`: on a busy machine its alarm may come before it reads, and then it waits for ever (bash 5.1).
WHEN_READY = files("drtool.sandbox").joinpath("when_ready.pl").read_text(encoding="utf-8")
"""A script of Perl's, which every MariaDB image has: it leads to the socket given, once it is there."""
OWN_ACCOUNT = "drtool_sandbox"
"""What drtool calls its account in restored data that has accounts of its own."""
ASKING_ACCOUNT = "drtool_checks"
"""What it calls the account that puts questions, in any restored data."""
OWN_ACCOUNTS = (OWN_ACCOUNT, ASKING_ACCOUNT)
# All that is there can be read, and nothing be changed, nor any file be read or written.
_MAY_ASK = "SELECT, SHOW VIEW, SHOW DATABASES, PROCESS, EXECUTE, TRIGGER, EVENT"
# Access denied (with a password and without), a password that must be changed or is expired, a locked account, and a
# plugin that the server or PyMySQL has not.
_NO_PLUGIN = {PLUGIN_NOT_LOADED, CR.CR_AUTH_PLUGIN_CANNOT_LOAD}
_LOCKED_OUT = _NO_PLUGIN | {ER.ACCESS_DENIED_ERROR, NO_PASSWORD_GIVEN, 1820, 1862, 4151}
_SETTING_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Server:
    """A running MariaDB server of the sandbox.

    Attributes:
        container: its container.
        version: what it calls itself, for example `10.11.19-MariaDB-0+deb12u1`.
        settings: the options that differ from the image's stock server.
        own_account: whether drtool made itself an account in the restored data, because that has accounts of its own.
        known: what it was set to when it was started, once somebody has looked.
    """

    def __init__(self, container: Container, settings: dict[str, str]) -> None:
        self.container = container
        self.settings = settings
        self.version = ""
        self.own_account = False
        self.known = KnownState()
        self._password = secrets.token_urlsafe(24)
        self._asks_as: str | None = None
        self._keeper: Connection[Any] | None = None

    @classmethod
    def start(
        cls,
        sandbox: Sandbox,
        resource: str,
        image: Image,
        backup: MountedBackup | None,
        *,
        profile: Profile,
        limits: Limits,
        settings: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        defaults: bool = True,
        over: str | None = None,
        zone: bytes | None = None,
    ) -> Server:
        """Start a server with an empty data folder, or one that was restored as it is, and wait until it answers.

        Args:
            sandbox: what it belongs to.
            resource: what the drill calls it, for example `db`.
            image: what to start it from.
            backup: what will be restored into it, mounted read-only; None for nothing.
            profile: `faithful` leaves the stock settings and a volume on disk, `fast` does not.
            limits: memory, processes, disk.
            settings: server options of the scenario; they win over the profile's.
            files: what the server must find in `KEYS_PATH` when it starts, by its name there; kept off disks and
                command lines.
            defaults: whether it reads the option files of its image too.
            over: the volume whose data folder was restored already, accounts and all; a new and empty one if not given.
            zone: the file (TZif, RFC 8536) of the zone that the server's local time is in; UTC if not given.

        Raises:
            Unverifiable: the server does not start.
        """
        if bad := [name for name in settings if not _SETTING_NAME.fullmatch(name)]:
            raise Unverifiable("bad-setting", f"{bad[0]!r} is not the name of a server setting")
        changed = (FAST_SETTINGS if profile is Profile.FAST else {}) | dict(settings)
        options = [] if defaults else ["--no-defaults"]
        options += [
            f"--{name}={part}"
            for name, value in (changed | _CONTAINED | (_OVER_RESTORED_DATA if over else {})).items()
            # Of one list of plugins the server loads none after the first that it has not.
            for part in (value.split(";") if name.endswith("plugin_load_add") else [value])
        ]
        password = secrets.token_urlsafe(24)
        if over:
            files = {**(files or {}), "let-in.sql": _LET_IN.format(account=OWN_ACCOUNT, hash=_hash(password)).encode()}
        if zone:
            files = {**(files or {}), "zone": zone}
        volume = Mount(target=VOLUME_PATH, source=over or sandbox.volume(f"{resource}-data"))
        container = sandbox.run(
            resource,
            image,
            ["bash", "-c", _BOOT, "drtool", VOLUME_PATH, f"{KEYS_PATH}/complete" if files else "", *options],
            user="mysql",
            clock=f":{KEYS_PATH}/zone" if zone else "UTC",
            limits=limits,
            mounts=[volume, *(backup.mounts if backup else [])],
            tmpfs={
                "/run/mysqld": "rw,noexec,nosuid,nodev,mode=1777,size=4m",
                KEYS_PATH: "rw,noexec,nosuid,nodev,mode=1777,size=1m",
            },
        )
        if files:
            _hand_over(container, {**files, "complete": b""})
        server = cls(container, changed)
        server.own_account, server._password = over is not None, password
        with engine_errors("waiting for the server", inside=True):
            server._keeper, server.version = server._wait()
        container.disk.begin()  # what an empty server takes is not the backup's
        return server

    def connect(self, *, timeout_seconds: float | None = None) -> Connection[Any]:
        """Open a connection with all privileges; no network is involved.

        Times are UTC. With `timeout_seconds` it is for one question: no statement may take longer, whatever the server
        makes of that limit, and no answer may be larger than memory is meant for. Where a dump has brought the accounts
        of its server along, and root does not get in any more, an account of our own does.

        Raises:
            pymysql.err.OperationalError: the server does not answer, or does not let us in.
            Unverifiable: its container, or the engine, does not.
        """
        with engine_errors("connecting to the restored server", inside=True):
            try:
                return self._connect(OWN_ACCOUNT if self.own_account else "root", timeout_seconds)
            except (pymysql.err.OperationalError, RuntimeError, IndexError) as error:  # the last two: of its plugins
                told = isinstance(error, pymysql.err.MySQLError)
                if self._keeper is None or self.own_account or (told and error_code(error) not in _LOCKED_OUT):
                    raise
                self._let_in(self._keeper)
                return self._connect(OWN_ACCOUNT, timeout_seconds)

    def find_way_in(self) -> None:
        """Find out which account lets drtool in with all privileges, or make one; raises what `connect` does.

        Where a dump took root away, its server may let root in as somebody whose name is empty, who may do nothing.
        """
        with closing(self.connect()) as connection:
            if self.own_account or self._keeper is None or may_all(connection):
                return
        self._let_in(self._keeper)

    def let_ask(self) -> None:
        """Make the account that puts questions; raises what `connect` does, or why it cannot be made."""
        self._asks_as = None
        self._make(self.standing(), ASKING_ACCOUNT, _MAY_ASK)
        self._asks_as = ASKING_ACCOUNT

    def asking(self, *, timeout_seconds: float | None = None) -> Connection[Any]:
        """Open a connection to put questions over, which can change nothing, else as `connect` does.

        Without the account that `let_ask` makes it has all privileges.
        """
        if self._asks_as is None:
            return self.connect(timeout_seconds=timeout_seconds)
        with engine_errors("connecting to the restored server", inside=True):
            return self._connect(self._asks_as, timeout_seconds)

    def standing(self) -> Connection[Any]:
        """Return the connection for what drtool has to see to, which stays open; raises what `connect` does.

        It is the first one, older than whatever a dump sets for everybody or takes from the account that it is of.
        """
        with suppress(pymysql.err.Error, OSError):  # a dump may have ended it
            if self._keeper:
                self._keeper.ping(reconnect=False)
                return self._keeper
        self._keeper = self.connect()
        rows_of(self._keeper, "SET SESSION sql_mode = ''")  # production's may pad and quote otherwise
        rows_of(self._keeper, "SET SESSION TRANSACTION READ WRITE")
        return self._keeper

    @property
    def first(self) -> Connection[Any]:
        """The connection over which the server first answered, for what there is to do before anything is loaded."""
        assert self._keeper is not None  # noqa: S101 (`start` waits for it)
        return self._keeper

    @property
    def account(self) -> str:
        """The account that lets drtool in, after `connect` has found it out."""
        return OWN_ACCOUNT if self.own_account else "root"

    @property
    def login(self) -> dict[str, str]:
        """What MariaDB's client needs in its environment to log in with `account`."""
        return {"MYSQL_PWD": self._password} if self.own_account else {}

    def _connect(self, user: str, timeout_seconds: float | None, *, waits: bool = False) -> Connection[Any]:
        command = ["perl", "-e", WHEN_READY, SOCKET] if waits else ["socat", "-", f"UNIX-CONNECT:{SOCKET}"]
        tunnel = self.container.socket(command)
        tunnel.bound(_CONNECT_SECONDS)
        connection = pymysql.connect(
            # No TLS: MariaDB 11.4 and later offer it by themselves, and PyMySQL would take it, though nothing leaves
            # the container; a tunnel is no socket that Python could wrap.
            user=user,
            password="" if user == "root" else self._password,
            charset="utf8mb4",
            autocommit=True,
            defer_connect=True,
            read_timeout=None,
            ssl_disabled=True,
        )
        try:
            connection.connect(cast(socket.socket, tunnel))  # all that PyMySQL asks of a socket
            tunnel.bound(None)
            rows_of(
                connection,
                "SET time_zone = '+00:00', max_statement_time = %s, sql_select_limit = %s, sql_big_selects = 1",
                (timeout_seconds or 0, _NO_LIMIT),
            )
            if timeout_seconds is not None:
                tunnel.bound(timeout_seconds + _GRACE_SECONDS)
                tunnel.bound_answer(_ANSWER_BYTES)
        except BaseException:
            tunnel.close()
            raise
        return connection

    def _let_in(self, keeper: Connection[Any]) -> None:
        """Make an account of our own, over a connection that is older than what locked us out."""
        self._make(keeper, OWN_ACCOUNT, "ALL PRIVILEGES", "WITH GRANT OPTION")
        self.own_account = True

    def _make(self, connection: Connection[Any], account: str, may: str, more: str = "") -> None:
        """Make an account, whatever plugin of the dump's judges passwords: it is told the hash, and to take that."""
        for statement in (
            "SET SESSION sql_mode = '', @drtool = @@GLOBAL.strict_password_validation",
            "SET GLOBAL strict_password_validation = OFF",
            f"CREATE OR REPLACE USER {account}@localhost IDENTIFIED BY PASSWORD '{_hash(self._password)}'",
            f"GRANT {may} ON *.* TO {account}@localhost {more}",
            "SET GLOBAL strict_password_validation = @drtool",
        ):
            rows_of(connection, statement)

    def _wait(self) -> tuple[Connection[Any], str]:
        waiting = tenacity.Retrying(
            # An answer of the engine's is an OSError too, and it would be the same the next time.
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, pymysql.err.Error | OSError) and not isinstance(error, APIError)
            ),
            wait=tenacity.wait_fixed(0.03),
            stop=tenacity.stop_after_delay(_READY_TIMEOUT_SECONDS),
            reraise=True,
        )
        try:
            connection: Connection[Any] = waiting(self._try)
            # A restore may take longer than the default of 8 h.
            rows_of(connection, "SET SESSION wait_timeout = 2147483, sql_mode = ''")
            return connection, str(value_of(connection, "SELECT VERSION()"))
        except APIError:
            self._raise_if_stopped()
            raise
        except (pymysql.err.Error, OSError) as error:
            raise self._not_ready(f"no answer within {_READY_TIMEOUT_SECONDS:.0f} s") from error

    def _try(self) -> Connection[Any]:
        self._raise_if_stopped()
        return self._connect(self.account, None, waits=True)

    def _raise_if_stopped(self) -> None:
        if stopped := self.container.why_stopped():
            if stopped is Stopped.OUT_OF_MEMORY:
                raise Unverifiable("out-of-memory", "The sandbox has too little memory for a server")
            raise self._not_ready(stopped.value)

    def _not_ready(self, why: str) -> Unverifiable:
        return start_failure(self.container.last_words(lines=40), why)


def _hash(password: str) -> str:
    """Return a password as `mysql_native_password` stores it (https://mariadb.com/kb/en/password/)."""
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return f"*{hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()}"


def _hand_over(container: Container, files: Mapping[str, bytes]) -> None:
    """Write files into the memory of a container that waits for them, through the engine's connection alone."""
    for name, content in files.items():
        # The length is told, since no transport to an engine closes one direction alone.
        arguments = (f"{KEYS_PATH}/{name}", str(len(content)))
        list(container.talk(_TAKE, *arguments, doing="handing files to the sandbox's server", given=content))
