"""What a drill is given and what it reads stays there: no credential and no personal data comes out on any side.

Planted are passwords, keys and personal data that are found nowhere else. They are looked for in all evidence, in what
drtool says, and while it runs in everything that others on the host can see: the engine's record of its containers and
volumes, the command lines within them, and what the programs that drtool runs are given.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from docker.errors import APIError

from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import before_trailer
from fixtures.shop.accounts import Account, password_in
from fixtures.shop.backups import archive_uploads, dump_database
from fixtures.shop.compression import Compression
from fixtures.shop.data import fill
from fixtures.shop.production import Production
from fixtures.shop.uploads import make_uploads
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Ran, Workbench
from tests.s3_server import s3_server

_EMAIL, _NAME, _PHONE = "quentin.planted@example.net", "Quentin Plantedsson", "+49 30 5550100777"
_NOTE, _CONTENT, _FILE = "allergic to planted nuts", "passport C01X00T47-planted", "passport of Plantedfile.txt"
_NEIGHBOUR, _KEY_ID = "payroll of Plantedneighbour.csv", "AKIAPLANTEDKEYIDENT1"
_SECRET_KEY, _SESSION_TOKEN = "planted/Secret+Key/0123456789abcdefABCDEF", "planted-session-token-0123456789=="
_WRONG_PASSWORD, _URL_PASSWORD = "planted-wrong-password", "planted-url-password"
_PLANTED = {
    "an e-mail address": _EMAIL,
    "a name": _NAME,
    "a telephone number": _PHONE,
    "a note": _NOTE,
    "a file's content": _CONTENT,
    "a file's name": _FILE,
    "the name of a backup's neighbour": _NEIGHBOUR,
    "the id of an access key": _KEY_ID,
    "a secret access key": _SECRET_KEY,
    "a session token": _SESSION_TOKEN,
    "a wrong password": _WRONG_PASSWORD,
    "a password in a URL": _URL_PASSWORD,
}
_FILE_BYTES = 256 * 2**20  # nearly all of it a hole; whatever reads it is there long enough to be looked at
_STORE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": _KEY_ID,
    "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
    "AWS_SESSION_TOKEN": _SESSION_TOKEN,
}
_IN_THE_EVIDENCE = {"report.json", "report.html", "report.json.sig", "drill.log", "ledger.jsonl", "allowed_signers"}
_RECORDING_PROGRAM = """#!/bin/sh
{{ echo "$0 $*"; env; }} >> '{record}'
sleep {lingers_seconds}
exec '{program}' "$@"
"""


@dataclass(kw_only=True)
class Seen:
    """What others on the host could see while drtool ran, by what it was."""

    by_kind: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, what: str) -> None:
        """Remember something that could be seen."""
        self.by_kind.setdefault(kind, set()).add(what)


@dataclass(kw_only=True)
class Watched:
    """A run of drtool that was looked at from all sides."""

    ran: Ran
    seen: Seen


@dataclass(kw_only=True)
class Site:
    """A production with planted data, its backups and baselines, and a workbench where programs are recorded."""

    bench: Workbench
    production: Production
    dump: Path
    archive: Path
    passwords: dict[str, str]
    captures: list[Watched] = field(default_factory=list)

    @property
    def given_to_programs(self) -> Path:
        """Where the programs that drtool runs write what they are given."""
        return self.bench.folder / "given-to-programs"

    def watch(self, *arguments: str | Path, environment: dict[str, str] | None = None) -> Watched:
        """Run drtool and look at it from all sides until it ends."""
        self.given_to_programs.unlink(missing_ok=True)
        path = f"{self.bench.folder / 'bin'}:{os.environ['PATH']}"
        running = self.bench.start(*arguments, environment={"PATH": path, **(environment or {})})
        seen, earlier = Seen(), set(self.bench.drill_ids())
        while running.poll() is None:
            self._look(running.pid, seen, earlier)
            time.sleep(0.05)
        ran = running.ended()
        if self.given_to_programs.exists():
            seen.add("program", self.given_to_programs.read_text())
        seen.add("output", ran.stdout)
        seen.add("talk", ran.stderr)
        return Watched(ran=ran, seen=seen)

    def _look(self, pid: int, seen: Seen, earlier: set[str]) -> None:
        with contextlib.suppress(psutil.Error):
            drtool = psutil.Process(pid)
            seen.add("own environment", json.dumps(drtool.environ()))
            seen.add("own command line", json.dumps(drtool.cmdline()))
            for child in drtool.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    command = child.cmdline()
                    # For a moment a new process is still a copy of drtool, until it becomes what it was made for.
                    if command and command != drtool.cmdline():
                        seen.add("child", json.dumps([command, child.environ()]))
        for drill_id in set(self.bench.drill_ids()) - earlier:
            only: dict[str, Any] = {"label": f"drtool.drill={drill_id}"}
            for container in self.bench.engine.containers.list(all=True, filters=only, ignore_removed=True):
                with contextlib.suppress(APIError):  # gone since, or not started yet
                    _look_into(container, seen)
            for volume in self.bench.engine.volumes.list(filters=only):
                seen.add("volume", json.dumps(volume.attrs))

    def leaks(self, watched: Watched) -> list[str]:
        """Return what of all that was planted was found, and where: in what could be seen, and in the evidence."""
        places = {
            kind: "\n".join(texts).encode() for kind, texts in watched.seen.by_kind.items() if kind != "own environment"
        }
        for path in self.bench.reports.rglob("*"):
            if path.is_file():
                places[str(path.relative_to(self.bench.reports))] = path.read_bytes()
        return [
            f"{what} in {place}"
            for what, text in (_PLANTED | self.passwords).items()
            for place, content in places.items()
            if text.encode() in content
        ]


def _look_into(container: Any, seen: Seen) -> None:
    container.reload()
    seen.add("container", json.dumps(container.attrs))
    api = container.client.api
    for exec_id in container.attrs["ExecIDs"] or []:
        seen.add("command in a container", json.dumps(api.exec_inspect(exec_id)))
    seen.add("process in a container", json.dumps(container.top(ps_args="-eo pid,args")["Processes"]))
    looked = container.exec_run(["bash", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ"], stderr=False)
    seen.add("process seen from inside", looked.output.decode("utf-8", "replace").replace("\0", " "))
    seen.add("log of a container", container.logs().decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def site(shared_bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a production with planted data, back it up, and capture its baselines with a password in the environment."""
    store, uploads = shared_bench.folder / "backups", shared_bench.folder / "uploads"
    store.mkdir()
    # The one that runs before a drill's clock lingers, so that it is caught in the list of processes.
    _record_program(shared_bench, "git", lingers_seconds=0.5)
    _record_program(shared_bench, "ssh-keygen")
    with Production.started() as production:
        fill(production, scale=1, seed=7)
        _plant_rows(production)
        make_uploads(uploads, seed=7)
        inbox = uploads / "inbox"
        inbox.mkdir()
        (inbox / _FILE).write_text(_CONTENT)
        os.truncate(inbox / _FILE, _FILE_BYTES)
        made = Site(
            bench=shared_bench,
            production=production,
            dump=dump_database(production, store, compression=Compression.NONE),
            archive=archive_uploads(uploads, store, compression=Compression.NONE),
            passwords={
                f"the password of {account}": password_in(production.option_file(account))
                for account in (Account.READER, Account.BACKUP, Account.APP)
            },
        )
        (store / _NEIGHBOUR).write_text(_CONTENT)
        password = {"DRTOOL_DB_PASSWORD": made.passwords["the password of readonly"], **_STORE_CREDENTIALS}
        for source, backup in ((production.url(Account.READER), made.dump), (str(uploads), made.archive)):
            captured = made.watch("baseline", source, "--beside", backup, environment=password)
            assert captured.ran.code == 0, captured.ran
            made.captures.append(captured)
        yield made


