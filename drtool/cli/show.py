"""`drtool show`."""

from __future__ import annotations

import hashlib
import os
import sys
import webbrowser
from pathlib import Path

import click

from drtool.cli import output
from drtool.cli.options import TextType, json_option
from drtool.cli.terminal import print_json, shows_colours
from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import folder
from drtool.host import plain
from drtool.record.model import DrillRecord, decode
from drtool.render.text import full

_USUAL_FILE = "\0"  # no file can have that name


@click.command("show")
@click.argument("report", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--html", is_flag=True, help="Open the page in a browser; without a screen, print its path.")
@click.option(
    "--pdf",
    "pdf_file",
    type=TextType(),
    metavar="[FILE]",
    is_flag=False,
    flag_value=_USUAL_FILE,
    help="Write the page as a PDF  [default: DRILL.pdf in the working folder]",
)
@json_option
def command(report: Path | None, html: bool, pdf_file: str | None, as_json: bool) -> int:
    """Show a drill's report on the terminal.

    REPORT is a drill's folder or its report.json. A page is shown only where it is the one that report.json names. The
    signature is not checked here: see `drtool audit`.

    \b
    drtool show reports/20261124T030000Z-shop_monthly-3f9a1c
    drtool show reports/20261124T030000Z-shop_monthly-3f9a1c --html
    drtool show reports/20261124T030000Z-shop_monthly-3f9a1c --pdf shop-november.pdf
    """
    if report is None:
        if pdf_file and Path(pdf_file).exists():
            raise WrongUse("no-pdf", f"{pdf_file} was taken for the name of the PDF, and no report was named")
        raise click.UsageError("Missing argument 'REPORT'.")
    if as_json + html + (pdf_file is not None) > 1:
        raise WrongUse("two-forms", "--json, --html and --pdf each ask for another form")
    document = report / folder.RECORD if report.is_dir() else report
    if report.name in {folder.PAGE, folder.LOG, *folder.NOT_IN_THE_REPORT}:  # what a shell completes to
        document = report.with_name(folder.RECORD)
    try:
        content = document.read_bytes()
    except OSError as error:
        mend = "Name a drill's folder below reports/"
        raise WrongUse("no-such-report", f"{document} cannot be read: {error.strerror}", mend=mend) from error
    record = decode(content)
    if as_json:
        print_json(content)
    elif html:
        _page(document.parent, record)
        page = document.parent / folder.PAGE
        click.echo(page)
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(page.resolve().as_uri())
    elif pdf_file is not None:
        from drtool.render.pdf import pdf

        own, chosen = document.parent, None if pdf_file == _USUAL_FILE else Path(pdf_file)
        place = output.place_of_pdf(own, record.drill_id, chosen)
        output.write(place, pdf(_page(own, record)))
        click.echo(place)
        click.echo("The signature was not checked: `drtool audit` does that.", err=True)
    else:
        click.echo(full(record, colour=shows_colours()))
    return 0


def _page(own: Path, record: DrillRecord) -> bytes:
    """Return a report's page, if it is the one that the record names."""
    page = own / folder.PAGE
    try:
        content = plain.read(page, limit_bytes=plain.DOCUMENT_LIMIT_BYTES)
    except plain.NotPlain as error:
        raise Unverifiable("page-missing", f"{page} {error}", mend="`drtool audit` tells what else is wrong") from error
    if hashlib.sha256(content).hexdigest() != record.files.get(folder.PAGE):
        what = f"{page} is not the page that {folder.RECORD} names, so it is not shown"
        raise Unverifiable("page-changed", what, why="one of the two was edited or exchanged since the drill")
    return content
