"""docs/findings.md, made from the register: `python -m drtool.errors.page`."""

from __future__ import annotations

import re
import textwrap
from functools import partial

import jinja2

from drtool.errors.code import ExitClass
from drtool.errors.register import FAMILIES

_WIDTH = 120

EXIT_CODES = {ExitClass.FAILED: 1, ExitClass.WRONG_USE: 2, ExitClass.UNVERIFIED: 3}
"""What the process ends with; a warning leaves that to the drill."""


def page() -> str:
    """Return the page, UTF-8 and with a newline at its end."""
    environment = jinja2.Environment(  # noqa: S701 (what comes of it is no HTML)
        loader=jinja2.PackageLoader("drtool.errors", "."), trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {
        "anchor": lambda title: re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-"),
        "sentence": lambda text: f"{text.replace('*', chr(92) + '*')}.",
        "wrapped": partial(textwrap.fill, width=_WIDTH, break_long_words=False, break_on_hyphens=False),
    }
    return environment.get_template("findings.md.j2").render(families=FAMILIES, exit_codes=EXIT_CODES)


if __name__ == "__main__":
    print(page(), end="")
