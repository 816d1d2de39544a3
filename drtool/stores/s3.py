"""Backups in an S3 bucket; endpoint, region, profile and credentials come from the usual AWS configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from glob import escape
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.stores.interface import StoredObject, combined
from drtool.stores.pattern import fixed_prefix, matches
from drtool.times import utc

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef, HeadObjectOutputTypeDef

NOT_CONNECTED = (BotoCoreError, ClientError, ValueError, OSError, EOFError)
"""What `connect` raises."""

_GONE = {"404", "NoSuchKey", "NoSuchVersion"}
_REPLACED = {"412", "PreconditionFailed"}
_NO_CONDITIONS = {"501", "NotImplemented"}
# What the codes of S3 mean, and what to do; a HEAD request is answered by a number alone.
_MEANINGS = {
    "FlexibleChecksumError": (
        "FlexibleChecksumError: what came does not match the checksum that the store keeps of it",
        "Read it again by other means; if that fails too it is damaged in the store, and another copy has to serve",
    ),
    "InvalidObjectState": (
        "InvalidObjectState: it lies in cold storage (Glacier)",
        "Restore the object there first, and count the hours that it takes into the recovery time",
    ),
    "403": (
        "403: the credentials do not allow it or have expired, or this host's clock is minutes off",
        "Check the credentials (aws s3api get-object says more), and the clock",
    ),
    "400": (
        "400: the region is wrong, the session's token has expired, or the object is encrypted with a key of the "
        "customer's (SSE-C)",
        "Check AWS_REGION and the credentials; what SSE-C encrypts drtool cannot read",
    ),
    "SSLError": (
        "SSLError: its certificate is not one that this host trusts, or it does not speak TLS",
        "Name the authority's certificate with AWS_CA_BUNDLE, or write http:// where it has no TLS",
    ),
    "ValueError": (
        "ValueError: the endpoint or the region makes no sense",
        "Write AWS_ENDPOINT_URL with its scheme, such as https://minio.example.org:9000",
    ),
}
_IN_EVERY_ANSWER = {
    "HeadObject": "ETag",
    "PutObject": "ETag",
    "ListObjectsV2": "Name",
    "ListObjectVersions": "Name",
    "GetObjectLockConfiguration": "ObjectLockConfiguration",
}
# "For multipart uploads, the object creation date is the date of initiation of the multipart upload" (Amazon S3 User
# Guide, Working with object metadata); their ETag ends in the number of parts.
_IN_PARTS = re.compile(r'-\d+"?$')
_CLOCK_TOLERANCE = timedelta(seconds=5)  # the Date header has whole seconds, and a server may cache it for a moment
_CONFIG = Config(
    # An endpoint that swallows packets is given up after some 12 s, one that takes a connection and is silent after 60.
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=3,
    read_timeout=20,
    user_agent_extra="drtool",
)


def connect(profile: str | None = None, config: Config | None = None) -> S3Client:
    """Return a client that gives up in bounded time.

    Args:
        profile: of AWS's own configuration; None for the usual one.
        config: what it is to have besides.

    Raises:
        BotoCoreError, ClientError, ValueError, OSError, EOFError: the configuration makes no sense, or what it names
            gives no credentials: a program or file that is not there, a role that is refused, a code that nobody types.
    """
    session = boto3.Session(profile_name=profile)
    made = session.client("s3", config=_CONFIG.merge(config) if config else _CONFIG)
    if credentials := session.get_credentials():
        credentials.get_frozen_credentials()
    made.meta.events.register_first("needs-retry.s3", _refuse_redirect)
    made.meta.events.register_last("after-call.s3", _refuse_other_pages)
    return made


def code_of(error: Exception) -> str:
    """Return the code that S3 gives, or the kind of failure: the text of an error can quote a key id."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    if isinstance(error, EOFError):
        return "the credentials' profile asks for a code (MFA), and nobody is there to type it"
    if isinstance(error, NotS3):
        return str(error)
    return f"{type(error).__name__}: {file}" if (file := getattr(error, "filename", None)) else type(error).__name__


class Redirected(BotoCoreError):
    """An endpoint that is not S3's own sends whoever asks on to another address, such as from http: to https:."""

    fmt = "redirected"


class NotS3(BotoCoreError):
    """What answers has no S3 to offer, such as the page of a proxy or of a store's console."""

    fmt = "what answers, with HTTP status {status}, is not S3"