def _record_program(bench: Workbench, name: str, *, lingers_seconds: float = 0.0) -> None:
    """Put a program in front of the real one that writes down what it is given, then goes on as that."""
    program = shutil.which(name)
    assert program, f"there is no {name}"
    recording = bench.folder / "bin" / name
    recording.parent.mkdir(exist_ok=True)
    record = bench.folder / "given-to-programs"
    recording.write_text(_RECORDING_PROGRAM.format(record=record, lingers_seconds=lingers_seconds, program=program))
    recording.chmod(0o755)


def _plant_rows(production: Production) -> None:
    connection = production.connect(Account.ROOT, "shop")
    try:
        with connection.cursor() as cursor:
            # A key that is itself personal data: places of differences must not be told by it.
            cursor.execute("CREATE TABLE subscribers (email VARCHAR(190) PRIMARY KEY, phone VARCHAR(30) NOT NULL)")
            cursor.execute("INSERT INTO subscribers VALUES (%s, %s), ('zoe@example.org', '')", (_EMAIL, _PHONE))
            cursor.execute(
                "INSERT INTO customers (id, email, name, country, note, preferences) "
                "VALUES (9001, %s, %s, 'DE', %s, %s)",
                (_EMAIL, _NAME, _NOTE, json.dumps({"phone": _PHONE})),
            )
    finally:
        connection.close()


