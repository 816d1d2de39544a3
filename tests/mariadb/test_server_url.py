"""A server is named without its password, which comes from the environment or an option file and goes nowhere."""

from __future__ import annotations

import os
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
    assert str(server) == "a@b@[::1]:3306"
    assert str(parse("mysql://u@db1/d", environment={})) == "u@db1:3306"


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


@pytest.mark.parametrize(
    "url",
    [
        "mariadb://root@db1",
        "mariadb://root@db1/",
        "mariadb://root@db1:x/shop",
        "mariadb://u@db1/shop#2024",
        "mariadb://u@db1/d#",
    ],
)
def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse(url, environment={})
    assert caught.value.code == "bad-server-url"


def test_a_colon_without_a_password_is_no_password_in_the_url() -> None:
    with pytest.raises(WrongUse, match="a : behind the user") as caught:
        parse("mariadb://root:@db1/shop", environment={})
    assert caught.value.code == "bad-server-url"
    assert parse("mariadb://root@db1/shop%232024", environment={}).databases == ("shop#2024",)


def test_an_account_without_a_home_has_no_option_file_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "~").mkdir()
    for place in (tmp_path, tmp_path / "~"):
        (place / ".my.cnf").write_text("[client]\npassword=of the file\n")
    monkeypatch.chdir(tmp_path)
    assert parse("mariadb://u@h/d", environment={}).password == "of the file"
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 54321)
    assert parse("mariadb://u@h/d", environment={}).password == ""


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
    assert dict(server.tls) == {"ssl_ca": "/etc/ca.pem", "ssl_verify_server_cert": "1"}


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
        ("ssl", {"ssl": "1"}),
        ("ssl\nskip-ssl", {"ssl": "0"}),
        ("skip-ssl=0", {"ssl": "1"}),
        ("skip-ssl=no", {"ssl": "0"}),
        ("ssl=TRUE", {"ssl": "1"}),
        ("ssl=off", {"ssl": "0"}),
        ("ssl=", {"ssl": "0"}),
        ("disable-ssl\nenable-ssl", {"ssl": "1"}),
        ("ssl-ca=/ca\nloose-skip-ssl-verify-server-cert", {"ssl_ca": "/ca", "ssl_verify_server_cert": "0"}),
        ("ssl-verify-server-cert=OFF\nssl_verify_server_cert", {"ssl_verify_server_cert": "1"}),
        ("ssl-verify-server-cert=false", {"ssl_verify_server_cert": "0"}),
        ("ssl-v\nssl-cap=/a\nssl-ci=X", {"ssl_verify_server_cert": "1", "ssl_capath": "/a", "ssl_cipher": "X"}),
        ("tls=TLSv1.3", {"tls_version": "TLSv1.3"}),
        ("loose-ssl-mode=REQUIRED", {}),
    ],
)  # fmt: skip
def test_switches_of_tls_are_those_of_mariadbs_clients(a_home: Path, lines: str, tls: dict[str, str]) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\n{lines}\n")
    assert dict(parse("mariadb://u@h/d", environment={}).tls) == tls


@pytest.mark.parametrize("line", ["ssl=REQUIRED", "ssl=yes", "ssl-verify-server-cert=no"])
def test_a_switch_of_tls_that_says_neither_is_no_switched_off_one(a_home: Path, line: str) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\n{line}\n")
    with pytest.raises(Unverifiable, match="says neither 1 nor 0") as refused:
        parse("mariadb://u@h/d", environment={})
    assert refused.value.code == "option-file"


def test_a_line_without_a_sign_is_refused_and_not_repeated(a_home: Path) -> None:
    (a_home / ".my.cnf").write_text("[client]\nuser bk\npassword hush\n")
    with pytest.raises(Unverifiable, match="neither a \\[group\\] nor name=value") as refused:
        parse("mariadb://u@h/d", environment={})
    assert "hush" not in str(refused.value)
    (a_home / ".my.cnf").write_text("[client]\nuser = bk\n[other]\nx y\n")
    assert parse("mariadb://h/d", environment={}).user == "bk"


@pytest.mark.parametrize("name", ["passwd", "PassWD", "pwd", "pw", "username", "user-name", "hostname", "unix_socket"])
def test_names_that_mariadbs_clients_refuse_are_named(a_home: Path, name: str) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\nuser=u\n{name}=hunter2\n")
    with pytest.raises(Unverifiable, match=name.lower().replace("_", "-")) as caught:
        parse("mariadb://u@h/d", environment={})
    assert caught.value.code == "option-file"
    assert "hunter2" not in str(caught.value)


def test_names_of_other_programs_options_are_passed_over(a_home: Path) -> None:
    (a_home / ".my.cnf").write_text(
        "[mysqldump]\npasswd=x\n[client]\nloose-passwd=x\nplugin-dir=/p\nprompt=p\nport=1\npass=y\npassword1=z\n"
    )
    assert parse("mariadb://u@h/d", environment={}).password == "y"


