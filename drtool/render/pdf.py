"""A report's page as a PDF: A4, tagged for screen readers, and made without asking anybody for anything."""

from __future__ import annotations

import hashlib

from drtool.errors import Unverifiable

_MARK = "drtool report "
IDENTIFIER = f"/ID [({_MARK}".encode()
"""What stands, uncompressed, at the end of every PDF that this module makes."""

_INSTALL = "pip install 'drtool[pdf]'"
_SYSTEM_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def pdf(page: bytes) -> bytes:
    """Return a page as a PDF (PDF/UA-1), the same for the same page, library and fonts.

    Whatever the page asks for, neither the network nor a file is looked at.

    Args:
        page: the HTML document.

    Raises:
        Unverifiable: WeasyPrint or what it needs is not installed, or it cannot lay the page out.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError as error:
        what, why = "A PDF needs a library that is not installed here", f"there is no {error.name or 'WeasyPrint'}"
        mend = f"Run `{_INSTALL}`, or print the page from a browser"
        raise Unverifiable("library-missing", what, why=why, mend=mend) from error
    except OSError as error:  # WeasyPrint looks for Pango as soon as it is imported
        what = "A PDF needs the library Pango, which is not installed here"
        mend = f"Install it (on Debian: `apt-get install {_SYSTEM_LIBRARIES}`), or print the page from a browser"
        raise Unverifiable("library-missing", what, mend=mend) from error
    try:
        document: bytes = HTML(string=page.decode(), url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=f"{_MARK}{hashlib.sha256(page).hexdigest()}".encode()
        )
    except Exception as error:  # whatever the library stumbles over, in a page that anybody may have written
        why = f"the library that lays it out gave up: {type(error).__name__}"
        raise Unverifiable("page-not-printable", "The page cannot be made a PDF", why=why) from error
    return document