@pytest.fixture
def bucket(site: Site) -> Iterator[dict[str, str]]:
    """Keep the dump in a bucket beside something private, and return the environment that reaches it."""
    with s3_server() as url:
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
        client.create_bucket(Bucket="backups")
        for path in (*site.dump.parent.glob(f"{site.dump.name}*"), site.dump.with_name(_NEIGHBOUR)):
            client.put_object(Bucket="backups", Key=f"shop/{path.name}", Body=path.read_bytes())
        yield {"AWS_ENDPOINT_URL": url, **_STORE_CREDENTIALS}


def _assert_looked_at(watched: Watched, *kinds: str) -> None:
    """Assert that there was something to see of each kind, else it would prove nothing that no secret was in it."""
    assert not [kind for kind in kinds if not any(watched.seen.by_kind.get(kind, ()))], sorted(watched.seen.by_kind)


_OF_A_DRILL = ("container", "volume", "command in a container", "process in a container", "process seen from inside",
               "program", "own command line", "output", "talk")  # fmt: skip


def _assert_all_gone(record: DrillRecord) -> None:
    """Assert that the report attests, after a look, that nothing of the drill is left."""
    assert record.destruction.removed
    assert record.destruction.left == ()
    assert record.destruction.looked_at is not None
    assert not record.destruction.kept_on_request


def test_capturing_a_baseline_shows_neither_the_password_nor_a_row_nor_a_files_content(site: Site) -> None:
    of_database, of_folder = site.captures
    for captured in site.captures:
        _assert_looked_at(captured, "talk", "own environment", "program")
        assert site.leaks(captured) == []
    password = site.passwords["the password of readonly"]
    assert any(password in text for text in of_database.seen.by_kind["own environment"]), "it was given the password"
    for backup, may_hold in ((site.dump, set[str]()), (site.archive, {"a file's name"})):
        for path in backup.parent.glob(f"{backup.name}.baseline*"):
            found = {what for what, text in (_PLANTED | site.passwords).items() if text.encode() in path.read_bytes()}
            assert found <= may_hold, path.name
    assert of_folder.ran.stdout == ""


