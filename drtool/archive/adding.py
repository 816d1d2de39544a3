"""Adds objects to an archive, never over another one, and looks at what became of each."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from drtool.archive.bucket import CHUNK_BYTES, Bucket
from drtool.archive.retention import Retention
from drtool.errors import Unverifiable
from drtool.stores.s3 import code_of
from drtool.times import utc

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import (
        GetObjectRequestTypeDef,
        HeadObjectOutputTypeDef,
        HeadObjectRequestTypeDef,
        PutObjectRequestTypeDef,
    )

# 409: somebody else is adding it at this moment.
_EXISTS = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}
_UNKNOWN_CONDITION = {"501", "NotImplemented"}


class Adder:
    """Adds objects to a bucket, each with its retention.

    Attributes:
        conditional: whether the store takes a PUT that must not replace anything; known after the first.
    """

    def __init__(self, bucket: Bucket, retention: Retention) -> None:
        self._bucket = bucket
        self._retention = retention
        self.conditional = True

    def add(self, key: str, content: IO[bytes], *, sha256: str, size_bytes: int) -> None:
        """Add an object, and see that it is there as it should be. One that is there already is looked at alike.

        Args:
            key: below the prefix.
            content: an open file.
            sha256: of its bytes, in hex; the store is asked to refuse any others.
            size_bytes: of these.

        Raises:
            Unverifiable: it is not there, is not as it should be, or another one is.
        """
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        request: PutObjectRequestTypeDef = {
            "Bucket": self._bucket.location.bucket,
            "Key": self._bucket.location.prefix + key,
            "Body": content,
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": checksum,
        }
        if not self._retention.by_bucket:
            assert self._retention.mode is not None  # noqa: S101 (for the type checker: it is explicit)
            request["ObjectLockMode"] = self._retention.mode.value
            request["ObjectLockRetainUntilDate"] = self._retention.until(datetime.now(UTC))
        try:
            self._look(key, self._put(request), checksum=checksum, size_bytes=size_bytes)
        except (ClientError, BotoCoreError) as error:
            raise self._bucket.unusable(error) from error

    def occupied(self, key: str) -> Unverifiable:
        """Return the error that something else than it should be is under a key."""
        location = self._bucket.location
        mend = f"See `drtool audit {location}`; drill into another folder, with a prefix of its own"
        return Unverifiable("archive-occupied", f"{location}/{key} holds other bytes than it should", mend=mend)

    def _put(self, request: PutObjectRequestTypeDef) -> str | None:
        """Add an object unless it is there, and return its version; None where it was there."""
        if self.conditional:
            request = {**request, "IfNoneMatch": "*"}
        try:
            return self._bucket.client.put_object(**request).get("VersionId")
        except ClientError as error:
            if self.conditional and code_of(error) in _EXISTS:
                return None
            if not self.conditional or code_of(error) not in _UNKNOWN_CONDITION:
                raise self._bucket.unusable(error) from error
        except BotoCoreError as error:
            raise self._bucket.unusable(error) from error
        self.conditional = False
        del request["IfNoneMatch"]
        request["Body"].seek(0)  # type: ignore[union-attr]
        return self._put(request)

    def _look(self, key: str, version_id: str | None, *, checksum: str, size_bytes: int) -> None:
        location = self._bucket.location
        where: GetObjectRequestTypeDef = {"Bucket": location.bucket, "Key": location.prefix + key}
        asked: HeadObjectRequestTypeDef = {"Bucket": location.bucket, "Key": location.prefix + key}
        if version_id:
            where["VersionId"] = asked["VersionId"] = version_id
        asked["ChecksumMode"] = "ENABLED"
        head = self._bucket.client.head_object(**asked)
        if head["ContentLength"] != size_bytes or checksum != (head.get("ChecksumSHA256") or self._read(where, head)):
            raise self.occupied(key)
        mode, until = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
        there = f"{location}/{key} is there, but"
        if until is None:
            raise Unverifiable("archive-retention-unseen", f"{there} no retention can be seen on it")
        if self._retention.falls_short(mode, until, head["LastModified"]):
            what = f"{there} is kept for less than was asked for"
            raise Unverifiable("archive-kept-too-briefly", what, why=f"{mode} until {utc(until)}")

    def _read(self, where: GetObjectRequestTypeDef, head: HeadObjectOutputTypeDef) -> str:
        """Return the checksum of what was stored, by its bytes: not every store keeps one."""
        digest = hashlib.sha256()
        left = head["ContentLength"]
        for chunk in self._bucket.client.get_object(**where)["Body"].iter_chunks(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
        return base64.b64encode(digest.digest()).decode()
