"""The bucket of an archive: whether it is locked, what is in it, and the content of each version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any, TypedDict

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from drtool.archive.layout import Location
from drtool.archive.retention import BucketLock, Mode
from drtool.errors import Unverifiable
from drtool.stores.s3 import NOT_CONNECTED, code_of, connect

PROFILE = "DRTOOL_ARCHIVE_PROFILE"
"""The variable with the profile of AWS's configuration for the archive, where it is not the one for the backups."""

CONNECTIONS = 16
"""How many objects are fetched at a time at most."""

_ABSENT = {"404", "NoSuchKey", "NoSuchVersion", "NoSuchBucket"}
_REFUSED = {"401", "403", "AccessDenied", "AllAccessDisabled"}
CHUNK_BYTES = 1 << 20
_DAYS_OF_A_YEAR = 365

# A damaged object is for the audit to name, by the evidence's own digests, and no reason to stop reading the others.
_CONFIG = Config(max_pool_connections=CONNECTIONS, response_checksum_validation="when_required")


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of an object, or a delete marker; `key` is below the archive's prefix, `stored_at` UTC."""

    key: str
    version_id: str
    stored_at: datetime
    size_bytes: int
    etag: str
    is_delete_marker: bool


@dataclass(frozen=True, kw_only=True)
class Content:
    """What keeps the content of a version from being changed, as the store told it along with the content."""

    mode: str | None
    until: datetime | None


class _Named(TypedDict):
    """A version as the client's calls take it."""

    Bucket: str
    Key: str
    VersionId: str


class Unreadable(Exception):
    """The store does not give one object out.

    Args:
        said: what it says instead.
    """

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said

    @property
    def refused(self) -> bool:
        """Whether whoever asks may not read it."""
        return self.said in _REFUSED


