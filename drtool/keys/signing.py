"""The key that signs reports: which one, whether it works, and its signatures. Checking them is elsewhere."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from drtool.errors import Unverifiable, WrongUse
from drtool.host.durable import locked_folder, sync
from drtool.keys import allowed_signers, site, ssh_keygen, value
from drtool.keys.signature import PublicKey, public_key
from drtool.keys.ssh_keygen import NAMESPACE, run

_PATIENCE_SECONDS = 120.0
_LONGEST_PATH = 200  # the text of the smallest private key is twice as long
"""How long an agent that asks its user to confirm, or a token that waits to be touched, may take."""

# In `allowed_signers` a principal is a pattern list: anything beyond this would be a pattern, or a second one.
_PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(@[A-Za-z0-9._-]+)?")


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key that ssh-keygen can sign with: a private key file, or the `.pub` of one that an agent holds."""

    path: Path
    principal: str
    handle: int | None = None
    """Of the file in memory that it is in, if it is in one."""

    def __str__(self) -> str:
        return str(self.path) if self.handle is None else value.VARIABLE

    @property
    def on_token(self) -> bool:
        """Whether it is on a FIDO token, by the public half beside it."""
        return _public_half(self.path).startswith("sk-")


def find_key(explicit: Path | None) -> SigningKey | None:
    """Return the key to sign with, or None when none is named and the site has none yet.

    Args:
        explicit: the key named on the command line; it comes before `DRTOOL_SIGNING_KEY` and the site's own.

    Raises:
        Unverifiable: a key is named that is not there.
        WrongUse: the key itself was given.
    """
    if explicit is None and (given := value.key_in_environment()):
        return SigningKey(path=given.path, principal=_principal(given.path), handle=given.handle)
    named = explicit or (Path(text) if (text := os.environ.get(value.VARIABLE)) else None)
    if re.search("\n|-----BEGIN ", str(named)) or (
        len(str(named)) > _LONGEST_PATH and not os.path.isfile(str(named))  # noqa: PTH113 (which raises nothing)
    ):
        raise WrongUse("key-as-value", "A key itself was given, where the path of its file is asked for")
    if named is None:
        own = site.signing_key_path()
        return SigningKey(path=own, principal=_principal(own)) if _is_file(own) else None
    path = Path(os.path.expanduser(named))  # noqa: PTH111 (the ~ of nobody is no mistake: it is not there)
    if not _is_file(path):
        why = "it is named by --key" if explicit else f"it is named by {value.VARIABLE}"
        raise Unverifiable("key-missing", f"There is no signing key {path}", why=why)
    return SigningKey(path=path, principal=_principal(path))


def make_site_key() -> SigningKey:
    """Make this site's own key (ed25519, no passphrase) and pin it, or return the one that is there.

    Several processes may do this at once: they all get the same key.

    Raises:
        Unverifiable: the configuration folder cannot be written, or there is no ssh-keygen.
    """
    path = site.signing_key_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked_folder(path.parent):
            if not _is_file(path):
                _generate(path)
    except OSError as error:
        what = f"This site's signing key cannot be made in {path.parent}"
        raise Unverifiable("no-site-key", what, why=error.strerror or str(error)) from error
    key = SigningKey(path=path, principal=_principal(path))
    allowed_signers.pin(key.principal, check_key(key))
    return key


def check_key(key: SigningKey, *, unattended: bool = False) -> PublicKey:
    """Prove that a key signs, by a signature over nothing of value.

    Args:
        key: the key.
        unattended: whether it must sign without anybody to type a passphrase, terminal or no terminal.

    Returns:
        Its public half, as the signature names it.

    Raises:
        Unverifiable: it does not sign; the error says why and what to do.
    """
    probe = b"drtool: does this key sign?\n"
    signature = sign(key, probe, unattended=unattended)
    if (public := public_key(signature)) is None or not _holds(signature, probe):
        raise Unverifiable("key-unusable", f"The signing key {key} makes no valid signatures")
    return public


def asks_for_passphrase(key: SigningKey) -> bool:
    """Tell whether somebody has to type a passphrase each time this key signs: no agent has it.

    A key on a token is not asked, since that would take a touch to find out.
    """
    if key.on_token or not ssh_keygen.has_terminal():
        return False
    try:
        sign(key, b"drtool: does this key ask?\n", unattended=True)
    except Unverifiable as error:
        return error.code == "key-locked"
    return False


