"""Backups in the shapes that sysadmins have, spoilt, and their keys; that healthy ones come back, the matrix tells."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from fixtures.shop.accounts import Account
from fixtures.shop.backups import lay_beside
from fixtures.shop.data import fill
from fixtures.shop.production import Production
from fixtures.shop.shapes import PASSPHRASE, SHAPES, Keys, Shape, make_shape
from tests.e2e.workbench import Ran, Workbench
from tests.s3_server import s3_server

TO_BE_SPOILT = ("gpg, passphrase", "age, identity", "openssl enc, its own parameters")
WHOLE = ("lz4", "split, .001", "--tab", "mydumper")
BY_NAME = {shape.name: shape for shape in SHAPES}


@dataclass(frozen=True, kw_only=True)
class Made:
    """The shapes, made: where each lies, and the keys."""

    locations: dict[str, str]
    keys: Keys
    production: Production

    def copy(self, name: str, into: Path) -> Path:
        """Copy a shape and all its parts, to damage it, and return where it lies."""
        shutil.copytree(Path(self.locations[name].rstrip("/")).parent, into)
        return into / BY_NAME[name].location


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("shapes")
    with Keys.made(folder / "keys") as keys, Production.started() as production:
        fill(production, scale=1, seed=3)
        baseline = folder / "shop.json"
        option_file = str(production.option_file(Account.READER))
        command = [sys.executable, "-m", "drtool", "baseline", production.url(Account.READER)]
        subprocess.run([*command, "--defaults-file", option_file, "--out", baseline], check=True, capture_output=True)
        locations = {}
        for number, name in enumerate(WHOLE + TO_BE_SPOILT):
            into = folder / str(number)
            make_shape(production, BY_NAME[name], into, keys)
            locations[name] = f"{into}/{BY_NAME[name].location}"
            lay_beside(Path(locations[name].rstrip("/")), baseline.read_bytes())
        yield Made(locations=locations, keys=keys, production=production)


def _drill(bench: Workbench, shape: Shape, location: str | Path, keys: Keys, *, number: int = 0) -> Ran:
    key = f", key={shape.key.format(keys=keys.folder)!r}" if shape.key else ""
    script = bench.scenario(
        f"db = drill.restore_mariadb(drill.backup({str(location)!r}){key})\ndb.check_baseline()", name=f"drill_{number}"
    )
    return bench.drtool("run", script, "--profile", "fast", "--json", environment=keys.environment)


@pytest.mark.parametrize("name", TO_BE_SPOILT)
def test_wrong_key_is_no_fault_of_the_backup(bench: Workbench, made: Made, name: str) -> None:
    wrong = {**made.keys.environment, "SHAPES_PASSPHRASE": "not this one"}
    key = (BY_NAME[name].key or "").format(keys=made.keys.folder)
    if name.startswith("age"):
        subprocess.run(["age-keygen", "-o", bench.folder / "other.txt"], check=True, capture_output=True)
        key = f"file:{bench.folder}/other.txt"
    ran = bench.drtool("verify", made.locations[name], "--backup-key", key, "--json", environment=wrong)
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["backup-key-wrong"]


def test_an_archive_of_files_is_no_database_and_one_without_its_dump_is_none_either(
    bench: Workbench, tmp_path: Path
) -> None:
    for folder, content in {"uploads": b"\xff\xd8\xff", "db": b"11.8\n"}.items():
        (tmp_path / folder).mkdir()
        for name in ("a", "b"):
            (tmp_path / folder / name).write_bytes(content)
        subprocess.run(["tar", "-C", tmp_path, "-cf", bench.folder / f"{folder}.tar", folder], check=True)
        script = bench.scenario(f'drill.restore_mariadb(drill.backup("{folder}.tar"))', name=folder)
        ran = bench.drtool("run", script, "--profile", "fast", "--json")
        assert ran.code == 1, ran
        assert [found.code for found in ran.record.findings] == ["wrong-kind-of-backup"]


def test_without_a_key_an_encrypted_backup_says_how_to_name_one(bench: Workbench, made: Made) -> None:
    ran = bench.drtool("verify", made.locations["gpg, passphrase"], "--json")
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["backup-encrypted"]


@pytest.mark.parametrize("name", ["gpg, passphrase", "age, identity"])
def test_damaged_ciphertext_fails_the_drill(bench: Workbench, made: Made, name: str) -> None:
    backup = made.copy(name, bench.folder / "damaged")
    content = bytearray(backup.read_bytes())
    content[-2000] ^= 0x20
    backup.write_bytes(content)
    ran = _drill(bench, BY_NAME[name], backup, made.keys)
    assert ran.code == 1, ran
    assert [found.code for found in ran.record.findings] == ["ciphertext-damaged"]


def test_ciphertext_that_breaks_off_long_before_its_end_holds_nobody_up(bench: Workbench, made: Made) -> None:
    # More than the pipes and sockets between hold, in both directions; compressed inside, so that gpg gives up there.
    rows = "".join(f"INSERT INTO t VALUES ('{os.urandom(25_000).hex()}');\n" for _ in range(80))
    dump = f"-- MariaDB dump 10.19\nCREATE DATABASE d;\nUSE d;\nCREATE TABLE t (a LONGTEXT);\n{rows}-- Dump completed\n"
    command = ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", PASSPHRASE, "--symmetric"]
    whole = subprocess.run(command, input=dump.encode(), capture_output=True, check=True).stdout
    backup = bench.folder / "large.sql.gpg"
    told = ("--backup-key", BY_NAME["gpg, passphrase"].key or "", "--profile", "fast", "--json")
    for content, code in ((whole, 0), (whole[:700_000] + bytes(500) + whole[700_500:], 1)):
        backup.write_bytes(content)
        ran = bench.drtool("verify", backup, *told, environment=made.keys.environment)
        assert ran.code == code, ran
        assert ("ciphertext-damaged" in [found.code for found in ran.record.findings]) == (code == 1)


def test_missing_part_is_named_and_a_missing_last_part_is_a_truncated_stream(bench: Workbench, made: Made) -> None:
    backup = made.copy("split, .001", bench.folder / "parts")
    parts = sorted(backup.parent.glob("db.sql.zst.0*[0-9]"))
    last = parts[-1].read_bytes()
    parts[-1].unlink()
    ran = bench.drtool("verify", backup, "--profile", "fast", "--json")
    assert [found.code for found in ran.record.findings] == ["stream-truncated"], ran
    parts[-1].write_bytes(last)
    parts[1].unlink()
    ran = bench.drtool("verify", f"{backup.parent}/db.sql.zst.001", "--profile", "fast", "--json")
    assert ran.code == 1, ran
    assert [(found.code, parts[1].name in found.message) for found in ran.record.findings] == [("part-missing", True)]


def test_rows_that_end_inside_a_line_fail_and_name_their_file(bench: Workbench, made: Made) -> None:
    backup = made.copy("--tab", bench.folder / "cut")
    orders = backup / "orders.txt"
    os.truncate(orders, orders.stat().st_size - 3)
    ran = bench.drtool("verify", f"{backup}/", "--profile", "fast", "--json")
    assert ran.code == 1, ran
    assert any("orders.txt" in found.message for found in ran.record.findings)


def test_rows_without_their_definition_and_an_unfinished_mydumper_are_told_at_once(
    bench: Workbench, made: Made
) -> None:
    tab = made.copy("--tab", bench.folder / "tab")
    (tab / "orders.sql").unlink()
    unfinished = made.copy("mydumper", bench.folder / "mydumper")
    metadata = unfinished / "metadata"
    metadata.write_text(metadata.read_text().partition("Finished")[0])
    for folder, code in ((tab, "folder-incomplete"), (unfinished, "dump-unfinished")):
        ran = bench.drtool("verify", f"{folder}/", "--json")
        assert ran.code == 1, ran
        assert [found.code for found in ran.record.findings] == [code]


def test_folders_and_parts_in_a_bucket_are_one_backup_each(bench: Workbench, made: Made, tmp_path: Path) -> None:
    with s3_server() as endpoint:
        client = boto3.client("s3", endpoint_url=endpoint)
        client.create_bucket(Bucket="backups")
        folder = f"shop-{datetime.now(UTC):%Y%m%d}"
        # Made anew: the store tells of a backup that lay about for long before it was uploaded.
        for name in ("--tab", "split, .001"):
            make_shape(made.production, BY_NAME[name], tmp_path / name, made.keys)
        tab = tmp_path / "--tab" / BY_NAME["--tab"].location
        parts = (tmp_path / "split, .001" / BY_NAME["split, .001"].location).parent
        for path in tab.iterdir():
            client.put_object(Bucket="backups", Key=f"{folder}/{path.name}", Body=path.read_bytes())
        for path in parts.glob("*.zst.0*[0-9]"):
            client.put_object(Bucket="backups", Key=f"split/{path.name}", Body=path.read_bytes())
        script = bench.scenario(
            """
            drill.restore_mariadb(drill.latest("s3://backups/shop-*/"), name="folder")
            drill.restore_mariadb(drill.latest("s3://backups/split/db.sql.zst.*"), name="parts")
            """
        )
        ran = bench.drtool("run", script, "--profile", "fast", "--json", environment={"AWS_ENDPOINT_URL": endpoint})
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    read = {backup.resource: backup for backup in ran.record.backups}
    assert read["folder"].location == f"s3://backups/{folder}/"
    assert read["folder"].size_bytes == sum(path.stat().st_size for path in tab.iterdir())
    whole = b"".join(path.read_bytes() for path in sorted(parts.glob("*.zst.0*[0-9]")))
    assert read["parts"].sha256 == hashlib.sha256(whole).hexdigest()


def test_keys_are_nowhere_but_in_memory(bench: Workbench, made: Made) -> None:
    name = "gpg, passphrase"
    script = bench.scenario(f"drill.restore_mariadb(drill.backup({made.locations[name]!r}), key={BY_NAME[name].key!r})")
    ran = bench.drtool("run", script, "--profile", "fast", "--keep", environment=made.keys.environment)
    assert ran.code == 0, ran
    held = []
    for container in bench.containers():
        held.append(str(bench.engine.api.inspect_container(container.id)).encode())
        if container.status == "running":
            look = 'grep -rslF -- "$1" /tmp /run /var/lib/mysql/tmp; cat /proc/[0-9]*/environ; ls -R /tmp'
            held.append(container.exec_run(["bash", "-c", look, "x", "battery staple"], user="root").output)
    bench.clear_the_engine()
    everything = b"".join([*held, bench.evidence(), ran.stdout.encode(), ran.stderr.encode()])
    assert held
    assert PASSPHRASE.encode() not in everything
    assert b"keyring" not in b"".join(held)


def test_an_image_made_for_an_application_brings_none_of_its_settings(bench: Workbench, made: Made) -> None:
    with _image(bench, "ENV MYSQL_HOST=db1 MYSQL_PWD=secret MYSQL_TCP_PORT=3307") as image:
        ran = bench.drtool("verify", made.locations["lz4"], "--image", image)
    assert ran.code == 0, ran


@contextmanager
def _image(bench: Workbench, instruction: str) -> Iterator[str]:
    """Give an image with one more instruction; another run on this engine has one of its own."""
    build = bench.folder / "image"
    build.mkdir()
    (build / "Dockerfile").write_text(f"FROM drtool/mariadb:10.11\n{instruction}\n")
    name = f"drtool/variant:{os.urandom(4).hex()}"
    bench.engine.images.build(path=str(build), tag=name, rm=True)
    try:
        yield name
    finally:
        bench.engine.images.remove(name, force=True)


def test_an_image_without_the_program_says_which_and_what_to_do(bench: Workbench, made: Made) -> None:
    """The official image has no lz4; here it is taken out of ours."""
    with _image(bench, "RUN rm /usr/bin/lz4") as image:
        ran = bench.drtool("verify", made.locations["lz4"], "--image", image, "--json")
    assert ran.code == 3, ran
    (found,) = ran.record.findings
    assert (found.code, "lz4" in found.message) == ("program-missing", True)
