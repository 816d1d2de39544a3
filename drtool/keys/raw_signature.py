"""Signatures over bytes as they are, by the keys that OpenSSH uses: made, checked, and put into the usual form.

ed25519 as in RFC 8032; ECDSA in DER over the hash that belongs to its curve; RSA with PKCS #1 v1.5 over SHA-256. That
is what an SSH agent makes, and what verifiers of DSSE envelopes take. An agent can make no RSASSA-PSS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drtool.keys import libraries
from drtool.keys.signature import PublicKey, ssh_string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

KINDS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
"""The types of keys that make such signatures."""

_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_HASHES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}


class Locked(Exception):
    """A private key has a passphrase, and none was given."""


def private_key(content: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """Read a private key, in OpenSSH's own format or in PEM.

    Raises:
        Locked: it has a passphrase, and none was given.
        ValueError: it is none, or the passphrase is wrong.
        UnsupportedAlgorithm: it, or what it is encrypted with, is not known here.
    """
    from cryptography.hazmat.primitives import serialization

    load = serialization.load_pem_private_key
    if content.lstrip().startswith(_OPENSSH):
        load = serialization.load_ssh_private_key
    try:
        return load(content, passphrase)
    except (TypeError, ValueError) as error:
        if passphrase is None and "assword" in str(error):
            raise Locked from error
        raise ValueError(str(error)) from error


def public_half(private: PrivateKeyTypes) -> PublicKey | None:
    """Return a private key's public half, or None where it is of no type that OpenSSH knows."""
    import base64

    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        text = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return PublicKey(base64.b64decode(text.split()[1]))


def made_with(private: PrivateKeyTypes, message: bytes) -> bytes:
    """Return the signature over a message by a private key of one of `KINDS`."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    match private:
        case ed25519.Ed25519PrivateKey():
            return private.sign(message)
        case rsa.RSAPrivateKey():
            return private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        case ec.EllipticCurvePrivateKey():
            return private.sign(message, _ecdsa(private.curve))
        case _:
            raise TypeError(f"keys of type {type(private).__name__} make no such signatures")


def of_ssh(public: PublicKey, signature: bytes) -> bytes:
    """Return a signature as an SSH agent makes it in the form that is usual elsewhere.

    Raises:
        Unverifiable: the library is not installed.
    """
    if not public.kind.startswith("ecdsa-"):
        return signature
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    first, offset = ssh_string(signature, 0)  # RFC 5656, section 3.1.2
    second, _ = ssh_string(signature, offset)
    return encode_dss_signature(int.from_bytes(first), int.from_bytes(second))


def holds(public: PublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature over a message was made with a key.

    Raises:
        Unverifiable: the library is not installed.
    """
    libraries.require("cryptography")
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    try:
        match serialization.load_ssh_public_key(f"{public.kind} {public.text}".encode()):
            case ed25519.Ed25519PublicKey() as key:
                key.verify(signature, message)
            case rsa.RSAPublicKey() as key:
                key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey() as key:
                key.verify(signature, message, _ecdsa(key.curve))
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError):
        return False
    return True


def _ecdsa(curve: ec.EllipticCurve) -> ec.ECDSA:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.ECDSA(getattr(hashes, _HASHES[curve.name])())
