"""How MariaDB's client splits SQL into statements, byte by byte, and the package's own reader run on many inputs."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files

_BLANK = b" \t\n\r\x0b\x0c"
_HARNESS = r"""
package main;
binmode STDIN; binmode STDOUT;
$SIG{ALRM} = sub { print "0\n"; exit 1 };
while (read(STDIN, my $length, 4) == 4) {
    my ($size, $part) = unpack 'S> S>', $length;
    my $input = '';
    read STDIN, $input, $size if $size;
    my (@statements, $raw, $passed, $at, @counted);
    my $next = sub {
        my $more = substr $input, $at, $part;
        $at += length $more;
        substr($_[0], $_[1]) = $more;
        return length $more;
    };
    alarm 1;
    $at = 0;
    my $filter = Statements->new(
        begins => sub { $raw = '' },
        passes => sub { $passed .= $_[0]; $raw .= $_[0] if $_[1] },
        statement => sub { push @statements, $raw, $_[1] },
        rows => sub { push @statements, $raw, $_[3] },
    );
    $passed = '';
    $filter->read($next);
    $at = 0;
    my $counter = Statements->new(
        statement => sub { push @counted, '-' },
        rows => sub { push @counted, $_[1] },
    );
    $counter->read($next);
    alarm 0;
    my @told = ($passed eq $input ? 'same' : 'other', $counter->{open} // 'no', join('+', @counted) || 'none');
    print join(' ', @told, map { length $_ ? unpack 'H*', $_ : 'no' } @statements), "\n";
}
"""


@dataclass
class Split:
    """What the reader made of an input: its statements, each with whether it ended; how many rows it counted in all."""

    statements: list[tuple[bytes, bool]] = field(default_factory=list)
    rows: int = 0
    passed: bool = True
    opened: str = "no"


def as_the_client(data: bytes) -> list[tuple[bytes, bool]]:
    """Split SQL as the client does that loads a dump: each statement with its delimiter, and whether it has one."""
    found, delimiter, at, begun = [], b";", 3 if data.startswith(b"\xef\xbb\xbf") else 0, -1
    while at < len(data):
        byte = data[at : at + 1]
        line_ends = (data.find(b"\n", at) + 1 or len(data) + 1) - 1
        if begun < 0:
            if byte in _BLANK:
                at += 1
                continue
            if data[at : at + 9].lower() == b"delimiter" and data[at + 9 : at + 10] in {b" ", b"\t"}:
                words = data[at + 9 : line_ends].split()
                delimiter = words[0][:16] if words else delimiter
                at = line_ends
                continue
            if byte == b"#" or data.startswith(b"--", at):
                at = line_ends
                continue
        if _is_comment(data, at) and (begun < 0 or not data.startswith(delimiter, at)):
            end = data.find(b"*/", at + 2)
            at = len(data) if end < 0 else end + 2
            continue
        begun = at if begun < 0 else begun
        if data.startswith(delimiter, at):
            at += len(delimiter)
            found.append((data[begun:at], True))
            begun = -1
        elif byte in {b"'", b'"', b"`"}:
            at = _behind_string(data, at)
        elif byte == b"\\":
            at += 2
        elif byte == b"#" or (data.startswith(b"--", at) and data[at + 2 : at + 3] in {*map(bytes, zip(_BLANK)), b""}):
            at = line_ends
        else:
            at += 1
    return [*found, (data[begun:], False)] if begun >= 0 else found


def _is_comment(data: bytes, at: int) -> bool:
    return data.startswith(b"/*", at) and not data.startswith((b"/*!", b"/*M!"), at)


def _behind_string(data: bytes, at: int) -> int:
    quote = data[at : at + 1]
    at += 1
    while at < len(data) and data[at : at + 1] != quote:
        at += 2 if data[at : at + 1] == b"\\" and quote != b"`" else 1
    return min(at + 1, len(data))


def run_perl(programs: Iterable[str], more: str, given: bytes) -> bytes:
    """Run programs in Perl of the package's, and what is said with them; return what they print.

    Raises:
        AssertionError: they failed, or had something to say of it.
    """
    texts = (files("drtool.restore").joinpath(name).read_text(encoding="utf-8") for name in programs)
    done = subprocess.run(["perl", "-we", "\n".join([*texts, more])], input=given, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode("utf-8", "replace")[-1000:]
    return done.stdout


def split_all(inputs: Iterable[bytes], *, part: int = 7) -> list[Split]:
    """Have the program split inputs of up to 65,535 bytes, each of which reaches it in parts of a few bytes.

    Raises:
        AssertionError: it crashed, or took more than a second for one of them.
    """
    packed = [struct.pack(">HH", len(one), part) + one for one in inputs]
    lines = run_perl(("statements.pl",), _HARNESS, b"".join(packed)).decode().splitlines()
    assert len(lines) == len(packed)
    return [_read(line.split(" ")) for line in lines]


def _read(told: list[str]) -> Split:
    passed, opened, counted, *rest = told
    texts = [b"" if one == "no" else bytes.fromhex(one) for one in rest]
    return Split(
        statements=[(text, ended == b"1") for text, ended in zip(texts[::2], texts[1::2], strict=True)],
        rows=sum(int(one) for one in counted.split("+") if one.isdigit()),
        passed=passed == "same",
        opened=opened,
    )


_PIECES = [
    *(bytes([code]) for code in b"'\"`();,-/*\\#! \n\t\0\xff"),
    b"--",
    b"-- ",
    b"/*",
    b"*/",
    b"/*!50001 ",
    b"/*M!100100 ",
    b"a",
    b"''",
    b"\\'",
    b"DELIMITER ",
    b"delimiter ;;\n",
    b"DELIMITER ;\n",
    b"INSERT INTO `t` VALUES ",
    b"VALUES",
    b"(1,'a')",
    b";;",
    b"$$",
    b"(1,'a'),\n",
    b'((2),"b")',
    b"CREATE TABLE t (a INT)",
    b"INSERT INTO t(`a)`) VALUES (1);\n",
]


def made_up(chance: random.Random) -> bytes:
    """Return something that looks a little like SQL."""
    return b"".join(chance.choice(_PIECES) for _ in range(chance.randrange(40)))
