"""A time-stamp authority's word on when a report was there: asked for, kept, checked, and never silently missing."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from drtool.attest import timestamp, timestamping
from drtool.attest.authority import Authority
from drtool.attest.timestamping import time_stamp
from drtool.errors import Unverifiable, WrongUse
from tests import pace
from tests.attest.authority import Tsa, byte_by_byte, endlessly, heading_byte_by_byte, reply
from tests.evidence.builder import Site
from tests.evidence.conftest import Ended, Run

DOCUMENT = b'{"verdict": "passed"}\n'


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    return Tsa.in_folder(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    return Tsa.in_folder(tmp_path_factory.mktemp("authority") / "other")


@pytest.fixture
def url(tsa: Tsa, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The authority's URL; it behaves, and has had no requests."""
    monkeypatch.setattr(timestamping, "_BETWEEN_SECONDS", 0.01)
    tsa.requests, tsa.behave, tsa.digests = 0, None, "sha256"
    with tsa.served() as served:
        yield served


@pytest.fixture
def stamped(site: Site, url: str) -> Site:
    """A site with two drills that just ended, each with a time-stamp."""
    site.authority = Authority.at(url)
    site.now, site.every = datetime.now(UTC) - timedelta(minutes=26), timedelta(minutes=13)
    site.drill()
    site.drill()
    return site


def audit(drtool: Run, site: Site, tsa: Tsa) -> Ended:
    return drtool("audit", site.reports, "--tsa-certificates", tsa.root, "--json")


# Asking


def test_a_token_is_over_the_reports_exact_bytes_and_openssl_alone_says_so_too(stamped: Site, tsa: Tsa) -> None:
    own = stamped.path(0)
    command = f"openssl ts -verify -data report.json -in report.json.tsr -CAfile {tsa.root}"
    said = subprocess.run(command.split(), cwd=own, check=True, capture_output=True, text=True).stdout
    assert "Verification: OK" in said
    assert timestamp.read((own / "report.json.tsr").read_bytes()).is_over((own / "report.json").read_bytes())


def test_only_the_reports_digest_leaves_the_host(url: str, tsa: Tsa) -> None:
    seen: list[bytes] = []

    def look(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        seen.append(query)
        reply(handler, tsa.answer(query))

    tsa.behave = look
    time_stamp(Authority.at(url), DOCUMENT)
    assert sha256(DOCUMENT).digest() in seen[0]
    assert DOCUMENT not in seen[0]
    assert tsa.headers["Content-Type"] == "application/timestamp-query"


def test_the_signed_report_says_who_was_asked_and_holds_no_credentials(
    site: Site, tsa: Tsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tsa.root))
    with tsa.served(encrypted=True) as url:
        site.authority = Authority.at(f"{url.replace('://', '://ops:pass%40word@')}?token=secret")
        assert "word" not in repr(site.authority)
        assert "secret" not in repr(site.authority)
        site.drill()
    assert site.lacking == []
    assert tsa.headers["Authorization"] == "Basic b3BzOnBhc3NAd29yZA=="
    assert site.record(0)["timestamp_authority"] == url


def test_an_authority_that_this_host_does_not_trust_as_a_server_gets_no_credentials(
    tsa: Tsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamping, "_BETWEEN_SECONDS", 0.01)
    tsa.requests = 0
    with tsa.served(encrypted=True) as url, pytest.raises(Unverifiable, match="cannot be trusted") as refused:
        time_stamp(Authority.at(url.replace("://", "://ops:word@")), DOCUMENT)
    assert "SSL_CERT_FILE" in refused.value.mend
    assert tsa.requests == 0


@pytest.mark.parametrize(
    "text",
    [
        "tsa.example.org", "ftp://tsa.example.org", "file:///etc/passwd", "https://", "https://tsa:port/", "",
        "http://ops:word@tsa.example.org/", "https://tsa.example.org/\n", "https://tsa.example.org/a b",
    ],
)  # fmt: skip
def test_what_is_no_url_of_an_authority_is_wrong_use_and_is_not_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        Authority.at(text)
    assert "word" not in str(refused.value).replace("password", "")


