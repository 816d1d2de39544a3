"""What is so of buckets alone: keys that no file could have, versions, locks, credentials, endpoints."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from drtool.archive.bucket import Bucket
from drtool.archive.layout import Location
from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.stores.interface import StoredObject, pieces
from drtool.stores.lookup import store_for
from drtool.stores.s3 import S3Store
from tests import pace

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SQL = b"-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)\nSELECT 1;\n"
ODD_KEYS = ("shop/.hidden.sql", "/leading/slash.sql", "double//slash.sql")


def put(s3: S3Client, bucket: str, key: str, content: bytes = SQL) -> str:
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def keys(store: S3Store, bucket: str, pattern: str) -> list[str]:
    return sorted(found.location.removeprefix(f"s3://{bucket}/") for found in store.find(f"s3://{bucket}/{pattern}"))


def read(store: S3Store, found: StoredObject) -> bytes:
    with store.open(found) as stream:
        return stream.read()


@contextmanager
def server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


class TestFinding:
    @pytest.mark.parametrize("key", ODD_KEYS)
    def test_keys_that_no_file_could_have_are_found_looked_at_and_opened(
        self, store: S3Store, s3: S3Client, bucket: str, key: str
    ) -> None:
        location = put(s3, bucket, key)
        pattern = f"{location.rpartition('/')[0]}/*.sql"
        assert [found.location for found in store.find(pattern)] == [location]
        assert read(store, store.stat(location)) == SQL

    def test_slashes_are_not_tidied_up(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        put(s3, bucket, "double//slash.sql")
        assert keys(store, bucket, "double/*.sql") == []

    def test_the_marker_of_a_folder_is_no_backup(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        put(s3, bucket, "shop/", b"")
        put(s3, bucket, "shop/db-1.sql")
        assert keys(store, bucket, "*") == []
        assert keys(store, bucket, "shop/*") == ["shop/db-1.sql"]

    def test_more_than_one_page_is_read(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        put_there = [f"db-{number:02}.sql" for number in range(33)]
        for key in put_there:
            put(s3, bucket, key, b"x")
        assert s3.list_objects_v2(Bucket=bucket)["IsTruncated"]
        assert keys(store, bucket, "db-*.sql") == put_there

    def test_unfinished_uploads_are_not_found(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        s3.create_multipart_upload(Bucket=bucket, Key="db-1.sql")
        assert keys(store, bucket, "db-*") == []


class TestLookingAt:
    def test_a_missing_bucket_says_nothing_of_the_backup(self, store: S3Store, s3: S3Client) -> None:
        with pytest.raises(Unverifiable) as unlisted:
            list(store.find("s3://no-such-bucket/*.sql"))
        assert (unlisted.value.code, unlisted.value.why) == ("store-unreachable", "NoSuchBucket")
        with pytest.raises(Unverifiable) as unseen:
            store.stat("s3://no-such-bucket/db.sql")
        assert unseen.value.code == "store-unreachable"

    def test_a_version_is_recorded(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        location = put(s3, bucket, "db.sql")
        versions = s3.list_object_versions(Bucket=bucket)["Versions"]
        assert store.stat(location).version_id == versions[0]["VersionId"]

    def test_object_lock_and_legal_hold_are_recorded(self, store: S3Store, s3: S3Client) -> None:
        s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        until = datetime(2036, 1, 2, 3, 4, 5, tzinfo=UTC)
        s3.put_object(Bucket="locked", Key="db.sql", Body=SQL, ObjectLockMode="COMPLIANCE",
                      ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON")  # fmt: skip
        s3.put_object(Bucket="locked", Key="free.sql", Body=SQL)
        assert store.stat("s3://locked/db.sql").lock_state == "COMPLIANCE until 2036-01-02T03:04:05Z, legal hold"
        assert store.stat("s3://locked/free.sql").lock_state is None


class TestOpening:
    def test_with_versions_the_one_that_was_seen_is_read_though_it_was_replaced(
        self, store: S3Store, s3: S3Client, bucket: str
    ) -> None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        seen = store.stat(put(s3, bucket, "db.sql"))
        put(s3, bucket, "db.sql", b"another")
        assert read(store, seen) == SQL

    def test_an_object_in_cold_storage_is_not_a_bad_backup(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        s3.put_object(Bucket=bucket, Key="db.sql", Body=SQL, StorageClass="GLACIER")
        with pytest.raises(Unverifiable) as cold:
            read(store, store.stat(f"s3://{bucket}/db.sql"))
        assert cold.value.why.startswith("InvalidObjectState")

    def test_a_store_that_breaks_off_half_way_leaves_the_drill_unverified(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class HalfWay(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"x" * 500)

            def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 (its name in the base class)

        found = StoredObject(location="s3://backups/db.sql", size_bytes=1000, modified_at=datetime.now(UTC))
        with server(HalfWay) as endpoint:
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
            with pytest.raises(Unverifiable) as broken_off:
                read(S3Store(), found)
        assert broken_off.value.code == "store-unreachable"


class TestOutOfReach:
    def test_wrong_credentials_are_told_without_quoting_them(
        self, s3: S3Client, bucket: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        location = put(s3, bucket, "db.sql")
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
        requests.post(f"{s3_endpoint}/moto-api/reset-auth", data="0", timeout=10)
        try:
            with pytest.raises(Unverifiable) as unlisted:
                list(S3Store().find(f"s3://{bucket}/*"))
            with pytest.raises(Unverifiable) as unseen:
                S3Store().stat(location)
        finally:
            requests.post(f"{s3_endpoint}/moto-api/reset-auth", data="inf", timeout=10)
        assert unlisted.value.why == "InvalidAccessKeyId"
        assert unseen.value.code == "store-unreachable"
        assert "AKIA" not in str(unlisted.value) + str(unseen.value)

    def test_no_credentials_are_told(self, s3_endpoint: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
        with pytest.raises(Unverifiable) as without:
            list(S3Store().find(f"s3://{bucket}/*"))
        assert without.value.why == "NoCredentialsError"

    def test_a_profile_gives_endpoint_and_credentials(
        self, s3: S3Client, bucket: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        put(s3, bucket, "db.sql")
        config = tmp_path / "config"
        config.write_text(
            f"[profile dr]\nendpoint_url = {s3_endpoint}\nregion = us-east-1\n"
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-a-secret\n"
        )
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_PROFILE", "dr")
        assert keys(S3Store(), bucket, "*.sql") == ["db.sql"]

    @pytest.mark.parametrize(
        ("variable", "value"),
        [("AWS_PROFILE", "no-such-profile"), ("AWS_ENDPOINT_URL", "no url"), ("AWS_ENDPOINT_URL", "http://")],
    )
    def test_a_configuration_that_makes_no_sense_is_told(
        self, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
    ) -> None:
        monkeypatch.setenv(variable, value)
        with pytest.raises(Unverifiable):
            list(store_for("s3://backups/*").find("s3://backups/*"))

    def test_an_endpoint_where_nobody_listens_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        with pytest.raises(Unverifiable) as unreachable:
            list(S3Store().find("s3://backups/*"))
        assert unreachable.value.why == "EndpointConnectionError"
        assert time.monotonic() - started < pace.seconds(20)

    @pytest.mark.parametrize("location", ["s3://", "s3://backups", "s3://backups/", "s3:///db.sql"])
    def test_a_location_without_a_bucket_or_a_key_is_refused(self, location: str) -> None:
        with pytest.raises(WrongUse) as refused:
            list(S3Store().find(location))
        assert refused.value.code == "bad-location"


class TestFolders:
    def test_a_marker_alone_is_no_folder_of_backups(self, store: S3Store, s3: S3Client, bucket: str) -> None:
        put(s3, bucket, "shop-1/", b"")
        put(s3, bucket, "shop-2/", b"")
        put(s3, bucket, "shop-2/a.sql")
        (found,) = store.find(f"s3://{bucket}/shop-*/")
        assert [member.location for member in found.members] == [f"s3://{bucket}/shop-2/a.sql"]


def test_a_program_for_credentials_that_is_not_there_is_told_as_a_store_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-central-1\ncredential_process = no-such-program --json\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(Unverifiable) as out_of_reach:
        S3Store()
    assert out_of_reach.value.code == "store-unreachable"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_an_endpoint_that_sends_on_to_another_address_is_named_and_not_followed(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", f"https://127.0.0.1:1{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 (its name is Python's)

        def log_message(self, *_: object) -> None: ...

    with server(Proxy) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        store = S3Store()
        for ask in (lambda: list(store.find("s3://backups/db-*.sql")), lambda: store.stat("s3://backups/db.sql")):
            with pytest.raises(Unverifiable, match="Redirected") as refused:
                ask()
            assert refused.value.code == "store-unreachable"


class _Console(BaseHTTPRequestHandler):
    """Answers everything with one page, as a proxy's sign-in or a store's console do."""

    page = b""
    status = 200

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.page)

    do_HEAD = do_GET  # noqa: N815 (its name is Python's)
    do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("page", [b"", b"<html><body>Sign in</body></html>", b'{"status": "ok"}'])
def test_a_page_is_no_answer_of_a_store(page: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Console, "page", page)
    with server(_Console) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setattr("time.sleep", lambda _: None)  # between attempts
        store = S3Store()
        for ask in (lambda: list(store.find("s3://backups/db-*.sql")), lambda: store.stat("s3://backups/db.sql")):
            with pytest.raises(Unverifiable) as refused:
                ask()
            assert refused.value.code == "store-unreachable"
        archive = Bucket(Location.parse("s3://archive/reports"))
        for look in (archive.lock, lambda: list(archive.versions()), lambda: archive.sizes(limit=9)):
            with pytest.raises(Unverifiable) as refused:
                look()
            assert refused.value.code == "archive-unreachable"


@pytest.mark.parametrize("status", [401, 403, 404, 407, 429])
def test_a_page_that_refuses_is_told_with_its_status_and_is_no_missing_bucket(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Console, "page", b"<html>ERR_ACCESS_DENIED</html>")
    monkeypatch.setattr(_Console, "status", status)
    with server(_Console) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(Unverifiable, match=f"HTTP status {status}, is not S3") as refused:
            list(S3Store().find("s3://backups/db-*.sql"))
        assert refused.value.code == "store-unreachable"
        with pytest.raises(Unverifiable, match=str(status)) as refused:
            Bucket(Location.parse("s3://archive/reports")).lock()
        assert refused.value.code == "archive-unreachable"


_ASKS_FOR_A_CODE = """
[default]
region = eu-central-1
role_arn = arn:aws:iam::1:role/backups
source_profile = base
mfa_serial = arn:aws:iam::1:mfa/sysadmin
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = not-a-secret
"""
_TOKEN_IN_A_FILE = """
[default]
region = eu-central-1
role_arn = arn:aws:iam::1:role/backups
web_identity_token_file = {token}
"""


@pytest.mark.parametrize(
    ("config", "why"), [(_ASKS_FOR_A_CODE, "asks for a code (MFA)"), (_TOKEN_IN_A_FILE, "FileNotFoundError: {token}")]
)
def test_a_profile_that_gives_no_credentials_here_is_out_of_reach_and_no_mistake(
    config: str, why: str, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    (tmp_path / "config").write_text(config.replace("{token}", str(token)))
    personal = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"}
    environment = {name: value for name, value in os.environ.items() if name not in personal}
    asked = subprocess.run(
        [sys.executable, "-m", "drtool", "exposure", "s3://backups/db-*.sql", "--rpo", "1h"],
        env=environment | {"AWS_CONFIG_FILE": str(tmp_path / "config")},
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # no terminal to ask on
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert asked.returncode == 3
    assert why.replace("{token}", str(token)) in asked.stderr
    assert "[store-unreachable]" in asked.stderr


def test_of_an_upload_in_parts_the_store_keeps_when_it_began(store: S3Store, s3: S3Client, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="db.sql")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="db.sql", UploadId=upload, PartNumber=1, Body=SQL)["ETag"]
    parts = [{"PartNumber": 1, "ETag": part}]
    s3.complete_multipart_upload(Bucket=bucket, Key="db.sql", UploadId=upload, MultipartUpload={"Parts": parts})  # type: ignore[typeddict-item]
    put(s3, bucket, "whole.sql")
    for found in (*store.find(f"s3://{bucket}/*"), store.stat(f"s3://{bucket}/db.sql")):
        assert found.time_is_own
        assert found.time_is_start is found.location.endswith("/db.sql")


def test_a_listing_of_a_folder_asks_for_nothing_below_it(store: S3Store, s3: S3Client, bucket: str) -> None:
    for number in range(12):
        put(s3, bucket, f"shop/old/{number}.sql")
    put(s3, bucket, "shop/db.sql")
    assert keys(store, bucket, "shop/*") == ["shop/db.sql"]
    assert len(keys(store, bucket, "shop/*/*.sql")) == 12


class _Odd(BaseHTTPRequestHandler):
    """A store that takes no conditions, lists less than it should, and gives more than it lists."""

    etag = '"one"'
    refusal = 412
    lists = "<ETag>&quot;one&quot;</ETag><Size>4</Size><LastModified>2026-11-24T03:00:00.000Z</LastModified>"

    def do_GET(self) -> None:
        if "list-type" in self.path:
            listed = f"<Contents><Key>db.sql</Key>{self.lists}</Contents>"
            self._answer(200, f"<ListBucketResult><Name>b</Name>{listed}</ListBucketResult>".encode())
        elif "If-Match" in self.headers:
            self._answer(self.refusal, b"<Error><Code>NotImplemented</Code></Error>" if self.refusal == 501 else b"")
        else:
            self._answer(200, b"more than 4 bytes")

    do_HEAD = do_GET  # noqa: N815 (its name is Python's)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in (("ETag", self.etag), ("Last-Modified", "Tue, 24 Nov 2026 03:00:00 GMT")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("refusal", [412, 501])
def test_a_store_that_takes_no_conditions_is_read_if_it_gives_what_was_found(
    refusal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Odd, "refusal", refusal)
    with server(_Odd) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setattr("time.sleep", lambda _: None)  # between attempts
        store = S3Store()
        (found,) = store.find("s3://b/*.sql")
        assert read(store, found) == b"more than 4 bytes"
        with store.open(found) as stream, pytest.raises(Unverifiable) as longer:
            list(pieces(found, stream, no_more=True))
        assert longer.value.code == "backup-longer-than-listed"
        monkeypatch.setattr(_Odd, "etag", '"two"')
        with pytest.raises((RestoreFailed, Unverifiable)) as changed:
            read(store, found)
        assert changed.value.code == ("backup-changed" if refusal == 412 else "store-unreachable")


def test_a_listing_that_says_too_little_is_that_of_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Odd, "lists", "<Size>4</Size>")
    with server(_Odd) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(Unverifiable, match="names no ETag of an object") as refused:
            list(S3Store().find("s3://b/*.sql"))
    assert refused.value.code == "store-unreachable"


@pytest.mark.parametrize(
    ("endpoint", "mend"), [("minio:9000", "with its scheme"), ("https://127.0.0.1:{port}", "AWS_CA_BUNDLE")]
)
def test_an_endpoint_that_makes_no_sense_or_has_no_tls_is_told_with_a_mend(
    endpoint: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(_Odd) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.format(port=url.rpartition(":")[2]))
        monkeypatch.setattr("time.sleep", lambda _: None)  # between attempts
        with pytest.raises(Unverifiable) as refused:
            list(S3Store().find("s3://b/*.sql"))
    assert mend in str(refused.value.mend)
