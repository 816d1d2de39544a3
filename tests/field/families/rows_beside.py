"""Definitions in dumps, and rows in files that no client of a dump loads: exports that a job or a hand put there."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, passes, unverified, verify
from tests.field.dumps import dump, structure, table
from tests.field.packing import gzipped, tar

_OUTFILE = "gousiosg/github-mirror#76"
_BATCH = "cockroachdb/docs#3229"
_STREETS = "`id` int(11) NOT NULL,\n  `street` varchar(40) DEFAULT NULL"
_MADE = dump(structure("streets", _STREETS), structure("towns", _STREETS))
_ROWS = '"1","High Street"\n"2","Mill Lane"\n'
_KINDS = table("kinds", "`id` int(11) NOT NULL,\n  `kind` varchar(40) DEFAULT NULL", ["1,'a'"])


def _folder(**beside: str | bytes) -> dict[str, str | bytes]:
    return {f"out/{name.replace('__', '/').replace('_', '.')}": content for name, content in beside.items()}


def _given(files: dict[str, str | bytes]) -> Input:
    return verify("out/", files)


CASES = (
    Case(
        number="c600",
        seen=_OUTFILE,
        tried=unverified(
            "definitions in a dump, and the rows in CSV beside it (SELECT ... INTO OUTFILE)",
            _given(_folder(schema_sql=_MADE, streets_csv=_ROWS, towns_csv=_ROWS)),
            "file-not-restored",
            says=("streets.csv", "towns.csv", "LOAD DATA", "--tab"),
        ),
        twin=passes(
            "the rows in the dump, and an export of them beside it",
            _given(_folder(town_sql=dump(table("streets", _STREETS, ["1,'High Street'"])), streets_csv=_ROWS)),
        ),
    ),
    Case(
        number="c600b",
        seen=_BATCH,
        tried=unverified(
            "one of the tables alone has its rows in a file, compressed and in a folder of its own",
            _given(
                _folder(schema_sql=dump(structure("streets", _STREETS), _KINDS), rows__streets_tsv_gz=gzipped("1\tA\n"))
            ),
            "file-not-restored",
            says=("rows/streets.tsv.gz",),
            unsaid=("no-rows",),
        ),
        twin=passes(
            "files beside it that are named after none of its tables, or are empty",
            _given(
                _folder(
                    schema_sql=dump(structure("streets", _STREETS), _KINDS),
                    README_txt="Dumped each night.\n",
                    streets_csv="",
                )
            ),
        ),
    ),
    Case(
        number="c600c",
        seen=_BATCH,
        tried=unverified(
            "an archive of such a folder, whose files name database, table, part and day",
            verify(
                "out.tar",
                {
                    "out.tar": tar(
                        {
                            "out/schema.sql": _MADE,
                            "out/shop.streets.00001.txt": "1\tA\n",
                            "out/towns_2026-11-30.csv": _ROWS,
                        }
                    )
                },
            ),
            "file-not-restored",
            says=("shop.streets.00001.txt", "towns_2026-11-30.csv"),
        ),
        twin=passes(
            "--tab: rows beside the definition of each",
            verify("tab/", {"tab/streets.sql": dump(structure("streets", _STREETS)), "tab/streets.txt": "1\tA\n"}),
        ),
    ),
)
