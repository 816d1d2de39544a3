"""Connections to a server in production: they can only read, they say so themselves, and no statement takes long.

Why a server could not be read is told in words that hold nothing of its rows.
"""

from __future__ import annotations

import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER

from drtool.errors import Unverifiable
from drtool.mariadb.option_file import CLIENT_GROUPS
from drtool.mariadb.server_url import ServerAddress
from drtool.mariadb.sql import NO_PASSWORD_GIVEN, describe_sql_error, error_code

_CONNECT_SECONDS = 10
_LOCK_WAIT_SECONDS = 20
_GRACE_SECONDS = 30
_READ_ONLY = {"tx_read_only", "transaction_read_only"}

_LOCKED_OUT = {ER.DBACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR, NO_PASSWORD_GIVEN}
_HANDSHAKE = {0, ER.HANDSHAKE_ERROR, 1156, *range(1158, 1162)}  # packets that did not arrive, or not as they were sent
_ROWS = tomllib.loads((files("drtool.baseline.database") / "mends.toml").read_text(encoding="utf-8"))
_MENDS, _READING_MENDS = (
    {code: row["mend"] for row in rows for code in row["errors"]}
    for rows in (_ROWS["connecting"], _ROWS["connecting"] + _ROWS["reading"])
)
_PLUGIN = re.compile(r"plugin '(?:b')?(\w{1,64})'")
_OTHER_PLUGIN = "an account that logs in by mysql_native_password or unix_socket"


@dataclass(frozen=True, kw_only=True)
class LiveServer:
    """Opens read-only connections to a server.

    Attributes:
        server: where it is.
        statement_limit_seconds: how long one statement may take on the server.
    """

    server: ServerAddress
    statement_limit_seconds: float = 600.0

    def connect(self) -> Connection[Any]:
        """Open a connection that cannot write, in UTC.

        Raises:
            Unverifiable: the server is out of reach, refuses the account, or the session is not read only.
        """
        target = self.server
        # As bytes, as MariaDB's own client has it: PyMySQL would make Latin-1 of a text.
        options: dict[str, Any] = {"password": target.password.encode("utf-8", "surrogateescape")}
        if set(target.tls.values()) - {"0"}:
            options["ssl"] = tls_context(target.tls)
        elif "ssl" in target.tls:
            options["ssl_disabled"] = True
        try:
            connection: Connection[Any] = pymysql.connect(
                host=target.host,
                port=target.port,
                unix_socket=target.socket,
                user=target.user,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=self.statement_limit_seconds + _GRACE_SECONDS,
                write_timeout=_CONNECT_SECONDS,
                program_name="drtool",
                **options,
            )
        except (pymysql.err.MySQLError, OSError, RuntimeError, UnicodeError) as error:
            raise _unreachable(target, error) from error
        try:
            prepare(connection, self.statement_limit_seconds)
        except (pymysql.err.MySQLError, Unverifiable) as error:
            connection.close()
            if isinstance(error, Unverifiable):
                raise
            raise _unreachable(target, error, getattr(connection, "server_version", "")) from error
        return connection


def tls_context(tls: Mapping[str, str]) -> ssl.SSLContext:
    """Return what options of MariaDB's clients demand of a connection's TLS, `ssl-cipher` for TLS 1.2 alone.

    As there, authorities are heeded always; `ssl-verify-server-cert` adds the server's name.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = tls.get("ssl_verify_server_cert") == "1"
    try:
        if "ssl_ca" in tls or "ssl_capath" in tls:
            context.load_verify_locations(tls.get("ssl_ca"), tls.get("ssl_capath"))
        elif context.check_hostname:
            context.load_default_certs()
        else:
            context.verify_mode = ssl.CERT_NONE
        if "ssl_cert" in tls:
            context.load_cert_chain(tls["ssl_cert"], tls.get("ssl_key"), password="")
        if ciphers := ":".join(one for one in tls.get("ssl_cipher", "").split(":") if not one.startswith("TLS_")):
            context.set_ciphers(ciphers)
        elif "ssl_cipher" in tls:  # of TLS 1.3 alone, which has all of them
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        if "tls_version" in tls:
            named = tls["tls_version"].replace("v1.0", "v1").replace(".", "_").split(",")
            versions = [ssl.TLSVersion[one.strip()] for one in named]
            context.minimum_version, context.maximum_version = min(versions), max(versions)
    except (OSError, KeyError) as error:
        files_of = [name for name in ("ssl_ca", "ssl_cert", "ssl_key") if name in tls]
        named = [name for name in files_of if not os.access(tls[name], os.R_OK)] or sorted(tls)
        what = f"The option file's TLS cannot be had ({', '.join(named).replace('_', '-')})"
        raise Unverifiable("option-file", what, why=getattr(error, "strerror", "a value is not known")) from error
    return context


def prepare(connection: Connection[Any], statement_limit_seconds: float | None) -> None:
    """Make a session read only and prove it, in UTC, with limits to what it may take and wait for.

    Raises:
        Unverifiable: the session can still write.
        pymysql.err.MySQLError: the server refuses a setting.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # The mode decides how values are written as text; PAD_CHAR_TO_FULL_LENGTH would change every CHAR.
        cursor.execute("SET time_zone = '+00:00', sql_mode = '', lock_wait_timeout = %s", (_LOCK_WAIT_SECONDS,))
        # Tables are to be read whole, and names to be told in quotes, whatever the server has set for all or in
        # init_connect: max_join_size would refuse it, sql_select_limit would cut them without a word. While one reads,
        # others that hold the same snapshot rest for as long.
        cursor.execute(
            "SET sql_big_selects = 1, sql_select_limit = 18446744073709551615, sql_quote_show_create = 1, "
            "system_versioning_asof = DEFAULT, wait_timeout = 2147483, idle_transaction_timeout = 0, "
            "idle_readonly_transaction_timeout = 0, max_sort_length = 16384"  # by all of any key
        )
        if statement_limit_seconds is not None:
            cursor.execute("SET max_statement_time = %s", (statement_limit_seconds,))
        cursor.execute("SHOW SESSION VARIABLES WHERE variable_name IN %s", (tuple(_READ_ONLY),))
        settings = cursor.fetchall()
    if not settings or any(str(value).upper() not in {"ON", "1"} for _, value in settings):
        what = "The session on the server did not become read only, so nothing was read through it"
        raise Unverifiable("not-read-only", what)