def _refuse_redirect(response: tuple[Any, Any] | None, **_: Any) -> None:
    """Follow no redirect but S3's own, which names a region: the client would ask after it without end."""
    if response and response[0].status_code in (301, 302, 307, 308):
        named = response[1].get("Error", {})
        if "x-amz-bucket-region" not in response[0].headers and not {"Region", "Endpoint"} & named.keys():
            raise Redirected


def _refuse_other_pages(model: OperationModel, http_response: AWSResponse, parsed: dict[str, Any], **_: Any) -> None:
    """Take no page for an answer, however well it came: an empty answer would be an empty bucket."""
    if http_response.status_code < 300:
        well = bool(parsed.get(_IN_EVERY_ANSWER.get(model.name, "ResponseMetadata")))
    else:
        well = model.name.startswith("Head") or bool(parsed.get("Error", {}).get("Code"))  # a HEAD has no words
    if not well:
        raise NotS3(status=http_response.status_code)


class S3Store:
    """Objects, found by `s3://bucket/pattern`."""

    def __init__(self) -> None:
        try:
            self._client = connect()
        except NOT_CONNECTED as error:
            raise _unreachable("s3://", error) from error
        self._etags: dict[str, str] = {}

    def find(self, pattern: str) -> Iterator[StoredObject]:
        """Yield the objects, or the folders, that match `s3://bucket/pattern`; see `Store.find`."""
        if pattern.endswith("/"):
            yield from self._folders(pattern)
            return
        bucket, key_pattern = _split(pattern)
        prefix = fixed_prefix(key_pattern)
        for found in self._listed(bucket, prefix, flat="/" not in key_pattern[len(prefix) :]):
            if matches(found.location.removeprefix(f"s3://{bucket}/"), key_pattern):
                yield found

    def _folders(self, pattern: str) -> Iterator[StoredObject]:
        """Yield the folders that match a pattern: what has keys below it, since S3 has no others."""
        bucket, key_pattern = _split(pattern.rstrip("/"))
        depth = len(key_pattern.split("/"))
        folders: dict[str, list[StoredObject]] = {}
        for found in self._listed(bucket, fixed_prefix(key_pattern)):
            parts = found.location.removeprefix(f"s3://{bucket}/").split("/")
            folder = "/".join(parts[:depth])
            if len(parts) > depth and matches(folder, key_pattern):
                folders.setdefault(folder, []).append(found)
        for folder, members in folders.items():
            yield combined(f"s3://{bucket}/{folder}/", sorted(members, key=lambda member: member.location))

    def _listed(self, bucket: str, prefix: str, *, flat: bool = False) -> Iterator[StoredObject]:
        """Yield all objects whose keys begin with a prefix; with `flat` those that have no slash after it."""
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix} | ({"Delimiter": "/"} if flat else {})
        asked_at = datetime.now(UTC)
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(**asked):
                ahead = _clock_ahead(page["ResponseMetadata"]["HTTPHeaders"].get("date"), asked_at)
                for listed in page.get("Contents", []):
                    # What ends in a slash only stands for a folder in the consoles that make it.
                    if not listed["Key"].endswith("/"):
                        location = f"s3://{bucket}/{listed['Key']}"
                        self._etags[location] = listed["ETag"]
                        yield StoredObject(
                            location=location,
                            size_bytes=listed["Size"],
                            modified_at=listed["LastModified"].astimezone(UTC),
                            clock_ahead_seconds=ahead,
                            time_is_own=True,
                            time_is_start=_IN_PARTS.search(listed["ETag"]) is not None,
                        )
                asked_at = datetime.now(UTC)
        except (BotoCoreError, ClientError, KeyError) as error:
            raise _unreachable(f"s3://{bucket}/{prefix}", error) from error

    def stat(self, location: str) -> StoredObject:
        """Return the record of one object or folder; see `Store.stat`."""
        if location.endswith("/"):
            return self._folder(location)
        bucket, key = _split(location)
        asked_at = datetime.now(UTC)
        try:
            head = self._client.head_object(Bucket=bucket, Key=key)
            self._etags[location] = head["ETag"]
            return StoredObject(
                location=location,
                size_bytes=head["ContentLength"],
                modified_at=head["LastModified"].astimezone(UTC),
                version_id=head.get("VersionId"),
                lock_state=_lock_state(head),
                clock_ahead_seconds=_clock_ahead(head["ResponseMetadata"]["HTTPHeaders"].get("date"), asked_at),
                time_is_own=True,
                time_is_start=_IN_PARTS.search(head["ETag"]) is not None,
            )
        except (BotoCoreError, ClientError, KeyError) as error:
            if isinstance(error, KeyError) or code_of(error) not in _GONE or not self._has_bucket(bucket):
                raise _unreachable(location, error) from error
            return self._folder(location)  # without its slash, as a folder on a disk may be

    def _folder(self, location: str) -> StoredObject:
        if found := next(self._folders(escape(location)), None):
            return found
        raise RestoreFailed("backup-missing", f"There is no backup at {location}")

    @contextmanager
    def open(self, found: StoredObject) -> Iterator[BinaryIO]:
        """Open exactly the version that `stat` saw; see `Store.open`."""
        bucket, key = _split(found.location)
        request: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if found.version_id:
            request["VersionId"] = found.version_id
        if etag := self._etags.get(found.location):
            request["IfMatch"] = etag
        try:
            body = self._got(request)
        except (BotoCoreError, ClientError) as error:
            if (code := code_of(error)) not in _GONE | _REPLACED:
                raise _unreachable(found.location, error) from error
            what = f"{found.location} was {'removed' if code in _GONE else 'replaced'} after it was found"
            mend = "Drill again; if it happens again, find out who writes to this key"
            raise RestoreFailed("backup-changed", what, mend=mend) from error
        try:
            yield cast(BinaryIO, body)
        except BotoCoreError as error:
            raise _unreachable(found.location, error) from error
        finally:
            body.close()

    def _got(self, request: GetObjectRequestTypeDef) -> StreamingBody:
        """Return what an object holds, if it is still the same.

        Some stores know no conditions, or take an ETag for another's; what they give has to bear it all the same.
        """
        try:
            return self._client.get_object(**request)["Body"]
        except ClientError as error:
            etag = request.pop("IfMatch", None)
            if etag is None or code_of(error) not in _REPLACED | _NO_CONDITIONS:
                raise
            answer = self._client.get_object(**request)
            if answer.get("ETag") != etag:
                answer["Body"].close()
                raise
            return answer["Body"]

    def _has_bucket(self, bucket: str) -> bool:
        """Tell a missing bucket from a missing object, which S3 answers a HEAD request for alike."""
        try:
            self._client.head_bucket(Bucket=bucket)
        except ClientError as error:
            return code_of(error) != "404"  # a bucket that may not be looked at is there
        except BotoCoreError:
            return False
        return True