def test_passing_drill_shows_no_credential_that_it_uses_and_nothing_of_what_it_restores(
    site: Site, bucket: dict[str, str]
) -> None:
    digest = sha256(_EMAIL.encode()).hexdigest()
    script = site.bench.scenario(
        f"""
        db = drill.restore_mariadb(drill.latest("s3://backups/shop/db-*.sql"))
        files = drill.restore_files(drill.latest({str(site.archive.with_name("uploads-*.tar"))!r}))
        db.check("the customer is there", "SELECT COUNT(*) FROM shop.customers WHERE SHA2(email, 256) = '{digest}'",
                 equals=1)
        db.check_freshness("SELECT MAX(created_at) FROM shop.customers")
        db.check_baseline()
        files.check_count("inbox/*", equals=1)
        files.check_baseline()
        db.compare_to({site.production.url(Account.READER)!r}, at_most=0,
                      defaults_file={str(site.production.option_file(Account.READER))!r})
        """
    )
    watched = site.watch("run", script, "--profile", "fast", environment=bucket)
    assert watched.ran.code == 0, watched.ran
    _assert_looked_at(watched, *_OF_A_DRILL, "child")
    assert any(_SECRET_KEY in text for text in watched.seen.by_kind["own environment"])
    assert site.leaks(watched) == []
    assert {path.name for path in site.bench.reports.rglob("*")} >= _IN_THE_EVIDENCE
    _assert_all_gone(site.bench.record())


def test_failing_drill_tells_what_is_wrong_and_repeats_no_value(site: Site) -> None:
    folder = site.bench.folder / "damaged"
    folder.mkdir()
    sql = before_trailer(
        site.dump.read_bytes(),
        f"USE shop; DELETE FROM subscribers WHERE email = '{_EMAIL}';"
        f"INSERT INTO subscribers VALUES ('a{_EMAIL}', '{_PHONE}');"
        f"UPDATE customers SET note = CONCAT(note, ' and {_NAME}') WHERE id = 9001;",
    )
    (folder / "db.sql").write_bytes(sql)
    subprocess.run(["cp", "-a", str(site.bench.folder / "uploads"), str(folder)], check=True)
    (folder / "uploads" / "inbox" / _FILE).rename(folder / "uploads" / "inbox" / f"other {_FILE}")
    archive = archive_uploads(folder / "uploads", folder, compression=Compression.NONE)
    for original, copy in ((site.dump, folder / "db.sql"), (site.archive, archive)):
        for found in original.parent.glob(f"{original.name}.baseline.json*"):
            shutil.copy2(found, copy.with_name(copy.name + found.name.removeprefix(original.name)))
    script = site.bench.scenario(
        f"""
        db = drill.restore_mariadb(drill.backup({str(folder / "db.sql")!r}))
        files = drill.restore_files(drill.backup({str(archive)!r}))
        whose = "(SELECT email FROM shop.customers WHERE id = 9001)"
        db.check("an answer that is a text", "SELECT " + whose, equals="somebody")
        db.check("an error that quotes a value", "SELECT UPDATEXML('<a/>', CONCAT('~', " + whose + "), '')", equals=1)
        db.check_freshness("SELECT " + whose)
        db.check_baseline()
        files.check_baseline()
        db.compare_to({site.production.url(Account.READER)!r},
                      defaults_file={str(site.production.option_file(Account.READER))!r})
        """
    )
    environment = {"DRTOOL_DB_PASSWORD": _WRONG_PASSWORD, "MYSQL_PWD": _WRONG_PASSWORD, **_STORE_CREDENTIALS}
    watched = site.watch("run", script, "--profile", "fast", environment=environment)
    assert watched.ran.code == 1, watched.ran
    _assert_looked_at(watched, *_OF_A_DRILL, "child")
    record = site.bench.record()
    outcomes = {check.name: check.outcome for check in record.checks}
    assert outcomes["an answer that is a text"] is outcomes["an error that quotes a value"] is Verdict.FAILED
    assert outcomes["newest data is fresh"] is Verdict.UNVERIFIED, "a text is no time"
    codes = {finding.code for finding in record.findings}
    assert codes >= {"rows-missing", "rows-changed", "file-missing", "file-extra", "server-unreachable"}
    assert site.leaks(watched) == []
    _assert_all_gone(record)


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO customers VALUES (9002, '{_EMAIL}', '{_NAME}' '{_PHONE}';",
        f"INSERT INTO subscribers VALUES ('{_EMAIL}', '{_PHONE}');",
    ],
    ids=["syntax error beside a row", "duplicate key"],
)
def test_dump_that_breaks_off_beside_personal_data_repeats_none_of_it(site: Site, statement: str) -> None:
    broken = site.bench.folder / "broken.sql"
    broken.write_bytes(before_trailer(site.dump.read_bytes(), f"USE shop;\n{statement}\n"))
    watched = site.watch("verify", broken, "--profile", "fast", environment=_STORE_CREDENTIALS)
    assert watched.ran.code == 1, watched.ran
    _assert_looked_at(watched, *_OF_A_DRILL)
    record = site.bench.record()
    assert [finding.code for finding in record.findings] == ["dump-does-not-load"]
    assert site.leaks(watched) == []
    _assert_all_gone(record)


