"""Email addresses."""

from __future__ import annotations

import pytest

from synctv.domain.accounts.email import EmailRules, email_key, valid_domain, valid_email
from synctv.domain.errors import Invalid


@pytest.mark.parametrize(
    "text, address",
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.Love+tv@EXAMPLE.Org ", "Ada.Love+tv@example.org"),
        ("李明@例子.中国", "李明@例子.中国"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
        ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
    ],
)
def test_an_address_is_taken_with_its_domain_in_lower_case(text: str, address: str) -> None:
    assert valid_email(text) == address


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@@example.org",
        "a da@example.org",
        "ada@example..org",
        "ada@-example.org",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        '"ada"@example.org',
        "ada@example.org\nBcc: eve@example.org",
        "ada\x00@example.org",
        "ada\x9f@example.org",
        "ada\ud800@example.org",
        "a\u200bda@example.org",
        "\u202eada@example.org",
        "ada,eve@example.org",
        "<ada@example.org>",
        "ada@[127.0.0.1]",
        "x" * 65 + "@example.org",
        "ada@" + "x" * 64 + ".org",
        "ada@" + "x." * 130 + "org",
    ],
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        valid_email(wrong, "contact.email")
    assert refused.value.errors[0].path == "contact.email"


@pytest.mark.parametrize(
    "text, domain",
    [
        ("Example.ORG", "example.org"),
        (" @mail.example.org ", "mail.example.org"),
        ("test", "test"),
        ("Mu\u0308n.de", "m\u00fcn.de"),
    ],
)
def test_a_domain_is_taken_in_the_form_in_which_addresses_have_it(text: str, domain: str) -> None:
    assert valid_domain(text) == domain


@pytest.mark.parametrize("wrong", ["", "@", ".", "a..b", "-a.b", "a b.c", "a@b.c", "x" * 64 + ".org", "a." * 200 + "b"])
def test_what_is_no_domain_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        valid_domain(wrong, "emailRules.allowed")
    assert [error.path for error in caught.value.errors] == ["emailRules.allowed"]


def test_nobody_is_told_apart_by_case() -> None:
    assert email_key(" Ada@Example.org") == email_key("ada@example.org")


@pytest.mark.parametrize(
    "rules, address, taken",
    [
        (EmailRules(), "ada@example.org", True),
        (EmailRules(allowed=frozenset({"example.org"})), "ada@example.org", True),
        (EmailRules(allowed=frozenset({"example.org"})), "ada@mail.example.org", True),
        (EmailRules(allowed=frozenset({"example.org"})), "ada@badexample.org", False),
        (EmailRules(allowed=frozenset({"example.org"})), "ada@example.com", False),
        (EmailRules(blocked=frozenset({"example.org"})), "ada@mail.example.org", False),
        (EmailRules(allowed=frozenset({"org"}), blocked=frozenset({"example.org"})), "ada@example.org", False),
    ],
)
def test_the_operator_says_which_domains_may_sign_up(rules: EmailRules, address: str, taken: bool) -> None:
    if taken:
        rules.check(address)
    else:
        with pytest.raises(Invalid, match="domain"):
            rules.check(address)
