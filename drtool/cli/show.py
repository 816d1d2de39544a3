"""`drtool show`."""

from __future__ import annotations

import hashlib
import os
import sys
import webbrowser
from pathlib import Path

import click
from msgspec import to_builtins

from drtool.audit.conclusions import verdict_over
from drtool.audit.examination import examine_one
from drtool.audit.problems import TAMPERED, standing
from drtool.cli import exit_codes, output
from drtool.cli.options import PathType, TextType, json_option
from drtool.cli.terminal import print_json, shows_colours
from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import folder
from drtool.host import plain
from drtool.record.model import DrillRecord, decode
from drtool.render.text import full, tampered

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
@click.option(
    "--allowed-signers",
    type=PathType(dir_okay=False),
    help="Keys to trust, got by another way than the reports  [default: those that this site pinned]",
)
@json_option
def command(report: Path | None, html: bool, pdf_file: str | None, allowed_signers: Path | None, as_json: bool) -> int:
    """Show a drill's report on the terminal.

    REPORT is a drill's folder or its report.json. Signature, files and ledger are checked first: where they do not bear
    its verdict out, TAMPERED (exit code 1) or NOT VERIFIED (3) stands in its place, and why. A page is shown only where
    they do, or where it says of itself that it is unsigned.

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
        content = plain.read(document.resolve(), limit_bytes=plain.DOCUMENT_LIMIT_BYTES)
    except plain.NotPlain as error:
        mend = "Name a drill's folder below reports/"
        raise WrongUse("no-such-report", f"{document} {error}", mend=mend) from error
    found = examine_one(document, trusted=allowed_signers)
    word, why = standing(found), [one.sentence for one in found]
    if (html or pdf_file is not None) and {one.code for one in found} - {"unsigned"}:
        click.echo(f"drtool: {word.upper()}, so its page is not shown. {' '.join(why)}", err=True)
    elif word == TAMPERED:
        name = document.parent.resolve().name
        if as_json:
            print_json({"drill_id": name, "verdict": word, "reason": " ".join(why)})
        else:
            click.echo(tampered(name, why, colour=shows_colours()))
    else:
        record = decode(content)
        if html or pdf_file is not None:
            _show_page(document.parent, record, pdf_file)
        elif as_json:
            print_json(to_builtins(record) | {"verdict": word, "reason": " ".join(why)} if word else content)
        else:
            click.echo(full(record, colour=shows_colours(), standing=word, why=why))
    return exit_codes.of_verdicts([verdict_over(found, ())[0]])


def _show_page(own: Path, record: DrillRecord, pdf_file: str | None) -> None:
    page = _page(own, record)
    if pdf_file is not None:
        from drtool.render.pdf import pdf

        place = output.place_of_pdf(own, record.drill_id, None if pdf_file == _USUAL_FILE else Path(pdf_file))
        output.write(place, pdf(page))
        click.echo(place)
    else:
        click.echo(own / folder.PAGE)
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open((own / folder.PAGE).resolve().as_uri())


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