@pytest.mark.parametrize("name", ["ssl-mode", "ssl-c", "ssl-crl", "tls_ciphersuites", "skip-ssl-mode"])
def test_a_demand_for_tls_that_is_not_known_is_not_dropped(a_home: Path, name: str) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\nuser=u\n{name}=hunter2\n")
    with pytest.raises(Unverifiable, match=name.replace("_", "-").removeprefix("skip-")) as caught:
        parse("mariadb://u@h/d", environment={})
    assert caught.value.code == "option-file"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "lines", "server"),
    [
        ("mariadb:///d", "host=127.0.0.1\nport=3398\nsocket=/s", "u@127.0.0.1:3398"),
        ("mariadb:///d", "host=127.0.0.1\nprotocol=socket\nsocket=/s", "u@127.0.0.1:3306"),
        ("mariadb:///d", "host=db9\nsocket=/s", "u@db9:3306"),
        ("mariadb:///d", "host=\nport=3398\nsocket=/s", "u@/s"),
        ("mariadb:///d", "host=localhost\nprotocol=\nsocket=/s", "u@/s"),
        ("mariadb:///d", "host=localhost\nprotocol=TCP\nport=3398\nsocket=/s", "u@localhost:3398"),
        ("mariadb:///d", "protocol=socket\nsocket=/s", "u@/s"),
        ("mariadb:///d", "socket=/s\nsocket=", "u@localhost:3306"),
        ("mariadb://u@localhost/d", "socket=/s", "u@/s"),
        ("mariadb://u@localhost:3398/d", "socket=/s", "u@localhost:3398"),
        ("mariadb://u@127.0.0.1/d", "socket=/s", "u@127.0.0.1:3306"),
        ("mariadb://u@db9/d?socket=/mine", "socket=/s", "u@/mine"),
        ("mariadb:///d", "port=\nhost=", "u@localhost:3306"),
        ("mariadb:///d", "port=0", "u@localhost:3306"),
    ],
)
def test_the_server_is_the_one_that_mariadbs_client_would_choose(
    a_home: Path, url: str, lines: str, server: str
) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\nuser=u\n{lines}\n")
    assert str(parse(url, environment={})) == server


@pytest.mark.parametrize(
    ("lines", "named"), [("protocol=memory", "protocol"), ("protocol=socket", "no socket"), ("port=x", "port")]
)
def test_a_server_that_a_file_cannot_mean_is_refused(a_home: Path, lines: str, named: str) -> None:
    (a_home / ".my.cnf").write_text(f"[client]\nuser=u\n{lines}\n")
    with pytest.raises(Unverifiable, match=named):
        parse("mariadb:///d", environment={})


def test_names_may_be_cut_as_short_as_mariadbs_clients_allow(a_home: Path) -> None:
    (a_home / ".my.cnf").write_text("[client]\npass=pa\nsock=/s\nuse=u\nho=localhost\nloose-por=1\n")
    server = parse("mariadb:///d", environment={})
    assert (str(server), server.password, server.port) == ("u@/s", "pa", 1)
    (a_home / ".my.cnf").write_text("[client]\nuser=u\npa=pa\npasswort=pa\nskip-password=pa\np=1\nsocketed=/s\n")
    server = parse("mariadb:///d", environment={})
    assert (str(server), server.password) == ("u@localhost:3306", "")


def test_an_empty_variable_is_no_password(a_home: Path) -> None:
    (a_home / ".my.cnf").write_text("[client]\npassword=of the file\n")
    for variables in ({"MYSQL_PWD": ""}, {"DRTOOL_DB_PASSWORD": "", "MYSQL_PWD": ""}):
        assert parse("mariadb://u@h/d", environment=variables).password == "of the file"
    assert parse("mariadb://u@h/d", environment={"DRTOOL_DB_PASSWORD": "", "MYSQL_PWD": "pwd"}).password == "pwd"


def test_an_option_file_that_says_nothing_to_clients_is_known(a_home: Path) -> None:
    assert parse("mariadb://u@h/d", environment={}).empty_file is None
    (a_home / ".my.cnf").write_text("[mysqldump]\nuser=u\n")
    assert parse("mariadb://u@h/d", environment={}).empty_file == a_home / ".my.cnf"
    (a_home / ".my.cnf").write_text("[client]\nuser=u\n")
    assert parse("mariadb://u@h/d", environment={}).empty_file is None


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"\xef\xbb\xbf[client]\n", "byte order mark"),
        ("[client]\n".encode("utf-16"), "UTF-16"),
        (b"\0\0\0\0\x05\x1b\n[client]\n", "login path"),
        (None, "No such file"),
    ],
)
def test_what_is_no_option_file_is_named_with_a_mend_for_clients(
    tmp_path: Path, content: bytes | None, named: str
) -> None:
    file = tmp_path / "client.cnf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Unverifiable, match=named) as caught:
        parse("mariadb://u@h/d", defaults_file=file, environment={})
    assert "mysqld" not in str(caught.value)


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


@pytest.mark.parametrize("kind", ["folder", "dangling", "refused", "plain"])
def test_the_usual_option_file_is_passed_over_where_mariadbs_programs_do(
    kind: str, a_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = a_home / ".my.cnf"
    if kind == "folder":
        usual.mkdir()
    elif kind == "dangling":
        usual.symlink_to("nowhere")
    else:
        usual.write_text("[client]\nuser=app\n")
    if kind == "refused":
        monkeypatch.setattr(os, "access", lambda *_: False)
    server = parse("mariadb://db1/shop", environment={})
    assert (server.user == "app") is (kind == "plain")
    if kind in ("folder", "dangling"):
        with pytest.raises(Unverifiable, match="cannot be read"):
            parse("mariadb://db1/shop", environment={}, defaults_file=usual)
