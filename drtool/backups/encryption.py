"""Encryption of a backup, told from its first bytes; how to name a key for it without writing the key down."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl

from drtool.errors import Unverifiable, WrongUse


class Encryption(StrEnum):
    """Ways a backup may be encrypted; the value is what the record says and what the sandbox runs."""

    GPG = "gpg"
    AGE = "age"
    OPENSSL = "openssl"


OPENSSL_IN_BASE64 = base64.b64encode(b"Salted__")[:10]
"""How what `openssl enc -a` writes begins, whatever its salt."""

_MAGIC = {
    b"Salted__": Encryption.OPENSSL,
    OPENSSL_IN_BASE64: Encryption.OPENSSL,
    b"age-encryption.org/": Encryption.AGE,
    b"-----BEGIN AGE ENCRYPTED FILE-----": Encryption.AGE,
    b"-----BEGIN PGP MESSAGE-----": Encryption.GPG,
}
# An OpenPGP message begins with a packet that holds its session key, for a public key or a passphrase (RFC 9580, 5).
_OPENPGP = re.compile(rb"\x84.\x03|\x85..\x03|\x8c.[\x04-\x06]|\xc1.{1,5}[\x03\x06]|\xc3.[\x04-\x06]", re.DOTALL)
# An armoured message that begins with a compressed packet or a signature's: it is signed, and not encrypted.
_ARMOURED = re.compile(
    rb"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\r?\n(?:ow[E-P]|y[OP]|kA0D|xA0D)"
)

# Both become options of openssl enc, which has others, such as -in and -out.
_CIPHER = re.compile(r"(?:aes|aria|bf|camellia|cast|chacha20|des|seed|sm4)[a-z0-9-]{0,20}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # as people write them; a passphrase hardly ever looks so
_DIGEST = re.compile(r"(?:blake2|md5|ripemd|sha|sm3)[a-z0-9-]{0,20}")
_ITERATIONS = re.compile(r"[0-9]{1,9}")
_LONGEST_KEY_BYTES = 64 * 1024


def recognise_encryption(head: bytes) -> Encryption | None:
    """Tell how a backup is encrypted, or None where it is not, or where nothing at its start tells."""
    if found := next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None):
        return None if _ARMOURED.match(head) else found
    return Encryption.GPG if _OPENPGP.match(head) else None


@dataclass(frozen=True, kw_only=True)
class Cipher:
    """What `openssl enc` was told and does not write into its output.

    Attributes:
        name: of the cipher.
        digest: that the key is derived with.
        iterations: of PBKDF2; None for openssl's own number (10,000), 0 for its old way without PBKDF2.
        salted: whether a salt stands at the start, as it does if not told otherwise (`-nosalt`).
    """

    name: str = "aes-256-cbc"
    digest: str = "sha256"
    iterations: int | None = None
    salted: bool = True

    @property
    def options(self) -> list[str]:
        """As options of `openssl enc`."""
        derived = ["-pbkdf2"] if self.iterations is None else ["-iter", str(self.iterations)] if self.iterations else []
        return [f"-{self.name}", "-md", self.digest, *derived, *([] if self.salted else ["-nosalt"])]


@dataclass(frozen=True, kw_only=True)
class KeySource:
    """Where the key of a backup is to be had; the key itself is read as late as can be, and kept nowhere.

    Attributes:
        kind: `env`, `file` or `agent`.
        name: the variable, or the path; empty for the agent.
        cipher: for `openssl enc`.
    """

    kind: str
    name: str
    cipher: Cipher

    @classmethod
    def parse(cls, text: str) -> KeySource:
        """Return what a text such as `env:BACKUP_PASSPHRASE` names.

        For `openssl enc` it may go on with `?cipher=aes-256-cbc&md=sha256&iter=100000`; `iter=0` is for backups made
        without `-pbkdf2`, and `salt=no` for those made with `-nosalt`, in which nothing tells that they are encrypted.

        Raises:
            WrongUse: it is in no such form. The text is not repeated: it may be the key itself.
        """
        kind, _, rest = text.partition(":")
        name, mark, options = rest.partition("?") if kind != "agent" else ("", "", "")
        if kind not in {"env", "file", "agent"} or (kind == "agent" and rest) or (kind != "agent" and not name):
            raise WrongUse("bad-backup-key", "The key for a backup is named in a way that is not known")
        if kind == "env" and not _VARIABLE.fullmatch(name) and name not in os.environ:
            what = "env: names no variable that is set; what it names is not repeated, since it may be the key itself"
            raise WrongUse("bad-backup-key", what, mend="Write the variable's name, without a $: env:BACKUP_PASSPHRASE")
        given = dict(parse_qsl(options, keep_blank_values=True)) if mark else {}
        if given.keys() - {"cipher", "md", "iter", "salt"}:
            what = "A key for a backup has an option that is not known"
            raise WrongUse("bad-backup-key", what, mend="The options for openssl enc are cipher=, md=, iter= and salt=")
        cipher, digest = given.get("cipher", Cipher.name).lower(), given.get("md", Cipher.digest).lower()
        iterations, salt = given.get("iter"), given.get("salt", "yes")
        right = {
            "cipher": _CIPHER.fullmatch(cipher), "md": _DIGEST.fullmatch(digest),
            "iter": _ITERATIONS.fullmatch(iterations or "1"), "salt": salt in {"yes", "no"},
        }  # fmt: skip
        if wrong := [name for name, is_right in right.items() if not is_right]:
            mend = "Write it as openssl enc has it, such as cipher=aes-256-cbc, md=sha256, iter=100000, salt=no"
            raise WrongUse("bad-backup-key", f"The key for a backup has an impossible {wrong[0]}=", mend=mend)
        rounds = int(iterations) if iterations else None
        told = Cipher(name=cipher, digest=digest, iterations=rounds, salted=salt == "yes")
        return cls(kind=kind, name=name, cipher=told)

    def read(self) -> bytes:
        """Return the key as it stands in the variable or the file, less the line end behind it.

        Raises:
            Unverifiable: it is not there, or empty.
        """
        if self.kind == "env":
            key = os.environ.get(self.name, "").encode("utf-8", "surrogateescape")
        else:
            try:
                with Path(os.path.expanduser(self.name)).open("rb") as stream:  # noqa: PTH111 (the ~ of nobody is one)
                    key = stream.read(_LONGEST_KEY_BYTES)
            except OSError as error:
                raise self._missing(error.strerror or "it cannot be read") from error
        if not key.strip():
            raise self._missing("it is empty" if self.kind == "file" else "it is empty or not set")
        # A line feed behind a passphrase is no part of it, as for gpg --passphrase-file and openssl -pass file:; the
        # other half of a Windows line end is.
        return key if key.startswith(b"-----") or b"\n" in key.rstrip(b"\n") else key.rstrip(b"\n")

    def _missing(self, why: str) -> Unverifiable:
        what = f"the variable {self.name}" if self.kind == "env" else f"the file {self.name}"
        return Unverifiable("backup-key-missing", f"The key for the backup should be in {what}", why=why)


@dataclass(frozen=True, kw_only=True)
class Unlocking:
    """What decrypts a backup: the way, as `decrypt` in streams.sh takes it, and the key."""

    how: str
    key: bytes = field(repr=False)

    @property
    def line(self) -> bytes:
        """The key as it is handed over: a line of base64, since it may have any bytes in it."""
        return base64.b64encode(self.key) + b"\n"