def _with_password(scheme: str) -> str:
    return f"{scheme}://readonly:{_URL_PASSWORD}@127.0.0.1/shop/db.sql"


@pytest.mark.parametrize(
    ("arguments", "scheme"),
    [
        (("baseline",), "mariadb"),
        (("baseline",), "postgres"),
        (("verify",), "mariadb"),
        (("verify",), "s3"),
        (("exposure",), "sftp"),
        (("init",), "s3"),
    ],
)
def test_password_in_a_url_is_refused_and_not_repeated(site: Site, arguments: tuple[str, ...], scheme: str) -> None:
    ran = site.bench.drtool(*arguments, _with_password(scheme))
    assert ran.code == 2, ran
    assert _URL_PASSWORD not in ran.stdout + ran.stderr + site.bench.evidence().decode()


@pytest.mark.parametrize(
    "statement",
    [
        'drill.restore_mariadb(drill.backup("{dump}")).compare_to("{mariadb}")',
        'drill.backup("{mariadb}")',
        'drill.latest("{sftp}")',
        'drill.backup("{s3}")',
    ],
)
def test_password_in_a_url_of_a_scenario_is_refused_and_not_repeated(site: Site, statement: str) -> None:
    urls = {scheme: _with_password(scheme) for scheme in ("mariadb", "sftp", "s3")}
    script = site.bench.scenario(statement.format(dump=site.dump, **urls))
    ran = site.bench.drtool("run", script, "--profile", "fast")
    assert ran.code == 3, ran
    assert "scenarios/drill.py, line 7" in ran.stdout
    assert _URL_PASSWORD not in ran.stdout + ran.stderr + site.bench.evidence().decode()


def test_nothing_of_the_hosts_proxies_and_credentials_is_in_a_container(bench: Workbench, shop: ShopBackups) -> None:
    settings = bench.folder / "docker"
    settings.mkdir()
    proxies = {"default": {"httpProxy": "http://ops:hunter2@proxy:3128", "noProxy": "localhost"}}
    (settings / "config.json").write_text(json.dumps({"proxies": proxies}))
    environment = {"DOCKER_CONFIG": str(settings), "AWS_SECRET_ACCESS_KEY": "hunter2", "DRTOOL_DB_PASSWORD": "hunter2"}
    environment |= dict.fromkeys(("HTTP_PROXY", "https_proxy", "ALL_PROXY"), proxies["default"]["httpProxy"])
    ran = bench.drtool("verify", shop.dump, "--keep", "--profile", "fast", environment=environment)
    assert ran.code == 0, ran
    (container,) = bench.containers()
    limits = container.attrs["HostConfig"]
    assert limits["Memory"] == limits["MemorySwap"] > 0
    assert (limits["PidsLimit"], limits["CpuShares"], limits["NanoCpus"]) == (512, 512, 0)
    assert "hunter2" not in json.dumps(bench.engine.api.inspect_container(container.id))
    status, seen = container.exec_run(["cat", "/proc/1/environ"], user="mysql")
    assert (status, b"PATH=" in seen, b"hunter2" in seen) == (0, True, False)
    bench.clear_the_engine()
