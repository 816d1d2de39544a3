"""Asks a time-stamp authority (RFC 3161) for a token over a report. What a token proves is elsewhere: `timestamp`."""

from __future__ import annotations

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from drtool.attest import timestamp
from drtool.attest.authority import Authority
from drtool.attest.http_post import NoAnswer, post
from drtool.errors import Unverifiable
from drtool.keys import libraries
from drtool.version import __version__

_PATIENCE_SECONDS = 15.0
_ATTEMPTS = 3
_BETWEEN_SECONDS = 1.0
_HEADERS = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
    "User-Agent": f"drtool/{__version__}",
}


def time_stamp(authority: Authority, document: bytes) -> bytes:
    """Ask an authority for a token over a document's exact bytes, and check that it answers this very question.

    Whether the authority is to be trusted is for whoever audits. An authority that is out of reach or busy is asked
    again, but it is all over within a minute.

    Args:
        authority: who is asked.
        document: what the token is over; only its SHA-256 is sent.

    Returns:
        The authority's answer as it was (a `TimeStampResp` in DER), which `openssl ts` reads too.

    Raises:
        Unverifiable: it gave none.
    """
    libraries.require(timestamp.LIBRARY)
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    query = TimestampRequestBuilder().data(document).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        for attempt in Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_fixed(_BETWEEN_SECONDS),
            retry=retry_if_exception(lambda error: isinstance(error, NoAnswer) and error.passing),
            reraise=True,
        ):
            with attempt:
                answer = post(
                    authority.url,
                    query.as_bytes(),
                    headers=_HEADERS,
                    credentials=authority.credentials,
                    limit_bytes=timestamp.LIMIT_BYTES,
                    timeout_seconds=_PATIENCE_SECONDS,
                )
        token = timestamp.read(answer)
    except NoAnswer as error:
        raise _not_given(authority, f"it {error}", error.mend) from error
    except timestamp.NoToken as error:
        raise _not_given(authority, f"what it answered {error}") from error
    if not token.is_over(document):
        raise _not_given(authority, "what it answered is a time-stamp over something else")
    if token.nonce != query.nonce:
        raise _not_given(authority, "what it answered is no answer to this request: its nonce is another")
    return answer


def _not_given(authority: Authority, why: str, mend: str = "") -> Unverifiable:
    return Unverifiable("timestamp-not-given", f"{authority.name} gave no time-stamp", why=why, mend=mend)
