"""Whatever is done to signatures and keys is named by `drtool audit`, which then exits with 1."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.audit.tampering import Manipulation, Manipulations, assert_named
from tests.evidence.builder import Site, as_document, new_key, signed
from tests.evidence.conftest import Run

names = Manipulations()


def site_key(site: Site) -> Path:
    return site.config / "drtool" / "signing_key"


def limit_key(site: Site, option: str) -> None:
    pins = site.config / "drtool" / "allowed_signers"
    pins.write_text(pins.read_text().replace("namespaces=", f"{option},namespaces="))


@names("signature-missing")
def signature_deleted(site: Site) -> None:
    site.path(0, "report.json.sig").unlink()


@names("signature-broken")
def signature_of_another_drill(site: Site) -> None:
    shutil.copy(site.path(1, "report.json.sig"), site.path(0, "report.json.sig"))


@names("signature-broken")
def signature_is_rubbish(site: Site) -> None:
    site.path(0, "report.json.sig").write_bytes(os.urandom(300))


@names("signature-broken")
def signature_cut_in_half(site: Site) -> None:
    path = site.path(0, "report.json.sig")
    path.write_bytes(path.read_bytes()[:150])


@names("signature-broken")
def signature_of_the_right_key_for_another_purpose(site: Site) -> None:
    signed(site.path(0, "report.json"), site_key(site), namespace="file")


@names("key-not-trusted")
def all_signed_anew_with_another_key_that_the_list_beside_them_names(site: Site) -> None:
    key = new_key(site.reports.parent / "mallory", comment="drtool@drillhost")
    for number in range(5):
        signed(site.path(number, "report.json"), key)
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    (site.reports / "allowed_signers").write_text(f'drtool@drillhost namespaces="drtool-report" {public}\n')


@names("key-not-valid-then")
def signed_with_a_key_that_had_expired(site: Site) -> None:
    limit_key(site, 'valid-before="202603040000Z"')


@names("key-not-valid-then")
def signed_with_a_key_before_it_was_valid(site: Site) -> None:
    limit_key(site, 'valid-after="202603040000Z"')


@names("key-not-for-reports")
def signed_with_a_key_that_is_trusted_for_something_else(site: Site) -> None:
    pins = site.config / "drtool" / "allowed_signers"
    pins.write_text(pins.read_text().replace('namespaces="drtool-report"', 'namespaces="git"'))


@names("key-not-for-reports")
def signed_with_a_key_that_is_trusted_to_certify_others(site: Site) -> None:
    pins = site.config / "drtool" / "allowed_signers"
    pins.write_text(pins.read_text().replace('namespaces="drtool-report"', "cert-authority"))


@names("report-changed")
def made_to_look_unsigned(site: Site) -> None:
    path = site.path(0, "report.json")
    path.write_bytes(path.read_bytes().replace(b'"signed": true', b'"signed": false'))
    site.path(0, "report.json.sig").unlink()


@names("ledger-replaced")
def made_to_look_unsigned_in_a_rebuilt_ledger(site: Site) -> None:
    site.path(0, "report.json.sig").unlink()
    site.rewrite_report(0, as_document(site.record(0) | {"signed": False}))


@names.each()
def test_tampering_with_signatures_is_named(
    code: str, manipulate: Manipulation, evidence: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_named(code, manipulate, evidence, drtool, monkeypatch)


def test_a_public_key_is_no_list_of_keys_and_nobody_is_suspected_for_it(evidence: Site, drtool: Run) -> None:
    pinned = (evidence.config / "drtool" / "allowed_signers").read_text()
    keys = evidence.reports.parent / "key.pub"
    keys.write_text(" ".join([*pinned.split()[-2:], "drills@shop"]))
    ended = drtool("audit", evidence.reports, "--allowed-signers", keys)
    assert (ended.code, "has no name before it" in ended.errors) == (2, True), ended
    keys.write_text(" ".join(["drills@shop", *pinned.split()[-2:], "of 2026"]))
    assert drtool("audit", evidence.reports, "--allowed-signers", keys).code == 0


@pytest.mark.parametrize("name", ["report.json", "report.json.sig", "ledger.jsonl", "authority.pem"])
def test_what_names_no_key_is_no_list_of_keys(name: str, evidence: Site, drtool: Run, tmp_path: Path) -> None:
    (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----\nMIIBAAAAAA\n AAA\n-----END CERTIFICATE-----\n")
    found = {"ledger.jsonl": evidence.ledger, "authority.pem": tmp_path / name}.get(name, evidence.path(0, name))
    ended = drtool("audit", evidence.reports, "--allowed-signers", found)
    assert (ended.code, "names no key" in ended.errors) == (2, True), ended


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (['jane namespaces="git" {key}', 'drills namespaces="drtool-report" {key}'], 0),
        (['drills namespaces="drtool-report" {key}', 'jane namespaces="git" {key}'], 0),
        (['jane valid-before="20200101" {key}', "drills {key}"], 0),
        (['jane namespaces="git" {key}', 'drills namespaces="file" {key}'], 1),
        (['jane namespaces="git" {key}', 'drills valid-before="20200101" {key}'], 1),
    ],
)
def test_a_key_may_have_several_names_each_for_its_own_purpose_and_time(
    lines: list[str], code: int, evidence: Site, drtool: Run
) -> None:
    key = " ".join((evidence.config / "drtool" / "allowed_signers").read_text().split()[-2:])
    keys = evidence.reports.parent / "keys"
    keys.write_text("".join(f"{line.format(key=key)}\n" for line in lines))
    assert drtool("audit", evidence.reports, "--allowed-signers", keys).code == code


def test_a_key_is_held_against_the_time_of_each_report(
    evidence: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    keys = evidence.reports.parent / "keys"
    pinned = (evidence.config / "drtool" / "allowed_signers").read_text()
    limited = 'namespaces="drtool-report",valid-before="20260304031159"'  # UTC, one second before the third is over
    keys.write_text(pinned.replace('namespaces="drtool-report"', limited))
    ended = drtool("audit", evidence.reports, "--allowed-signers", keys, "--json")
    wrong = [problem["drill_id"] for problem in ended.result["problems"]]
    assert (ended.code, wrong) == (1, evidence.drill_ids()[2:])
