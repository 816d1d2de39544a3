"""As much of the SSH agent's protocol (draft-ietf-sshm-ssh-agent) as it takes to have it sign bytes as they are.

`ssh-keygen` signs through agents too, but only in OpenSSH's own format; and the libraries that know the protocol know
no time limit, which an agent that asks somebody for confirmation needs.
"""

from __future__ import annotations

import os
import socket
import struct

from drtool.errors import Unverifiable
from drtool.keys.signature import PublicKey, ssh_string

_REQUEST_IDENTITIES, _IDENTITIES = 11, 12
_SIGN_REQUEST, _SIGNED = 13, 14
_RSA_WITH_SHA256 = 2  # a flag; else the agent would take SHA-1
_PATIENCE_SECONDS = 120.0
_LIMIT_BYTES = 256 * 1024


class NoAgent(Exception):
    """There is no agent, or it does not do what it is asked; the text says why, to follow "the agent"."""


def holds(public: PublicKey) -> bool:
    """Tell whether there is an agent that holds a key."""
    try:
        answer = _ask(bytes([_REQUEST_IDENTITIES]), _IDENTITIES)
        (count,) = struct.unpack_from(">I", answer, 0)
        offset, held = 4, False
        for _ in range(count):
            blob, offset = ssh_string(answer, offset)
            _, offset = ssh_string(answer, offset)
            held = held or blob == public.blob
    except (NoAgent, struct.error, ValueError):
        return False
    return held


def sign(public: PublicKey, message: bytes) -> bytes:
    """Have the agent sign a message.

    Returns:
        The signature as RFC 4253 and RFC 5656 have it, without the name of its algorithm.

    Raises:
        Unverifiable: it does not.
    """
    flags = _RSA_WITH_SHA256 if public.kind == "ssh-rsa" else 0
    request = bytes([_SIGN_REQUEST]) + _packed(public.blob) + _packed(message) + struct.pack(">I", flags)
    try:
        signature, _ = ssh_string(_ask(request, _SIGNED), 0)
        _, offset = ssh_string(signature, 0)
        return ssh_string(signature, offset)[0]
    except (NoAgent, struct.error, ValueError) as error:
        why = str(error) if isinstance(error, NoAgent) else "its answer makes no sense"
        raise Unverifiable("key-not-in-agent", f"The agent does not sign with {public.fingerprint}", why=why) from error


def _ask(request: bytes, expected: int) -> bytes:
    if not (path := os.environ.get("SSH_AUTH_SOCK")):
        raise NoAgent("is not there")
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(_PATIENCE_SECONDS)
            agent.connect(path)
            agent.sendall(_packed(request))
            (length,) = struct.unpack(">I", _received(agent, 4))
            if not 1 <= length <= _LIMIT_BYTES:
                raise NoAgent("answers nonsense")
            answer = _received(agent, length)
    except OSError as error:
        raise NoAgent(f"does not answer: {error.strerror or error}") from error
    if answer[0] != expected:
        raise NoAgent("refuses")
    return answer[1:]


def _received(agent: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        if not (part := agent.recv(count - len(content))):
            raise NoAgent("hung up")
        content += part
    return content


def _packed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
