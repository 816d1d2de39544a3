"""One HTTP request whose answer is bounded in time and size, whatever the other side does."""

from __future__ import annotations

import base64
import http.client
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from drtool.host.plain import visible

_CHUNK_BYTES = 16 * 1024
_TOO_BUSY = 429


class NoAnswer(Exception):
    """There is no answer that can be used; the text says why, to follow the other side's name.

    Args:
        why: what happened.
        passing: whether it may be over in a moment.
        mend: what to do about it, where that is known.
    """

    def __init__(self, why: str, *, passing: bool = False, mend: str = "") -> None:
        super().__init__(why)
        self.passing, self.mend = passing, mend


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A request that is sent on would lose its body, and could be sent anywhere."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing, so that the redirection is the answer."""


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    credentials: str | None,
    limit_bytes: int,
    timeout_seconds: float,
) -> bytes:
    """Send a request and return the body of its answer. Proxies are taken from the environment.

    Args:
        url: `http:` or `https:`; the certificate of the latter is checked against those that this host trusts.
        body: what is sent.
        headers: what is said of it.
        credentials: `user:password` for basic authentication, or None.
        limit_bytes: what the answer may have at most.
        timeout_seconds: for all of it, from the look-up of the name to the answer's last byte.

    Raises:
        NoAnswer: there was none in that time, it was too large, or it had another status than 200.
    """
    request = urllib.request.Request(url, body, dict(headers))  # noqa: S310 (the caller has seen to the scheme)
    if credentials is not None:
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(credentials.encode()).decode()}")
    deadline = time.monotonic() + timeout_seconds
    outcome: list[bytes | NoAnswer] = []

    # In a thread of its own, because the time limit of a socket is for each piece: byte by byte an answer could go on
    # for ever. What is left behind ends with the next byte, or with the process.
    def work() -> None:
        try:
            outcome.append(_exchange(request, limit_bytes, deadline))
        except NoAnswer as error:
            outcome.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(timeout_seconds)
    if not outcome:
        raise NoAnswer(f"did not answer within {timeout_seconds:.0f} s")
    if isinstance(outcome[0], NoAnswer):
        raise outcome[0]
    return outcome[0]


def _exchange(request: urllib.request.Request, limit_bytes: int, deadline: float) -> bytes:
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=max(deadline - time.monotonic(), 0.1)) as answer:
            if answer.status != http.HTTPStatus.OK:
                raise NoAnswer(f"answered with the HTTP status {answer.status}")
            return _read(answer, limit_bytes, deadline)
    except urllib.error.HTTPError as error:
        with error:
            passing = error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or error.code == _TOO_BUSY
            raise NoAnswer(f"answered with the HTTP status {error.code}", passing=passing) from error
    except TimeoutError as error:
        raise NoAnswer("did not answer in time") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(refused := getattr(error, "reason", error), ssl.SSLCertVerificationError):
            mend = "See that this host, or the file in SSL_CERT_FILE, knows the authority of its certificate"
            raise NoAnswer(f"has a certificate that cannot be trusted: {refused.verify_message}", mend=mend) from error
        why = visible(str(getattr(error, "reason", None) or error or type(error).__name__))[:200]
        raise NoAnswer(f"cannot be reached: {why}", passing=True) from error


def _read(answer: http.client.HTTPResponse, limit_bytes: int, deadline: float) -> bytes:
    content = b""
    while chunk := answer.read1(_CHUNK_BYTES):
        content += chunk
        if len(content) > limit_bytes:
            raise NoAnswer(f"answered with more than {limit_bytes // 1024} KiB, which is no time-stamp")
        if time.monotonic() > deadline:
            raise NoAnswer("did not answer in time")
    return content
