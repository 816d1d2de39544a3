"""Where no engine answers, it is said which was asked for, why it does not answer, and what helps."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.auth import encode_header, get_config_header

from drtool.errors import Unverifiable
from drtool.sandbox import image
from drtool.sandbox.address import Address, find_address
from drtool.sandbox.container import Container
from drtool.sandbox.engine import Engine, _unreachable, engine_errors
from drtool.sandbox.image import Image, find_image
from drtool.sandbox.server import Server
from tests.sandbox.small_engine import WELL, answering

FORBIDDEN = "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"
LOGIN = {"username": "u", "password": "p", "email": None, "serveraddress": "hub"}


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Docker's configuration of nobody: no context, no host."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def test_a_context_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "elsewhere")
    with pytest.raises(Unverifiable, match="There is no Docker context 'elsewhere'"):
        Engine.connect()


def test_the_context_that_the_environment_names_is_asked(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    folder = config / "contexts" / "meta" / hashlib.sha256(b"there").hexdigest()  # as Docker names them
    folder.mkdir(parents=True)
    endpoint = {"Host": "unix:///nowhere/docker.sock", "SkipTLSVerify": False}
    (folder / "meta.json").write_text(json.dumps({"Name": "there", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    monkeypatch.setenv("DOCKER_CONTEXT", "there")
    with pytest.raises(Unverifiable) as caught:
        Engine.connect()
    assert "unix:///nowhere/docker.sock" in caught.value.what


def test_a_context_that_the_configuration_names_and_that_is_gone_is_named(config: Path) -> None:
    (config / "config.json").write_text('{"currentContext": "gone"}')
    with pytest.raises(Unverifiable, match=r"There is no Docker context 'gone', which .*config\.json names"):
        Engine.connect()


@pytest.mark.parametrize("current", ['{"currentContext": "default"}', '{"currentContext": ""}', "{}"])
def test_the_context_of_nobody_is_the_hosts_own_engine(config: Path, current: str) -> None:
    (config / "config.json").write_text(current)
    assert find_address() == Address(host="unix:///var/run/docker.sock")


@pytest.mark.parametrize(
    ("settings", "files", "wanted"),
    [
        ({}, ["ca.pem", "cert.pem", "key.pem"], None),
        ({"DOCKER_CERT_PATH": "own"}, ["own/ca.pem", "own/cert.pem", "own/key.pem"], None),
        ({"DOCKER_TLS_VERIFY": "", "DOCKER_TLS": ""}, ["ca.pem"], None),
        ({"DOCKER_TLS_VERIFY": "1"}, [], (True, None)),
        ({"DOCKER_TLS_VERIFY": "1"}, ["ca.pem"], ("ca.pem", None)),
        ({"DOCKER_TLS_VERIFY": "1"}, ["ca.pem", "cert.pem", "key.pem"], ("ca.pem", ("cert.pem", "key.pem"))),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "own"}, ["ca.pem", "own/ca.pem"], ("own/ca.pem", None)),
        ({"DOCKER_TLS": "1"}, ["ca.pem", "cert.pem", "key.pem"], (False, ("cert.pem", "key.pem"))),
        ({"DOCKER_TLS": "1"}, ["cert.pem"], (False, None)),
    ],
)
def test_tls_by_the_environment_is_as_the_docker_command_has_it(
    monkeypatch: pytest.MonkeyPatch, config: Path, settings: dict[str, str], files: list[str], wanted: object
) -> None:
    (config / "own").mkdir()
    for name in files:
        (config / name).touch()
    for name, value in settings.items():
        monkeypatch.setenv(name, str(config / value) if value == "own" else value)
    given: list[Any] = []
    monkeypatch.setattr("drtool.sandbox.address._Client", lambda **options: given.append(options["tls"]))
    Address(host="tcp://127.0.0.1:2376").client(timeout_seconds=1)
    found = SimpleNamespace(verify=None, cert=None)
    if given[0]:
        given[0].configure_client(found)
    assert str((found.verify, found.cert)).replace(f"{config}/", "") == str(wanted or (None, None))


@pytest.mark.parametrize(("setting", "warned"), [("DOCKER_TLS", 0), ("DOCKER_TLS_VERIFY", 1)])
def test_nobody_is_warned_of_what_they_chose(monkeypatch: pytest.MonkeyPatch, setting: str, warned: int) -> None:
    monkeypatch.setenv(setting, "1")
    monkeypatch.setattr("drtool.sandbox.address._Client", lambda **_: None)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        Address(host="tcp://127.0.0.1:2376").client(timeout_seconds=1)
        warnings.warn("Unverified HTTPS request is being made to host '127.0.0.1'", stacklevel=1)
    assert len(said) == warned


@pytest.mark.parametrize(
    "host", ["tcp://127.0.0.1:99999", "tcp://127.0.0.1:x", "tcp://[::1", "tcp://a..b:1", "foo://x"]
)
def test_a_host_that_cannot_be_is_told_as_that(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(Unverifiable) as caught:
        Engine.connect()
    assert (caught.value.code, caught.value.mend) == ("engine-unreachable", "Check DOCKER_HOST, or the docker context")


@pytest.mark.parametrize(
    "odd",
    [json.dumps({"auths": {"hub": {"auth": auth}}}) for auth in ("", "x", "eA==", "${TOKEN}", "dTpw")]
    + ["[]", '{"auths": []}', '{"auths": {"hub": null}}', "{", '{"proxies": null, "HttpHeaders": null}']
    + ['{"proxies": {"default": null}}', '{"credHelpers": null, "auths": null}'],
)
def test_logins_that_cannot_be_read_do_not_keep_drtool_from_the_engine(
    monkeypatch: pytest.MonkeyPatch, config: Path, odd: str
) -> None:
    (config / "config.json").write_text(odd)
    with answering(config, WELL) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        client = Engine.connect().client
    assert get_config_header(client.api, "hub") == (encode_header(LOGIN) if "dTpw" in odd else None)


def test_a_program_for_logins_that_is_not_there_is_no_mistake(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    (config / "config.json").write_text('{"credsStore": "nowhere"}')
    missing = {"/images/mariadb:11.8/json": (404, '{"message": "No such image: mariadb:11.8"}')}
    with answering(config, WELL | missing) as host, warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(Unverifiable) as caught:
            find_image(Engine.connect(), series=None, explicit="mariadb:11.8")
    assert caught.value.code == "image-missing"


@pytest.mark.parametrize(("status", "code"), [(400, "image-missing"), (404, "image-missing"), (403, "engine-refused")])
def test_a_name_that_no_image_can_have_is_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, config: Path, status: int, code: str
) -> None:
    answers = {"/json": (status, '{"message": "invalid reference format: repository name must be lowercase"}')}
    with answering(config, WELL | answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(Unverifiable) as caught:
            find_image(Engine.connect(), series=None, explicit="DRTOOL/MariaDB:10.11")
    assert caught.value.code == code


def test_the_newest_image_is_found_while_somebody_takes_others_away(
    monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    tags = [None, ["mariadb:11.8", "ours:1"], ["drtool/mariadb:12.3"], ["mariadb:10.11"]]
    listed = [{"Id": f"sha256:{number}", "RepoTags": some} for number, some in enumerate(tags)]
    there = {"/images/json": (200, json.dumps(listed)), "/images/drtool/mariadb:12.3/json": (200, '{"Id": "sha256:2"}')}
    gone = {f"/images/{name}/json": (404, '{"message": "No such image"}') for name in ("sha256:1", "sha256:3")}
    with answering(config, WELL | there | gone) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        found = image._newest_local(Engine.connect(), at_least=None)
    assert found == Image(reference="drtool/mariadb:12.3", digest="sha256:2")


def test_blanks_around_the_name_of_an_image_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    there = {"/images/mariadb:11.8/json": (200, '{"Id": "sha256:1"}')}
    with answering(config, WELL | there) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        found = find_image(Engine.connect(), series=None, explicit=" mariadb:11.8 ")
    assert found == Image(reference="mariadb:11.8", digest="sha256:1")


@pytest.mark.parametrize(
    ("status", "code"), [(404, "sandbox-lost"), (409, "sandbox-lost"), (403, "engine-refused"), (500, "engine-refused")]
)
def test_a_container_that_somebody_ended_is_told_from_a_refusal(
    monkeypatch: pytest.MonkeyPatch, config: Path, status: int, code: str
) -> None:
    answers = WELL | {"/containers/db/json": (200, '{"Id": "db"}'), "/exec": (status, '{"message": "no"}')}
    with answering(config, answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        engine = Engine.connect()
        container = Container(engine, engine.client.containers.get("db"))
        with pytest.raises(Unverifiable) as talked:
            list(container.talk("true", doing="asking"))
        with pytest.raises(Unverifiable) as connected:
            Server(container, {}).connect()
    assert {talked.value.code, connected.value.code} == {code}


@pytest.mark.parametrize(
    ("answers", "code", "why"),
    [
        ({"/version": (200, "<html>Log in</html>")}, "engine-unreachable", "does not speak Docker's language"),
        ({"/version": (200, '{"Version": "1.0"}')}, "engine-unreachable", "does not speak Docker's language"),
        ({"/version": (403, FORBIDDEN)}, "engine-refused", "403 Forbidden"),
        ({"/info": (403, FORBIDDEN)}, "engine-refused", "403 Forbidden"),
        ({"/info": (400, '{"message": "client version 1.41 is too old"}')}, "engine-refused", "1.41 is too old"),
        ({"/_ping": (500, '{"message": "boom"}')}, "engine-refused", "boom"),
    ],
)
def test_what_answers_and_is_no_engine_or_refuses_is_told_from_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, config: Path, answers: dict[str, tuple[int, str]], code: str, why: str
) -> None:
    with answering(config, WELL | answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(Unverifiable) as caught:
            Engine.connect()
    assert caught.value.code == code
    assert caught.value.why.endswith(why)
    assert "Start Docker" not in caught.value.mend


def test_an_engine_that_answers_may_still_forbid_to_execute(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    answers = dict(WELL)
    with answering(config, answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        engine = Engine.connect()
        engine.try_executing()
        answers["/exec"] = (403, FORBIDDEN)
        with pytest.raises(Unverifiable) as caught:
            engine.try_executing()
    assert (caught.value.code, caught.value.why) == ("engine-refused", "403 Forbidden")


def test_a_refusal_is_told_from_a_loss(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    refusal = {"/create": (400, '{"message": "invalid mount config"}')}
    with answering(config, WELL | refusal) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        client = Engine.connect().client
        with pytest.raises(Unverifiable) as refused, engine_errors("starting"):
            client.containers.create("mariadb")
    with pytest.raises(Unverifiable) as lost, engine_errors("starting"):
        client.containers.create("mariadb")
    assert (refused.value.code, refused.value.why) == ("engine-refused", "invalid mount config")
    assert lost.value.code == "engine-lost"


@pytest.mark.parametrize(
    "ask",
    [
        lambda container: list(container.talk("true", doing="restoring")),
        lambda container: container.socket(["socat"]),
        lambda container: container.why_stopped(),
    ],
)
def test_whoever_asks_a_container_that_drtool_stopped_hears_why(
    monkeypatch: pytest.MonkeyPatch, config: Path, ask: Callable[[Container], object]
) -> None:
    answers = WELL | {"/containers/db/json": (200, '{"Id": "db"}'), "/exec": (409, '{"message": "not running"}')}
    with answering(config, answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        engine = Engine.connect()
        container = Container(engine, engine.client.containers.get("db"))
        container.halt(Unverifiable("disk-full", "The engine's disk is nearly full"))
        container.halt(Unverifiable("disk-unwatched", "what comes after is not the reason"))
        with pytest.raises(Unverifiable) as caught:
            ask(container)
    assert caught.value.code == "disk-full"


@pytest.mark.parametrize(
    ("said", "code"),
    [("write /var/lib/docker/volumes/x: no space left on device", "disk-full"), ("no such user", "engine-refused")],
)
def test_an_engine_without_room_is_told_from_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch, config: Path, said: str, code: str
) -> None:
    with answering(config, WELL | {"/create": (500, json.dumps({"message": said}))}) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(Unverifiable) as caught, engine_errors("starting"):
            Engine.connect().client.containers.create("mariadb")
    assert (caught.value.code, caught.value.why) == (code, said)


@pytest.mark.parametrize(("part", "name"), [("Podman Engine", "Podman"), ("Engine", "Docker")])
def test_an_engine_is_called_what_it_is_whatever_its_host_is_called(
    monkeypatch: pytest.MonkeyPatch, config: Path, part: str, name: str
) -> None:
    told = {"ApiVersion": "1.41", "Components": [{"Name": part}]}
    with answering(config, WELL | {"/version": (200, json.dumps(told))}) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        assert Engine.connect().info.name == name


@pytest.mark.parametrize(
    "tag", ["docker.io/library/mariadb:12.3", "localhost/drtool/mariadb:12.3", "localhost/mariadb:12.3"]
)
def test_images_are_found_under_the_names_that_podman_gives_them(
    monkeypatch: pytest.MonkeyPatch, config: Path, tag: str
) -> None:
    there = {"/images/json": (200, json.dumps([{"RepoTags": [tag]}])), f"/{tag}/json": (200, '{"Id": "sha256:2"}')}
    with answering(config, WELL | there) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        assert find_image(Engine.connect(), series=None, explicit=None).reference == tag


@pytest.mark.parametrize(
    ("series", "taken"),
    [
        ("10.6", "mariadb:10.6.22-focal"),
        ("11.4", "docker-registry1.mariadb.com/library/mariadb:11.4.8"),
        ("11.7", "mariadb:11.8-noble"),
        ("12.0", "mariadb:12.1"),
    ],
)
def test_an_image_is_of_its_series_whatever_else_its_tag_names_and_never_older(
    monkeypatch: pytest.MonkeyPatch, config: Path, series: str, taken: str
) -> None:
    tags = ["mariadb:10.6.9", "mariadb:10.6.22-focal", "docker-registry1.mariadb.com/library/mariadb:11.4.8"]
    tags += ["mariadb:11.8.2", "mariadb:11.8-noble", "mariadb:12.1", "mariadb:12.2-rc", "bitnami/mariadb:12.0"]
    there = {"/images/json": (200, json.dumps([{"RepoTags": tags}]))}
    there |= {f"/{tag}/json": (200, '{"Id": "sha256:2"}') for tag in tags}
    with answering(config, WELL | there) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        assert find_image(Engine.connect(), series=series, explicit=None).reference == taken


def test_an_engine_that_falls_silent_inside_a_bound_stopped_answering() -> None:
    with pytest.raises(Unverifiable) as silent, engine_errors("looking", inside=True):
        raise TimeoutError("timed out")
    assert (silent.value.code, "looking" in silent.value.what) == ("engine-lost", True)


def test_the_wait_for_a_server_does_not_ask_again_for_what_is_refused(
    monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    container = {"Id": "db", "Config": {"Tty": False}}
    answers = WELL | {"/containers/db/exec": (403, FORBIDDEN), "/logs": (200, "")}
    answers["/containers/db/json"] = (200, json.dumps(container | {"State": {"Running": True}}))
    with answering(config, answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        engine = Engine.connect()
        server = Server(Container(engine, engine.client.containers.get("db")), {})
        with pytest.raises(Unverifiable) as refused, engine_errors("waiting for the server"):
            server._wait()
        answers["/containers/db/exec"] = (409, '{"message": "container db is not running"}')
        answers["/containers/db/json"] = (200, json.dumps(container | {"State": {"ExitCode": 1}}))
        with pytest.raises(Unverifiable) as stopped, engine_errors("waiting for the server"):
            server._wait()
    assert (refused.value.code, stopped.value.code) == ("engine-refused", "server-not-ready")


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "usermod -aG docker"),
        (NameError("name 'SSHHTTPAdapter' is not defined"), "pip install 'drtool[ssh]'"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), "Start Docker"),
    ],
)
def test_the_mend_fits_the_reason(error: Exception, mend: str) -> None:
    assert mend in _unreachable("unix:///var/run/docker.sock", error).mend


def test_who_wants_no_tls_needs_no_home_to_look_for_certificates_in(
    monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(config))

    monkeypatch.setattr("drtool.sandbox.address._Client", lambda **options: options["tls"])
    monkeypatch.setattr(Path, "glob", refused)
    address = Address(host="unix:///var/run/docker.sock")
    assert address.client(timeout_seconds=1) is False  # type: ignore[comparison-overlap]
    monkeypatch.setenv("DOCKER_TLS", "1")
    with pytest.raises(PermissionError):
        address.client(timeout_seconds=1)
