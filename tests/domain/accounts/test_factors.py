"""Which factors may be combined, and which may go."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from synctv.domain.accounts.factors import (
    Factor,
    FactorSet,
    must_allow_removal,
    must_allow_two,
    satisfies_two,
    second_factors,
)
from synctv.domain.errors import PreconditionFailed

LOCAL = tuple(factor for factor in Factor if factor.local)
SUBSETS = [frozenset(some) for some in chain.from_iterable(combinations(LOCAL, size) for size in range(5))]


def test_oauth_is_the_only_factor_that_is_not_local() -> None:
    assert {factor for factor in Factor if not factor.local} == {Factor.OAUTH}


@pytest.mark.parametrize("have", SUBSETS, ids=lambda have: "+".join(sorted(have)) or "nothing")
def test_a_second_step_is_always_of_another_kind(have: frozenset[Factor]) -> None:
    for first in have:
        assert second_factors(FactorSet(have), first) == have - {first}
    assert second_factors(FactorSet(have), Factor.OAUTH) == frozenset()


@pytest.mark.parametrize("have", SUBSETS, ids=lambda have: "+".join(sorted(have)) or "nothing")
@pytest.mark.parametrize("linked", [0, 1])
def test_two_step_sign_in_needs_two_local_factors_whatever_is_linked(have: frozenset[Factor], linked: int) -> None:
    if len(have) >= 2:
        must_allow_two(FactorSet(have, linked))
    else:
        with pytest.raises(PreconditionFailed, match="two of"):
            must_allow_two(FactorSet(have, linked))


@pytest.mark.parametrize("have", SUBSETS, ids=lambda have: "+".join(sorted(have)) or "nothing")
@pytest.mark.parametrize("email_signs_in", [True, False])
@pytest.mark.parametrize("two_factor", [True, False])
@pytest.mark.parametrize("linked", [0, 1, 2])
def test_what_may_be_removed_leaves_a_way_in_and_with_two_steps_two_factors(
    have: frozenset[Factor], linked: int, two_factor: bool, email_signs_in: bool
) -> None:
    firsts = {Factor.PASSWORD, Factor.PASSKEY} | ({Factor.EMAIL} if email_signs_in else set())
    owned = [*have, *([Factor.OAUTH] if linked else [])]
    for factor in owned:
        left, links = have - {factor}, linked - (factor is Factor.OAUTH)
        fine = bool(left & firsts or links) and not (two_factor and factor.local and len(left) < 2)
        try:
            must_allow_removal(FactorSet(have, linked), factor, two_factor=two_factor, email_signs_in=email_signs_in)
        except PreconditionFailed:
            assert not fine
        else:
            assert fine


@pytest.mark.parametrize(
    "methods, enough",
    [
        ((), False),
        ((Factor.PASSWORD,), False),
        ((Factor.PASSWORD, Factor.PASSWORD), False),
        ((Factor.PASSWORD, Factor.TOTP), True),
        ((Factor.OAUTH,), True),
    ],
)
def test_a_session_of_two_kinds_or_of_oauth_is_enough_for_two_steps(methods: tuple[Factor, ...], enough: bool) -> None:
    assert satisfies_two(methods) is enough
