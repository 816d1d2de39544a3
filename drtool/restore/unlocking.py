"""How a sandbox comes to decrypt a backup: with a key that no disk, command line or environment of its ever holds."""

from __future__ import annotations

import re
import subprocess

from drtool.backups.encryption import Encryption, KeySource, Unlocking
from drtool.credentials import environment_without_credentials
from drtool.errors import Unverifiable, WrongUse

_SESSION_KEY = re.compile(rb"session key: '(\d+:[0-9A-Fa-f]+)'")
_AGENT_TIMEOUT_SECONDS = 60.0
_AGE_SECRETS = (b"AGE-SECRET-KEY-", b"AGE-PLUGIN-", b"-----BEGIN OPENSSH PRIVATE KEY-----")
_FOR_PASSPHRASE = b"-> scrypt "


def unlocking(encryption: Encryption, source: KeySource, head: bytes) -> Unlocking:
    """Return what decrypts a backup.

    Args:
        encryption: as its first bytes told.
        source: where the key is to be had.
        head: the first bytes of the backup.

    Raises:
        Unverifiable: the key is not there, or this host's agent does not have it.
        WrongUse: the agent is asked for what no agent has.
    """
    if source.kind == "agent":
        if encryption is not Encryption.GPG:
            raise WrongUse(
                "bad-backup-key",
                f"There is no agent for backups encrypted with {encryption}",
                mend="Name a file or env:",
            )
        return Unlocking(how="gpg-session", key=_session_key(head))
    key = source.read()
    match encryption:
        case Encryption.OPENSSL:
            return Unlocking(how=" ".join(["openssl", *source.cipher.options]), key=key)
        case Encryption.AGE:
            by_passphrase = _FOR_PASSPHRASE in head[:512] or not any(mark in key for mark in _AGE_SECRETS)
            return Unlocking(how="age-passphrase" if by_passphrase else "age-identity", key=key)
        case Encryption.GPG:
            is_private = b"-----BEGIN PGP PRIVATE KEY BLOCK-----" in key
            return Unlocking(how="gpg-private" if is_private else "gpg-passphrase", key=key)


def _session_key(head: bytes) -> bytes:
    """Have gpg on this host, and so its agent, take the message's own key out of its first bytes.

    The private key stays where it is, in the agent or on a token: what goes into the sandbox opens this backup alone.
    """
    command = ["gpg", "--batch", "--no-tty", "--show-session-key", "--decrypt"]
    try:
        # It fails, since the message breaks off, and has said by then what it was asked for.
        ran = subprocess.run(
            command,
            input=head,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_AGENT_TIMEOUT_SECONDS,
            env=environment_without_credentials() | {"LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        raise Unverifiable(
            "program-missing",
            "gpg is not installed on this host, so its agent cannot be asked for the backup's key",
            mend="Install GnuPG, or name a key with env: or file:",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise Unverifiable(
            "backup-key-missing",
            "gpg on this host did not give the backup's key within a minute",
            mend="Its agent may be waiting for a passphrase: unlock the key before the drill",
        ) from error
    found = _SESSION_KEY.search(ran.stderr)
    if found is None:
        raise Unverifiable(
            "backup-key-wrong",
            "gpg on this host has no key that opens the backup",
            mend="See `gpg --list-packets` for the key that it was encrypted to, and import that key",
        )
    return found[1]