class Bucket:
    """An archive's bucket, below its prefix. Endpoint, region and credentials are those of the usual AWS configuration.

    Attributes:
        location: where it is.
        client: of S3. Of all that it can do, drtool adds objects and reads them; nothing changes or removes any.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        try:
            self.client = connect(os.environ.get(PROFILE) or None, _CONFIG)
        except NOT_CONNECTED as error:
            raise self.unusable(error) from error

    def lock(self) -> BucketLock | None:
        """Return Object Lock of the bucket, or None where it has none.

        Raises:
            Unverifiable: there is no such bucket, or it cannot be asked.
        """
        bucket = self.location.bucket
        with self._answering():
            try:
                self.client.head_bucket(Bucket=bucket)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    self.client.list_objects_v2(
                        Bucket=bucket, MaxKeys=1
                    )  # says so in words, which a page does not have
                    raise self._missing() from error
                if code_of(error) not in _REFUSED:  # who may write to it need not have leave to look at it itself
                    raise
            try:
                found = self.client.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
            except ClientError as error:
                if code_of(error) == "ObjectLockConfigurationNotFoundError":
                    return None
                if code_of(error) == "AccessDenied":
                    return BucketLock(seen=False)
                raise
        if found.get("ObjectLockEnabled") != "Enabled":
            return None
        default = found.get("Rule", {}).get("DefaultRetention", {})
        days = default.get("Days", 0) or default.get("Years", 0) * _DAYS_OF_A_YEAR
        mode = Mode(default["Mode"]) if default.get("Mode") in set(Mode) else None
        return BucketLock(seen=True, mode=mode, period=timedelta(days=days)) if mode and days else BucketLock(seen=True)

    def sizes(self, under: str = "", *, limit: int) -> dict[str, int]:
        """Return the size in bytes of each object below the prefix whose key goes on with `under`, by its key.

        Raises:
            Unverifiable: the bucket cannot be listed, or has more than so many.
        """
        found: dict[str, int] = {}
        prefix = self.location.prefix
        pages = self.client.get_paginator("list_objects_v2")
        with self._answering():
            for page in pages.paginate(Bucket=self.location.bucket, Prefix=prefix + under):
                found |= {one["Key"].removeprefix(prefix): one["Size"] for one in page.get("Contents", [])}
                if len(found) > limit:
                    raise self.too_much(f"more than {limit:,} objects")
        return found

    def versions(self) -> Iterator[Version]:
        """Yield every version and delete marker below the prefix; of each key the newest first, as S3 lists them.

        Raises:
            Unverifiable: the bucket cannot be listed.
        """
        prefix = self.location.prefix
        pages = self.client.get_paginator("list_object_versions")
        page: Any  # its delete markers have neither size nor ETag
        with self._answering():
            for page in pages.paginate(Bucket=self.location.bucket, Prefix=prefix):
                for kind in ("Versions", "DeleteMarkers"):
                    for one in page.get(kind, []):
                        yield Version(
                            key=one["Key"].removeprefix(prefix),
                            version_id=one["VersionId"],
                            stored_at=one["LastModified"].astimezone(UTC),
                            size_bytes=one.get("Size", 0),
                            etag=one.get("ETag", ""),
                            is_delete_marker=kind == "DeleteMarkers",
                        )

    def fetch(self, version: Version, into: IO[bytes], *, limit_bytes: int) -> Content:
        """Write the content of a version into a file, and never more than so many bytes.

        Raises:
            Unreadable: the store does not give out this one.
            Unverifiable: the store cannot be read at all.
        """
        with self._answering():
            try:
                got = self.client.get_object(**self._named(version))
                left = limit_bytes
                for chunk in got["Body"].iter_chunks(CHUNK_BYTES):
                    left -= len(chunk)
                    if left < 0:
                        raise Unreadable("grows while it is read")
                    into.write(chunk)
            except ClientError as error:
                if error.response["ResponseMetadata"].get("HTTPStatusCode", 0) >= 500:
                    raise
                raise Unreadable(code_of(error)) from error
        until = got.get("ObjectLockRetainUntilDate")
        return Content(mode=got.get("ObjectLockMode"), until=until.astimezone(UTC) if until else None)

    def has_no_retention(self, version: Version) -> bool:
        """Tell whether a version is known to have no retention; false where that may not be seen."""
        with self._answering():
            try:
                self.client.get_object_retention(**self._named(version))
            except ClientError as error:
                return code_of(error) == "NoSuchObjectLockConfiguration"
        return False

    def too_much(self, what: str) -> Unverifiable:
        """Return the error that the archive holds more than drtool reads."""
        why = "that is more than drtool reads from an archive"
        return Unverifiable("archive-too-large", f"There are {what} in {self.location}", why=why)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn what the store or the network says in place of an answer into an error for people."""
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise self._missing() if code_of(error) == "NoSuchBucket" else self.unusable(error) from error

    def _named(self, version: Version) -> _Named:
        key = self.location.prefix + version.key
        return {"Bucket": self.location.bucket, "Key": key, "VersionId": version.version_id}

    def _missing(self) -> Unverifiable:
        bucket = self.location.bucket
        what = f"There is no bucket {bucket} for the archive {self.location}"
        mend = f"Make it: `aws s3api create-bucket --bucket {bucket} --object-lock-enabled-for-bucket`"
        return Unverifiable("archive-missing", what, mend=mend)

    def unusable(self, error: Exception) -> Unverifiable:
        """Return what the store or the network said as an error for people."""
        code = code_of(error)
        mend = "Check the bucket's name, AWS_ENDPOINT_URL_S3, the credentials and the network"
        if isinstance(error, NoCredentialsError):
            mend = f"Give drtool credentials as for `aws`, or name a profile in {PROFILE}"
        elif code in _REFUSED:
            mend = "Give the key the permissions that docs/security.md lists"
        return Unverifiable("archive-unreachable", f"The archive {self.location} cannot be used", why=code, mend=mend)
