"""Why a live server could not be read is told so that one can mend it; TLS is what the option file demands."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql
import pytest

from drtool.baseline.database.live import LiveServer, prepare, server_failure, tls_context
from drtool.errors import Unverifiable
from drtool.mariadb.server_url import ServerAddress

SERVER = ServerAddress(host="db1", port=3306, socket=None, user="u", password="hunter2", databases=("d",))


def options_of(monkeypatch: pytest.MonkeyPatch, tls: Mapping[str, str]) -> dict[str, Any]:
    """Return what PyMySQL is asked for."""
    seen: dict[str, Any] = {}

    def connect(**options: Any) -> None:
        seen.update(options)
        raise pymysql.err.OperationalError(2003, "")

    monkeypatch.setattr(pymysql, "connect", connect)
    with pytest.raises(Unverifiable):
        LiveServer(server=replace(SERVER, tls=tls)).connect()
    return seen


def failure(monkeypatch: pytest.MonkeyPatch, error: Exception, server: ServerAddress = SERVER) -> str:
    def connect(**_: Any) -> None:
        raise error

    monkeypatch.setattr(pymysql, "connect", connect)
    with pytest.raises(Unverifiable) as caught:
        LiveServer(server=server).connect()
    assert caught.value.code == "server-unreachable"
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


def unreachable(cause: OSError) -> Exception:
    error = pymysql.err.OperationalError(2003, "hunter2")
    error.original_exception = cause  # type: ignore[attr-defined]
    return error


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ours"]
    subprocess.run(
        [*command, "-keyout", folder / "key.pem", "-out", folder / "ca.pem"], check=True, capture_output=True
    )
    return folder / "ca.pem"


def test_tls_that_is_asked_for_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # With a context PyMySQL refuses a server without TLS; with nothing it uses TLS where it can.
    assert isinstance(options_of(monkeypatch, {"ssl": "1"})["ssl"], ssl.SSLContext)
    assert isinstance(options_of(monkeypatch, {"tls_version": "TLSv1.3"})["ssl"], ssl.SSLContext)
    assert options_of(monkeypatch, {"ssl": "0"})["ssl_disabled"]
    for tls in ({}, {"ssl_verify_server_cert": "0"}):
        assert not {"ssl", "ssl_disabled"} & set(options_of(monkeypatch, tls))


@pytest.mark.parametrize(
    ("tls", "mode", "name"),
    [
        ({"ssl": "1"}, ssl.CERT_NONE, False),
        ({"ssl_ca": "CA"}, ssl.CERT_REQUIRED, False),
        ({"ssl_ca": "CA", "ssl_verify_server_cert": "0"}, ssl.CERT_REQUIRED, False),
        ({"ssl_capath": "FOLDER", "ssl_verify_server_cert": "0"}, ssl.CERT_REQUIRED, False),
        ({"ssl_verify_server_cert": "1"}, ssl.CERT_REQUIRED, True),
        ({"ssl_ca": "CA", "ssl_verify_server_cert": "1"}, ssl.CERT_REQUIRED, True),
    ],
)
def test_what_is_verified_is_what_mariadbs_clients_verify(
    authority: Path, tls: dict[str, str], mode: ssl.VerifyMode, name: bool
) -> None:
    places = {"CA": str(authority), "FOLDER": str(authority.parent)}
    context = tls_context({option: places.get(value, value) for option, value in tls.items()})
    assert (context.verify_mode, context.check_hostname) == (mode, name)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_versions_and_ciphers_are_heeded() -> None:
    context = tls_context({"tls_version": "TLSv1.2", "ssl_cipher": "ECDHE-RSA-AES256-GCM-SHA384"})
    assert context.minimum_version == context.maximum_version == ssl.TLSVersion.TLSv1_2
    older = {cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"}
    assert older == {"ECDHE-RSA-AES256-GCM-SHA384"}
    for versions in ("TLSv1.2,TLSv1.3", "TLSv1.0,TLSv1.1, TLSv1.2 ,TLSv1.3"):
        assert tls_context({"tls_version": versions}).maximum_version == ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("tls", "named"),
    [
        ({"ssl_ca": "/nowhere/ca.pem"}, "ssl-ca"),
        ({"ssl_ca": __file__}, "ssl-ca"),
        ({"ssl_cert": __file__}, "ssl-cert"),
        ({"ssl_cipher": "none-such"}, "ssl-cipher"),
        ({"tls_version": "TLSv9"}, "tls-version"),
    ],
)
def test_options_of_tls_that_cannot_be_heeded_are_refused_by_name(tls: dict[str, str], named: str) -> None:
    with pytest.raises(Unverifiable, match=f"[(]{named}[)]") as caught:
        tls_context(tls)
    assert caught.value.code == "option-file"


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (1040, "max_connections"),
        (1045, "account and its password"),
        (1045, "or it demands TLS or a certificate"),
        (1698, "?socket=/run/mysqld/mysqld.sock"),
        (1129, "FLUSH HOSTS"),
        (1184, "init_connect"),
        (1275, "password anew"),
        (1130, "from this host"),
        (1203, "--connections 1"),
        (1226, "--connections 1"),
        (1820, "new password"),
        (1862, "new password"),
        (4151, "Unlock"),
        (2026, "Switch on TLS on the server"),
        (2013, "host, port and network"),
        *((code, "host, port and network") for code in (2003, 1043, 1156, 1158, 1161)),
        *((code, "Let the option file ask for TLS") for code in (3159, 9002)),
        (4150, "FLUSH PRIVILEGES"),
        (1047, "wsrep_ready"),
        (1053, "until the server runs again"),
        (9001, "proxy's log: it reaches no server"),
        (3118, "Unlock"),
        (1193, "Name a server of MariaDB 10.3 or later"),
        *((code, "the server's log, or its proxy's") for code in (1290, 1815, 9999)),
    ],
)
def test_each_refusal_of_a_server_has_its_own_mend(monkeypatch: pytest.MonkeyPatch, code: int, mend: str) -> None:
    told = failure(monkeypatch, pymysql.err.OperationalError(code, "hunter2"))
    assert mend in told
    assert str(code) in told
    assert ("network" in told) is (mend == "host, port and network")


class Session:
    """A session that takes each statement and is read only; `refusal` is what it answers to the first instead."""

    def __init__(self, refusal: Exception | None = None, version: str = "") -> None:
        self.statements: list[str] = []
        self.refusal = refusal
        self.server_version = version

    def cursor(self) -> Session:
        return self

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None: ...

    def execute(self, statement: str, _: object = None) -> None:
        self.statements.append(statement)
        if self.refusal:
            raise self.refusal

    def fetchall(self) -> list[tuple[str, str]]:
        return [("tx_read_only", "ON")]


@pytest.mark.parametrize(
    ("version", "code", "other"),
    [("8.0.36", 1193, True), ("10.2.44-MariaDB", 1193, False), ("5.5.5-10.11.6-MariaDB", 1193, False),
     ("8.0.36", 1047, False)],
)  # fmt: skip
def test_a_server_of_another_kind_is_said_to_be_one(
    monkeypatch: pytest.MonkeyPatch, version: str, code: int, other: bool
) -> None:
    session = Session(pymysql.err.OperationalError(code, "hunter2"), version)
    monkeypatch.setattr(pymysql, "connect", lambda **_: session)
    with pytest.raises(Unverifiable) as caught:
        LiveServer(server=SERVER).connect()
    assert caught.value.code == "server-unreachable"
    assert ("there is no MariaDB" in str(caught.value)) is other
    assert ("Name a server of MariaDB" in str(caught.value)) is (code == 1193)


@pytest.mark.parametrize("host", ["db1..example", f"{64 * 'a'}.example", ".db1"])
def test_a_host_that_cannot_be_called_so_is_one_error(host: str) -> None:
    with pytest.raises(Unverifiable, match="no host, or no account, can be called so") as caught:
        LiveServer(server=replace(SERVER, host=host)).connect()
    assert caught.value.code == "server-unreachable"
    with pytest.raises(Unverifiable) as caught:
        LiveServer(server=replace(SERVER, host="127.0.0.1", port=9)).connect()
    assert "called so" not in str(caught.value)


def test_a_login_without_a_password_says_so_and_one_with_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = pymysql.err.OperationalError(1045, "")
    assert "no password was given" in failure(monkeypatch, denied, replace(SERVER, password=""))
    assert "no password was given" not in failure(monkeypatch, denied)


def test_a_port_where_something_else_answers_is_told_from_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    other = pymysql.err.InternalError("Packet sequence number wrong - got 45 expected 0")
    assert "what answers there is no MariaDB" in failure(monkeypatch, other)
    assert "no MariaDB" not in failure(monkeypatch, pymysql.err.InternalError(1815, "hunter2"))


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (1142, "Let the account SELECT"),
        (1047, "Galera node not ready). Wait until the node"),
        (1044, "Let the account SELECT"),
        (1226, "--connections 1"),
        *((code, "tmpdir") for code in (1114, 1021, 3)),
        *((code, "server's log for why it ended") for code in (2006, 2013, 1317, 1053)),
        (1412, "when no table is altered"),
        (1969, "--statement-limit"),
        (1030, "See the server's log, and repeat"),
    ],
)
def test_each_error_while_reading_has_its_own_mend(code: int, mend: str) -> None:
    told = str(server_failure(pymysql.err.OperationalError(code, "hunter2"), "shop.orders"))
    assert mend in told
    assert ("SELECT" in told) is (code in {1142, 1044})
    assert "hunter2" not in told


def test_what_hindered_a_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    untrusted = ssl.SSLCertVerificationError(1, "hunter2")
    untrusted.verify_message = "self-signed certificate"
    told = failure(monkeypatch, unreachable(untrusted))
    assert "(self-signed certificate)" in told
    assert "ssl-ca" in told
    old = ssl.SSLError(1, "hunter2")
    old.reason = "UNSUPPORTED_PROTOCOL"
    assert "tls-version" in failure(monkeypatch, unreachable(old))
    gone = FileNotFoundError(2, "No such file or directory")
    told = failure(monkeypatch, unreachable(gone), replace(SERVER, socket="/run/none.sock"))
    assert "/run/none.sock" in told
    assert "path of the socket" in told
    told = failure(monkeypatch, unreachable(ConnectionRefusedError(111, "Connection refused")))
    assert "Connection refused. Check host, port and network" in told


def test_a_plugin_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lacks = RuntimeError("'pynacl' package is required for ed25519_password auth method")
    told = failure(monkeypatch, lacks)
    assert "ed25519" in told
    assert "pip install PyNaCl" in told
    told = failure(monkeypatch, pymysql.err.OperationalError(2059, "Authentication plugin 'b'parsec'' not configured"))
    assert "by parsec" in told
    assert "mysql_native_password" in told
    assert "pip" not in told


def test_an_option_file_that_says_nothing_to_clients_is_named_where_the_login_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    empty = replace(SERVER, empty_file=Path("/home/me/.my.cnf"))
    denied, locked = pymysql.err.OperationalError(1045, ""), pymysql.err.OperationalError(4151, "")
    for error in (denied, unreachable(ConnectionRefusedError(111, "Connection refused"))):
        assert "/home/me/.my.cnf says nothing" in failure(monkeypatch, error, empty)
    assert ".my.cnf" not in failure(monkeypatch, denied)
    assert ".my.cnf" not in failure(monkeypatch, locked, empty)


def test_a_server_that_limits_joins_rows_or_idle_time_lets_tables_be_read_whole() -> None:
    session = Session()
    prepare(session, None)  # type: ignore[arg-type]
    for setting in (
        *("sql_big_selects = 1", "sql_select_limit = 18446744073709551615", "sql_quote_show_create = 1"),
        *("wait_timeout = 2147483", "idle_transaction_timeout = 0", "idle_readonly_transaction_timeout = 0"),
    ):
        assert any(setting in statement for statement in session.statements)
