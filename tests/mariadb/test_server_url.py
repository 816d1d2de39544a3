"""A server is named without its password, which comes from the environment or an option file and goes nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.baseline.database.live import LiveServer
from drtool.errors import DrtoolError, Unverifiable, WrongUse
from drtool.mariadb.server_url import is_server_url, parse


@pytest.fixture(autouse=True)
def a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_url_names_server_user_and_databases() -> None:
    server = parse("mariadb://backup@db1.example.org:3307/shop,crm", environment={"DRTOOL_DB_PASSWORD": "s3cret"})
    assert (server.host, server.port, server.user) == ("db1.example.org", 3307, "backup")
    assert server.databases == ("shop", "crm")
    assert server.password == "s3cret"


def test_the_port_has_a_default_and_names_may_be_percent_encoded() -> None:
    server = parse("mysql://a%40b@[::1]/my%2Fdb", environment={})
    assert (server.host, server.port, server.user, server.databases) == ("::1", 3306, "a@b", ("my/db",))


def test_a_socket_can_be_named() -> None:
    server = parse("mariadb://root@localhost/shop?socket=/run/mysqld/mysqld.sock", environment={})
    assert server.socket == "/run/mysqld/mysqld.sock"
    assert str(server) == "root@/run/mysqld/mysqld.sock"


@pytest.mark.parametrize(
    "url",
    [
        "mariadb://root:hunter2@db1/shop",
        "mariadb://root:hunter2/x@db1/shop",
        "mariadb://root:12/hunter2@db1/shop",
        "mariadb://root:hunter2#x@db1/shop",
        "mariadb://root:hunter2?x@db1/shop",
        "mariadb://root:[hunter2@db1/shop",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse(url, environment={})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mariadb://root@db1", "mariadb://root@db1/", "mariadb://root@db1:x/shop"])
def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse(url, environment={})
    assert caught.value.code == "bad-server-url"


def test_the_environment_comes_before_the_option_file(a_home: Path) -> None:
    (a_home / ".my.cnf").write_text("[client]\npassword = 'of the file'\n")
    assert parse("mariadb://u@h/d", environment={}).password == "of the file"
    assert parse("mariadb://u@h/d", environment={"MYSQL_PWD": "pwd"}).password == "pwd"
    assert parse("mariadb://u@h/d", environment={"MYSQL_PWD": "pwd", "DRTOOL_DB_PASSWORD": "own"}).password == "own"


def test_an_option_file_gives_user_port_and_tls(tmp_path: Path) -> None:
    file = tmp_path / "backup.cnf"
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "user.cnf").write_text("[client]\nuser=backup\nport=1\n")
    file.write_text(
        f"!includedir {tmp_path}/conf.d/\n[client]\nport=3310\nhost=db9\nssl_ca=/etc/ca.pem\n"
        "ssl-verify-server-cert\n[mysqldump]\nquick\n[client-mariadb]\nloose-password='p#w;d'\n"
    )
    server = parse("mariadb:///shop", defaults_file=file, environment={})
    assert (server.host, server.port, server.user, server.password) == ("db9", 3310, "backup", "p#w;d")
    assert dict(server.tls) == {"ssl_ca": "/etc/ca.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}


def test_an_option_file_that_is_not_there_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(Unverifiable, match="cannot be read"):
        parse("mariadb://u@h/d", defaults_file=tmp_path / "none.cnf", environment={})


def test_a_broken_option_file_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "broken.cnf"
    file.write_text("password=hunter2\n")
    with pytest.raises(Unverifiable) as caught:
        parse("mariadb://u@h/d", defaults_file=file, environment={})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "password", "cut"),
    [
        ("password=pa#ss", "pa", True),
        ("password='pa#ss'", "pa#ss", False),
        ('password="pa#ss" # ours', "pa#ss", True),
        ("password=x\npassword", "", False),
        ('password=""', "", False),
        ("password = \\s\\\\ ", " \\", False),
        ("[drtool]\npassword=a\n[client]\npassword=b\n[mysql]\npassword=c", "b", False),
    ],
)
def test_a_password_is_what_mariadb_takes_it_for(a_home: Path, lines: str, password: str, cut: bool) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\n{lines}\n")
    server = parse("mariadb://u@h/d", environment={})
    assert (server.password, server.password_cut) == (password, cut)
    assert not parse("mariadb://u@h/d", environment={"MYSQL_PWD": "x"}).password_cut


def test_a_password_may_be_in_any_encoding_and_nothing_else(a_home: Path) -> None:
    (a_home / ".my.cnf").write_bytes(b"[client]\n# f\xfcr uns\npassword='p\xe4'\n")
    assert parse("mariadb://u@h/d", environment={}).password.encode("utf-8", "surrogateescape") == b"p\xe4"
    (a_home / ".my.cnf").write_bytes(b"[client]\nuser='p\xe4'\n")
    with pytest.raises(Unverifiable, match="'user'"):
        parse("mariadb://u@h/d", environment={})


@pytest.mark.parametrize(
    ("lines", "tls"),
    [
        ("ssl", {"ssl_verify_cert": False}),
        ("ssl\nskip-ssl", {}),
        ("skip-ssl=0", {"ssl_verify_cert": False}),
        ("disable-ssl\nenable-ssl", {"ssl_verify_cert": False}),
        ("ssl-ca=/ca\nloose-skip-ssl-verify-server-cert",
         {"ssl_ca": "/ca", "ssl_verify_cert": False, "ssl_verify_identity": False}),
        ("ssl-verify-server-cert=OFF\nssl_verify_server_cert", {"ssl_verify_cert": True, "ssl_verify_identity": True}),
    ],
)  # fmt: skip
def test_switches_of_tls_are_those_of_mariadbs_clients(a_home: Path, lines: str, tls: dict[str, object]) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\n{lines}\n")
    assert dict(parse("mariadb://u@h/d", environment={}).tls) == tls


def test_the_password_is_in_no_representation() -> None:
    server = parse("mariadb://u@h/d", environment={"MYSQL_PWD": "hunter2"})
    assert "hunter2" not in repr(server) + str(server) + repr(LiveServer(server=server))


def test_a_server_out_of_reach_is_unverifiable_and_named() -> None:
    server = parse("mariadb://u@127.0.0.1:9/d", environment={"MYSQL_PWD": "hunter2"})
    with pytest.raises(DrtoolError) as caught:
        LiveServer(server=server).connect()
    assert isinstance(caught.value, Unverifiable)
    assert "u@127.0.0.1:9" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_urls_and_paths_are_told_apart() -> None:
    assert is_server_url("MariaDB://u@h/d")
    assert not is_server_url("/srv/uploads")
    assert not is_server_url("s3://bucket/key")
