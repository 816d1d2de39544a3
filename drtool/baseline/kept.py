"""Where a baseline is kept: beside its backup, under the backup's name, with its signature beside itself.

The signature is OpenSSH's, in a namespace of its own, so that none passes for a report's.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from drtool.backups.companions import is_companion
from drtool.backups.transfers import is_unfinished
from drtool.baseline.database import document, model
from drtool.baseline.files import file_list
from drtool.baseline.files.file_list import Entry
from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.keys import allowed_signers, site
from drtool.keys.signature import public_key
from drtool.keys.ssh_keygen import run
from drtool.stores import Store
from drtool.stores.interface import StoredObject
from drtool.stores.local import named_by

NAMESPACE = "drtool-baseline"

DATABASE_SUFFIX = ".baseline.json"
FOLDER_SUFFIX = ".baseline.jsonl.zst"
SIGNATURE_SUFFIX = ".sig"
_LARGEST_BYTES = 1 << 30
_SIGNATURE_BYTES = 64 * 1024
_CHUNK_BYTES = 1 << 20


class Standing(StrEnum):
    """What a baseline's signature proves."""

    TRUSTED = "signed by a key that this site trusts"
    UNKNOWN_SIGNER = "signed by a key that this site has not pinned"
    UNSIGNED = "unsigned"
    BROKEN = "its signature does not match"


def _judged(content: BinaryIO, signature: bytes | None, at: datetime) -> tuple[Standing, str | None]:
    """Tell what the signature of a baseline proves, by the keys pinned here that were valid then, and which made it."""
    if signature is None:
        return Standing.UNSIGNED, None
    if (public := public_key(signature)) is None:
        return Standing.BROKEN, None
    with tempfile.NamedTemporaryFile(prefix="drtool-", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        if not run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", file.name], content).well:
            return Standing.BROKEN, public.fingerprint
        known = _is_pinned(file.name, at)
    return Standing.TRUSTED if known else Standing.UNKNOWN_SIGNER, public.fingerprint


def _is_pinned(signature: str, at: datetime) -> bool:
    """Tell whether the signer is among the pinned keys; those pinned for reports serve for baselines too."""
    pins = site.pins_path()
    try:
        content = pins.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False  # nothing pinned that could be read: the signer is unknown, and it says so
    if not allowed_signers.entries(content):
        return False
    # The pins are limited to the namespace of reports, so that only the key is looked up in them, with its period.
    time = ["-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}"] if "valid-" in content else []
    return run(["-Y", "find-principals", "-s", signature, "-f", str(pins), *time]).well


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A baseline as it was found beside its backup.

    Attributes:
        location: where it lies.
        sha256: of its bytes, for the record.
        modified_at: the store's record, UTC.
        standing: what its signature proves.
        fingerprint: of the key that signed it; None where it is unsigned.
    """

    location: str
    sha256: str
    modified_at: datetime
    standing: Standing
    fingerprint: str | None


def is_baseline(location: str) -> bool:
    """Tell whether a location is a baseline or its signature, which is no backup though a pattern may match it."""
    return location.removesuffix(SIGNATURE_SUFFIX).endswith((DATABASE_SUFFIX, FOLDER_SUFFIX))


@contextmanager
def find_database_baseline(store: Store, backup: str) -> Iterator[tuple[Kept, Callable[[], model.DatabaseBaseline]]]:
    """Give the baseline of databases that is kept beside a backup, and what reads it.

    Args:
        store: where the backup lies.
        backup: the backup's location.

    Raises:
        Unverifiable: there is none, it cannot be read, or its signature is broken.
    """
    with _kept(store, backup.rstrip("/") + DATABASE_SUFFIX) as (kept, path):
        yield kept, lambda: document.read(path)


FolderBaseline = tuple[file_list.ListHeader, Callable[[], Iterator[Entry]]]
"""How the list begins, and its entries, as often as they are asked for."""


@contextmanager
def find_folder_baseline(store: Store, backup: str) -> Iterator[tuple[Kept, Callable[[], FolderBaseline]]]:
    """Give the baseline of a folder that is kept beside a backup, and what reads it.

    Arguments and errors are those of `find_database_baseline`.
    """
    with _kept(store, backup.rstrip("/") + FOLDER_SUFFIX) as (kept, path):

        def entries() -> Iterator[Entry]:
            with path.open("rb") as stream:
                yield from file_list.read_list(stream)[1]

        def read() -> FolderBaseline:
            with path.open("rb") as stream:
                return file_list.read_list(stream)[0], entries

        yield kept, read


def lies_beside(store: Store, backup: str, *, folder: bool) -> bool:
    """Tell whether a baseline lies beside a backup."""
    return _stat(store, backup.rstrip("/") + (FOLDER_SUFFIX if folder else DATABASE_SUFFIX)) is not None


@contextmanager
def _kept(store: Store, location: str) -> Iterator[tuple[Kept, Path]]:
    """Fetch a file and judge its signature; it lies on this host's disk until the block ends."""
    found = _stat(store, location)
    if found is None:
        raise Unverifiable("no-baseline", f"There is no baseline {location}")
    beside = _stat(store, location + SIGNATURE_SUFFIX)
    signature = b"".join(_fetched(store, beside, _SIGNATURE_BYTES)) if beside is not None else None
    with tempfile.TemporaryDirectory(prefix="drtool-") as folder, Path(folder, "baseline").open("w+b") as file:
        digest = hashlib.sha256()
        for chunk in _fetched(store, found, _LARGEST_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        file.seek(0)
        standing, fingerprint = _judged(file, signature, found.modified_at)
        if standing is Standing.BROKEN:
            what = f"The signature of {location} does not match: the baseline was changed after it was signed"
            raise Unverifiable("baseline-signature-broken", what)
        kept = Kept(
            location=location,
            sha256=digest.hexdigest(),
            modified_at=found.modified_at,
            standing=standing,
            fingerprint=fingerprint,
        )
        yield kept, Path(file.name)


def _stat(store: Store, location: str) -> StoredObject | None:
    try:
        return store.stat(location)
    except RestoreFailed:  # which is what a missing backup is; a missing baseline is no fault of the backup
        return None


def _fetched(store: Store, found: StoredObject, limit_bytes: int) -> Iterator[bytes]:
    """Yield the whole of an object; a list of a million files takes 50 MB."""
    if found.size_bytes > limit_bytes:
        what = f"{found.location} is larger than a baseline can be ({limit_bytes >> 20} MiB)"
        raise Unverifiable("baseline-too-large", what)
    left = found.size_bytes
    with store.open(found) as stream:
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


def beside(backup: Path, *, folder: bool) -> Path:
    """Return where the baseline of a backup on this host is kept: beside what a link for the newest leads to.

    Raises:
        WrongUse: its name is that of a checksum, of a log or of a file that is not complete yet.
    """
    backup = named_by(backup)
    beside = {one.name for one in backup.parent.iterdir()} if backup.parent.is_dir() else set()
    if is_companion(backup.name, beside) or is_unfinished(backup.name):
        what = f"{backup.name} is the name of no backup, but of what lies beside one or is not complete yet"
        raise WrongUse("bad-location", what, mend="Name the backup itself, as it will be called when it is done")
    return backup.with_name(backup.name + (FOLDER_SUFFIX if folder else DATABASE_SUFFIX))
