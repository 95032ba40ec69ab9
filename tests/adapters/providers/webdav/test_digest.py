"""Proofs by Digest, after the examples of RFC 7616, 3.9 and RFC 2617, 3.5."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.webdav.challenges import challenges_of
from synctv.adapters.providers.webdav.digest import DigestChallenge, Proof, authorization, strongest

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", '
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
MUFASA = Proof(
    "Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", count=1
)


@pytest.mark.parametrize(
    "which, algorithm, response",
    [
        (0, "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        (1, "MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ],
)
def test_the_rfc_s_examples_are_proved_as_in_the_rfc(which: int, algorithm: str, response: str) -> None:
    challenge = strongest([challenges_of(RFC_7616)[which]])
    assert challenge is not None
    told = authorization(challenge, MUFASA)
    assert told.startswith('Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ')
    for part in (f"algorithm={algorithm}", f'response="{response}"', "nc=00000001", "qop=auth",
                 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'):  # fmt: skip
        assert part in told


def test_the_strongest_that_can_be_met_is_chosen() -> None:
    chosen = strongest(challenges_of(RFC_7616))
    assert chosen is not None
    assert chosen.algorithm == "SHA-256"


def test_the_older_rfc_s_example_too() -> None:
    challenge = DigestChallenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    proof = Proof("Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", count=1)
    assert 'response="6629fae49393a05397450978507c4ef1"' in authorization(challenge, proof)


def test_a_server_that_knows_no_qop_gets_the_form_of_rfc_2069() -> None:
    # MD5(MD5("Mufasa:testrealm@host.com:Circle Of Life") ":" nonce ":" MD5("GET:/dir/index.html"))
    challenge = DigestChallenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop=False)
    told = authorization(challenge, Proof("Mufasa", "Circle Of Life", "GET", "/dir/index.html", "x"))
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in told
    assert "nc=" not in told
    assert "qop=" not in told


def test_names_are_hashed_escaped_or_encoded_as_they_need() -> None:
    challenge = DigestChallenge('a"b', "n", "SHA-256", userhash=True)
    proof = Proof('J\u00e4s"\u00f8n', "p", "GET", "/", "c")
    assert "userhash=true" in authorization(challenge, proof)
    plain = DigestChallenge('a"b', "n")
    assert "username*=UTF-8''J%C3%A4s%22%C3%B8n" in authorization(plain, proof)
    assert 'username="q\\"x", realm="a\\"b"' in authorization(plain, Proof('q"x', "p", "GET", "/", "c"))


def test_a_session_s_secret_depends_on_the_nonces() -> None:
    proof = Proof("u", "p", "GET", "/", "c")
    answers = {authorization(DigestChallenge("r", "n", name), proof) for name in ("MD5", "MD5-sess")}
    assert len({answer.partition("response=")[2].partition(",")[0] for answer in answers}) == 2


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic realm=x",
        'Digest realm="x"',
        'Digest nonce="n", algorithm=SHA-512-256',
        'Digest nonce="n", qop="auth-int"',
        'Digest nonce="n\\\x01"',
    ],
)
def test_what_can_t_be_met_is_left(header: str) -> None:
    assert strongest(challenges_of(header)) is None


def test_challenges_are_told_apart() -> None:
    header = 'Negotiate, NTLM abc==, Basic realm="a, b=\\"c\\"" , , Digest nonce=n, qop="auth"'
    found = [(challenge.scheme, dict(challenge.parameters)) for challenge in challenges_of(header)]
    assert found == [
        ("negotiate", {}),
        ("ntlm", {}),
        ("basic", {"realm": 'a, b="c"'}),
        ("digest", {"nonce": "n", "qop": "auth"}),
    ]


NONSENSE = ['="', '"', "Basic realm=", "a " * 20_000, 'Digest nonce="' + "\\" * 20_000, ",,,, ="]


@pytest.mark.parametrize("header", NONSENSE)
def test_nonsense_ends(header: str) -> None:
    assert len(challenges_of(header)) <= 16