def _split(location: str) -> tuple[str, str]:
    bucket, _, key = location.partition("://")[2].partition("/")
    if not bucket or not key:
        what = f"{location} names no bucket and key"
        raise WrongUse("bad-location", what, mend="Write it as s3://bucket/path/name-*.sql.zst")
    return bucket, key


def _clock_ahead(date_header: str | None, asked_at: datetime) -> float:
    """Return how far the server's clock is ahead of ours; a difference that the request's own time explains is none."""
    try:
        theirs = parsedate_to_datetime(date_header or "")
    except ValueError:
        return 0.0
    now = datetime.now(UTC)
    if asked_at - _CLOCK_TOLERANCE <= theirs <= now + _CLOCK_TOLERANCE:
        return 0.0
    return (theirs - (asked_at + (now - asked_at) / 2)).total_seconds()


def _lock_state(head: HeadObjectOutputTypeDef) -> str | None:
    """Return what keeps an object from being changed: its retention (Object Lock), a legal hold, or both."""
    states = []
    if mode := head.get("ObjectLockMode"):
        until = head.get("ObjectLockRetainUntilDate")
        states.append(f"{mode} until {utc(until)}" if until else mode)
    if head.get("ObjectLockLegalHoldStatus") == "ON":
        states.append("legal hold")
    return ", ".join(states) or None


def _unreachable(location: str, error: Exception) -> Unverifiable:
    code = code_of(error)
    if isinstance(error, KeyError):
        code = f"what answers names no {error.args[0]} of an object, so it is not S3"
    mend = "Check the bucket's name, AWS_ENDPOINT_URL, the credentials and the network"
    why, mend = _MEANINGS.get(code, (code, mend))
    return Unverifiable("store-unreachable", f"The store of {location} cannot be read", why=why, mend=mend)
