"""Signatures of baselines: OpenSSH's, in a namespace of their own, so that none passes for a report's."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from drtool.evidence import allowed_signers, site
from drtool.evidence.signature import public_key
from drtool.evidence.ssh_keygen import run

NAMESPACE = "drtool-baseline"


class Standing(StrEnum):
    """What a baseline's signature proves."""

    TRUSTED = "signed by a key that this site trusts"
    UNKNOWN_SIGNER = "signed by a key that this site has not pinned"
    UNSIGNED = "unsigned"
    BROKEN = "its signature does not match"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A baseline's bytes and what their signature proves."""

    sha256: str
    standing: Standing
    fingerprint: str | None


def standing(document: bytes, signature: bytes | None, at: datetime) -> Judged:
    """Tell what the signature of a baseline proves, by the keys that this site has pinned.

    Args:
        document: the baseline's bytes.
        signature: what was found beside it; None where nothing was.
        at: when it was made, UTC; the key must have been valid then.

    Raises:
        Unverifiable: there is no ssh-keygen.
    """
    sha256 = hashlib.sha256(document).hexdigest()
    if signature is None:
        return Judged(sha256=sha256, standing=Standing.UNSIGNED, fingerprint=None)
    public = public_key(signature)
    if public is None:
        return Judged(sha256=sha256, standing=Standing.BROKEN, fingerprint=None)
    with tempfile.NamedTemporaryFile(prefix="drtool-", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        if not run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", file.name], document).well:
            return Judged(sha256=sha256, standing=Standing.BROKEN, fingerprint=public.fingerprint)
        known = _is_pinned(file.name, at)
    found = Standing.TRUSTED if known else Standing.UNKNOWN_SIGNER
    return Judged(sha256=sha256, standing=found, fingerprint=public.fingerprint)


def _is_pinned(signature: str, at: datetime) -> bool:
    """Tell whether the signer is among the pinned keys; those pinned for reports serve for baselines too."""
    pins = site.pins_path()
    content = _text(pins)
    if not allowed_signers.entries(content):
        return False
    # The pins are limited to the namespace of reports, so that only the key is looked up in them, with its period.
    time = ["-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}"] if "valid-" in content else []
    return run(["-Y", "find-principals", "-s", signature, "-f", str(pins), *time]).well


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # nothing pinned that could be read: the signer is unknown, and it says so
