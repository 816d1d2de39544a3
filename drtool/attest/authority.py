"""Where a time-stamp authority (RFC 3161) is asked, and what of that may be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from drtool.errors import WrongUse


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A time-stamp authority.

    Attributes:
        name: its URL less all that may hold a secret: user, password and query.
        url: where it is asked, less user and password.
        credentials: `user:password`, or None.
        given: the URL as it was given.
    """

    name: str
    url: str = field(repr=False)
    given: str = field(repr=False)
    credentials: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, url: str) -> Authority:
        """Return the authority at a URL.

        Raises:
            WrongUse: it is no URL of an authority, or would send a password in the clear. The error does not repeat it.
        """
        parts, port = _split(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        place = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
        credentials = None
        if parts.username is not None or parts.password is not None:
            if parts.scheme != "https":
                what = "The time-stamp authority's URL has credentials, which http: would send in the clear"
                raise WrongUse("bad-tsa-url", what, mend="Use https:")
            credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        asked = f"{place}?{parts.query}" if parts.query else place
        return cls(name=place, url=asked, given=url, credentials=credentials)


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or not url.isprintable():
        raise WrongUse("bad-tsa-url", "This is no URL of a time-stamp authority")
    if " " in url:
        raise WrongUse("bad-tsa-url", "The time-stamp authority's URL has a space in it")
    return parts, port