def sign(key: SigningKey, document: bytes, *, namespace: str = NAMESPACE, unattended: bool = False) -> bytes:
    """Return the detached signature over a document's exact bytes.

    Args:
        key: what signs.
        document: what is signed.
        namespace: what the signature is for; one for another purpose does not pass for it.
        unattended: as for `check_key`.

    Raises:
        Unverifiable: the key does not sign; the error says why and what to do.
    """
    arguments = ["-Y", "sign", "-f", str(key.path), "-n", namespace]
    if key.on_token:  # ssh-keygen's own word is for a terminal only, and nobody waits for what they do not know of
        print(f"Touch your token, which holds {key}, when it blinks", file=sys.stderr, flush=True)
    outcome = run(arguments, document, timeout_seconds=_PATIENCE_SECONDS, may_ask=not unattended, handle=key.handle)
    if not outcome.well or public_key(outcome.output) is None:
        raise _diagnosis(key, outcome.said, unattended=unattended)
    return outcome.output


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # not "it is not there", which `is_file` answers itself
        what = f"The signing key {path} cannot be reached"
        raise Unverifiable("key-unreachable", what, why=error.strerror or str(error)) from error


def _holds(signature: bytes, document: bytes) -> bool:
    with tempfile.NamedTemporaryFile(prefix="drtool-", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        return run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", file.name], document).well


def _generate(path: Path) -> None:
    """Make a key pair; the private half comes last, since it is what makes the key count."""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        comment = f"drtool@{platform.node() or 'localhost'}"
        outcome = run(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(made)])
        if not outcome.well:
            raise Unverifiable("no-site-key", "ssh-keygen made no key", why=_last_line(outcome.said))
        for half in (made.with_suffix(".pub"), made):
            sync(half)
            half.replace(path.parent / half.name)
    sync(path.parent)


def _principal(path: Path) -> str:
    """Return who signs: the key's comment where that can name somebody, else this host."""
    comment = _public_half(path).partition(" ")[2].partition(" ")[2].strip()
    if _PRINCIPAL.fullmatch(comment):
        return comment
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", platform.node()).strip("-.") or "localhost"
    return f"drtool@{host}"


def _public_half(path: Path) -> str:
    beside = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
    try:
        return beside.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # many keys lie without it; of those in OpenSSH's own format nothing but the comment is lost


def _diagnosis(key: SigningKey, said: str, *, unattended: bool) -> Unverifiable:
    """Return what ssh-keygen said about a key that does not sign, as an error with its mend."""
    path = key.path
    cannot = f"The signing key {key} cannot sign"
    said = said.replace(str(path), "the key")  # any word may be part of it
    if not _is_file(path):
        return Unverifiable("key-missing", f"There is no signing key {path}")
    if "UNPROTECTED" in said or "bad permissions" in said:
        why = f"others may read it (mode {path.stat().st_mode & 0o777:04o})"
        mend = f"Run `chmod 600 {path}`, or name a copy that only you may read"
        return Unverifiable("key-permissions", cannot, why=why, mend=mend)
    if "passphrase" in said:
        why = "the passphrase was wrong"
        if unattended:
            why = "it has a passphrase, and drills side by side cannot ask for it"
        elif not ssh_keygen.has_terminal():
            why = "it has a passphrase, and there is no terminal to ask on"
        mend = f"Hand it to an agent: `ssh-add {path}`" if key.handle is None else "Give one that has no passphrase"
        return Unverifiable("key-locked", cannot, why=why, mend=mend)
    if "agent refused" in said:
        why = "the agent has it and refused: nobody confirmed it (`ssh-add -c`), or its token is gone"
        mend = "Confirm it where the agent asks, or add a key for drills that need not be confirmed"
        return Unverifiable("key-not-in-agent", cannot, why=why, mend=mend)
    if path.suffix == ".pub" or "agent" in said:
        why = "neither an agent nor a file beside it has its private half"
        return Unverifiable("key-not-in-agent", cannot, why=why)
    if "device" in said:
        return Unverifiable("key-token", cannot, why=_last_line(said))
    if "doesn't match private" in said:
        mend = f"Run `ssh-keygen -y -f {path} > {path}.pub`"
        return Unverifiable("key-unusable", cannot, why=f"{path}.pub is another key's public half", mend=mend)
    if "load public key" in said and run(["-y", "-P", "", "-f", str(path)], handle=key.handle).well:
        mend = f"Run `ssh-keygen -y -f {path} > {path}.pub`"
        if key.handle is not None:
            mend = "Turn the key into OpenSSH's own format with `ssh-keygen -p -f FILE`, and give that"
        return Unverifiable("key-unusable", cannot, why="in its format the public half has to lie beside it", mend=mend)
    if "load public key" in said:
        return Unverifiable("key-unusable", cannot, why=_UNREADABLE)
    return Unverifiable("key-unusable", cannot, why=_last_line(said))


_UNREADABLE = "OpenSSH cannot read it: its last line end may be missing, or it is in another program's format"


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line != "Signing data on standard input"]
    return lines[-1].rstrip(".") if lines else "ssh-keygen gave no reason"
