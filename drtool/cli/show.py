"""`drtool show`."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from drtool.cli.options import json_option
from drtool.errors import WrongUse
from drtool.evidence import folder
from drtool.record import decode
from drtool.render.text import full


@click.command("show")
@click.argument("report", type=click.Path(exists=True, path_type=Path))
@click.option("--html", is_flag=True, help="Open the page in a browser; without a screen, print its path.")
@json_option
def command(report: Path, html: bool, as_json: bool) -> int:
    """Show a drill's report on the terminal.

    REPORT is a drill's folder or its report.json. The signature is not checked here: see `drtool audit`.

    \b
    drtool show reports/20261124T030000Z-shop_monthly-3f9a1c
    drtool show reports/20261124T030000Z-shop_monthly-3f9a1c --html
    """
    document = report / folder.RECORD if report.is_dir() else report
    try:
        content = document.read_bytes()
    except OSError as error:
        mend = "Name a drill's folder below reports/"
        raise WrongUse("no-such-report", f"{document} cannot be read: {error.strerror}", mend=mend) from error
    record = decode(content)
    if as_json:
        click.echo(content, nl=False)
    elif html:
        page = document.parent / folder.PAGE
        has_screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if not (has_screen and webbrowser.open(page.resolve().as_uri())):
            click.echo(page)
    else:
        click.echo(full(record, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0
