"""The key that signs reports, where it can also sign bytes as they are: for formats that are not OpenSSH's own."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drtool.errors import Unverifiable
from drtool.keys import libraries, raw_signature, ssh_agent, ssh_keygen
from drtool.keys.signature import PublicKey
from drtool.keys.signing import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_PROBE = b"drtool: does this key sign statements?\n"


@dataclass(frozen=True, kw_only=True)
class AgentKey:
    """A key that an agent holds."""

    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Have the agent sign a message; the signature is as `raw_signature` has it.

        Raises:
            Unverifiable: it does not sign.
        """
        return raw_signature.of_ssh(self.public, ssh_agent.sign(self.public, message))


@dataclass(frozen=True, kw_only=True)
class FileKey:
    """A key that was read from its file; its private half stays in memory."""

    public: PublicKey
    _private: PrivateKeyTypes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, as `raw_signature` has it."""
        return raw_signature.made_with(self._private, message)


RawKey = AgentKey | FileKey
"""A key that signs bytes as they are."""


def find_raw_key(key: SigningKey, public: PublicKey) -> RawKey:
    """Return the key that signs reports as one that signs bytes as they are, and prove that it does.

    As ssh-keygen does, it looks for it in the agent first and then in the file; a passphrase is asked for where there
    is a terminal.

    Args:
        key: what signs reports.
        public: its public half, as its signatures name it.

    Raises:
        Unverifiable: it cannot; the error says why and what to do.
    """
    if public.kind not in raw_signature.KINDS:
        who = "a hardware token signs" if public.kind.startswith("sk-") else f"keys of type {public.kind} sign"
        what = f"The signing key {key} cannot sign a statement"
        raise Unverifiable("key-not-raw", what, why=f"{who} in OpenSSH's own format alone")
    libraries.require("cryptography")
    raw: RawKey = AgentKey(public=public) if ssh_agent.holds(public) else _of_file(key.path, public)
    if not raw_signature.holds(public, raw.sign(_PROBE), _PROBE):
        raise Unverifiable("key-not-raw", f"The signing key {key} makes no signatures that fit a statement")
    return raw


def _of_file(path: Path, public: PublicKey) -> FileKey:
    private = _load(path.with_suffix("") if path.suffix == ".pub" else path)
    if raw_signature.public_half(private) != public:
        what = f"The signing key {path} cannot sign a statement"
        why = "ssh-keygen signs reports with another key than the one in this file"
        raise Unverifiable("key-not-raw", what, why=why, mend="See what the agent holds with `ssh-add -L`")
    return FileKey(public=public, _private=private)


def _load(path: Path) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm

    cannot = f"The signing key {path} cannot sign a statement"
    try:
        content = path.read_bytes()
    except OSError as error:
        why = "neither an agent nor this file has its private half"
        raise Unverifiable("key-not-in-agent", cannot, why=why) from error
    try:
        return raw_signature.private_key(content, None)
    except raw_signature.Locked:
        pass
    except UnsupportedAlgorithm as error:
        raise Unverifiable("key-not-raw", cannot, why=str(error)) from error
    except ValueError as error:
        raise Unverifiable("key-not-raw", cannot, why="it is in no format that can be read") from error
    return _unlocked(path, content, cannot)


def _unlocked(path: Path, content: bytes, cannot: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm

    mend = f"Hand it to an agent: `ssh-add {path}`"
    if not ssh_keygen.has_terminal():
        why = "it has a passphrase, and there is no terminal to ask on"
        raise Unverifiable("key-locked", cannot, why=why, mend=mend)
    passphrase = getpass.getpass(f"Passphrase of {path}, for the statement: ")
    try:
        return raw_signature.private_key(content, passphrase.encode())
    except UnsupportedAlgorithm as error:  # bcrypt, which the passphrase of OpenSSH's own format takes
        why = f"{error}; install what statements need with `{libraries.INSTALL}`"
        raise Unverifiable("library-missing", cannot, why=why, mend=mend) from error
    except (ValueError, TypeError, raw_signature.Locked) as error:
        raise Unverifiable("key-locked", cannot, why="the passphrase was wrong", mend=mend) from error