def _unreachable(target: ServerAddress, error: Exception, version: str = "MariaDB") -> Unverifiable:
    code = error_code(error)
    cause = getattr(error, "original_exception", None)  # what PyMySQL's 2003 stands for
    # The server's own text can quote what was sent to it: its number says enough.
    why = describe_sql_error(code) if code else type(error).__name__
    unheard = code in _HANDSHAKE or code // 1000 == 2  # 2xxx: the client's own
    mend = _MENDS.get(code, "Check host, port and network" if unheard else "See the server's log, or its proxy's")
    if code == ER.ACCESS_DENIED_ERROR and not target.password:
        why += ", and no password was given"
    if (isinstance(error, pymysql.err.InternalError) and not code) or (
        code == ER.UNKNOWN_SYSTEM_VARIABLE and "MariaDB" not in version
    ):
        why = "what answers there is no MariaDB"
    elif isinstance(cause, ssl.SSLCertVerificationError):
        why = f"its certificate cannot be trusted ({cause.verify_message})"
        mend = "Check that ssl-ca is the authority of its certificate, and the name that it is called by"
    elif isinstance(cause, ssl.SSLError):
        why = f"TLS was not agreed on ({cause.reason or type(cause).__name__})"
        mend = "Check the server's TLS, and ssl-cert, ssl-key, ssl-cipher and tls-version in the option file"
    elif isinstance(cause, OSError):
        why = cause.strerror or str(cause)
        mend = "Check the path of the socket, and that the server runs" if target.socket else mend
    elif isinstance(error, UnicodeError):
        why = "no host, or no account, can be called so"
    elif isinstance(error, RuntimeError):  # a package for the account's plugin is not there
        plugin, package = ("ed25519", "PyNaCl") if "ed25519" in str(error) else ("sha2", "cryptography")
        why, mend = f"the account logs in by {plugin}", f"pip install {package}, or use {_OTHER_PLUGIN}"
    elif code == CR.CR_AUTH_PLUGIN_CANNOT_LOAD and (found := _PLUGIN.search(str(error))):
        why, mend = f"the account logs in by {found[1]}, which drtool cannot", f"Use {_OTHER_PLUGIN}"
    if code in _LOCKED_OUT and target.password_cut:
        mend = "The password in the option file ends at the #, as MariaDB reads it: quote it if the # is part of it"
    elif target.empty_file and (code in _LOCKED_OUT or cause):
        mend = f"The option file {target.empty_file} says nothing in the groups [{'], ['.join(CLIENT_GROUPS)}]"
    return Unverifiable("server-unreachable", f"The server {target} cannot be read", why=why, mend=mend)


def server_failure(error: pymysql.err.MySQLError, table: str | None = None) -> Unverifiable:
    """Return an error of the server as one for people; `table` names what was read, where it is known."""
    code = error_code(error)
    what = f"{table} could not be read" if table else "The server could not be read"
    why = describe_sql_error(code, str(error.args[-1]) if error.args else "")
    if code == ER.TABLE_DEF_CHANGED:
        why = "it was altered or truncated after the snapshot"
    elif code == ER.STATEMENT_TIMEOUT:
        why = "a statement took longer than it may"
    return Unverifiable("server-unreadable", what, why=why, mend=_READING_MENDS.get(code, ""))
