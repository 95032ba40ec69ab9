"""The operator's rules on accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from synctv.application.operation.account_rules import MOST_ENTRIES
from synctv.application.ports.strength import PasswordStrength
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.errors import Denied, Invalid, VersionConflict
from tests.application.house import House
from tests.applications import CLIENT, SITE


async def test_signing_up_is_closed_until_somebody_opens_a_way_and_that_holds_at_once(house: House) -> None:
    def begin(name: str) -> object:
        return house.application.sign_up.start(SignUpWay.PASSWORD, name, None, None, SITE, CLIENT)

    with pytest.raises(Denied):
        await begin("ada")  # type: ignore[misc]
    stored = await house.application.account_rules.policy()
    assert stored.version == 0
    opened = replace(stored.policy, sign_up={SignUpWay.PASSWORD: WaySwitch(enabled=True, review=False)})
    changed = await house.application.account_rules.set_policy(opened, 0)
    assert (changed.policy, changed.version) == (opened, 1)
    assert await begin("ada")  # type: ignore[misc]
    (noted,) = house.state.audit.values()
    assert (noted.action, noted.actor) == (Action.POLICY_CHANGED, OPERATOR)


async def test_domains_and_names_are_stored_as_they_are_compared(house: House) -> None:
    policy = AccountPolicy(
        email_rules=EmailRules(frozenset({"@Example.ORG", "münchen.example"}), frozenset({" Spam.Example ", "TEST"})),
        reserved_usernames=frozenset({"Moderator", "ﬁlm"}),
    )
    stored = (await house.application.account_rules.set_policy(policy, 0)).policy
    assert stored.email_rules == EmailRules(
        frozenset({"example.org", "münchen.example"}), frozenset({"spam.example", "test"})
    )
    assert stored.reserved_usernames == {"moderator", "film"}
    for address in ("a@example.com", "a@spam.example.org.spam.example", "a@x.test"):
        with pytest.raises(Invalid):
            stored.email_rules.check(address)
    stored.email_rules.check("a@mail.example.org")


@pytest.mark.parametrize(
    "policy, path",
    [
        (AccountPolicy(email_rules=EmailRules(allowed=frozenset({"no domain"}))), "emailRules.allowed"),
        (AccountPolicy(email_rules=EmailRules(blocked=frozenset({""}))), "emailRules.blocked"),
        (AccountPolicy(email_rules=EmailRules(blocked=frozenset({"a" * 300}))), "emailRules.blocked"),
        (AccountPolicy(reserved_usernames=frozenset({" "})), "reservedUsernames"),
        (
            AccountPolicy(reserved_usernames=frozenset(map(str, range(MOST_ENTRIES + 1)))),
            "reservedUsernames",
        ),
        (AccountPolicy(password=PasswordPolicy(min_length=7)), "password.minLength"),
        (AccountPolicy(password=PasswordPolicy(min_length=65)), "password.minLength"),
        (AccountPolicy(password=PasswordPolicy(min_classes=0)), "password.minClasses"),
        (AccountPolicy(password=PasswordPolicy(min_classes=5)), "password.minClasses"),
        (AccountPolicy(password=PasswordPolicy(max_repeats=65)), "password.maxRepeats"),
        (AccountPolicy(password=PasswordPolicy(min_score=5)), "password.minScore"),
    ],
)
async def test_rules_that_make_no_sense_are_refused_by_name(house: House, policy: AccountPolicy, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        await house.application.account_rules.set_policy(policy, 0)
    assert [error.path for error in caught.value.errors] == [path]
    assert (await house.application.account_rules.policy()).version == 0
    assert not house.state.audit


async def test_everything_wrong_with_passwords_is_named_at_once(house: House) -> None:
    policy = AccountPolicy(password=PasswordPolicy(min_length=0, min_classes=9))
    with pytest.raises(Invalid) as caught:
        await house.application.account_rules.set_policy(policy, 0)
    assert [error.path for error in caught.value.errors] == ["password.minLength", "password.minClasses"]


class Estimate(PasswordStrength):
    """An estimator that is there, or not, whatever is installed."""

    def __init__(self, *, available: bool) -> None:
        self._there = available

    @property
    def available(self) -> bool:
        """As it was made."""
        return self._there

    def score(self, password: str, words: Sequence[str]) -> int:
        """By length alone."""
        return min(len(password) // 8, 4)


@pytest.mark.parametrize("available", [True, False])
async def test_a_strength_is_demanded_only_where_it_can_be_estimated(house: House, available: bool) -> None:
    rules = replace(house.application.account_rules, strength=Estimate(available=available))
    demanding = AccountPolicy(password=PasswordPolicy(min_score=3))
    if available:
        assert (await rules.set_policy(demanding, 0)).policy.password.min_score == 3
        return
    with pytest.raises(Invalid, match="zxcvbn"):
        await rules.set_policy(demanding, 0)


async def test_of_two_who_change_the_rules_at_once_one_has_to_look_again(house: House) -> None:
    rules = house.application.account_rules
    results = await asyncio.gather(
        rules.set_policy(AccountPolicy(email_required=True), 0),
        rules.set_policy(AccountPolicy(email_sign_in=False), 0),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["StoredPolicy", "VersionConflict"]
    assert len(house.state.audit) == 1
    with pytest.raises(VersionConflict):
        await rules.set_policy(AccountPolicy(), 7)
