"""The rules on signing up, signing in and passwords, over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.ports.policies import StoredPolicy
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.domain.errors import Invalid
from synctv.entrypoints.wire.synctv import v1 as wire


async def get_policy(application: Application, message: wire.GetAccountPolicyRequest) -> wire.GetAccountPolicyResponse:
    """The rules as they are."""
    stored = await application.account_rules.policy()
    return wire.GetAccountPolicyResponse(policy=_view(stored), version=stored.version, mail=application.post.open)


async def set_policy(application: Application, message: wire.SetAccountPolicyRequest) -> wire.SetAccountPolicyResponse:
    """Other rules."""
    if message.policy is None or message.policy.password is None:
        raise Invalid.field("policy", "Give all of the rules: what is missing would be switched off.", "required")
    policy = _policy(message.policy, message.policy.password)
    stored = await application.account_rules.set_policy(policy, message.expected_version)
    return wire.SetAccountPolicyResponse(policy=_view(stored), version=stored.version, mail=application.post.open)


def _policy(given: wire.AccountPolicy, password: wire.PasswordRules) -> AccountPolicy:
    ways = {
        SignUpWay.PASSWORD: given.sign_up_password,
        SignUpWay.EMAIL: given.sign_up_email,
        SignUpWay.PASSKEY: given.sign_up_passkey,
    }
    return AccountPolicy(
        sign_up={way: WaySwitch(switch.enabled, switch.review) for way, switch in ways.items() if switch is not None},
        email_required=given.email_required,
        email_rules=EmailRules(frozenset(given.allowed_domains), frozenset(given.blocked_domains)),
        email_sign_in=given.email_sign_in,
        password=PasswordPolicy(password.min_length, password.min_classes, password.max_repeats, password.min_score),
        reserved_usernames=frozenset(given.reserved_usernames),
    )


def _view(stored: StoredPolicy) -> wire.AccountPolicy:
    policy = stored.policy
    return wire.AccountPolicy(
        sign_up_password=_switch(policy.way(SignUpWay.PASSWORD)),
        sign_up_email=_switch(policy.way(SignUpWay.EMAIL)),
        sign_up_passkey=_switch(policy.way(SignUpWay.PASSKEY)),
        email_required=policy.email_required,
        allowed_domains=sorted(policy.email_rules.allowed),
        blocked_domains=sorted(policy.email_rules.blocked),
        email_sign_in=policy.email_sign_in,
        password=wire.PasswordRules(
            min_length=policy.password.min_length,
            min_classes=policy.password.min_classes,
            max_repeats=policy.password.max_repeats,
            min_score=policy.password.min_score,
        ),
        reserved_usernames=sorted(policy.reserved_usernames),
    )


def _switch(switch: WaySwitch) -> wire.SignUpSwitch:
    return wire.SignUpSwitch(enabled=switch.enabled, review=switch.review)
