"""Makes the key that signs drills ready: found or made, proved to sign, and pinned where it is the site's first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drtool.errors import Unverifiable
from drtool.keys import allowed_signers, signing
from drtool.keys.allowed_signers import Pinning
from drtool.keys.signature import PublicKey


def ready_key(
    named: Path | None, reports: Path, *, unattended: bool, tell: Callable[[str], None]
) -> tuple[signing.SigningKey, PublicKey]:
    """Return the key to sign with, made if this site has none yet, and proved to sign; and its public half.

    Args:
        named: the key that was asked for, if any.
        reports: the folder of the evidence, which shows the key to auditors.
        unattended: whether it has to sign without anybody to type its passphrase: drills side by side have no terminal.
        tell: is told what was made or pinned, in a sentence.

    Raises:
        Unverifiable: there is no such key, it does not sign, or the reports folder cannot show it.
    """
    if (key := signing.find_key(named)) is None:
        key = signing.make_site_key()
        tell(f"Made this site's signing key, and pinned it for audits: {key.path}")
    if not unattended and signing.asks_for_passphrase(key):
        mend = f"an agent spares you that: `ssh-add {key.path}`"
        tell(f"{key} has a passphrase, to be typed now and again whenever a report is signed; {mend}")
    public = signing.check_key(key, unattended=unattended)
    _pin_if_first(key, public, tell)
    allowed_signers.show(reports, key.principal, public)  # fails now rather than after the drill
    return key, public


def _pin_if_first(key: signing.SigningKey, public: PublicKey, tell: Callable[[str], None]) -> None:
    """Have this site's audits trust its first key, and say so.

    Any other key has to be pinned on purpose: else whoever can run drtool could make audits trust what they like.
    """
    try:
        pinning = allowed_signers.pin(key.principal, public, only_first=True)
    except Unverifiable as error:  # the drill can do without; its audit has to be told the key
        tell(f"{error} The report will be signed, but `drtool audit` here will not know the key.")
        return
    if pinning is Pinning.PINNED_NOW:
        tell(f"Pinned {key}, the first key used here: `drtool audit` trusts it from now on")
    elif pinning is Pinning.NOT_PINNED:
        named = f" --key {key}" if key.handle is None else ""
        mend = f"pin it with `drtool init{named}`"
        tell(f"Signing with {key}, which is not pinned here: `drtool audit` will not trust it unless you {mend}")