def test_the_doctor_tells_whether_the_authority_answers(url: str, tsa: Tsa, drtool: Run, tmp_path: Path) -> None:
    def told() -> str:
        output = drtool("doctor", "--tsa", url, "--reports", tmp_path / "reports").output
        (line,) = [line for line in output.splitlines() if "time-stamp" in line]
        return line

    assert told().startswith("ok ")
    assert f"{url} answers" in told()
    tsa.behave = refusing
    assert told().startswith("BAD ")
    assert f"{url} gave no time-stamp" in told()


# Authorities that give none


def rubbish(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    reply(handler, b"<html>It works!</html>")


def nothing(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    reply(handler, b"")


def failing(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    reply(handler, b"", status=503)


def refusing(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    reply(handler, b"", status=403)


def sending_on(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    handler.send_response(302)
    handler.send_header("Location", f"http://{handler.headers['Host']}/elsewhere")
    handler.end_headers()


def hanging_up(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("behave", "why", "requests"),
    [
        (rubbish, "is no time-stamp", 1),
        (nothing, "is no time-stamp", 1),
        (failing, "HTTP status 503", 3),
        (refusing, "HTTP status 403", 1),
        (sending_on, "HTTP status 302", 1),
        (hanging_up, "cannot be reached", 3),
        (endlessly, "more than 256 KiB", 1),
        (byte_by_byte, "did not answer", 1),
        (heading_byte_by_byte, "did not answer", 1),
    ],
)
def test_an_authority_that_gives_no_token_is_named_soon_and_the_report_stands_without(
    behave: Callable[[BaseHTTPRequestHandler, bytes], None],
    why: str,
    requests: int,
    site: Site,
    url: str,
    tsa: Tsa,
    drtool: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timestamping, "_PATIENCE_SECONDS", 0.5)
    tsa.behave = behave
    site.authority = Authority.at(url)
    began = time.monotonic()
    site.drill()
    assert time.monotonic() - began < pace.seconds(3.0)
    (error,) = site.lacking
    assert (error.code, tsa.requests) == ("timestamp-not-given", requests)
    assert f"{url} gave no time-stamp" in str(error)
    assert why in str(error)
    assert not site.path(0, "report.json.tsr").exists()
    ended = audit(drtool, site, tsa)
    assert (ended.code, ended.codes) == (3, ["timestamp-not-given"])
    assert url in ended.result["problems"][0]["sentence"]
    assert ended.result["drills"][0]["timestamp"] == "not made"


def test_an_authority_that_is_not_there_is_named(site: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamping, "_BETWEEN_SECONDS", 0.01)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        site.authority = Authority.at(f"http://127.0.0.1:{closed.getsockname()[1]}/")
        site.drill()
    assert "Connection refused" in str(site.lacking[0])
    assert drtool("audit", site.reports, "--json").codes == ["timestamp-not-given"]


def test_an_authority_that_was_busy_for_a_moment_is_asked_again(url: str, tsa: Tsa) -> None:
    def once(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        reply(handler, b"", status=503) if tsa.requests == 1 else reply(handler, tsa.answer(query))

    tsa.behave = once
    assert timestamp.read(time_stamp(Authority.at(url), DOCUMENT)).is_over(DOCUMENT)


def test_a_refusal_is_told_with_the_authoritys_own_reason(url: str, tsa: Tsa) -> None:
    tsa.digests = "sha512"
    with pytest.raises(Unverifiable, match=r"no time-stamp but a refusal .*Message digest algorithm is not supported"):
        time_stamp(Authority.at(url), DOCUMENT)


def test_a_token_over_something_else_and_one_for_another_request_are_not_kept(
    url: str, tsa: Tsa, tmp_path: Path
) -> None:
    for content, why in ((b"something else", "over something else"), (DOCUMENT, "its nonce is another")):
        (tmp_path / "document").write_bytes(content)
        token = tsa.token_over(tmp_path / "document")
        tsa.behave = lambda handler, _query, token=token: reply(handler, token)
        with pytest.raises(Unverifiable, match=why):
            time_stamp(Authority.at(url), DOCUMENT)


# Checking


def test_tokens_of_a_trusted_authority_are_genuine_and_the_audit_names_their_time(
    stamped: Site, tsa: Tsa, drtool: Run
) -> None:
    ended = audit(drtool, stamped, tsa)
    assert (ended.code, ended.codes, ended.result["notes"]) == (0, [], [])
    for drill in ended.result["drills"]:
        assert drill["timestamp"] == "genuine"
        assert abs(datetime.now(UTC) - datetime.fromisoformat(drill["timestamp_at"])) < timedelta(seconds=30)
    printed = drtool("audit", stamped.reports, "--tsa-certificates", tsa.root).output
    assert f"{datetime.fromisoformat(ended.result['drills'][0]['timestamp_at']):%Y-%m-%d %H:%M:%SZ}" in printed


def test_without_certificates_a_token_is_there_and_its_authority_unknown(stamped: Site, drtool: Run) -> None:
    ended = drtool("audit", stamped.reports, "--json")
    assert (ended.code, ended.codes) == (0, [])
    assert [drill["timestamp"] for drill in ended.result["drills"]] == ["authority unknown"] * 2
    assert "Who made the time-stamps of 2 reports is unknown" in ended.result["notes"][0]
    assert "authority unknown" in drtool("audit", stamped.reports).output


def test_reports_over_which_none_was_asked_are_counted_for_who_trusts_authorities(
    evidence: Site, tsa: Tsa, drtool: Run
) -> None:
    ended = audit(drtool, evidence, tsa)
    assert ended.code == 0
    assert "No time-stamp was asked for over 5 reports" in ended.result["notes"][0]


def test_a_token_stays_genuine_when_its_authoritys_certificate_has_ended(
    site: Site, tmp_path: Path, drtool: Run
) -> None:
    passing = Tsa.in_folder(tmp_path / "passing", ends_in=timedelta(seconds=3))
    with passing.served() as url:
        site.authority = Authority.at(url)
        site.now = datetime.now(UTC) - timedelta(minutes=12)
        site.drill()
        assert site.lacking == []
        time.sleep(3.1)
        assert audit(drtool, site, passing).code == 0
        (site.reports / "other").write_bytes(DOCUMENT)
        late = timestamp.read(passing.token_over(site.reports / "other"))
        judgement, _ = timestamp.Authorities(passing.root).judge(late, DOCUMENT)
        assert judgement is timestamp.TokenStanding.NOT_TRUSTED


def of_the_other_report(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    site.path(0, "report.json.tsr").write_bytes(site.path(1, "report.json.tsr").read_bytes())


def by_another_authority(site: Site, _tsa: Tsa, other: Tsa) -> None:
    site.path(0, "report.json.tsr").write_bytes(other.token_over(site.path(0, "report.json")))


def asked_for_anew(site: Site, tsa: Tsa, _other: Tsa) -> None:
    site.path(0, "report.json.tsr").write_bytes(tsa.token_over(site.path(0, "report.json")))


def its_time_changed(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    path = site.path(0, "report.json.tsr")
    at = timestamp.read(path.read_bytes()).at
    before, after = f"{at:%Y%m%d%H%M%S}Z".encode(), f"{at - timedelta(seconds=2):%Y%m%d%H%M%S}Z".encode()
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))


def cut_in_half(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    path = site.path(0, "report.json.tsr")
    path.write_bytes(path.read_bytes()[:600])


def rubbish_in_its_place(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    site.path(0, "report.json.tsr").write_bytes(os.urandom(900))


def a_refusal_in_its_place(site: Site, tsa: Tsa, _other: Tsa) -> None:
    tsa.digests = "sha512"
    by_another_authority(site, tsa, tsa)


def removed(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    site.path(0, "report.json.tsr").unlink()


def a_folder_in_its_place(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    removed(site, _tsa, _other)
    site.path(0, "report.json.tsr").mkdir()


def a_link_in_its_place(site: Site, _tsa: Tsa, _other: Tsa) -> None:
    path = site.path(0, "report.json.tsr")
    path.rename(site.reports.parent / "elsewhere")
    path.symlink_to(site.reports.parent / "elsewhere")


@pytest.mark.parametrize(
    ("code", "tamper"),
    [
        ("timestamp-of-another-report", of_the_other_report),
        ("timestamp-not-trusted", by_another_authority),
        ("file-changed", asked_for_anew),
        ("timestamp-broken", its_time_changed),
        ("timestamp-broken", cut_in_half),
        ("timestamp-broken", rubbish_in_its_place),
        ("timestamp-broken", a_refusal_in_its_place),
        ("timestamp-missing", removed),
        ("file-not-plain", a_folder_in_its_place),
        ("file-not-plain", a_link_in_its_place),
    ],
)
def test_tampering_with_a_token_is_named_once(
    code: str, tamper: Callable[[Site, Tsa, Tsa], None], stamped: Site, tsa: Tsa, other: Tsa, drtool: Run
) -> None:
    tamper(stamped, tsa, other)
    ended = audit(drtool, stamped, tsa)
    assert (ended.code, ended.codes) == (1, [code])
    (problem,) = ended.result["problems"]
    assert problem["sentence"].startswith(f"{stamped.drill_ids()[0]}/report.json.tsr ")
    assert problem["sentence"].isprintable()
    assert [drill["timestamp"] for drill in ended.result["drills"]] == ["wrong", "genuine"]


def test_a_token_of_another_report_is_named_by_who_knows_no_authority_too(
    stamped: Site, tsa: Tsa, other: Tsa, drtool: Run
) -> None:
    of_the_other_report(stamped, tsa, other)
    ended = drtool("audit", stamped.reports, "--json")
    assert (ended.code, ended.codes) == (1, ["timestamp-of-another-report"])


def test_a_token_beside_a_report_that_asked_for_none_does_not_belong_there(
    evidence: Site, tsa: Tsa, drtool: Run
) -> None:
    evidence.path(0, "report.json.tsr").write_bytes(tsa.token_over(evidence.path(0, "report.json")))
    assert drtool("audit", evidence.reports, "--json").codes == ["file-unlisted"]


def test_a_token_that_was_got_later_for_one_that_was_never_given_does_not_belong_there(
    site: Site, url: str, tsa: Tsa, drtool: Run
) -> None:
    site.authority = Authority.at(url)
    site.now = datetime.now(UTC) - timedelta(minutes=12)
    tsa.behave = refusing
    site.drill()
    site.path(0, "report.json.tsr").write_bytes(tsa.token_over(site.path(0, "report.json")))
    assert audit(drtool, site, tsa).codes == ["file-unlisted"]


@pytest.mark.parametrize(("apart", "why"), [(timedelta(hours=-5), "back-dated"), (timedelta(hours=5), "post-dated")])
def test_a_report_that_claims_another_time_than_its_token_is_named(
    apart: timedelta, why: str, site: Site, url: str, tsa: Tsa, drtool: Run
) -> None:
    site.authority = Authority.at(url)
    site.now = datetime.now(UTC) - timedelta(minutes=12) + apart
    site.drill()
    ended = audit(drtool, site, tsa)
    assert (ended.code, ended.codes) == (1, ["timestamp-disagrees"])
    assert why in ended.result["problems"][0]["sentence"]


def test_a_clock_that_is_a_little_off_and_a_key_that_had_to_be_unlocked_are_nothing_wrong(
    site: Site, url: str, tsa: Tsa, drtool: Run
) -> None:
    site.authority = Authority.at(url)
    for off in (timedelta(minutes=-50), timedelta(seconds=5)):
        site.now = datetime.now(UTC) - timedelta(minutes=12) + off
        site.drill()
    assert audit(drtool, site, tsa).code == 0


@pytest.mark.parametrize("content", [b"", b"no certificates\n", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x82\0"])
def test_certificates_that_are_none_are_wrong_use(content: bytes, stamped: Site, tmp_path: Path, drtool: Run) -> None:
    (tmp_path / "roots.pem").write_bytes(content)
    ended = drtool("audit", stamped.reports, "--tsa-certificates", tmp_path / "roots.pem")
    assert ended.code == 2
    assert "roots.pem" in ended.errors


def test_any_bytes_in_a_tokens_place_are_judged_and_none_end_the_audit(stamped: Site, tsa: Tsa) -> None:
    document, token = (stamped.path(0, name).read_bytes() for name in ("report.json", "report.json.tsr"))
    authorities = timestamp.Authorities(tsa.root)
    for place in range(0, len(token), 3):
        for content in (token[:place], token[:place] + bytes([token[place] ^ 0x41]) + token[place + 1 :]):
            try:
                read = timestamp.read(content)
            except timestamp.NoToken:
                continue
            if read.is_over(document):
                authorities.judge(read, document)
