"""Checks signatures of reports with `ssh-keygen`, against keys that were obtained apart from the reports."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from drtool.errors import WrongUse
from drtool.host import plain
from drtool.keys import allowed_signers
from drtool.keys.signature import PublicKey, public_key
from drtool.keys.ssh_keygen import NAMESPACE, run

SIGNATURE_LIMIT_BYTES = 64 * 1024
_LIST_LIMIT_BYTES = 16 << 20
_HAS_PERIODS = re.compile("valid-after|valid-before|cert-authority", re.IGNORECASE)
_HAS_PERIOD = re.compile("valid-after|valid-before", re.IGNORECASE)


class SignatureStanding(StrEnum):
    """What a signature proves."""

    TRUSTED = "trusted"
    SIGNER_UNKNOWN = "signer unknown"
    KEY_NOT_TRUSTED = "key not trusted"
    KEY_NOT_VALID_THEN = "key not valid then"
    KEY_NOT_FOR_REPORTS = "key not for reports"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A signature that was checked.

    Attributes:
        standing: what it proves; `SIGNER_UNKNOWN` where there was no list of keys to check it against.
        fingerprint: of the key it was made with, as OpenSSH prints it; None where it names none.
        principal: who signed, by the list of keys; None unless trusted.
        public: the key that the signature names as its own; None where it names none, or does not hold.
    """

    standing: SignatureStanding
    fingerprint: str | None
    principal: str | None = None
    public: PublicKey | None = None


class Verifier:
    """Checks signatures against one list of keys, read once when it is made; to be used in a `with`."""

    def __init__(self, list_of_keys: Path | None) -> None:
        """Read a list of keys.

        Args:
            list_of_keys: in the format of `allowed_signers`; None where nobody's signature is trusted.

        Raises:
            WrongUse: the list cannot be read, or names no key.
        """
        self._list = "" if list_of_keys is None else _read(list_of_keys)
        self.knows_keys = list_of_keys is not None
        self._folder = tempfile.TemporaryDirectory(prefix="drtool-audit-")
        self._list_path = Path(self._folder.name) / "allowed_signers"
        self._list_path.write_text(self._list, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def verify(self, document: bytes, signature: bytes, at: datetime) -> Signature:
        """Check a detached signature.

        Args:
            document: the signed bytes.
            signature: what was found beside them.
            at: when it was made, UTC; the key must have been valid then.

        Returns:
            What the signature proves.

        Raises:
            Unverifiable: there is no ssh-keygen.
        """
        if (public := public_key(signature)) is None:
            return Signature(standing=SignatureStanding.BROKEN, fingerprint=None)
        with tempfile.NamedTemporaryFile(dir=self._folder.name, suffix=".sig") as file:
            file.write(signature.replace(b"\r\n", b"\n"))  # of armour, in which line ends mean nothing
            file.flush()
            return self._verify(document, file.name, public, at)

    def _verify(self, document: bytes, signature: str, public: PublicKey, at: datetime) -> Signature:
        by, said = public.fingerprint, ""
        for path in self._lists(public) if self.knows_keys else ():
            keys = ["-f", str(path), "-s", signature]
            # OpenSSH before 8.8 knows neither periods nor `verify-time`. No Z at its end: not every one since knows it,
            # and ssh-keygen runs in UTC.
            if _HAS_PERIODS.search(self._list):
                keys += ["-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}"]
            found = run(["-Y", "find-principals", *keys])
            if found.well and (principal := _first_principal(found.output)):
                checked = run(["-Y", "verify", "-I", principal, "-n", NAMESPACE, *keys], document)
                if checked.well:
                    return Signature(
                        standing=SignatureStanding.TRUSTED, fingerprint=by, principal=principal, public=public
                    )
                said = checked.said
        if not run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", signature], document).well:
            return Signature(standing=SignatureStanding.BROKEN, fingerprint=by)
        return Signature(standing=self._standing(public, said), fingerprint=by, public=public)

    def _lists(self, public: PublicKey) -> Iterator[Path]:
        """Yield the list, and then each line alone of a key that several lines name.

        It may have a name for each purpose and time, and `find-principals` looks no further than at the first.
        """
        yield self._list_path
        if len(lines := allowed_signers.lines_of(self._list, public)) > 1:
            for line in lines:
                with tempfile.NamedTemporaryFile(dir=self._folder.name, mode="w", encoding="utf-8") as file:
                    file.write(f"{line}\n")
                    file.flush()
                    yield Path(file.name)

    def _standing(self, public: PublicKey, said: str) -> SignatureStanding:
        """Tell why a signature that is sound in itself is not trusted."""
        if not self.knows_keys:
            return SignatureStanding.SIGNER_UNKNOWN
        if not allowed_signers.lists(self._list, public):
            return SignatureStanding.KEY_NOT_TRUSTED
        periods = any(_HAS_PERIOD.search(line) for line in allowed_signers.lines_of(self._list, public))
        not_then = periods and "namespace" not in said
        return SignatureStanding.KEY_NOT_VALID_THEN if not_then else SignatureStanding.KEY_NOT_FOR_REPORTS


def _first_principal(output: bytes) -> str | None:
    """Return one name that stands for the signer: newer versions print each on a line, older ones the whole field."""
    names = output.decode("utf-8", "replace").replace(",", "\n").split("\n")
    return next((name for name in names if name and not name.startswith("!")), None)


def _read(list_of_keys: Path) -> str:
    try:
        # Followed through links: which list to trust is for whoever names it, and it is no part of the evidence.
        content = plain.read(list_of_keys.resolve(), limit_bytes=_LIST_LIMIT_BYTES).decode("utf-8")
    except (plain.NotPlain, UnicodeDecodeError) as error:
        what = error if isinstance(error, plain.NotPlain) else "is not text"
        raise WrongUse("allowed-signers-unreadable", f"The list of keys {list_of_keys} {what}") from error
    if not (entries := allowed_signers.entries(content)):
        raise WrongUse("allowed-signers-empty", f"The list of keys {list_of_keys} names no key")
    if any(re.match(r"\S+ +AAAA", entry) for entry in entries):  # a public key as its file has it, or authorized_keys
        raise WrongUse("allowed-signers-unreadable", f"A key in the list {list_of_keys} has no name before it")
    return content
